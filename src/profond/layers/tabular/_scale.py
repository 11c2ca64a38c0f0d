"""The layer that learns a factor for each feature."""

from typing import Any

from jaxtyping import Float, Num
from torch import Tensor

from profond import constraints, initializers, regularizers
from profond.layers._checks import known_sizes
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class Scale(Layer):
    r"""$x_f s_f$ with a learned $s_f$ for each feature, 1 at first: soft feature selection.

    The scaling layer of RealMLP (Holzmüller et al. 2024, "Better by Default"), the product with
    a diagonal matrix before the first dense layer. There its learning rate is 6 times that of the
    other weights.

    Args:
        scale_initializer: How $s$ begins.
        scale_regularizer: Penalty on $s$.
        scale_constraint: Applied to $s$ after each step.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, ..., features)`. Output: the same.
    """

    def __init__(
        self,
        *,
        scale_initializer: Any = "ones",
        scale_regularizer: Any = None,
        scale_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.scale_initializer = initializers.get(scale_initializer)
        self.scale_regularizer = regularizers.get(scale_regularizer)
        self.scale_constraint = constraints.get(scale_constraint)
        self.supports_masking = True
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Make `scale` (features,)."""
        (features,) = known_sizes((len(input_shape) - 1,), input_shape, self.name)
        self.scale = self.add_weight(
            (features,),
            self.scale_initializer,
            regularizer=self.scale_regularizer,
            constraint=self.scale_constraint,
            name="scale",
        )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    def call(self, inputs: Num[Tensor, " *batch features"]) -> Float[Tensor, " *batch features"]:
        """The scaled features."""
        return inputs * self.scale
