"""Encoder: convolutions and attention over time for series."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._series_shape import one_per_layer, series_shape


def encoder(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    filters: Sequence[int] = (128, 256, 512),
    kernel_sizes: Sequence[int] = (5, 11, 21),
    units: int = 256,
    dropout: float = 0.2,
    masked: bool = False,
    output_activation: Any = None,
) -> Any:
    """The Encoder of Serrà et al. (2018, "Towards a universal neural network encoder", 2).

    Convolutions, each followed by instance normalization, a PReLU with one slope per channel and
    dropout, and between them the maxima of every two steps. Half of the last channels weights the
    steps of the other half, by a softmax over time; the weighted sums, of a fixed length for
    series of any length, go through a dense layer with a sigmoid and a normalization, and on to
    the output layer.

    Where the paper is silent this is hfawaz/dl-4-tsc (Fawaz et al. 2019): zeros around the series,
    and 256 units. Its softmax goes over channels, and it keeps the steps, so that it takes series
    of one length only; here, as in the paper, the softmax goes over time and the steps are
    summed up. The last normalization is then over the units of one vector (layer normalization):
    that of each unit over a single step would leave nothing.

    Args:
        input_shape: `(steps, channels)`, at least 4 steps; None where series differ in length.
        outputs: Number of output neurons.
        filters: Kernels of each convolution; the last is even.
        kernel_sizes: Steps that they cover.
        units: Units of the dense layer.
        dropout: Share switched off after each convolution in training, in [0, 1).
        masked: Whether steps at which every channel is NaN only fill up shorter series and count
            nowhere (`profond.layers.PaddingMask`).
        output_activation: Activation of the output layer; the paper has `"softmax"`.

    Returns:
        A `profond.Model`, not compiled.

    Raises:
        ValueError: If the shape is not that of series or they are too short, or the lists do not
            go together.
    """
    from profond.layers import (
        AttentionPooling1D,
        Conv1D,
        Dense,
        Dropout,
        GroupNormalization,
        Input,
        LayerNormalization,
        MaxPooling1D,
        PaddingMask,
        PReLU,
    )
    from profond.models import Model

    widths = one_per_layer(filters, "filters")
    sizes = one_per_layer(kernel_sizes, "kernel_sizes", len(widths))
    if widths[-1] % 2:
        raise ValueError(
            "the last of `filters` of 'encoder' must be even: half of the channels weights the "
            f"other; received {filters!r}."
        )
    shape = series_shape(input_shape, "'encoder'", least=2 ** (len(widths) - 1))
    entrance = Input(shape=shape)
    x = PaddingMask()(entrance) if masked else entrance
    for place, (width, size) in enumerate(zip(widths, sizes, strict=True)):
        if place:
            x = MaxPooling1D(2)(x)
        x = GroupNormalization(-1)(Conv1D(width, size, padding="same")(x))
        x = PReLU(shared_axes=[1])(x)
        if dropout:
            x = Dropout(dropout)(x)
    x = Dense(units, activation="sigmoid")(AttentionPooling1D()(x))
    x = LayerNormalization()(x)
    return Model(entrance, Dense(outputs, activation=output_activation)(x), name="encoder")
