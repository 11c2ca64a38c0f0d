"""A cell, step by step over sequences."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Bool, Num
from torch import Tensor

from profond import _tree
from profond._symbolic import may_be_unknown
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer
from profond.layers._scopes import in_dtype, weights_as
from profond.layers.recurrent._cell import RecurrentCell
from profond.layers.recurrent._counted_steps import CountedSteps


class RNN(Layer):
    """Steps of a cell along time: each takes the input of its time and the states before.

    Args:
        cell: What a step computes: a layer, or an object, with `call(inputs, states)`, which
            returns the output and the new states, and `state_size`, a number or a list of numbers
            (of `StackedRNNCells`, a list for each cell). `get_initial_state(batch_size)`
            and `output_size` are used if it has them. A list of cells is a stack of them.
        return_sequences: Whether the output is that of each step, or the last one.
        return_state: Whether the states at the end follow the output.
        go_backwards: Whether the steps are taken from the last to the first; the outputs come in
            that order.
        stateful: Whether a batch goes on from the states at the end of the one before, row by row;
            `reset_state()` begins anew.
        unroll: Accepted for Keras's sake: there is no other way here.
        zero_output_for_mask: Whether the output at a step that does not count is 0; else it is that
            of the last step that does.
        **kwargs: `name`, `dtype`, `trainable`, `input_shape`, as in `Layer`.

    Shape:
        Input: `(batch, time, features)`, with any further axes that the cell knows. Output:
        `(batch, units)`, or `(batch, time, units)` with `return_sequences`; with `return_state` a
        tuple of it and the states, each `(batch, units)`.

        `mask`: `(batch, time)`, True where a step counts. At the others the states stay as they
        are, so that no result depends on how sequences are filled up. The output of a sequence
        without a step that counts is 0, and its states are those at the beginning.

    Raises:
        ValueError: If the cell has no `call` or no `state_size`, or states do not fit.
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        from profond.layers.recurrent._stacked_rnn_cells import StackedRNNCells

        if isinstance(cell, list | tuple):
            cell = StackedRNNCells(list(cell))
        for name, what in (("call", "a method"), ("state_size", "an attribute")):
            if not hasattr(cell, name):
                raise ValueError(
                    f"`cell` must have {what} `{name}`; received {cell!r} of type "
                    f"{type(cell).__name__}."
                )
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask
        self.supports_masking = True
        self._states: list[Any] | None = None

    @property
    def states(self) -> list[Any] | None:
        """The states at the end of the last batch, of a stateful layer; None before."""
        return self._states

    @property
    def state_size(self) -> list[Any]:
        """The size of each state of the cell."""
        size = self.cell.state_size
        return [size] if isinstance(size, int) else list(size)

    def build(  # pyright: ignore[reportIncompatibleMethodOverride] - by Keras's names
        self, sequences_shape: Any, initial_state_shape: Any = None
    ) -> None:
        """Build the cell for the input of a step.

        Raises:
            ValueError: If there is no axis of time.
        """
        del initial_state_shape
        shape = tuple(sequences_shape)
        if len(shape) < 3:
            raise ValueError(
                f"the input of the layer {self.name!r} must have axes (batch, time, features); "
                f"received shape {shape}. Single values become features with `x[..., None]`."
            )
        if isinstance(self.cell, Layer) and not self.cell.built:
            self.cell.build((shape[0], *shape[2:]))
            self.cell.built = True

    def get_initial_state(self, batch_size: int) -> list[Any]:
        """The states at the beginning, zeros unless the cell says otherwise."""
        if hasattr(self.cell, "get_initial_state"):
            states = self.cell.get_initial_state(batch_size=batch_size)
            return list(states) if isinstance(states, list | tuple) else [states]
        return [torch.zeros((batch_size, size), dtype=self._compute) for size in self.state_size]

    def reset_state(self) -> None:
        """Let a stateful layer begin anew with the next batch."""
        self._states = None

    reset_states = reset_state

    def call(
        self,
        sequences: Num[Tensor, "batch time *features"],
        initial_state: Any = None,
        mask: Bool[Tensor, "batch time"] | None = None,
        training: bool = False,
    ) -> Any:
        """The output, and the states at the end if they are asked for.

        Raises:
            ValueError: If the mask or a state has not the shape that the input asks for.
        """
        if mask is not None and mask.shape != sequences.shape[:2]:
            raise ValueError(
                f"the mask of the layer {self.name!r} must have the shape (batch, time) of its "
                f"input, {tuple(sequences.shape[:2])}; received {tuple(mask.shape)}."
            )
        states = self._begin(sequences, initial_state)
        if self.go_backwards:
            sequences = sequences.flip(1)
            mask = None if mask is None else mask.flip(1)
        counted = None
        if mask is not None and not mask.is_meta and not bool(mask.all()):
            counted = CountedSteps(mask)
        try:
            outputs, states = self._over(sequences, states, counted, training)
        finally:
            for cell in _cells_in(self.cell):  # each batch draws its own patterns of dropout
                if hasattr(cell, "reset_dropout_mask"):
                    cell.reset_dropout_mask()
                    cell.reset_recurrent_dropout_mask()
        if self.stateful and not sequences.is_meta:
            self._states = _tree.map_structure(lambda state: state.detach(), states)
        zeros = self.zero_output_for_mask
        if self.return_sequences:
            output = outputs if counted is None else counted.filled(outputs, zeros=zeros)
        else:
            output = outputs[:, -1] if counted is None else counted.at_end(outputs, zeros=zeros)
        return (output, *states) if self.return_state else output

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the outputs of all steps; none of the last one and of the states."""
        del inputs
        mask = _tree.flatten(previous_mask)[0] if previous_mask is not None else None
        if not self.return_sequences:
            mask = None
        return [mask, *[None] * len(self.state_size)] if self.return_state else mask

    # States

    def _begin(self, sequences: Tensor, given: Any) -> list[Any]:
        """The states before the first step.

        Raises:
            ValueError: If there are not as many as the cell has, or not of their sizes.
        """
        batch = sequences.shape[0]
        if given is None and self.stateful and self._states is not None:
            self._check_batch(batch)
            given = self._states
        if given is None:
            states = self.get_initial_state(batch)
        else:
            states = list(given) if isinstance(given, list | tuple) else [given]
            self._check_states(states, batch)
        place = sequences.device
        return _tree.map_structure(lambda s: s.to(device=place, dtype=self._compute), states)

    def _check_batch(self, batch: int) -> None:
        known = _tree.flatten(self._states)[0].shape[0]
        if batch != known:
            raise ValueError(
                f"the stateful layer {self.name!r} goes on from the batch before, of {known} "
                f"sequences; received {batch}. Give batches of one size, or call `reset_state()` "
                "before."
            )

    def _check_states(self, states: list[Any], batch: int) -> None:
        due = _tree.flatten(self.state_size)
        found = _tree.flatten(states)
        shapes = [tuple(state.shape) for state in found]
        fits = len(due) == len(found) and all(
            len(shape) < 2 or shape[-1] == size or not isinstance(size, int)
            for shape, size in zip(shapes, due, strict=True)
        )
        same = all(shape[0] == batch or may_be_unknown(shape[0]) for shape in shapes if shape)
        if not fits or not (same or may_be_unknown(batch)):
            wanted = ", ".join(f"({batch}, {size})" for size in due)
            raise ValueError(
                f"`initial_state` of the layer {self.name!r} must have the shape(s) {wanted}; "
                f"received {', '.join(map(str, shapes))}."
            )

    # Steps

    def _over(
        self, sequences: Tensor, states: list[Any], counted: CountedSteps | None, training: bool
    ) -> tuple[Tensor, list[Any]]:
        """All steps: outputs, and the states at the end."""
        time = sequences.shape[1]
        if sequences.is_meta:  # one step tells all shapes
            outputs, states = self._by_steps(sequences[:, :1], states, None, training)
            return outputs.expand(-1, time, *outputs.shape[2:]), states
        if time == 0:
            raise ValueError(
                f"the input of the layer {self.name!r} must have at least one time step; received "
                f"shape {tuple(sequences.shape)}."
            )
        wanted = self.return_state or self.stateful
        if isinstance(self.cell, RecurrentCell):
            with _in_form(self.cell):
                return self.cell.over(sequences, states, counted, training, wanted)
        if getattr(self.cell, "takes_sequences", False):
            return self._cell_by_cell(sequences, states, counted, training, wanted)
        return self._by_steps(sequences, states, counted, training)

    def _cell_by_cell(
        self,
        sequences: Tensor,
        states: list[Any],
        counted: CountedSteps | None,
        training: bool,
        wanted: bool,
    ) -> tuple[Tensor, list[Any]]:
        """All steps of a stack: those of the first cell, then of the next on its outputs."""
        ends: list[Any] = []
        for cell, state in zip(self.cell.cells, states, strict=True):
            several = isinstance(state, list | tuple)
            own = list(state) if several else [state]
            with _in_form(cell):
                sequences, end = cell.over(sequences, own, counted, training, wanted)
            ends.append(end if several else end[0])
        return sequences, ends

    def _by_steps(
        self, sequences: Tensor, states: list[Any], counted: CountedSteps | None, training: bool
    ) -> tuple[Tensor, list[Any]]:
        cell, options = self.cell, {}
        if isinstance(cell, Layer) and cell._signature.takes_training:
            options["training"] = training
        run: Any = cell if callable(cell) else cell.call
        masks = None if counted is None else counted.mask.unbind(1)
        outputs: list[Tensor] = []
        for t, inputs in enumerate(sequences.unbind(1)):
            output, new = run(inputs, states, **options)
            outputs.append(output)
            new = list(new) if isinstance(new, list | tuple) else [new]
            states = new if masks is None else _where(masks[t], new, states)
        return torch.stack(outputs, 1), states


class RecurrentLayer(RNN):
    """A layer with a cell of its own kind, whose arguments are those of the cell too."""

    cell: RecurrentCell

    def __init__(self, cell: RecurrentCell, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self.input_spec = InputSpec(ndim=3)

    def __getattr__(self, name: str) -> Any:
        # What Keras's layers have as properties: `units`, `activation`, `dropout`, ...
        if name in _OF_CELL:
            return getattr(self.cell, name)
        return super().__getattr__(name)


_OF_CELL = (
    "units", "activation", "recurrent_activation", "use_bias", "kernel_initializer",
    "recurrent_initializer", "bias_initializer", "unit_forget_bias", "kernel_regularizer",
    "recurrent_regularizer", "bias_regularizer", "kernel_constraint", "recurrent_constraint",
    "bias_constraint", "dropout", "recurrent_dropout", "reset_after", "implementation", "seed",
)  # fmt: skip


def of_cell(kwargs: dict[str, Any], name: str) -> dict[str, Any]:
    """What a layer's further arguments say of its cell; `implementation` is taken out."""
    shared = {key: kwargs[key] for key in ("dtype", "trainable") if key in kwargs}
    if "implementation" in kwargs:
        shared["implementation"] = kwargs.pop("implementation")
    return {**shared, "name": name}


def _cells_in(cell: Any) -> list[Any]:
    """A cell, or those of a stack."""
    if not hasattr(cell, "cells"):
        return [cell]
    return [one for inner in cell.cells for one in _cells_in(inner)]


@contextmanager
def _in_form(cell: RecurrentCell) -> Iterator[None]:
    """Inside, the cell's weights are in the type of its computation."""
    policy = cell.dtype_policy
    if policy.compute_dtype == policy.variable_dtype:
        yield
        return
    with weights_as(cell, in_dtype(cell._compute)):
        yield


def _where(mask: Bool[Tensor, " batch"], new: list[Any], old: list[Any]) -> list[Any]:
    def choose(a: Tensor, b: Tensor) -> Tensor:
        return torch.where(mask.view(-1, *[1] * (a.ndim - 1)), a, b)

    return _tree.map_structure(choose, new, old)
