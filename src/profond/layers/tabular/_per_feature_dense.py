"""The dense layer with weights of their own for each feature."""

from typing import Any

from jaxtyping import Float, Num
from torch import Tensor

from profond import activations, constraints, initializers, regularizers
from profond.layers._activate import activate
from profond.layers._checks import known_sizes, positive_integer
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer
from profond.layers.tabular._per_feature import for_each_feature, per_feature


class PerFeatureDense(Layer):
    r"""A `Dense` of its own for each feature, where features are vectors (embeddings).

    $a_f = \varphi(x_f W_f + b_f)$ with $W$ of shape (features, inputs, units): the `NLinear` of
    Gorishniy et al. (2022, "On Embeddings for Numerical Features in Tabular Deep Learning").

    Args:
        units: Number of neurons for each feature, > 0.
        activation: Name or function of $\varphi$; None is the identity.
        use_bias: Whether there is a $b$.
        kernel_initializer: How each feature's matrix of $W$ begins.
        bias_initializer: How $b$ begins.
        kernel_regularizer: Penalty on $W$.
        bias_regularizer: Penalty on $b$.
        kernel_constraint: Applied to the whole $W$ after each step.
        bias_constraint: Applied to $b$ after each step.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, ..., features, inputs)`. Output: `(batch, ..., features, units)`.

    Raises:
        ValueError: If `units` is not a positive integer.
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        *,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = positive_integer(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.supports_masking = True
        self.input_spec = InputSpec(min_ndim=3)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` (features, inputs, units) and `bias` (features, units)."""
        axes = (len(input_shape) - 2, len(input_shape) - 1)
        features, inputs = known_sizes(axes, input_shape, self.name)
        self.kernel = self.add_weight(
            (features, inputs, self.units),
            for_each_feature(self.kernel_initializer),
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (features, self.units),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
        self.input_spec = InputSpec(min_ndim=3, axes={-2: features, -1: inputs})

    def call(
        self, inputs: Num[Tensor, " *batch features inputs"]
    ) -> Float[Tensor, " *batch features units"]:
        """The activation of each feature's weighted sums."""
        kernel, shape = self.kernel, inputs.shape
        x = inputs if inputs.dtype is kernel.dtype else inputs.to(kernel.dtype)
        if len(shape) != 3:
            x = x.flatten(0, -3)
        sums = per_feature(x.permute(1, 2, 0), kernel, self.bias)  # (features, units, batch)
        out = sums.permute(2, 0, 1).contiguous()
        if len(shape) != 3:
            out = out.reshape(*shape[:-1], self.units)
        return activate(self.activation, out)
