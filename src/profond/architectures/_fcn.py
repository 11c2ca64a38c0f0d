"""The fully convolutional network for series (notes, 6.1)."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._series_shape import one_per_layer, series_shape


def fcn(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    filters: Sequence[int] = (128, 256, 128),
    kernel_sizes: Sequence[int] = (8, 5, 3),
    dropout: float = 0.0,
    masked: bool = False,
    output_activation: Any = None,
) -> Any:
    """The FCN of Wang et al. (2017, "Time series classification from scratch", II.B, fig. 1b).

    Convolutions that keep the length, each followed by batch normalization and ReLU; the mean
    over time; a dense layer. No part depends on the length of the series.

    As in the paper but for what it does not say: zeros around the series, and Keras's batch
    normalization (hfawaz/dl-4-tsc, Fawaz et al. 2019).

    Args:
        input_shape: `(steps, channels)`; steps None where series differ in length.
        outputs: Number of output neurons.
        filters: Kernels of each convolution.
        kernel_sizes: Steps that they cover.
        dropout: Share of the means over time that is switched off in training, in [0, 1); the
            paper has none.
        masked: Whether steps at which every channel is NaN only fill up shorter series and count
            nowhere (`profond.layers.PaddingMask`).
        output_activation: Activation of the output layer; the paper has `"softmax"`.

    Returns:
        A `profond.Model`, not compiled.

    Raises:
        ValueError: If the shape is not that of series, or the lists do not go together.
    """
    from profond.layers import Dense, Dropout, GlobalAveragePooling1D, Input, PaddingMask
    from profond.models import Model

    widths = one_per_layer(filters, "filters")
    sizes = one_per_layer(kernel_sizes, "kernel_sizes", len(widths))
    entrance = Input(shape=series_shape(input_shape, "'fcn'"))
    x = PaddingMask()(entrance) if masked else entrance
    for width, size in zip(widths, sizes, strict=True):
        x = convolved(x, width, size, activation="relu")
    x = GlobalAveragePooling1D()(x)
    if dropout:
        x = Dropout(dropout)(x)
    return Model(entrance, Dense(outputs, activation=output_activation)(x), name="fcn")


def convolved(x: Any, filters: int, kernel_size: int, *, activation: Any = None) -> Any:
    """A convolution that keeps the length, batch normalization, and an activation if given."""
    from profond.layers import Activation, BatchNormalization, Conv1D

    x = BatchNormalization()(Conv1D(filters, kernel_size, padding="same")(x))
    return x if activation is None else Activation(activation)(x)
