"""A series summed up in one vector, by weights that depend on it."""

from typing import Any

import torch
from jaxtyping import Bool, Num
from torch import Tensor

from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class AttentionPooling1D(Layer):
    r"""A weighted sum over time, by weights from half of the channels (Serrà et al. 2018, 2).

    $y_c = \sum_t \frac{e^{x_{t,\,C + c}}}{\sum_s e^{x_{s,\,C + c}}}\, x_{t,c}$ for the $C$ first of
    $2C$ channels: the others say how much each step counts.

    Args:
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, time, 2 * channels)`; `mask`: `(batch, time)`, True where a step counts.
        Output: `(batch, channels)`. A series with all steps masked becomes 0.

    Raises:
        ValueError: If the number of channels is odd or not known.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.input_spec = InputSpec(ndim=3)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Check that the channels have halves."""
        channels = input_shape[-1]
        if channels is None or channels % 2:
            raise ValueError(
                f"the input of the layer {self.name!r} must have an even number of channels, half "
                f"of them for the weights of the steps; received shape {tuple(input_shape)}."
            )
        self.input_spec = InputSpec(ndim=3, axes={-1: channels})

    def call(
        self,
        inputs: Num[Tensor, "batch time channels"],
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> Num[Tensor, "batch half"]:
        """The weighted sums."""
        values, scores = inputs.chunk(2, -1)
        if mask is None:
            return (values * torch.softmax(scores, 1)).sum(1)
        counts = mask.bool().unsqueeze(-1)
        # Finite, so that a series without any step that counts does not become NaN.
        lowest = -3e4 if inputs.dtype is torch.float16 else -1e9
        weights = torch.softmax(torch.where(counts, scores, lowest), 1)
        return torch.where(counts, values * weights, 0).sum(1)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """None: there are no time steps any more."""
        del inputs, previous_mask
