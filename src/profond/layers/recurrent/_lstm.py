"""Long short-term memory (7.2)."""

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from profond import activations
from profond.layers.recurrent._cell import RecurrentCell, States
from profond.layers.recurrent._rnn import RecurrentLayer, of_cell


class LSTMCell(RecurrentCell):
    r"""A step of an LSTM (Hochreiter & Schmidhuber 1997).

    Equations 7.8 to 7.13 of the notes, with $W \cdot [h_{t-1}, x_t]$ as the sum of two products:

    $i_t, f_t, o_t = \sigma(W x_t + U h_{t-1} + b)$, each with weights of its own,

    $\tilde C_t = \varphi(W_C x_t + U_C h_{t-1} + b_C), \quad
    C_t = f_t \odot C_{t-1} + i_t \odot \tilde C_t, \quad h_t = o_t \odot \varphi(C_t)$.

    Args:
        units: Size of each state, h and C, > 0.
        activation: Name or function of $\varphi$.
        recurrent_activation: Name or function of $\sigma$, of the gates.
        use_bias: Whether there are biases.
        kernel_initializer: How the weights W of the input begin.
        recurrent_initializer: How the weights U of the state begin.
        bias_initializer: How the biases begin.
        unit_forget_bias: Whether the biases of the forget gate f begin at 1, so that the cell
            remembers at first (Jozefowicz et al. 2015).
        kernel_regularizer: Penalty on W.
        recurrent_regularizer: Penalty on U.
        bias_regularizer: Penalty on the biases.
        kernel_constraint: Applied to W after each step of training.
        recurrent_constraint: Applied to U.
        bias_constraint: Applied to the biases.
        dropout: Share of the input that is dropped in training, in [0, 1].
        recurrent_dropout: Share of h that is dropped in training, in [0, 1].
        seed: Starts a generator of the cell's own for dropout.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`; `implementation=1` for a pattern of
            dropout for each gate.

    Shape:
        Input: `(batch, features)` and the states [h, C], each `(batch, units)`. Output: h, and
        [h, C]. `kernel`: `(features, 4 units)`, `recurrent_kernel`: `(units, 4 units)`, `bias`:
        `(4 units,)`, the gates in the order i, f, C, o, as in Keras and torch.

    Raises:
        ValueError: If an argument is out of its range.
    """

    _gates: ClassVar[int] = 4
    _state_count: ClassVar[int] = 2

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
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
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    def _bias_start(self) -> Any:
        if not self.unit_forget_bias:
            return self.bias_initializer

        def start(shape: Any, dtype: Any = None) -> Tensor:
            del shape
            units, begin = self.units, self.bias_initializer
            i, rest = begin((units,), dtype), begin((2 * units,), dtype)
            return torch.cat([i, torch.ones_like(i), rest])

        return start

    def advance(
        self, projected: Float[Tensor, "batch outputs"], states: States, training: bool
    ) -> States:
        """The states h and C after a step."""
        h, c = states
        i, f, new, o = (projected + self._of_state(h, training)).chunk(4, -1)
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activation(new)
        return [gate(o) * self.activation(c), c]

    @property
    def _runs(self) -> Callable[..., Any] | None:
        usual = self.activation is activations.tanh
        return torch.lstm if usual and self.recurrent_activation is activations.sigmoid else None


class LSTM(RecurrentLayer):
    r"""Long short-term memory over sequences, by steps of `LSTMCell` (equations 7.8 to 7.13).

    The state C goes through time by sums, not by products with weights, so that what is far back
    still reaches the gradient (7.2). With the usual activations all steps are one operation of
    torch.

    Args:
        units: Size of each state, h and C, > 0.
        activation: Name or function of $\varphi$, tanh.
        recurrent_activation: Name or function of the gates, sigmoid.
        use_bias: Whether there are biases.
        kernel_initializer: How the weights of the input begin.
        recurrent_initializer: How the weights of the state begin.
        bias_initializer: How the biases begin.
        unit_forget_bias: Whether the biases of the forget gate begin at 1.
        kernel_regularizer: Penalty on the weights of the input.
        recurrent_regularizer: Penalty on those of the state.
        bias_regularizer: Penalty on the biases.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Applied to the weights of the input after each step of training.
        recurrent_constraint: Applied to those of the state.
        bias_constraint: Applied to the biases.
        dropout: Share of the input that is dropped in training, in [0, 1].
        recurrent_dropout: Share of h that is dropped in training, in [0, 1].
        seed: Starts a generator of the layer's own for dropout.
        return_sequences: Whether the output is that of each step, or the last one.
        return_state: Whether the states at the end, h and C, follow the output.
        go_backwards: Whether the steps are taken from the last to the first; the outputs come in
            that order.
        stateful: Whether a batch goes on from the states at the end of the one before.
        unroll: Accepted for Keras's sake.
        use_cudnn: Accepted for Keras's sake; torch's way is taken wherever it is the same.
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
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        del use_cudnn
        cell = LSTMCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            **of_cell(kwargs, "lstm_cell"),
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
