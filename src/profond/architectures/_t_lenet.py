"""LeNet for series (notes, 6.1)."""

from collections.abc import Sequence
from math import prod
from typing import Any

from profond.architectures._series_shape import one_per_layer, series_shape


def t_lenet(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    filters: Sequence[int] = (5, 20),
    kernel_sizes: Sequence[int] = (5, 5),
    pool_sizes: Sequence[int] = (2, 4),
    units: int = 500,
    dropout: float = 0.0,
    output_activation: Any = None,
) -> Any:
    """t-LeNet of Le Guennec et al. (2016, "Data augmentation for time series", 3.1).

    Convolutions with ReLU, each followed by the maxima of windows side by side; a dense layer
    with ReLU; the output layer. The dense layer sees each window at its place: series are of one
    length. The paper trains it on slices and warped series (`profond.data.series`).

    Where the paper is silent this is hfawaz/dl-4-tsc (Fawaz et al. 2019): zeros around the series,
    and 500 units in the dense layer, as in the LeNet that the paper refers to.

    Args:
        input_shape: `(steps, channels)`; at least as many steps as the product of `pool_sizes`,
            8 by default.
        outputs: Number of output neurons.
        filters: Kernels of each convolution.
        kernel_sizes: Steps that they cover.
        pool_sizes: Steps of the windows after each.
        units: Units of the dense layer.
        dropout: Share of these switched off in training, in [0, 1); the paper has none.
        output_activation: Activation of the output layer; the paper has `"softmax"`.

    Returns:
        A `profond.Sequential`, not compiled.

    Raises:
        ValueError: If the number of steps is not known or too small, or the lists do not go
            together.
    """
    from profond.layers import Conv1D, Dense, Dropout, Flatten, Input, MaxPooling1D
    from profond.models import Sequential

    widths = one_per_layer(filters, "filters")
    sizes = one_per_layer(kernel_sizes, "kernel_sizes", len(widths))
    pools = one_per_layer(pool_sizes, "pool_sizes", len(widths))
    shape = series_shape(input_shape, "'t_lenet'", least=prod(pools), steps_known=True)
    stack: list[Any] = [Input(shape=shape)]
    for width, size, pool in zip(widths, sizes, pools, strict=True):
        stack.append(Conv1D(width, size, padding="same", activation="relu"))
        stack.append(MaxPooling1D(pool))
    stack += [Flatten(), Dense(units, activation="relu")]
    if dropout:
        stack.append(Dropout(dropout))
    stack.append(Dense(outputs, activation=output_activation))
    return Sequential(stack, name="t_lenet")
