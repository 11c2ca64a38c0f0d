"""The residual network for series (notes, 6.1)."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._fcn import convolved
from profond.architectures._series_shape import one_per_layer, series_shape


def resnet1d(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    filters: Sequence[int] = (64, 128, 128),
    kernel_sizes: Sequence[int] = (8, 5, 3),
    dropout: float = 0.0,
    masked: bool = False,
    output_activation: Any = None,
) -> Any:
    r"""The ResNet of Wang et al. (2017, "Time series classification from scratch", II.C, fig. 1c).

    Blocks of three convolutions, each with batch normalization and, but for the last, ReLU; then
    $y = \mathrm{ReLU}(h + \mathrm{shortcut}(x))$. After the blocks come the mean over time and a
    dense layer. No part depends on the length of the series.

    As in the paper but for what it does not say (from hfawaz/dl-4-tsc, Fawaz et al. 2019): the
    shortcut is normalized too, after a convolution of size 1 where the number of channels changes.

    Args:
        input_shape: `(steps, channels)`; steps None where series differ in length.
        outputs: Number of output neurons.
        filters: Kernels of the convolutions of each block.
        kernel_sizes: Steps that the convolutions within a block cover.
        dropout: Share of the means over time that is switched off in training, in [0, 1); the
            paper has none.
        masked: Whether steps at which every channel is NaN only fill up shorter series and count
            nowhere (`profond.layers.PaddingMask`).
        output_activation: Activation of the output layer; the paper has `"softmax"`.

    Returns:
        A `profond.Model`, not compiled.

    Raises:
        ValueError: If the shape is not that of series, or a list is not of positive integers.
    """
    from profond.layers import Dense, Dropout, GlobalAveragePooling1D, Input, PaddingMask
    from profond.models import Model

    sizes = one_per_layer(kernel_sizes, "kernel_sizes")
    entrance = Input(shape=series_shape(input_shape, "'resnet1d'"))
    x = PaddingMask()(entrance) if masked else entrance
    for width in one_per_layer(filters, "filters"):
        x = _block(x, width, sizes)
    x = GlobalAveragePooling1D()(x)
    if dropout:
        x = Dropout(dropout)(x)
    return Model(entrance, Dense(outputs, activation=output_activation)(x), name="resnet1d")


def _block(x: Any, filters: int, kernel_sizes: Sequence[int]) -> Any:
    """Convolutions, and a shortcut around them."""
    from profond.layers import Activation, Add, BatchNormalization

    h = x
    for place, size in enumerate(kernel_sizes, start=1):
        h = convolved(h, filters, size, activation="relu" if place < len(kernel_sizes) else None)
    same = x.shape[-1] == filters
    shortcut = BatchNormalization()(x) if same else convolved(x, filters, 1)
    return Activation("relu")(Add()([shortcut, h]))
