"""The base class of callbacks: every hook, empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Callback:
    """Base class of objects that act during `fit`, `evaluate` and `predict`.

    A subclass overrides the hooks that it needs. In the order of a `fit`:
    `on_train_begin`; for each epoch `on_epoch_begin`, for each batch `on_train_batch_begin` and
    `on_train_batch_end`, with validation data `on_test_begin`, its batches and `on_test_end`, then
    `on_epoch_end`; and `on_train_end`. `evaluate` calls the `on_test_*` hooks, `predict` the
    `on_predict_*` hooks.

    `logs` maps names ("loss", "accuracy", "val_loss", ...) to numbers. In batch hooks it
    holds the mean over the epoch so far, which is read from the device for those who override
    the hook; what
    `on_epoch_end` puts into it is seen by the callbacks that follow and kept in the History.

    Attributes:
        model: The model that is being trained, evaluated or used.
        params: What `fit` was asked for: `verbose`, `epochs`, `steps`.
    """

    def __init__(self) -> None:
        self.params: dict[str, Any] | None = None
        self._model: Any = None

    @property
    def model(self) -> Any:
        """The model that this callback acts on."""
        return self._model

    def set_params(self, params: dict[str, Any]) -> None:
        """Take the parameters of the run: `verbose`, `epochs` and `steps`."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Take the model that the next hooks are about."""
        self._model = model

    # Training

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Act before the first epoch."""

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Act after the last epoch; `logs` are the last epoch's."""

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Act before epoch `epoch`, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Act after epoch `epoch` and its validation (names starting with "val_" in `logs`)."""

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Act before training on batch `batch` of the epoch, counted from 0."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Act after training on batch `batch`; with `steps_per_execution=n` every n batches."""
        self.on_batch_end(batch, logs=logs)

    def on_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Another name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Another name of `on_train_batch_end`."""

    # Evaluation, validation included

    def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Act before an evaluation or a validation."""

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Act after an evaluation or a validation; `logs` are its results."""

    def on_test_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Act before evaluating batch `batch`, counted from 0."""

    def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Act after evaluating batch `batch`; `logs` are the means so far."""

    # Prediction

    def on_predict_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Act before a prediction."""

    def on_predict_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Act after a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Act before predicting batch `batch`, counted from 0."""

    def on_predict_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Act after predicting batch `batch`; `logs["outputs"]` is what the model gave."""

    # Interrupted and resumed training

    def state_dict(self) -> dict[str, Any]:
        """What this callback must remember to go on after an interruption.

        Returns:
            A dict of JSON values and torch tensors, nested as needed. `BackupAndRestore` keeps it
            and gives it to `load_state_dict` of the resumed run.
        """
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a state given by `state_dict`, after `on_train_begin` of the resumed run."""
