"""One network of the ensemble InceptionTime (notes, 6.1)."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._series_shape import one_per_layer, series_shape


def inception_time(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    depth: int = 6,
    filters: int = 32,
    kernel_sizes: Sequence[int] = (40, 20, 10),
    bottleneck: int | None = 32,
    residual_every: int | None = 3,
    dropout: float = 0.0,
    masked: bool = False,
    output_activation: Any = None,
) -> Any:
    r"""The network of InceptionTime (Fawaz et al. 2020, 3.1, fig. 1 and 2).

    `depth` inception modules, a residual connection around every third, the mean over time, and
    a dense layer. A module reduces its input to `bottleneck` channels, convolves it by kernels of
    several lengths side by side, convolves maxima of three neighbouring steps by kernels of
    length 1, and normalizes all of it over the batch, before ReLU. No part depends on the length
    of the series.

    The paper averages the probabilities of five such networks, trained from other seeds. Where it
    is silent this is hfawaz/InceptionTime: no biases in the convolutions, no bottleneck on a
    single channel, a normalized shortcut, and ReLU after the sum.

    Args:
        input_shape: `(steps, channels)`; steps None where series differ in length.
        outputs: Number of output neurons.
        depth: Number of modules, > 0.
        filters: Kernels of each length, and of the branch of maxima.
        kernel_sizes: Steps that they cover.
        bottleneck: Channels after the reduction; None for no reduction.
        residual_every: Modules that a residual connection spans; None for none.
        dropout: Share of the means over time that is switched off in training, in [0, 1); the
            paper has none.
        masked: Whether steps at which every channel is NaN only fill up shorter series and count
            nowhere (`profond.layers.PaddingMask`).
        output_activation: Activation of the output layer; the paper has `"softmax"`.

    Returns:
        A `profond.Model`, not compiled.

    Raises:
        ValueError: If the shape is not that of series, or a size is not a positive integer.
    """
    from profond.layers import Dense, Dropout, GlobalAveragePooling1D, Input, PaddingMask
    from profond.layers._checks import positive_integer
    from profond.models import Model

    sizes = one_per_layer(kernel_sizes, "kernel_sizes")
    if residual_every is not None:
        positive_integer(residual_every, "residual_every")
    entrance = Input(shape=series_shape(input_shape, "'inception_time'"))
    x = begin = PaddingMask()(entrance) if masked else entrance
    for place in range(1, positive_integer(depth, "depth") + 1):
        x = _module(x, filters, sizes, bottleneck)
        if residual_every is not None and place % residual_every == 0:
            x = begin = _with_shortcut(begin, x)
    x = GlobalAveragePooling1D()(x)
    if dropout:
        x = Dropout(dropout)(x)
    return Model(entrance, Dense(outputs, activation=output_activation)(x), name="inception_time")


def _module(x: Any, filters: int, kernel_sizes: Sequence[int], bottleneck: int | None) -> Any:
    """Kernels of several lengths side by side."""
    from profond.layers import Activation, BatchNormalization, Concatenate, Conv1D, MaxPooling1D

    def convolved(x: Any, filters: int, size: int) -> Any:
        return Conv1D(filters, size, padding="same", use_bias=False)(x)

    reduced = x
    if bottleneck is not None and x.shape[-1] > 1:
        reduced = convolved(x, bottleneck, 1)
    branches = [convolved(reduced, filters, size) for size in kernel_sizes]
    highest = MaxPooling1D(3, strides=1, padding="same")(x)
    branches.append(convolved(highest, filters, 1))
    return Activation("relu")(BatchNormalization()(Concatenate()(branches)))


def _with_shortcut(begin: Any, x: Any) -> Any:
    """The sum with what came in some modules earlier."""
    from profond.layers import Activation, Add, BatchNormalization, Conv1D

    shortcut = Conv1D(x.shape[-1], 1, padding="same", use_bias=False)(begin)
    return Activation("relu")(Add()([BatchNormalization()(shortcut), x]))
