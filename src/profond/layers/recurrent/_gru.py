"""Gated recurrent units (7.3)."""

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from profond import activations
from profond.layers.recurrent._cell import RecurrentCell, States
from profond.layers.recurrent._reset_before import reset_before_steps
from profond.layers.recurrent._rnn import RecurrentLayer, of_cell


class GRUCell(RecurrentCell):
    r"""A step of a GRU (Cho et al. 2014).

    $z_t, r_t = \sigma(W x_t + U h_{t-1} + b)$, each with weights of its own,
    $h_t = z_t \odot h_{t-1} + (1 - z_t) \odot \tilde h_t$, and with `reset_after`

    $\tilde h_t = \varphi(W_h x_t + b_h + r_t \odot (U_h h_{t-1} + b'_h))$,

    which is what Keras and torch do by default; without it

    $\tilde h_t = \varphi(W_h x_t + U_h (r_t \odot h_{t-1}) + b_h)$: equation 7.15 of the notes.

    Note:
        In 7.14 the notes write $h_t = (1 - z_t) \odot h_{t-1} + z_t \odot \tilde h_t$: their z is
        1 - z here, in Keras and in torch. As $1 - \sigma(a) = \sigma(-a)$, the weights of z with
        the other sign give the notes' form.

    Args:
        units: Size of the state h, > 0.
        activation: Name or function of $\varphi$.
        recurrent_activation: Name or function of $\sigma$, of the gates.
        use_bias: Whether there are biases.
        kernel_initializer: How the weights W of the input begin.
        recurrent_initializer: How the weights U of the state begin.
        bias_initializer: How the biases begin.
        kernel_regularizer: Penalty on W.
        recurrent_regularizer: Penalty on U.
        bias_regularizer: Penalty on the biases.
        kernel_constraint: Applied to W after each step of training.
        recurrent_constraint: Applied to U.
        bias_constraint: Applied to the biases.
        dropout: Share of the input that is dropped in training, in [0, 1].
        recurrent_dropout: Share of the state that is dropped in training, in [0, 1].
        reset_after: Whether the reset gate r acts after the product with the state.
        seed: Starts a generator of the cell's own for dropout.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`; `implementation=1` for a pattern of
            dropout for each gate.

    Shape:
        Input: `(batch, features)` and a state `(batch, units)`. Output: `(batch, units)` and the
        new state. `kernel`: `(features, 3 units)`, `recurrent_kernel`: `(units, 3 units)`, the
        gates in Keras's order z, r, h (torch's is r, z, h). `bias`: `(2, 3 units)`, of the input
        and of the state, with `reset_after`, else `(3 units,)`.

    Raises:
        ValueError: If an argument is out of its range.
    """

    _gates: ClassVar[int] = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
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
        reset_after: bool = True,
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
        self.reset_after = reset_after

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def _input_bias(self) -> Tensor | None:
        return self.bias[0] if self.bias is not None and self.reset_after else self.bias

    def advance(
        self, projected: Float[Tensor, "batch outputs"], states: States, training: bool
    ) -> States:
        """The state after a step."""
        h, gate = states[0], self.recurrent_activation
        of_z, of_r, of_new = projected.chunk(3, -1)
        if self.reset_after:
            bias = None if self.bias is None else self.bias[1]
            from_z, from_r, from_new = self._of_state(h, training, bias=bias).chunk(3, -1)
            z, r = gate(of_z + from_z), gate(of_r + from_r)
            new = self.activation(of_new + r * from_new)
        else:
            from_z, from_r = self._of_state(h, training, slice(0, 2)).chunk(2, -1)
            z, r = gate(of_z + from_z), gate(of_r + from_r)
            patterns = self.get_recurrent_dropout_mask(h) if training else None
            kept = r * h if patterns is None else r * (h * patterns[2])
            weight = self.recurrent_kernel[:, 2 * self.units :]
            new = self.activation(of_new + kept @ weight)
        return [z * h + (1 - z) * new]

    @property
    def _runs(self) -> Callable[..., Any] | None:
        usual = self.activation is activations.tanh
        if not usual or self.recurrent_activation is not activations.sigmoid:
            return None
        return torch.gru if self.reset_after else reset_before_steps

    def _by_torch(
        self, x: Tensor, states: States, batch_sizes: Tensor | None = None
    ) -> tuple[Tensor, States]:
        """Torch's operation, or ours where the reset gate acts before the product."""
        if self.reset_after:
            return super()._by_torch(x, states, batch_sizes)
        projected = self.project(x, training=False)  # the input has been dropped before
        outputs, end = reset_before_steps(projected, states[0], self.recurrent_kernel.T)
        return outputs, [end]

    def _torch_weights(self) -> list[Tensor]:
        """The weights with the gates in torch's order, r, z, h."""
        weights = [self.kernel.T, self.recurrent_kernel.T]
        if self.bias is not None:
            weights += [self.bias[0], self.bias[1]]
        return [torch.cat([r, z, new]) for z, r, new in (weight.chunk(3) for weight in weights)]


class GRU(RecurrentLayer):
    r"""Gated recurrent units over sequences, by steps of `GRUCell`, which has the equations.

    With the usual activations all steps are one operation, torch's or (without `reset_after`) ours.

    Args:
        units: Size of the state, > 0.
        activation: Name or function of $\varphi$, tanh.
        recurrent_activation: Name or function of the gates, sigmoid.
        use_bias: Whether there are biases.
        kernel_initializer: How the weights of the input begin.
        recurrent_initializer: How the weights of the state begin.
        bias_initializer: How the biases begin.
        kernel_regularizer: Penalty on the weights of the input.
        recurrent_regularizer: Penalty on those of the state.
        bias_regularizer: Penalty on the biases.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Applied to the weights of the input after each step of training.
        recurrent_constraint: Applied to those of the state.
        bias_constraint: Applied to the biases.
        dropout: Share of the input that is dropped in training, in [0, 1].
        recurrent_dropout: Share of the state that is dropped in training, in [0, 1].
        seed: Starts a generator of the layer's own for dropout.
        return_sequences: Whether the output is that of each step, or the last one.
        return_state: Whether the state at the end follows the output.
        go_backwards: Whether the steps are taken from the last to the first; the outputs come in
            that order.
        stateful: Whether a batch goes on from the states at the end of the one before.
        unroll: Accepted for Keras's sake.
        reset_after: Whether the reset gate acts after the product with the state, as in Keras and
            torch, or before it, as in the notes.
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
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        del use_cudnn
        cell = GRUCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
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
            reset_after=reset_after,
            seed=seed,
            **of_cell(kwargs, "gru_cell"),
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
