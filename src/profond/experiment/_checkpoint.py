"""The network that is being trained, kept on disk every few seconds."""

import os
import shutil
import time
from collections.abc import Callable
from typing import Any

from profond.callbacks import BackupAndRestore, Callback

EVERY = 10.0  # seconds from one checkpoint to the next, at least
TIMES = 100  # of what the last one took: a large network's is not to hold up its training


class Checkpoint(BackupAndRestore):
    """Keeps the state of a training at the end of an epoch, but not of every short one.

    A checkpoint that cannot be written or read does not end the training: it is made again from
    the seed, with the same result. The last one stays when the training is over, until the
    network itself is kept.

    Args:
        folder: Folder of the checkpoint.
        failed: Told of an error of the disk, or of a checkpoint that cannot be used.
    """

    within_passes = False  # an epoch is a whole pass over a table's rows
    # Not the inherited one: a hook of batches would be called at every step.
    on_train_batch_end = Callback.on_train_batch_end

    def __init__(
        self, folder: str | os.PathLike[str], *, failed: Callable[[str, Exception], None]
    ) -> None:
        super().__init__(folder, delete_checkpoint=False)
        self._failed = failed
        self._due = 0.0

    def on_train_begin(self, logs: Any = None) -> None:
        """Take up the checkpoint, if there is one that can be used."""
        try:
            super().on_train_begin(logs)
        except (OSError, ValueError) as error:
            shutil.rmtree(self.backup_dir, ignore_errors=True)
            self._failed("a checkpoint cannot be used, and its network is trained again", error)
        self._due = time.monotonic() + EVERY

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the state if the last one is some seconds old."""
        began = time.monotonic()
        if began < self._due:
            return
        try:
            super().on_epoch_end(epoch, logs)
        except OSError as error:
            self._failed("a checkpoint cannot be written", error)
        now = time.monotonic()
        self._due = now + max(EVERY, TIMES * (now - began))


class Clock(Callback):
    """How long a training took, before an interruption too.

    Attributes:
        before: Seconds before this process took it up.
    """

    def __init__(self) -> None:
        super().__init__()
        self.before = 0.0
        self._began = time.perf_counter()
        self._took: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds of training so far, in all processes."""
        now = time.perf_counter() - self._began if self._took is None else self._took
        return self.before + now

    def on_train_begin(self, logs: Any = None) -> None:
        """Start."""
        self._began, self._took = time.perf_counter(), None

    def on_train_end(self, logs: Any = None) -> None:
        """Stop."""
        self._took = time.perf_counter() - self._began

    def state_dict(self) -> dict[str, Any]:
        """The seconds so far."""
        return {"seconds": self.seconds}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on counting."""
        self.before = float(state["seconds"])
