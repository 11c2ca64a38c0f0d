"""LeNet-5 (notes, 6.2.2)."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._image_shape import image_shape


def lenet(
    input_shape: Sequence[int],
    outputs: int,
    *,
    output_activation: Any = None,
    activation: Any = "relu",
    pooling: str = "max",
    padding: str = "valid",
    dropout: float = 0.0,
) -> Any:
    """LeNet-5 as in the notes, 6.2.2 (LeCun et al. 1998, "Gradient-based learning", II.B).

    Two convolutions of 6 and 16 kernels of 5x5, each followed by pooling of 2x2, then dense
    layers of 120 and 84 units: 61,706 parameters for images (32, 32, 1) and ten classes. Digits
    of 28x28 give the same network with `padding="same"`.

    It is the notes' form. The paper's has tanh, averages with a weight and a bias for each map,
    second-layer maps that see some of the first's only, and distances to fixed codes at the end.

    Args:
        input_shape: `(height, width, channels)` of an image; at least 16 pixels high and wide,
            12 with `padding="same"`.
        outputs: Number of output neurons.
        output_activation: Activation of the output layer; the notes have `"softmax"`.
        activation: Activation of the other layers.
        pooling: `"max"` or `"average"`.
        padding: `"valid"`, or `"same"` for zeros around the image before the first convolution,
            so that it does not shrink there.
        dropout: Share of units switched off after each hidden dense layer in training, in [0, 1).

    Returns:
        A `profond.Sequential`, not compiled; layers `conv1`, `pool1`, `conv2`, `pool2`,
        `flatten`, `fc1`, `fc2`, `fc3`.

    Raises:
        ValueError: If the images are too small or their size is not known, or an argument is
            none of these.
    """
    from profond.layers import (
        AveragePooling2D,
        Conv2D,
        Dense,
        Dropout,
        Flatten,
        Input,
        MaxPooling2D,
    )
    from profond.layers._checks import one_of
    from profond.models import Sequential

    one_of(padding, "padding", ("valid", "same"))
    pools = {"max": MaxPooling2D, "average": AveragePooling2D}
    pool = pools[one_of(pooling, "pooling", tuple(pools))]
    least = 16 if padding == "valid" else 12
    shape = image_shape(input_shape, "'lenet'", least=least, sizes_known=True)
    stack: list[Any] = [
        Input(shape=shape),
        Conv2D(6, 5, padding=padding, activation=activation, name="conv1"),
        pool(2, name="pool1"),
        Conv2D(16, 5, activation=activation, name="conv2"),
        pool(2, name="pool2"),
        Flatten(name="flatten"),
    ]
    for name, units in (("fc1", 120), ("fc2", 84)):
        stack.append(Dense(units, activation=activation, name=name))
        if dropout:
            stack.append(Dropout(dropout))
    stack.append(Dense(outputs, activation=output_activation, name="fc3"))
    return Sequential(stack, name="lenet")
