"""The standard recurrent network (7.1)."""

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from profond import activations
from profond.layers.recurrent._cell import RecurrentCell, States
from profond.layers.recurrent._rnn import RecurrentLayer, of_cell


class SimpleRNNCell(RecurrentCell):
    r"""A step of the standard recurrent network.

    $h_t = \varphi(W_h h_{t-1} + W_x x_t + b)$: equation 7.1 of the notes, with tanh.

    Args:
        units: Size of the state h, > 0.
        activation: Name or function of $\varphi$.
        use_bias: Whether there is a $b$.
        kernel_initializer: How $W_x$ begins.
        recurrent_initializer: How $W_h$ begins.
        bias_initializer: How $b$ begins.
        kernel_regularizer: Penalty on $W_x$.
        recurrent_regularizer: Penalty on $W_h$.
        bias_regularizer: Penalty on $b$.
        kernel_constraint: Applied to $W_x$ after each step of training.
        recurrent_constraint: Applied to $W_h$.
        bias_constraint: Applied to $b$.
        dropout: Share of the input that is dropped in training, in [0, 1].
        recurrent_dropout: Share of the state that is dropped in training, in [0, 1].
        seed: Starts a generator of the cell's own for dropout.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input: `(batch, features)` and a state `(batch, units)`. Output: `(batch, units)` and the
        new state. `kernel`: `(features, units)`, `recurrent_kernel`: `(units, units)`.

    Raises:
        ValueError: If an argument is out of its range.
    """

    _gates: ClassVar[int] = 1

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units,
            activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            **kwargs,
        )

    def advance(
        self, projected: Float[Tensor, "batch units"], states: States, training: bool
    ) -> States:
        """The state after a step."""
        return [self.activation(projected + self._of_state(states[0], training))]

    @property
    def _runs(self) -> Callable[..., Any] | None:
        known = {activations.tanh: torch.rnn_tanh, activations.relu: torch.rnn_relu}
        return known.get(self.activation)


class SimpleRNN(RecurrentLayer):
    r"""The standard recurrent network over sequences, by steps of `SimpleRNNCell`.

    $h_t = \varphi(W_h h_{t-1} + W_x x_t + b)$: equation 7.1 of the notes, with tanh.

    Args:
        units: Size of the state h, > 0.
        activation: Name or function of $\varphi$.
        use_bias: Whether there is a $b$.
        kernel_initializer: How $W_x$ begins.
        recurrent_initializer: How $W_h$ begins.
        bias_initializer: How $b$ begins.
        kernel_regularizer: Penalty on $W_x$.
        recurrent_regularizer: Penalty on $W_h$.
        bias_regularizer: Penalty on $b$.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Applied to $W_x$ after each step of training.
        recurrent_constraint: Applied to $W_h$.
        bias_constraint: Applied to $b$.
        dropout: Share of the input that is dropped in training, in [0, 1].
        recurrent_dropout: Share of the state that is dropped in training, in [0, 1].
        return_sequences: Whether the output is that of each step, or the last one.
        return_state: Whether the state at the end follows the output.
        go_backwards: Whether the steps are taken from the last to the first; the outputs come in
            that order.
        stateful: Whether a batch goes on from the states at the end of the one before.
        unroll: Accepted for Keras's sake.
        seed: Starts a generator of the layer's own for dropout.
        **kwargs: As in `RNN`.

    Shape:
        As in `RNN`, the output of `units` features.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        cell = SimpleRNNCell(
            units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            **of_cell(kwargs, "simple_rnn_cell"),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
