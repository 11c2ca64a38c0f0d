"""The multi-layer perceptron (notes, 1.4 and 2)."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._hidden import hidden_units


def mlp(
    inputs: int,
    outputs: int,
    *,
    hidden: Sequence[int] = (128, 128),
    activation: Any = "relu",
    output_activation: Any = None,
    dropout: float = 0.0,
    l2: float = 0.0,
    first: Any = None,
    output_bias: Any = "zeros",
) -> Any:
    """Hidden layers one after the other, each followed by dropout, and an output layer.

    Args:
        inputs: Number of inputs.
        outputs: Number of output neurons.
        hidden: Units of each hidden layer.
        activation: Activation of the hidden layers.
        output_activation: Activation of the output layer.
        dropout: Share of hidden units switched off in each training step, in [0, 1).
        l2: Weight of the sum of squared kernel entries of the hidden layers in the loss, >= 0.
        first: A layer between the inputs and the first hidden layer, as an embedding of numbers.
        output_bias: Initializer of the output layer's bias.

    Returns:
        A `profond.Sequential`, not compiled.

    Raises:
        TypeError: If `hidden` is no list.
    """
    from profond.layers import Dense, Dropout, Input
    from profond.models import Sequential
    from profond.regularizers import L2

    stack: list[Any] = [Input(shape=(inputs,))]
    if first is not None:
        stack.append(first)
    for units in hidden_units(hidden):
        penalty = L2(l2) if l2 else None
        stack.append(Dense(units, activation=activation, kernel_regularizer=penalty))
        if dropout:
            stack.append(Dropout(dropout))
    stack.append(Dense(outputs, activation=output_activation, bias_initializer=output_bias))
    return Sequential(stack)
