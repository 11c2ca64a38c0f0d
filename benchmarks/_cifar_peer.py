"""The training of `benchmarks.cifar10` in Keras's words, for Keras itself; in `.venv-peers`.

A folder holds `recipe.json` and `data.npz`, images and labels.
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np


def network(recipe: dict[str, Any]) -> Any:
    """The residual network of two blocks in each of four stages, behind its preparation."""
    import keras

    L = keras.layers  # noqa: N806 - as in Keras's own examples
    keras.config.set_dtype_policy(recipe["policy"])

    def convolved(x: Any, filters: int, size: int = 3, strides: int = 1) -> Any:
        if strides > 1 and size > 1:
            x = L.ZeroPadding2D(1)(x)
        padding = "same" if strides == 1 else "valid"
        start: Any = keras.initializers.VarianceScaling(2.0, "fan_out")
        x = L.Conv2D(
            filters, size, strides=strides, padding=padding, use_bias=False,
            kernel_initializer=start,
        )(x)  # fmt: skip
        return L.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)

    inputs = keras.Input((32, 32, 3))
    x = L.Normalization(mean=recipe["mean"], variance=recipe["variance"])(inputs)
    hole = L.RandomErasing(0.5, fill_value=0.0, value_range=(-3, 3))
    for layer in (L.ZeroPadding2D(4), L.RandomCrop(32, 32), L.RandomFlip("horizontal"), hole):
        x = layer(x)
    x = L.ReLU()(convolved(x, recipe["filters"][0]))
    for stage, filters in enumerate(recipe["filters"]):
        for strides in (2 if stage else 1, 1):
            y = L.ReLU()(convolved(x, filters, strides=strides))
            y = convolved(y, filters)
            x = convolved(x, filters, 1, strides) if strides > 1 else x
            x = L.ReLU()(L.Add()([x, y]))
    x = L.Dense(10)(L.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, x)


def train(peer: str, folder: str) -> dict[str, Any]:
    """Seconds per step by the clock, and number of weights."""
    del peer
    import keras

    recipe = json.loads((Path(folder) / "recipe.json").read_text())
    with np.load(Path(folder) / "data.npz") as kept:
        x, y = kept["x"], np.eye(10, dtype="float32")[kept["y"]]
    model = network(recipe)
    steps = 15_000  # of the schedule, of which a few are taken
    rate: Any = keras.optimizers.schedules.CosineDecay(
        0.01, steps, warmup_target=0.2, warmup_steps=3000
    )
    model.compile(
        keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-4),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        metrics=["accuracy"],
    )
    batch = recipe["batch"]
    model.fit(x[: 3 * batch], y[: 3 * batch], batch_size=batch, verbose=0)  # to compile it
    begin = time.perf_counter()
    model.fit(x, y, batch_size=batch, verbose=0)
    took = (time.perf_counter() - begin) / -(-len(x) // batch)
    weights = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    return {"seconds": took, "weights": weights}
