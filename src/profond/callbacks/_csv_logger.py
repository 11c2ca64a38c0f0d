"""The results of each epoch as a line of a CSV file."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import Any

import numpy as np

from profond._files import naming_target
from profond.callbacks._callback import Callback


class CSVLogger(Callback):
    """Write the logs of each epoch as a line of a CSV file, at the epoch's end.

    The columns are "epoch" (from 0) and the names of the first epoch's logs in alphabetical order,
    followed by their "val_" counterparts when none is there yet ("NA" where a value is missing).

    Args:
        filename: Path of the file; its folder must exist.
        separator: What stands between two columns.
        append: Whether lines are added to an existing file instead of replacing it.

    Raises:
        OSError: While training, if the file cannot be written.
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        super().__init__()
        self.sep = separator
        self.filename = os.fspath(filename)
        self.append = append
        self.keys: list[str] | None = None
        self._end: int | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Start the columns again, and see now whether the file can be written."""
        self.keys = None
        self._end = None
        is_new = not os.path.exists(self.filename)
        with open(self.filename, "a", encoding="utf-8"):
            # An earlier file is replaced at the first epoch's end, when there is something to say.
            pass
        if is_new:
            os.remove(self.filename)  # a training that fails at once leaves no empty file

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the epoch's line; it is in the file when this returns."""
        logs = logs or {}
        if self.keys is None:
            self.keys = _columns(logs)
        # Binary offsets are only meaningful without newline translation.
        outcome = f"the line of epoch {epoch} may be missing"
        with (
            naming_target(self.filename, outcome),
            open(self.filename, self._mode(), newline="", encoding="utf-8") as file,
        ):
            file.seek(0, os.SEEK_END)
            if self._end is not None and self._end < file.tell():
                file.truncate(self._end)  # lines of epochs that a resumed run does again
                file.seek(self._end)
            writer = csv.DictWriter(file, ["epoch", *self.keys], delimiter=self.sep)
            if file.tell() == 0:
                writer.writeheader()
            values = {key: _cell(logs.get(key, "NA")) for key in self.keys}
            writer.writerow({"epoch": epoch, **values})
            self._end = file.tell()

    def _mode(self) -> str:
        going_on = self.append or self._end is not None
        if not going_on:
            return "w"
        return "r+" if os.path.exists(self.filename) else "w"

    def state_dict(self) -> dict[str, Any]:
        """The columns and where the file ends."""
        return {"keys": self.keys, "end": self._end}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on after the last line that belongs to the resumed run's past."""
        self.keys = state["keys"]
        self._end = state["end"]


def _columns(logs: dict[str, Any]) -> list[str]:
    names = sorted(logs)
    if any(name.startswith("val_") for name in names):
        return names
    return names + [f"val_{name}" for name in names]


def _cell(value: Any) -> Any:
    if isinstance(value, str) or np.ndim(value) == 0:
        return value
    if isinstance(value, Iterable):
        return f'"[{", ".join(map(str, value))}]"'
    return value
