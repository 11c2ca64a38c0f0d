"""The network of a recipe in Keras and in skorch, each by its own means; run in `.venv-peers`.

A folder holds `recipe.json` and `data.npz` (encoded columns and targets of the rows to learn from,
to validate on and to test on); what the peer says of the test rows goes to `outputs.npy`.
"""

import json
import math
import os
import time
from pathlib import Path
from typing import Any

import numpy as np


def train(peer: str, folder: str) -> dict[str, Any]:
    """Train as the estimators do; seconds without imports, and those of the median epoch."""
    recipe, data = _read(folder)
    run = _train_skorch if peer == "skorch" else _train_keras
    outputs, times = run(recipe, data)  # the times when it began, and at the end of each epoch
    np.save(Path(folder) / "outputs.npy", outputs)
    return {
        "seconds": times[-1] - times[0],
        "epochs": len(times) - 1,
        "epoch_seconds": float(np.median(np.diff(times))),
    }


def steps(peer: str, folder: str, epochs: str) -> float:
    """Seconds of so many epochs of Keras's `fit`, after one that is not counted."""
    del peer
    recipe, data = _read(folder)
    model = keras_model(recipe)
    options: dict[str, Any] = {"batch_size": recipe["batch_size"], "verbose": 0}
    model.fit(data["x"], data["y"], epochs=1, **options)
    start = time.perf_counter()
    model.fit(data["x"], data["y"], epochs=int(epochs), **options)
    return time.perf_counter() - start


def _read(folder: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    recipe = json.loads((Path(folder) / "recipe.json").read_text())
    if os.environ.get("KERAS_BACKEND", "torch") == "torch":
        import torch

        torch.set_num_threads(recipe["threads"])
    with np.load(Path(folder) / "data.npz") as kept:
        return recipe, dict(kept)


class Plateau:
    """From the best weights with a smaller step size when the validation loss stands still.

    Args:
        factor: New step size over the old one.
        patience: Epochs without improvement to wait for.
        drops: How often the step size is made smaller, before the end.
    """

    def __init__(self, factor: float, patience: int, drops: int) -> None:
        self.factor, self.patience, self.drops = factor, patience, drops
        self.best, self.wait, self.kept = math.inf, 0, None

    def look(self, loss: float, weights: Any) -> str:
        """What to do after an epoch: "go on", "step down" or "end"; `weights()` copies them."""
        if loss < self.best:
            self.best, self.wait, self.kept = loss, 0, weights()
            return "go on"
        self.wait += 1
        if self.wait < self.patience:
            return "go on"
        if not self.drops:
            return "end"
        self.wait, self.drops = 0, self.drops - 1
        return "step down"


def keras_model(recipe: dict[str, Any]) -> Any:
    """The network, compiled, in real Keras."""
    import keras
    from keras import layers, ops

    class TableVectors(layers.Layer):
        """Numbers to waves and a shared dense layer, codes to vectors, the others as they are."""

        def build(self, input_shape: Any) -> None:
            del input_shape
            numbers, waves = recipe["numbers"], 2 * recipe["frequencies"]
            scale = keras.initializers.RandomNormal(stddev=recipe["frequency_scale"])
            uniform = keras.initializers.RandomUniform(-(waves**-0.5), waves**-0.5)
            neurons = recipe["units"] - 1
            self.frequency = self.add_weight(
                shape=(numbers, waves // 2), initializer=scale, name="frequency"
            )
            self.kernel = self.add_weight(
                shape=(waves, neurons), initializer=uniform, name="kernel"
            )
            self.bias = self.add_weight(shape=(neurons,), initializer=uniform, name="bias")
            edges = np.array(recipe["bin_edges"], "float32")  # (numbers, bins + 1)
            width = edges[:, 1:] - edges[:, :-1]
            self.left = edges[:, :-1]
            self.slope = np.where(width > 0, 1 / np.where(width > 0, width, 1), 0)
            big = np.float32(1e30)  # the outer bins go on
            self.low = np.where(edges[:, :-1] <= edges[:, :1], -big, np.float32(0))
            self.high = np.where(edges[:, 1:] >= edges[:, -1:], big, np.float32(1))
            bins, units = width.shape[1], recipe["bin_units"]
            uniform = keras.initializers.RandomUniform(-(bins**-0.5), bins**-0.5)
            self.bins = self.add_weight(
                shape=(numbers, bins, units), initializer=uniform, name="bins"
            )
            self.bins_bias = self.add_weight(
                shape=(numbers, units), initializer=uniform, name="bins_bias"
            )
            codes = recipe["codes"]
            self.firsts = [sum(codes[:place]) for place in range(len(codes))]
            if codes:
                start = np.random.default_rng(recipe["seed"]).normal(
                    scale=0.5, size=(sum(codes), recipe["code_units"])
                )
                start[self.firsts] = 0.0
                self.embeddings = self.add_weight(
                    shape=start.shape,
                    initializer=lambda shape, dtype=None: ops.convert_to_tensor(start, dtype),
                    name="embeddings",
                )

        def call(self, x: Any) -> Any:
            numbers, plain = recipe["numbers"], recipe["width"] - len(recipe["codes"])
            column = ops.expand_dims(x[:, :numbers], -1)
            angles = column * (2 * math.pi * self.frequency)
            waves = ops.concatenate([ops.cos(angles), ops.sin(angles)], -1)
            vectors = ops.relu(ops.matmul(waves, self.kernel) + self.bias)
            vectors = ops.concatenate([vectors, column], -1)
            parts = [ops.reshape(vectors, (-1, numbers * recipe["units"]))]
            places = (column - self.left) * self.slope.astype("float32")
            places = ops.minimum(ops.maximum(places, self.low), self.high)
            vectors = ops.einsum("bft,ftu->bfu", places, self.bins) + self.bins_bias
            parts.append(ops.reshape(ops.relu(vectors), (-1, numbers * recipe["bin_units"])))
            if plain > numbers:
                parts.append(x[:, numbers:plain])
            if recipe["codes"]:
                places = ops.cast(x[:, plain:], "int32") + np.array(self.firsts, "int32")
                vectors = ops.take(self.embeddings, places, axis=0)
                size = len(recipe["codes"]) * recipe["code_units"]
                parts.append(ops.reshape(vectors, (-1, size)))
            return ops.concatenate(parts, -1)

    keras.utils.set_random_seed(recipe["seed"])
    stack: list[Any] = [keras.Input((recipe["width"],)), TableVectors()]
    for units in recipe["hidden"]:
        stack += [layers.Dense(units, activation="silu"), layers.Dropout(recipe["dropout"])]
    start = np.array(recipe["output_bias"])
    stack.append(
        layers.Dense(
            recipe["outputs"],
            activation=recipe["output_activation"],
            bias_initializer=lambda shape, dtype=None: ops.convert_to_tensor(start, dtype),
        )
    )
    model = keras.Sequential(stack)
    optimizer = keras.optimizers.AdamW(**recipe["optimizer"])
    optimizer.exclude_from_weight_decay(var_names=["bias", "frequency", "embeddings"])
    regression = recipe["loss"] == "mean_squared_error"
    metric = "mean_squared_error" if regression else "accuracy"
    model.compile(optimizer=optimizer, loss=recipe["loss"], metrics=[metric])
    return model


def _train_keras(recipe: dict[str, Any], data: dict[str, np.ndarray]) -> tuple[Any, list[float]]:
    import keras

    class Anneal(keras.callbacks.Callback):
        """The plateau's orders carried out."""

        def __init__(self) -> None:
            super().__init__()
            self.plateau, self.times = Plateau(**recipe["plateau"]), [time.perf_counter()]

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            order = self.plateau.look(logs["val_loss"], self.model.get_weights)
            if order == "step down":
                self.model.set_weights(self.plateau.kept)
                rate = self.model.optimizer.learning_rate
                rate.assign(float(keras.ops.convert_to_numpy(rate)) * self.plateau.factor)
            self.model.stop_training = order == "end"
            self.times.append(time.perf_counter())

        def on_train_end(self, logs: Any = None) -> None:
            self.model.set_weights(self.plateau.kept)

    model, anneal = keras_model(recipe), Anneal()
    model.fit(
        data["x"],
        data["y"],
        validation_data=(data["x_validation"], data["y_validation"]),
        batch_size=recipe["batch_size"],
        epochs=recipe["epochs"],
        callbacks=[anneal],
        verbose=0,
    )
    return model.predict(data["x_test"], batch_size=4096, verbose=0), anneal.times


def _train_skorch(recipe: dict[str, Any], data: dict[str, np.ndarray]) -> tuple[Any, list[float]]:
    import copy

    import torch
    from skorch import NeuralNet
    from skorch.callbacks import Callback
    from skorch.dataset import Dataset
    from skorch.helper import predefined_split

    from benchmarks.hand_written_table import TableNet, loss_of

    class Anneal(Callback):
        """The plateau's orders carried out."""

        def __init__(self) -> None:
            self.plateau, self.times = Plateau(**recipe["plateau"]), [time.perf_counter()]

        def on_epoch_end(self, net: Any, **others: Any) -> None:
            del others
            order = self.plateau.look(
                net.history[-1, "valid_loss"], lambda: copy.deepcopy(net.module_.state_dict())
            )
            if order == "step down":
                net.module_.load_state_dict(self.plateau.kept)
                for group in net.optimizer_.param_groups:
                    group["lr"] *= self.plateau.factor
            self.times.append(time.perf_counter())
            if order == "end":
                raise KeyboardInterrupt  # how skorch is told to stop

        def on_train_end(self, net: Any, **others: Any) -> None:
            del others
            net.module_.load_state_dict(self.plateau.kept)

    torch.manual_seed(recipe["seed"])
    anneal, rates = Anneal(), recipe["optimizer"]
    validation = Dataset(data["x_validation"], data["y_validation"])
    net = NeuralNet(
        TableNet(recipe, torch.nn.Dropout),
        criterion=type(loss_of(recipe)),
        optimizer=torch.optim.AdamW,
        optimizer__param_groups=[
            ("frequency", {"weight_decay": 0.0}),
            ("embeddings*", {"weight_decay": 0.0}),
            ("*bias", {"weight_decay": 0.0}),
        ],
        optimizer__betas=(rates["beta_1"], rates["beta_2"]),
        optimizer__eps=rates["epsilon"],
        optimizer__weight_decay=rates["weight_decay"],
        optimizer__fused=True,
        lr=rates["learning_rate"],
        batch_size=recipe["batch_size"],
        max_epochs=recipe["epochs"],
        train_split=predefined_split(validation),
        iterator_train__shuffle=True,
        iterator_valid__batch_size=4096,
        callbacks=[anneal],
        verbose=0,
    )
    net.fit(data["x"], data["y"])
    net.module_.eval()
    with torch.no_grad():
        sums = net.module_(torch.from_numpy(data["x_test"]))
    if recipe["output_activation"] == "sigmoid":
        sums = sums.sigmoid()
    elif recipe["output_activation"] == "softmax":
        sums = sums.softmax(-1)
    return sums.numpy(), anneal.times
