"""A model without a network, and a training without data, to drive callbacks with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from profond._weight import Weight


class StubModel:
    """What callbacks use of a model: weights, an optimizer, saving, and a flag to stop."""

    def __init__(self, learning_rate: float = 0.5, metrics: tuple[Any, ...] = ()) -> None:
        self.weights = [Weight(torch.zeros(2), name="w")]
        self.optimizer = SimpleNamespace(learning_rate=learning_rate, iterations=0)
        self.metrics = list(metrics)
        self.layers: list[Any] = []
        self.stop_training = False
        self.saved: list[tuple[str, str]] = []

    def get_weights(self) -> list[np.ndarray]:
        return [w.numpy().copy() for w in self.weights]

    def set_weights(self, values: list[np.ndarray]) -> None:
        for weight, value in zip(self.weights, values, strict=True):
            weight.assign(value)

    def save(self, path: Any, overwrite: bool = True) -> None:
        assert overwrite
        self.saved.append(("model", str(path)))

    def save_weights(self, path: Any, overwrite: bool = True) -> None:
        assert overwrite
        self.saved.append(("weights", str(path)))

    def to_json(self) -> str:
        return "{}"


def drive(callback: Any, epochs: list[dict[str, float]], model: StubModel, steps: int = 0) -> dict:
    """Call a callback's hooks as `fit` would, over epochs with these logs.

    The weights are the epoch's number, from 1, while it lasts.

    Returns:
        What can be seen from outside: how many epochs ran, the weights, the learning rates.
    """
    rates, logs_after = [], []
    callback.set_model(model)
    callback.set_params({"epochs": len(epochs), "steps": steps, "verbose": 0})
    callback.on_train_begin()
    for epoch, logs in enumerate(epochs):
        callback.on_epoch_begin(epoch)
        rates.append(model.optimizer.learning_rate)
        for batch in range(steps):
            callback.on_train_batch_begin(batch)
            callback.on_train_batch_end(batch, logs=dict(logs))
        model.weights[0].assign(torch.full((2,), epoch + 1.0))
        logs = dict(logs)
        callback.on_epoch_end(epoch, logs)
        logs_after.append(logs)
        if model.stop_training:
            break
    callback.on_train_end()
    return {
        "epochs": len(rates),
        "weight": float(model.weights[0].numpy()[0]),
        "rates": rates,
        "last_rate": model.optimizer.learning_rate,
        "logs": logs_after,
    }
