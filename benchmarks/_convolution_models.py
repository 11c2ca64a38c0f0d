"""The networks of the convolution benchmark, in Keras's words: for `profond` and for real Keras."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Workload:
    """A network, and random data in the shape of its own.

    Attributes:
        name: What it is called in the results.
        input_shape: Shape of one sample.
        classes: Number of classes.
        batch: Rows of a step.
        steps: Steps of an epoch.
        epochs: Passes in one timing.
    """

    name: str
    input_shape: tuple[int, ...]
    classes: int
    batch: int
    steps: int
    epochs: int

    @property
    def rows(self) -> int:
        """Samples to learn from."""
        return self.batch * self.steps


WORKLOADS = {
    "lenet": Workload("LeNet-5", (32, 32, 1), 10, 32, 100, 2),
    "fcn": Workload("Conv1D FCN", (128, 1), 10, 16, 40, 1),
    "resnet": Workload("ResNet-20", (32, 32, 3), 10, 32, 20, 1),
}


def lenet(layers: Any, models: Any) -> Any:
    """LeNet-5 as in the notes, 6.2.2: max pooling and ReLU."""
    return models.Sequential(
        [
            layers.Input((32, 32, 1)),
            layers.Conv2D(filters=6, kernel_size=5, padding="valid", activation="relu"),
            layers.MaxPool2D(pool_size=2),
            layers.Conv2D(filters=16, kernel_size=5, padding="valid", activation="relu"),
            layers.MaxPool2D(pool_size=2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def fcn(layers: Any, models: Any) -> Any:
    """The fully convolutional network of Wang et al. 2017 for series."""
    stack: list[Any] = [layers.Input((128, 1))]
    for filters, size in ((128, 8), (256, 5), (128, 3)):
        stack += [
            layers.Conv1D(filters, size, padding="same"),
            layers.BatchNormalization(),
            layers.Activation("relu"),
        ]
    stack += [layers.GlobalAveragePooling1D(), layers.Dense(10, activation="softmax")]
    return models.Sequential(stack)


def resnet(layers: Any, models: Any) -> Any:
    """ResNet-20 of He et al. 2016, 4.2, with projections where the size changes."""

    def convolved(x: Any, filters: int, size: int = 3, strides: int = 1) -> Any:
        x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    inputs = layers.Input((32, 32, 3))
    x = layers.ReLU()(convolved(inputs, 16))
    for filters in (16, 32, 64):
        for block in range(3):
            strides = 2 if block == 0 and filters > 16 else 1
            y = layers.ReLU()(convolved(x, filters, strides=strides))
            y = convolved(y, filters)
            shortcut = x if strides == 1 else convolved(x, filters, 1, strides)
            x = layers.ReLU()(layers.Add()([y, shortcut]))
    x = layers.GlobalAveragePooling2D()(x)
    return models.Model(inputs, layers.Dense(10, activation="softmax")(x))


def compiled(name: str, layers: Any, models: Any, **options: Any) -> Any:
    """A network of `WORKLOADS`, compiled with Adam; `options` go to `compile`."""
    model = {"lenet": lenet, "fcn": fcn, "resnet": resnet}[name](layers, models)
    model.compile(
        optimizer="adam",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        **options,
    )
    return model


def data(workload: Workload) -> tuple[Any, Any]:
    """Random samples, and labels that depend on them."""
    import numpy as np

    draw = np.random.default_rng(0)
    labels = draw.integers(0, workload.classes, workload.rows)
    x = draw.normal(size=(workload.rows, *workload.input_shape)).astype("float32")
    x += (labels / workload.classes).reshape(-1, *(1 for _ in workload.input_shape))
    return x.astype("float32"), labels.astype("int64")
