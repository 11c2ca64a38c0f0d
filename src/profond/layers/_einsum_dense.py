"""The layer of neurons with connections given by an Einstein sum."""

import re
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Num
from torch import Tensor

from profond import activations, constraints, initializers, regularizers
from profond.initializers import VarianceScaling
from profond.layers._activate import activate
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer

_FORMS = re.compile(r"(\.\.\.)?([A-Za-z]+)(\.\.\.)?,([A-Za-z]+)->(\.\.\.)?([A-Za-z]+)(\.\.\.)?")


class EinsumDense(Layer):
    r"""Neurons with connections given by an Einstein sum: $a = \varphi(\text{einsum}(x, W) + b)$.

    `EinsumDense("ab,bc->ac", 32)` is `Dense(32)` on vectors; `"...x,xy->...y"` acts on the last
    axis of any input.

    Args:
        equation: `"input,kernel->output"`, a letter for each axis, the batch's first; `...`
            stands for axes that stay, at the beginning or the end of input and output.
        output_shape: Sizes of the output without the batch and what `...` stands for; None takes
            that of the input.
        activation: Name or function of $\varphi$; None is the identity.
        bias_axes: Letters of the output's axes that $b$ has; None for no $b$.
        kernel_initializer: How $W$ begins.
        bias_initializer: How $b$ begins.
        kernel_regularizer: Penalty on $W$.
        bias_regularizer: Penalty on $b$.
        kernel_constraint: Applied to $W$ after each step.
        bias_constraint: Applied to $b$ after each step.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        What the equation says.

    Raises:
        ValueError: If the equation has another form, or names an axis without a size.
    """

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.equation = equation
        self._before, self._input, self._kernel, self._output, self._after = _parts(equation)
        self.output_sizes = (
            (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        )
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        for letter in bias_axes or "":
            if letter not in self._output:
                raise ValueError(
                    f"`bias_axes` must be letters of the output {self._output!r}; "
                    f"received {bias_axes!r}."
                )
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` and `bias`, of the sizes of their letters."""
        sizes = self._sizes(input_shape)
        shape = tuple(sizes[letter] for letter in self._kernel)
        self.kernel = self.add_weight(
            shape,
            self._initializer(),
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.bias_axes:
            first = min(self._output.index(letter) for letter in self.bias_axes)
            bias = [sizes[x] if x in self.bias_axes else 1 for x in self._output[first:]]
            if self._after:
                bias += [1] * (len(input_shape) - len(self._input))
            self.bias = self.add_weight(
                tuple(bias),  # type: ignore[arg-type]
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
        self.input_spec = InputSpec(ndim=len(input_shape))

    def _sizes(self, input_shape: Sequence[int | None]) -> dict[str, int | None]:
        """The size of each letter.

        Raises:
            ValueError: If input and output do not fit the equation or each other.
        """
        letters, elided = self._input, len(input_shape) - len(self._input)
        if elided < 0 or (elided and not self._before and not self._after):
            raise ValueError(
                f"the input of the layer {self.name!r} must have the axes of {self.equation!r}; "
                f"received the shape {tuple(input_shape)}."
            )
        seen = input_shape[elided:] if self._before else input_shape[: len(letters)]
        sizes = dict(zip(letters, seen, strict=True))
        named = self._output if self._before and elided else self._output[1:]
        if len(named) != len(self.output_sizes):
            raise ValueError(
                f"`output_shape` of the layer {self.name!r} must have a size for each of the axes "
                f"{named!r} of {self.equation!r}; received {self.output_sizes}."
            )
        for letter, size in zip(named, self.output_sizes, strict=True):
            if size is not None and sizes.get(letter) not in (None, size):
                raise ValueError(
                    f"the axis {letter!r} of {self.equation!r} must have one size; the layer "
                    f"{self.name!r} received {sizes[letter]} in the input and {size} in "
                    "`output_shape`."
                )
            sizes[letter] = sizes.get(letter) if size is None else size
        return sizes

    def _initializer(self) -> Any:
        """The kernel's initializer, told which axes count inputs and which outputs."""
        initializer = self.kernel_initializer
        if not isinstance(initializer, VarianceScaling) or initializer.input_axes is not None:
            return initializer
        places = list(enumerate(self._kernel))
        config = {
            **initializer.get_config(),
            "input_axes": [i for i, letter in places if letter not in self._output],
            "output_axes": [i for i, letter in places if letter in self._output],
        }
        return type(initializer).from_config(config)

    def call(self, inputs: Num[Tensor, " *shape"]) -> Num[Tensor, " *result"]:
        """The activation of the sums."""
        if inputs.dtype is not self.kernel.dtype:  # whole numbers
            inputs = inputs.to(self.kernel.dtype)
        out = torch.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            out = out + self.bias
        return activate(self.activation, out)


def _parts(equation: str) -> tuple[bool, str, str, str, bool]:
    """Whether `...` comes before, the letters of input, kernel and output, whether it comes after.

    Raises:
        ValueError: If the equation has another form.
    """
    match = _FORMS.fullmatch(equation.replace(" ", ""))
    if match is not None:
        before, inputs, after, kernel, before_out, output, after_out = match.groups()
        same = (before, after) == (before_out, after_out) and not (before and after)
        if same and set(kernel) <= {*inputs, *output} and set(output) <= {*inputs, *kernel}:
            return bool(before), inputs, kernel, output, bool(after)
    raise ValueError(
        "`equation` must have the form 'ab,bc->ac', '...a,ab->...b' or 'ab...,bc->ac...', with the "
        f"kernel's letters among those of input and output; received {equation!r}."
    )
