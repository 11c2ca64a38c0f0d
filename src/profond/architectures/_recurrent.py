"""Recurrent networks for series (chapter 7)."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._series_shape import one_per_layer, series_shape

CELLS = ("rnn", "lstm", "gru")


def recurrent(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    cell: str = "lstm",
    units: Sequence[int] = (64, 64),
    bidirectional: bool = True,
    pooling: str = "mean",
    dropout: float = 0.2,
    masked: bool = False,
    output_activation: Any = None,
) -> Any:
    """Recurrent layers on top of each other, and a dense layer on what they make of a series.

    Args:
        input_shape: `(steps, channels)`; steps None where series differ in length.
        outputs: Number of output neurons.
        cell: `"rnn"` (equation 7.1 of the notes), `"lstm"` (7.2) or `"gru"` (7.3).
        units: Size of the state of each layer.
        bidirectional: Whether each layer also runs from the last to the first step, with weights
            of its own (Schuster & Paliwal 1997).
        pooling: What of the last layer goes on: `"mean"` of its outputs over time, which does not
            have to be remembered until the end, or `"last"`, its state at the end.
        dropout: Share of each layer's output that is switched off in training, in [0, 1).
        masked: Whether steps at which every channel is NaN only fill up shorter series and count
            nowhere (`profond.layers.PaddingMask`).
        output_activation: Activation of the output layer.

    Returns:
        A `profond.Model`, not compiled.

    Raises:
        ValueError: If the shape is not that of series, or an argument is none of these.
    """
    from profond import layers
    from profond.layers._checks import one_of
    from profond.models import Model

    kinds = {"rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
    kind = kinds[one_of(cell, "cell", CELLS)]
    one_of(pooling, "pooling", ("mean", "last"))
    widths = one_per_layer(units, "units")
    entrance = layers.Input(shape=series_shape(input_shape, "'recurrent'"))
    x = layers.PaddingMask()(entrance) if masked else entrance
    for place, width in enumerate(widths):
        ends = pooling == "last" and place == len(widths) - 1
        layer = kind(width, return_sequences=not ends)
        x = layers.Bidirectional(layer)(x) if bidirectional else layer(x)
        if dropout:
            x = layers.Dropout(dropout)(x)
    if pooling == "mean":
        x = layers.GlobalAveragePooling1D()(x)
    return Model(entrance, layers.Dense(outputs, activation=output_activation)(x), name=cell)
