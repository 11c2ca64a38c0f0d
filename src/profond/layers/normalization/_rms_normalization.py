"""Normalization by the root mean square."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Num
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import ops
from profond.layers._checks import not_negative, whole_axes
from profond.layers._layer import Layer
from profond.layers.normalization._features import features_of
from profond.layers.normalization._precision import answered_in, computed_in


class RMSNormalization(Layer):
    r"""$y = x / \sqrt{\text{mean}(x^2) + \epsilon} \cdot g$ (Zhang & Sennrich 2019, eq. 4).

    Layer normalization without the mean and $\beta$. (Masks pass through; in Keras they end.)

    Args:
        axis: Axis of the mean, or a list of axes.
        epsilon: Added to the mean square, >= 0.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: `(batch, ..., features)`, the same.

    Raises:
        ValueError: If `axis` is not made of integers or `epsilon` is negative.
    """

    def __init__(
        self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis = whole_axes(axis)
        self.epsilon = not_negative(epsilon, "epsilon")
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make `scale`, the $g$ of the formula, of the sizes of the axes."""
        self._axes, shape, self.input_spec = features_of(self.axis, input_shape, self.name)
        self.scale = self.add_weight(shape, "ones", autocast=False, name="scale")

    def call(self, inputs: Num[Tensor, " *shape"]) -> Num[Tensor, " *shape"]:
        """The normalized input."""
        x = inputs.to(computed_in(inputs, self.scale))
        dtype = answered_in(self, self.scale)
        last = range(inputs.ndim - len(self._axes), inputs.ndim)
        if all(a % inputs.ndim in last for a in self._axes):
            scale = self.scale.to(x.dtype)
            return F.rms_norm(x, list(scale.shape), scale, self.epsilon).to(dtype)
        return ops.rms_normalization(x, self.scale, self._axes, self.epsilon).to(dtype)
