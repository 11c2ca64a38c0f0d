"""Cells on top of each other, as one."""

from typing import Any

from torch import Tensor

from profond.layers._layer import Layer
from profond.layers.recurrent._cell import RecurrentCell


class StackedRNNCells(Layer):
    """A cell of several: each takes the output of the one below it.

    Args:
        cells: The cells, the one that takes the input first.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Raises:
        ValueError: If one of them is no cell, or there is none.
    """

    def __init__(self, cells: list[Any], **kwargs: Any) -> None:
        if not cells:
            raise ValueError("`cells` must have at least one cell; received none.")
        for cell in cells:
            for name in ("call", "state_size"):
                if not hasattr(cell, name):
                    raise ValueError(
                        f"each of `cells` must have `{name}`; received {cell!r} of type "
                        f"{type(cell).__name__}."
                    )
        super().__init__(**kwargs)
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        """The size of the states of each cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """The size of the last cell's output."""
        return output_size(self.cells[-1])

    def build(self, input_shape: Any) -> None:
        """Build each cell for the output of the one below."""
        shape = tuple(input_shape)
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(shape)
                cell.built = True
            shape = (shape[0], output_size(cell))

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """The states of each cell at the beginning."""
        return [_begin(cell, batch_size, self._compute) for cell in self.cells]

    def call(self, inputs: Tensor, states: Any, training: bool = False) -> tuple[Tensor, list[Any]]:
        """One step of all cells.

        Args:
            inputs: Those of the step, (batch, features).
            states: Those of each cell, in the form of `get_initial_state`.
            training: Whether there is dropout.

        Returns:
            The output of the last cell, and the new states.
        """
        new = []
        for cell, own in zip(self.cells, states, strict=True):
            options = {}
            if isinstance(cell, Layer) and cell._signature.takes_training:
                options["training"] = training
            run: Any = cell if callable(cell) else cell.call
            inputs, state = run(inputs, own, **options)
            new.append(state)
        return inputs, new

    @property
    def takes_sequences(self) -> bool:
        """Whether all are cells of ours: then each can take all its steps, one after the other."""
        return all(isinstance(cell, RecurrentCell) for cell in self.cells)


def output_size(cell: Any) -> int:
    """The size of a cell's output."""
    size = getattr(cell, "output_size", None)
    if size is None:
        size = cell.state_size
        size = size[0] if isinstance(size, list | tuple) else size
    return size


def _begin(cell: Any, batch: int, dtype: Any) -> Any:
    import torch

    if hasattr(cell, "get_initial_state"):
        return cell.get_initial_state(batch_size=batch)
    if isinstance(cell.state_size, int):
        return torch.zeros((batch, cell.state_size), dtype=dtype)
    return [torch.zeros((batch, size), dtype=dtype) for size in cell.state_size]
