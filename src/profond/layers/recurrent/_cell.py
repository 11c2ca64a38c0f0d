"""What the cells of recurrent layers share: weights, dropout, and steps one after the other."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from profond import activations, constraints, initializers, random, regularizers
from profond._weight import Weight
from profond.layers._checks import positive_integer, rate_below_one
from profond.layers._layer import Layer
from profond.layers.recurrent._counted_steps import CountedSteps
from profond.layers.regularization._noise import private_generator

States = list[Tensor]


class RecurrentCell(Layer):
    """One step of a recurrent layer, with as many products per unit as it has gates.

    Args:
        units: Size of the state.
        activation: On what the state takes in.
        use_bias: Whether there are biases.
        kernel_initializer: How the weights of the input begin.
        recurrent_initializer: How the weights of the state begin.
        bias_initializer: How the biases begin.
        kernel_regularizer: Penalty on the weights of the input.
        recurrent_regularizer: Penalty on those of the state.
        bias_regularizer: Penalty on the biases.
        kernel_constraint: Applied to the weights of the input after each step of training.
        recurrent_constraint: Applied to those of the state.
        bias_constraint: Applied to the biases.
        dropout: Share of the input that is dropped in training, the same at all time steps.
        recurrent_dropout: Share of the state that is dropped, likewise.
        seed: Starts a generator of the cell's own for dropout.
        implementation: 1 for a pattern of dropout of its own for each gate, 2 for one pattern for
            all; with `recurrent_dropout` it is 1.
        **kwargs: Those of `Layer`.
    """

    _gates: ClassVar[int]
    _state_count: ClassVar[int] = 1

    def __init__(
        self,
        units: int,
        activation: Any,
        use_bias: bool,
        kernel_initializer: Any,
        recurrent_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        recurrent_regularizer: Any,
        bias_regularizer: Any,
        kernel_constraint: Any,
        recurrent_constraint: Any,
        bias_constraint: Any,
        dropout: float,
        recurrent_dropout: float,
        seed: Any,
        implementation: int = 2,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if implementation not in (1, 2):
            raise ValueError(f"`implementation` must be 1 or 2; received {implementation!r}.")
        self.units = positive_integer(units, "units")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = rate_below_one(dropout, "dropout")
        self.recurrent_dropout = rate_below_one(recurrent_dropout, "recurrent_dropout")
        self.implementation = 1 if self.recurrent_dropout else implementation
        self.seed = seed
        self.seed_generator = private_generator(seed)
        self.output_size = self.units
        self._dropout_mask: list[Tensor] | None = None
        self._recurrent_dropout_mask: list[Tensor] | None = None

    @property
    def state_size(self) -> int | list[int]:
        """Size of the state; a list of sizes where there are several."""
        return self.units if self._state_count == 1 else [self.units] * self._state_count

    # Weights

    def build(self, input_shape: Any) -> None:
        """Make `kernel`, `recurrent_kernel` and `bias`, the gates side by side.

        Raises:
            ValueError: If the number of features is not known.
        """
        features = input_shape[-1]
        if features is None:
            raise ValueError(
                f"the layer {self.name!r} needs the number of features, the last axis, to make its "
                f"weights; received the input shape {tuple(input_shape)}. Give the model's input "
                "shape without None there."
            )
        outputs = self._gates * self.units
        self.kernel = self._add_matrix(
            "kernel", (features, outputs), self.kernel_initializer,
            (self.kernel_regularizer, self.kernel_constraint),
        )  # fmt: skip
        self.recurrent_kernel = self._add_matrix(
            "recurrent_kernel", (self.units, outputs), self.recurrent_initializer,
            (self.recurrent_regularizer, self.recurrent_constraint),
        )  # fmt: skip
        self.bias = self._add_bias() if self.use_bias else None

    def _add_matrix(self, name: str, shape: tuple[int, int], begin: Any, more: Any) -> Weight:
        """A weight of Keras's shape that lies in memory as torch wants it, outputs first."""
        regularizer, constraint = more
        weight = self.add_weight(
            shape, begin, regularizer=regularizer, constraint=constraint, name=name
        )
        weight.data = weight.detach().T.contiguous().T
        return weight

    def _add_bias(self) -> Weight:
        return self.add_weight(
            self._bias_shape(),
            self._bias_start(),
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
            name="bias",
        )

    def _bias_shape(self) -> tuple[int, ...]:
        return (self._gates * self.units,)

    def _bias_start(self) -> Any:
        return self.bias_initializer

    # States

    def get_initial_state(self, batch_size: int) -> Any:
        """Zeros, (batch, units); a list where there are several states."""
        like = self.kernel if self.built else torch.empty(0, dtype=self._compute)
        zeros = [
            torch.zeros((batch_size, self.units), dtype=self._compute, device=like.device)
            for _ in range(self._state_count)
        ]
        return zeros if self._state_count > 1 else zeros[0]

    # Dropout: patterns of a batch, the same at all time steps (Gal & Ghahramani 2016)

    def get_dropout_mask(self, step_input: Tensor) -> list[Tensor] | None:
        """The pattern of the input, one for each gate or one for all; None without dropout."""
        if self.dropout == 0:
            return None
        if not _fits(self._dropout_mask, step_input):
            self._dropout_mask = self._patterns(step_input, self.dropout)
        return self._dropout_mask

    def get_recurrent_dropout_mask(self, state: Tensor) -> list[Tensor] | None:
        """The pattern of the state, one for each gate; None without dropout."""
        if self.recurrent_dropout == 0:
            return None
        if not _fits(self._recurrent_dropout_mask, state):
            self._recurrent_dropout_mask = self._patterns(state, self.recurrent_dropout)
        return self._recurrent_dropout_mask

    def reset_dropout_mask(self) -> None:
        """Let the next step draw another pattern of the input."""
        self._dropout_mask = None

    def reset_recurrent_dropout_mask(self) -> None:
        """Let the next step draw another pattern of the state."""
        self._recurrent_dropout_mask = None

    def _patterns(self, like: Tensor, rate: float) -> list[Tensor]:
        ones = torch.ones_like(like)
        count = self._gates if self.implementation == 1 else 1
        return [random.dropout(ones, rate, seed=self.seed_generator) for _ in range(count)]

    # Steps

    def project(
        self, inputs: Float[Tensor, "batch *time features"], training: bool
    ) -> Float[Tensor, "batch *time outputs"]:
        """What the input, of one step or of all, gives to each gate."""
        weight, bias = self.kernel.T, self._input_bias()
        patterns = None
        if training and self.dropout:
            patterns = self.get_dropout_mask(inputs if inputs.ndim == 2 else inputs[:, 0])
        if patterns is None:
            return F.linear(inputs, weight, bias)
        if inputs.ndim == 3:
            patterns = [pattern.unsqueeze(1) for pattern in patterns]
        if len(patterns) == 1:
            return F.linear(inputs * patterns[0], weight, bias)
        parts = zip(patterns, weight.chunk(self._gates), strict=True)
        y = torch.cat([F.linear(inputs * pattern, part) for pattern, part in parts], -1)
        return y if bias is None else y + bias

    def _input_bias(self) -> Tensor | None:
        return self.bias

    def _of_state(
        self,
        state: Float[Tensor, "batch units"],
        training: bool,
        gates: slice = slice(None),
        bias: Tensor | None = None,
    ) -> Float[Tensor, "batch outputs"]:
        """What the state gives to some gates."""
        units = self.units
        first, stop, _ = gates.indices(self._gates)
        weight = self.recurrent_kernel.T[first * units : stop * units]
        patterns = self.get_recurrent_dropout_mask(state) if training else None
        if patterns is None:
            return F.linear(state, weight, bias)
        parts = zip(patterns[gates], weight.split(units), strict=True)
        y = torch.cat([F.linear(state * pattern, part) for pattern, part in parts], -1)
        return y if bias is None else y + bias

    def advance(
        self, projected: Float[Tensor, "batch outputs"], states: States, training: bool
    ) -> States:
        """The states after a step; the first is its output.

        Args:
            projected: What `project` gives for the step.
            states: Those before it.
            training: Whether there is dropout.
        """
        raise NotImplementedError

    def call(
        self, inputs: Float[Tensor, "batch features"], states: Any, training: bool = False
    ) -> tuple[Tensor, Any]:
        """One step.

        Args:
            inputs: Those of the step.
            states: The state, or a list of them, each (batch, units).
            training: Whether there is dropout.

        Returns:
            The output, (batch, units), and the states in the form in which they came.
        """
        several = isinstance(states, Sequence)
        given: States = list(states) if several else [states]
        new = self.advance(self.project(inputs, training), given, training)
        return new[0], new if several else new[0]

    # All steps

    def over(
        self,
        sequences: Float[Tensor, "batch time features"],
        states: States,
        counted: CountedSteps | None,
        training: bool,
        wanted: bool,
    ) -> tuple[Float[Tensor, "batch time units"], States]:
        """All steps of sequences, and the states at their end.

        Args:
            sequences: Whole sequences.
            states: Those at the beginning.
            counted: Which steps count; all when None. At the others the states stay as they are.
            training: Whether there is dropout.
            wanted: Whether the states at the end are asked for; else they may be others.

        Returns:
            The outputs, those at steps that do not count being of no meaning, and the states.
        """
        if self._is_fused(sequences, training):
            if training and self.dropout:
                pattern = self.get_dropout_mask(sequences[:, 0])
                assert pattern is not None
                sequences = sequences * pattern[0].unsqueeze(1)
            return self._fused(sequences, states, counted, wanted)
        masks = None if counted is None else counted.mask.unsqueeze(-1).unbind(1)
        outputs: list[Tensor] = []
        for t, projected in enumerate(self.project(sequences, training).unbind(1)):
            new = self.advance(projected, states, training)
            outputs.append(new[0])
            states = new if masks is None else _where(masks[t], new, states)
        return torch.stack(outputs, 1), states

    def _is_fused(self, sequences: Tensor, training: bool) -> bool:
        """Whether torch has all steps of this cell in one operation.

        A cell of which it has none overrides this; dropout of the state, or of the input by gate,
        changes between the gates, which torch's operations do not know.
        """
        if sequences.is_meta or self._runs is None:
            return False
        return not training or (not self.recurrent_dropout and not self._drops_by_gate())

    def _drops_by_gate(self) -> bool:
        return self.dropout > 0 and self.implementation == 1 and self._gates > 1

    def _fused(
        self, sequences: Tensor, states: States, counted: CountedSteps | None, wanted: bool
    ) -> tuple[Tensor, States]:
        """All steps by torch's operation, with a mask on sequences that are filled up at the end.

        What fills them up is computed too, which is quicker than torch's packed sequences: those
        leave oneDNN's way.
        """
        if counted is None:
            return self._by_torch(sequences, states)
        x = counted.to_front(sequences)
        if wanted and len(states) > 1:
            outputs, states = self._packed(x, states, counted)
            return counted.back(outputs), states
        outputs, _ = self._by_torch(x, states)
        if wanted:  # the only state is the output
            last = (counted.lengths - 1).clamp(min=0).view(-1, 1, 1).expand(-1, 1, self.units)
            end = outputs.gather(1, last).squeeze(1)
            states = [torch.where((counted.lengths > 0).unsqueeze(-1), end, states[0])]
        return counted.back(outputs), states

    def _packed(self, x: Tensor, states: States, counted: CountedSteps) -> tuple[Tensor, States]:
        """The same by torch's packed sequences, which know all states at each end."""
        rows = counted.lengths.nonzero().squeeze(1)  # torch takes no sequence of length 0
        if not len(rows):
            return x.new_zeros((*x.shape[:2], self.units)), states
        packed = pack_padded_sequence(
            x[rows], counted.lengths[rows].cpu(), batch_first=True, enforce_sorted=False
        )
        order = packed.sorted_indices
        assert order is not None
        begin = [state[rows][order] for state in states]
        data, ends = self._by_torch(packed.data, begin, packed.batch_sizes)
        full, _ = pad_packed_sequence(
            packed._replace(data=data), batch_first=True, total_length=x.shape[1]
        )
        outputs = full.new_zeros((x.shape[0], *full.shape[1:])).index_copy(0, rows, full)
        new = [old.index_copy(0, rows[order], end) for old, end in zip(states, ends, strict=True)]
        return outputs, new

    @property
    def _runs(self) -> Callable[..., Any] | None:
        """Torch's operation for all steps; None if it has none with these activations."""
        return None

    def _torch_weights(self) -> list[Tensor]:
        """The weights as torch's operation takes them."""
        weights = [self.kernel.T, self.recurrent_kernel.T]
        return weights if self.bias is None else [*weights, self.bias, torch.zeros_like(self.bias)]

    def _by_torch(
        self, x: Tensor, states: States, batch_sizes: Tensor | None = None
    ) -> tuple[Tensor, States]:
        """Torch's operation, on whole sequences or on the data of packed ones."""
        assert self._runs is not None
        begin = [state.unsqueeze(0) for state in states]
        given: Any = begin if len(begin) > 1 else begin[0]
        options = (self.use_bias, 1, 0.0, torch.is_grad_enabled(), False)
        weights = self._torch_weights()
        if batch_sizes is None:
            outputs, *new = self._runs(x, given, weights, *options, True)
        else:
            outputs, *new = self._runs(x, batch_sizes, given, weights, *options)
        return outputs, [state.squeeze(0) for state in new]


def _where(mask: Bool[Tensor, "batch one"], new: States, old: States) -> States:
    return [torch.where(mask, a, b) for a, b in zip(new, old, strict=True)]


def _fits(patterns: list[Tensor] | None, like: Tensor) -> bool:
    """Whether patterns that were drawn before are those of this batch."""
    if patterns is None:
        return False
    one = patterns[0]
    return one.shape == like.shape and one.device == like.device and one.dtype == like.dtype
