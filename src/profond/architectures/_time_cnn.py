"""Time-CNN: convolutions and means for series."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._series_shape import one_per_layer, series_shape

_SHORT = 60  # steps


def time_cnn(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    filters: Sequence[int] = (6, 12),
    kernel_sizes: Sequence[int] = (7, 7),
    pool_sizes: Sequence[int] = (3, 3),
    padding: str | None = None,
    dropout: float = 0.0,
    output_activation: Any = None,
) -> Any:
    """The CNN of Zhao et al. (2017, "Convolutional neural networks for time series", 3 and 4).

    Convolutions with a sigmoid, each followed by the means of windows side by side; the output
    layer sees each window at its place: series are of one length. The paper's output is a sigmoid
    trained by the squared error; here it is as given, linear by default.

    Where the paper is silent this is hfawaz/dl-4-tsc (Fawaz et al. 2019): zeros are put around
    series of fewer than 60 steps.

    Args:
        input_shape: `(steps, channels)`.
        outputs: Number of output neurons.
        filters: Kernels of each convolution.
        kernel_sizes: Steps that they cover.
        pool_sizes: Steps of the windows after each.
        padding: `"valid"`, or `"same"` for zeros around the series; None for `"same"` below 60
            steps, else `"valid"`.
        dropout: Share of the last means switched off in training, in [0, 1); the paper has none.
        output_activation: Activation of the output layer; the paper has `"sigmoid"`.

    Returns:
        A `profond.Sequential`, not compiled.

    Raises:
        ValueError: If the number of steps is not known or too small, the lists do not go
            together, or `padding` is none of these.
    """
    from profond.layers import AveragePooling1D, Conv1D, Dense, Dropout, Flatten, Input
    from profond.models import Sequential

    widths = one_per_layer(filters, "filters")
    sizes = one_per_layer(kernel_sizes, "kernel_sizes", len(widths))
    pools = one_per_layer(pool_sizes, "pool_sizes", len(widths))
    if padding not in (None, "valid", "same"):
        raise ValueError(
            f"`padding` of 'time_cnn' must be 'valid', 'same' or None; received {padding!r}."
        )
    steps, _ = shape = series_shape(input_shape, "'time_cnn'", steps_known=True)
    if padding is None:
        padding = "same" if steps is not None and steps < _SHORT else "valid"
    # The fewest steps that leave one window, counted backwards.
    least = 1
    for size, pool in zip(reversed(sizes), reversed(pools), strict=True):
        least = least * pool + (size - 1 if padding == "valid" else 0)
    series_shape(shape, f"'time_cnn' with padding={padding!r}", least=least)
    stack: list[Any] = [Input(shape=shape)]
    for width, size, pool in zip(widths, sizes, pools, strict=True):
        stack.append(Conv1D(width, size, padding=padding, activation="sigmoid"))
        stack.append(AveragePooling1D(pool))
    stack.append(Flatten())
    if dropout:
        stack.append(Dropout(dropout))
    stack.append(Dense(outputs, activation=output_activation))
    return Sequential(stack, name="time_cnn")
