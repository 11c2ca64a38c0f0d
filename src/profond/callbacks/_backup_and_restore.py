"""Go on after an interruption as if there had been none."""

from __future__ import annotations

import os
import shutil
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from profond._files import remove_unfinished
from profond.callbacks._batch_counter import BatchCounter
from profond.callbacks._callback import Callback
from profond.training.checkpoint import check_state, put_back, read_state, save_state


class BackupAndRestore(Callback):
    """Keep the state of the training on disk and take it up again after an interruption.

    The backup holds the weights, the optimizer, every random generator and the state of all
    callbacks, the History's record included. When `fit` is called again with the same arguments
    after a crash, a kill or Ctrl-C, it goes on from the backup and, with data in memory, ends with
    the same weights, bit for bit, as an uninterrupted run. (Keras restores weights, optimizer and
    epoch only; its History starts again. Here `fit` returns one with all epochs, those before the
    interruption included.) A backup appears whole or not at all.

    Args:
        backup_dir: Folder of the backup, made when needed. One folder per training.
        save_freq: "epoch", or a number of batches >= 1.
        double_checkpoint: Whether to keep the backup before the last one too, and to fall back on
            it when the last one is damaged.
        delete_checkpoint: Whether to delete the backup when the training is complete.

    Raises:
        ValueError: If `backup_dir` is empty or `save_freq` is neither; at the start of a training,
            if the backup was made by another one (other data, arguments, model or optimizer).
        OSError: While training, if the backup cannot be written, or at its start, if it is damaged.
    """

    # Whether a backup may be made within a pass over the data, whose order is then kept too.
    within_passes = True

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not os.fspath(backup_dir):
            raise ValueError("BackupAndRestore: `backup_dir` must name a folder; received ''.")
        self.backup_dir = Path(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._counter = BatchCounter(save_freq, "BackupAndRestore")
        self._latest = self.backup_dir / "latest"
        self._previous = self.backup_dir / "previous"
        self._epoch = 0
        self._due_at_epoch_end = False
        # The state that was taken up, until the epoch begins in whose middle it was made.
        self._begun: dict[str, Any] | None = None
        self._watched: Sequence[Callback] = ()

    def watch(self, callbacks: Sequence[Callback]) -> None:
        """Back up the state of these callbacks too; `CallbackList` calls it."""
        self._watched = callbacks

    def on_train_begin(self, logs: Any = None) -> None:
        """Take up the backup, if there is one."""
        self._epoch = 0
        self._due_at_epoch_end = False
        self._tidy()
        self._begun = None
        state = self._load()
        if state is None:
            return
        extra = state["extra"]
        self._warn_of_missing(extra["callbacks"])
        self._put_back(state)
        if extra["batch"]:
            self._begun = state
        self.model._initial_epoch = extra["epoch"]
        self.model._initial_batch = extra["batch"]
        if extra["stopped"]:
            # The training was over: nothing is left to do but its end.
            self.model.stop_training = True
            self.model._initial_epoch = (self.params or {}).get("epochs", extra["epoch"])

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Undo what other callbacks did a second time at the beginning of a resumed epoch."""
        state, self._begun = self._begun, None
        if state is not None:
            self._put_back(state, position=False)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Back up when `save_freq` is "epoch"; not an epoch that Ctrl-C cut short."""
        if getattr(self.model, "_interrupted", False):
            return
        self._epoch = epoch + 1
        if self.save_freq == "epoch" or self._due_at_epoch_end:
            self._due_at_epoch_end = False
            self._save(batch=0)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Back up when `save_freq` batches have passed; after the last of an epoch, at its end."""
        if not self._counter.due(batch):
            return
        if batch + 1 == (self.params or {}).get("steps"):
            self._due_at_epoch_end = True
        else:
            self._save(batch=batch + 1)

    def on_train_end(self, logs: Any = None) -> None:
        """Delete the backup if the training is complete."""
        self._tidy()
        if self.delete_checkpoint and self._is_complete():
            for path in (self._latest, self._previous):
                _remove(path)
            if self.backup_dir.is_dir() and not any(self.backup_dir.iterdir()):
                self.backup_dir.rmdir()

    def _is_complete(self) -> bool:
        """Whether all epochs are done or a callback stopped the training; not after Ctrl-C."""
        if getattr(self.model, "_interrupted", False):
            return False
        epochs = (self.params or {}).get("epochs")
        return epochs is None or self._epoch >= epochs or self.model.stop_training

    def _save(self, batch: int) -> None:
        self.backup_dir.mkdir(parents=True, exist_ok=True)
        extra = {
            "epoch": self._epoch,
            "batch": batch,
            "stopped": bool(self.model.stop_training),
            "counter": self._counter.state_dict(),
            "callbacks": self._collect(),
        }
        if self.double_checkpoint and self._latest.exists():
            _remove(self._previous)
            self._latest.rename(self._previous)
        save_state(self._latest, self.model, extra)

    def _load(self) -> dict[str, Any] | None:
        """The kept state, which fits the model and the arguments; None if there is no backup."""
        paths = [path for path in (self._latest, self._previous) if path.exists()]
        for path in paths:
            try:
                state = read_state(path)
            except OSError as error:
                if path is paths[-1]:
                    raise
                warnings.warn(
                    f"BackupAndRestore: the last backup is damaged ({error}); "
                    "going on from the one before.",
                    stacklevel=2,
                )
            else:
                what = f"BackupAndRestore: the backup in {str(self.backup_dir)!r}"
                check_state(state, self.model, what)
                return state
        return None

    def _put_back(self, state: dict[str, Any], position: bool = True) -> None:
        """Make everything what it was at the backup."""
        put_back(state, self.model, position)
        extra = state["extra"]
        self._epoch = extra["epoch"]
        self._counter.load_state_dict(extra["counter"])
        self._hand_out(extra["callbacks"])

    def _tidy(self) -> None:
        """Remove what a process left that was killed while it wrote."""
        for path in (self._latest, self._previous):
            remove_unfinished(path)

    def _collect(self) -> list[dict[str, Any]]:
        return [
            {"key": key, "state": callback.state_dict()}
            for key, callback in _keyed(self._watched)
            if callback is not self and hasattr(callback, "state_dict")
        ]

    def _hand_out(self, kept: list[dict[str, Any]]) -> None:
        callbacks = dict(_keyed(self._watched))
        for entry in kept:
            if entry["key"] in callbacks:
                callbacks[entry["key"]].load_state_dict(entry["state"])

    def _warn_of_missing(self, kept: list[dict[str, Any]]) -> None:
        callbacks = dict(_keyed(self._watched))
        for entry in kept:
            if entry["state"] and entry["key"] not in callbacks:
                warnings.warn(
                    f"BackupAndRestore: the interrupted training had the callback {entry['key']}, "
                    "which this one has not; its state is dropped.",
                    stacklevel=3,
                )


def _keyed(callbacks: Sequence[Callback]) -> list[tuple[str, Callback]]:
    """Each callback with its class's name, numbered within the class."""
    seen: Counter[str] = Counter()
    keyed = []
    for callback in callbacks:
        name = type(callback).__name__
        keyed.append((f"{name}-{seen[name]}", callback))
        seen[name] += 1
    return keyed


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
