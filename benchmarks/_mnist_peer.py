"""LeNet-5 on MNIST in Keras, by its own means; run in `.venv-peers`.

A folder holds `recipe.json` and `data.npz`, images from 0 to 1 and labels.
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np


def train(peer: str, folder: str) -> dict[str, Any]:
    """Processor seconds of each epoch, and the accuracy on the test part after it."""
    del peer
    import keras

    recipe = json.loads((Path(folder) / "recipe.json").read_text())
    with np.load(Path(folder) / "data.npz") as kept:
        data = dict(kept)
    keras.utils.set_random_seed(recipe["seed"])
    L = keras.layers  # noqa: N806 - as in Keras's own examples
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            L.Conv2D(6, 5, padding="same", activation="relu"),
            L.MaxPooling2D(2),
            L.Conv2D(16, 5, activation="relu"),
            L.MaxPooling2D(2),
            L.Flatten(),
            L.Dense(120, activation="relu"),
            L.Dense(84, activation="relu"),
            L.Dense(10),
        ]
    )
    steps = recipe["epochs"] * -(-len(data["x"]) // recipe["batch_size"])
    model.compile(
        optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(recipe["rate"], steps)
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    seconds, accuracies = [], []
    for epoch in range(recipe["epochs"]):
        begin = time.process_time()
        model.fit(
            data["x"], data["y"], batch_size=recipe["batch_size"], epochs=epoch + 1,
            initial_epoch=epoch, verbose=0,
        )  # fmt: skip
        seconds.append(time.process_time() - begin)
        logits = model.predict(data["x_test"], batch_size=1000, verbose=0)
        accuracies.append(float((np.asarray(logits).argmax(1) == data["y_test"]).mean()))
    return {"seconds": sum(seconds), "epoch_seconds": seconds, "accuracies": accuracies}
