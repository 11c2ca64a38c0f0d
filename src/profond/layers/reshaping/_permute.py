"""Axes in another order."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Shaped
from torch import Tensor

from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class Permute(Layer):
    """The axes of each sample in another order: `Permute((2, 1))` swaps the first two.

    Args:
        dims: The axes in their new order, counted from 1; the batch stays the first.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, ...)` with `len(dims)` axes after the batch. Output: the same sizes in
        the new order.

    Raises:
        ValueError: If `dims` are not the numbers from 1 on, each once.
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(dims, Sequence) or sorted(dims) != list(range(1, len(dims) + 1)):
            raise ValueError(
                "`dims` must hold the axes 1, 2, ... each once, in their new order; "
                f"received {dims!r}."
            )
        self.dims = tuple(dims)
        self.input_spec = InputSpec(ndim=len(dims) + 1)

    def call(self, inputs: Shaped[Tensor, " batch *sizes"]) -> Shaped[Tensor, " batch *permuted"]:
        """The input with its axes in the new order."""
        return inputs.permute(0, *self.dims)
