"""Save the model as training goes."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from profond.callbacks._batch_counter import BatchCounter
from profond.callbacks._messages import say
from profond.callbacks._monitor import MonitorCallback
from profond.saving import serialize_keras_object


class ModelCheckpoint(MonitorCallback):
    """Save the model, or its weights, at the end of epochs or every some batches.

    A file appears whole or not at all: a training that is killed while saving leaves the earlier
    file in place.

    Args:
        filepath: Where to save, as for `Model.save` (`Model.save_weights` with
            `save_weights_only`). It may hold the fields `{epoch}` (from 1), `{batch}` (from 1,
            with a number as `save_freq`) and the names in the logs, with their formats:
            `"{epoch:02d}-{loss:.2f}.keras"`.
        monitor: Name in the logs of the number that says which model is best.
        verbose: 1 to say what is saved.
        save_best_only: Whether to save only when the number improves.
        save_weights_only: Whether to save the weights alone.
        mode: "min", "max", or "auto": taken from the number's name and the model's metrics.
        save_freq: "epoch", or a number of batches >= 1 (the logs are then means over the part of
            the epoch that is done).
        initial_value_threshold: Value to beat from the start with `save_best_only`.

    Raises:
        ValueError: If `save_freq` is neither, or the file's name does not end as it must: in
            ".keras", with `save_weights_only` in ".safetensors" (or ".weights.h5"); at the end of
            the first epoch, if `mode="auto"` does not say whether more or less of `monitor` is
            better.
        TypeError: At the start of the training, if the whole model cannot be described for a file.
        KeyError: While training, if `filepath` has a field that is not in the logs.
        OSError: While training, if the file cannot be written.
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._counter = BatchCounter(save_freq, "ModelCheckpoint")
        self._epoch = 0
        _check_kind(self.filepath, save_weights_only)

    def on_train_begin(self, logs: Any = None) -> None:
        """Refuse a whole model that cannot be saved, before an epoch is spent on it."""
        # The configuration of a model that is not built may lack what its `build` will make.
        if not self.save_weights_only and getattr(self.model, "built", False):
            with warnings.catch_warnings(action="ignore"):  # saving itself will say them
                serialize_keras_object(self.model)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Remember the epoch for the file's name."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Save when `save_freq` batches have passed."""
        if self._counter.due(batch):
            self._save(self._epoch, batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Save when `save_freq` is "epoch"; an epoch cut short is not compared with the best."""
        if not self._is_cut_short:
            self._find_direction(logs)
        if self.save_freq == "epoch" and not (self.save_best_only and self._is_cut_short):
            self._save(epoch, None, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: Mapping[str, Any]) -> None:
        path = self._path(epoch, batch, logs)
        if not self._wanted(epoch, logs, path):
            return
        if os.path.isdir(path) and Path(path).suffix:
            raise IsADirectoryError(
                f"ModelCheckpoint: `filepath` must name a file; {path!r} is a folder."
            )
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        if self.verbose > 0:
            say(f"\nEpoch {epoch + 1}: finished saving model to {path}")

    def _wanted(self, epoch: int, logs: Mapping[str, Any], path: str) -> bool:
        start = f"\nEpoch {epoch + 1}: "
        if not self.save_best_only:
            self._say(f"{start}saving model to {path}")
            return True
        current = logs.get(self.monitor)
        if current is None or np.ndim(current) > 0:
            warnings.warn(
                f"ModelCheckpoint(save_best_only=True) needs one number {self.monitor!r} in the "
                f"logs: the model is saved each time. Available: {', '.join(logs) or 'nothing'}.",
                stacklevel=4,
            )
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(current, self.best):
            self._say(f"{start}{self.monitor} did not improve from {best}")
            return False
        self._say(
            f"{start}{self.monitor} improved from {best} to {current:.5f}, saving model to {path}"
        )
        self.best = current
        return True

    def _path(self, epoch: int, batch: int | None, logs: Mapping[str, Any]) -> str:
        fields = {"epoch": epoch + 1, **logs}
        if batch is not None:
            fields.setdefault("batch", batch + 1)
        try:
            return self.filepath.format(**fields)
        except KeyError as error:
            raise KeyError(
                f"ModelCheckpoint: `filepath`={self.filepath!r} has the field {error}, which is "
                f"not in the logs. Available: {', '.join(fields)}."
            ) from error

    def _say(self, message: str) -> None:
        if self.verbose > 0:
            say(message)

    def state_dict(self) -> dict[str, Any]:
        """The best value so far and the count of batches."""
        return {"best": self.best, "counter": self._counter.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with the interrupted run's best value and count."""
        self.best = state["best"]
        self._counter.load_state_dict(state["counter"])


def _check_kind(filepath: str, weights_only: bool) -> None:
    """Refuse a name that `Model.save`, or `Model.save_weights`, would refuse after an epoch."""
    is_weights = filepath.endswith((".weights.h5", ".safetensors"))
    if weights_only and not is_weights:
        raise ValueError(
            "ModelCheckpoint: with `save_weights_only=True`, `filepath` must end in '.safetensors' "
            f"or '.weights.h5'; received {filepath!r}."
        )
    if is_weights and not weights_only:
        raise ValueError(
            f"ModelCheckpoint: {filepath!r} is the name of a weights file: pass "
            "`save_weights_only=True`, or name a whole model ('.keras')."
        )
    if not weights_only and not filepath.endswith(".keras"):
        raise ValueError(
            f"ModelCheckpoint: `filepath` must end in '.keras'; received {filepath!r}. For weights "
            "alone, pass `save_weights_only=True` and a name that ends in '.weights.safetensors'."
        )
