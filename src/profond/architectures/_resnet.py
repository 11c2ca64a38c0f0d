"""Residual networks for images (He et al. 2016)."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._image_shape import image_shape

# Images smaller than this keep their size at the entrance.
_LARGE = 64


def resnet(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    blocks: Sequence[int],
    filters: Sequence[int],
    stem: str | None = None,
    shortcut: str = "B",
    zero_init: bool = False,
    output_activation: Any = None,
    dropout: float = 0.0,
    name: str = "resnet",
) -> Any:
    r"""A residual network of basic blocks (He et al. 2016, "Deep residual learning", 3.3, fig. 3).

    A block is $y = \varphi(s(x) + \text{BN}(W_2 * \varphi(\text{BN}(W_1 * x))))$ with 3x3
    kernels, $\varphi$ = ReLU and $s$ the identity, but where the size changes. Each stage after
    the first halves height and width in its first block. Global average pooling and one dense
    layer end it. Kernels begin as in He et al. (2015), normal with variance 2 / fan-out.

    Padding is as in the paper and in torch, the same on both sides, where Keras's `"same"` with a
    stride of 2 would begin one pixel further; batch normalization has torch's momentum and epsilon
    (0.9 in Keras's way of counting, 1e-5). So weights of torchvision give torchvision's answers.

    Args:
        input_shape: `(height, width, channels)` of an image; height and width may be None.
        outputs: Number of output neurons.
        blocks: Number of blocks of each stage.
        filters: Number of kernels in each stage.
        stem: The entrance: `"large"`, 7x7 kernels and max pooling of 3x3, each with a stride of
            2; `"small"`, 3x3 kernels alone; by default small where height or width is below 64
            pixels.
        shortcut: Where the size changes, $s$ is: `"A"`, every other pixel, and zeros for the
            channels that are more, without parameters; `"B"`, a 1x1 convolution with batch
            normalization.
        zero_init: Whether the last $\gamma$ of each block begins at 0, so that each block begins
            as the identity (Goyal et al. 2017, 5.1).
        output_activation: Activation of the output layer.
        dropout: Share of pooled features switched off before the output layer in training, in
            [0, 1).
        name: Name of the model.

    Returns:
        A `profond.Model`, not compiled. Layers have torchvision's names with underscores:
        `conv1`, `bn1`, `layer1_0_conv1`, `layer2_0_downsample_0`, `fc`.

    Raises:
        ValueError: If the images are too small (below one pixel in the last stage), or an
            argument is none of these.
    """
    from profond.layers import Dense, Dropout, GlobalAveragePooling2D, Input
    from profond.layers._checks import one_of
    from profond.models import Model

    one_of(shortcut, "shortcut", ("A", "B"))
    if stem is not None:
        one_of(stem, "stem", ("small", "large"))
    if len(blocks) != len(filters) or not len(blocks):
        raise ValueError(
            "`blocks` and `filters` must have one number for each stage; received "
            f"blocks={blocks!r} and filters={filters!r}."
        )
    halvings = len(blocks) - 1
    sizes = image_shape(input_shape, repr(name), least=2**halvings)
    if stem is None:
        small = any(size is not None and size < _LARGE for size in sizes[:2])
        stem = "small" if small else "large"
    if stem == "large":
        image_shape(input_shape, f"{name!r} with stem='large'", least=2 ** (halvings + 2))
    entrance = Input(shape=sizes)
    x = _stem(entrance, filters[0], stem)
    for stage, (count, width) in enumerate(zip(blocks, filters, strict=True)):
        for block in range(count):
            place = f"layer{stage + 1}_{block}"
            halves = stage > 0 and block == 0
            x = _basic_block(x, width, halves, shortcut, zero_init, place)
    x = GlobalAveragePooling2D(name="avgpool")(x)
    if dropout:
        x = Dropout(dropout)(x)
    return Model(entrance, Dense(outputs, activation=output_activation, name="fc")(x), name=name)


def _stem(x: Any, filters: int, stem: str) -> Any:
    """The first convolution, and with `stem="large"` the pooling after it."""
    from profond.layers import MaxPooling2D, ReLU, ZeroPadding2D

    if stem == "small":
        return ReLU(name="relu")(_normalized(_conv(x, filters, 3, 1, "conv1"), "bn1"))
    x = ReLU(name="relu")(_normalized(_conv(x, filters, 7, 2, "conv1"), "bn1"))
    # After ReLU nothing is below the zeros of the padding.
    return MaxPooling2D(3, strides=2, name="maxpool")(ZeroPadding2D(1, name="maxpool_pad")(x))


def _basic_block(
    x: Any, filters: int, halves: bool, shortcut: str, zero_init: bool, place: str
) -> Any:
    """Two convolutions of 3x3, and the shortcut around them."""
    from profond.layers import Add, ReLU

    y = _conv(x, filters, 3, 2 if halves else 1, f"{place}_conv1")
    y = ReLU(name=f"{place}_relu1")(_normalized(y, f"{place}_bn1"))
    y = _conv(y, filters, 3, 1, f"{place}_conv2")
    y = _normalized(y, f"{place}_bn2", gamma="zeros" if zero_init else "ones")
    if halves or x.shape[-1] != filters:
        x = _shortcut(x, filters, 2 if halves else 1, shortcut, f"{place}_downsample")
    return ReLU(name=f"{place}_relu2")(Add(name=f"{place}_add")([x, y]))


def _shortcut(x: Any, filters: int, stride: int, shortcut: str, place: str) -> Any:
    """The input of a block in the size of its output."""
    from profond import ops
    from profond.layers import MaxPooling2D

    if shortcut == "B":
        return _normalized(_conv(x, filters, 1, stride, f"{place}_0"), f"{place}_1")
    more = filters - x.shape[-1]
    if more < 0:
        raise ValueError(
            "`filters` must not fall from a stage to the next with shortcut='A', which adds "
            f"channels of zeros; received {x.shape[-1]} before {filters}. Give shortcut='B'."
        )
    x = MaxPooling2D(1, strides=stride, name=f"{place}_0")(x)  # every other pixel
    return ops.pad(x, ((0, 0), (0, 0), (0, 0), (more // 2, more - more // 2)))


def _conv(x: Any, filters: int, kernel_size: int, stride: int, name: str) -> Any:
    """A convolution without bias, with as many zeros on one side as on the other."""
    from profond.initializers import VarianceScaling
    from profond.layers import Conv2D, ZeroPadding2D

    if stride > 1 and kernel_size > 1:
        x = ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")(x)
    conv = Conv2D(
        filters,
        kernel_size,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        use_bias=False,
        kernel_initializer=VarianceScaling(2.0, "fan_out", "untruncated_normal"),
        name=name,
    )
    return conv(x)


def _normalized(x: Any, name: str, gamma: str = "ones") -> Any:
    from profond.layers import BatchNormalization

    return BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=gamma, name=name)(x)
