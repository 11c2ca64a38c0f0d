"""A multi-layer perceptron with residual connections."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._hidden import hidden_units


def residual_mlp(
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
    r"""The ResNet for tables of Gorishniy et al. (2021, "Revisiting deep learning models", 3.2).

    A linear layer to the width $d$ = `hidden[0]`, then one block for each entry h of `hidden`,

    $x \leftarrow x + \text{Dropout}(\text{Linear}_d(\text{Dropout}(\varphi(
    \text{Linear}_h(\text{Norm}(x))))))$,

    and $\text{Linear}(\varphi(\text{Norm}(x)))$ at the end. Normalisation is over the features of
    each row (LayerNorm) where the paper normalises over the batch, so that a row's answer does
    not depend on its batch in training.

    Args:
        inputs: Number of inputs.
        outputs: Number of output neurons.
        hidden: Units inside each block; the first is the width between blocks too.
        activation: Activation $\varphi$.
        output_activation: Activation of the output layer.
        dropout: Share of units switched off in each training step, in [0, 1).
        l2: Weight of the sum of squared kernel entries of the blocks in the loss, >= 0.
        first: A layer between the inputs and the first linear layer.
        output_bias: Initializer of the output layer's bias.

    Returns:
        A `profond.Model`, not compiled.

    Raises:
        TypeError: If `hidden` is no list.
        ValueError: If `hidden` is empty.
    """
    from profond.layers import Activation, Add, Dense, Dropout, Input, LayerNormalization
    from profond.models import Model
    from profond.regularizers import L2

    if not len(hidden_units(hidden)):
        raise ValueError(
            "`hidden` of a residual network must give the units of at least one block; received "
            f"{hidden!r}. Use the architecture 'mlp' for a linear model."
        )
    width = hidden[0]
    entrance = Input(shape=(inputs,))
    x = Dense(width)(entrance if first is None else first(entrance))
    for units in hidden:
        inner = LayerNormalization()(x)
        penalty = L2(l2) if l2 else None
        inner = Dense(units, activation=activation, kernel_regularizer=penalty)(inner)
        if dropout:
            inner = Dropout(dropout)(inner)
        penalty = L2(l2) if l2 else None
        inner = Dense(width, kernel_regularizer=penalty)(inner)
        if dropout:
            inner = Dropout(dropout)(inner)
        x = Add()([x, inner])
    x = Activation(activation)(LayerNormalization()(x))
    last = Dense(outputs, activation=output_activation, bias_initializer=output_bias)
    return Model(entrance, last(x))
