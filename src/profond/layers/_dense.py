"""The layer of fully connected neurons."""

from typing import Any

import torch
from jaxtyping import Float, Num
from torch import Tensor

from profond import activations, constraints, initializers, regularizers
from profond.layers._activate import activate
from profond.layers._checks import positive_integer
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class Dense(Layer):
    r"""Neurons each connected to all inputs.

    $a = \varphi(x W + b)$ with $W$ of shape (inputs, units): equation 1.1 of the notes for each
    neuron, 2.1 to 2.3 for layers of them. On inputs of more than two axes it acts on the last.

    Args:
        units: Number of neurons, > 0.
        activation: Name or function of $\varphi$; None is the identity.
        use_bias: Whether there is a $b$.
        kernel_initializer: How $W$ begins.
        bias_initializer: How $b$ begins.
        kernel_regularizer: Penalty on $W$.
        bias_regularizer: Penalty on $b$.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Applied to $W$ after each step.
        bias_constraint: Applied to $b$ after each step.
        name: Name of the layer.
        dtype: Element type or policy.
        trainable: Whether the weights are learned.
        input_shape: Shape of one sample, on the first layer of a `Sequential`.
        input_dim: The same, for a single axis.

    Shape:
        Input: `(batch, ..., inputs)`. Output: `(batch, ..., units)`.

    Raises:
        ValueError: If `units` is not a positive integer.
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
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
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` (inputs, units) and `bias` (units,)."""
        inputs = input_shape[-1]
        if inputs is None:
            raise ValueError(
                f"the last axis of the input of the layer {self.name!r} must have a known size; "
                f"received shape {tuple(input_shape)}."
            )
        self.kernel = self.add_weight(
            (inputs, self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: inputs})

    def call(self, inputs: Num[Tensor, " *batch inputs"]) -> Float[Tensor, " *batch units"]:
        """The activation of the weighted sums."""
        kernel, bias = self.kernel, self.bias
        if inputs.dtype is not kernel.dtype:  # whole numbers
            inputs = inputs.to(kernel.dtype)
        if inputs.ndim == 2:
            # One fused product and sum.
            out = inputs @ kernel if bias is None else torch.addmm(bias, inputs, kernel)
        else:
            out = inputs @ kernel
            if bias is not None:
                out = out + bias
        return activate(self.activation, out)
