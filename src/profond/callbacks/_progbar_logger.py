"""The progress bar of `fit`, `evaluate` and `predict`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from profond.callbacks._callback import Callback
from profond.callbacks._messages import say
from profond.utils import Progbar


class ProgbarLogger(Callback):
    """Show the progress of each epoch with its loss and metrics.

    How much is shown follows the run's `verbose`: 0 nothing, 1 (and "auto") a bar, 2 a line per
    epoch. Batches' losses are read from the device only when the bar is drawn again, at most every
    `Progbar.interval` seconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.progbar: Progbar | None = None
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self._in_fit = False
        self._next_drawing = 0.0

    def set_params(self, params: dict[str, Any]) -> None:
        """Take `verbose`, `epochs` and `steps` (None: not known before the first epoch's end)."""
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs = params.get("epochs", 1)
        self.target = params.get("steps")

    def on_train_begin(self, logs: Any = None) -> None:
        """From here on validations are silent: their results come with the epoch's."""
        self._in_fit = True

    def on_train_end(self, logs: Any = None) -> None:
        """Evaluations are shown again."""
        self._in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin the epoch's bar."""
        self._start()
        if self.verbose and self.epochs > 1:
            say(f"Epoch {epoch + 1}/{self.epochs}")

    def on_test_begin(self, logs: Any = None) -> None:
        """Begin an evaluation's bar."""
        if not self._in_fit:
            self._start()

    def on_predict_begin(self, logs: Any = None) -> None:
        """Begin a prediction's bar."""
        self._start()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Move the bar."""
        self._move(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Move an evaluation's bar."""
        if not self._in_fit:
            self._move(batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Move a prediction's bar; it shows no values."""
        self._move(batch, None)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """End the epoch's bar with the epoch's results."""
        self._finish(logs)

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """End an evaluation's bar with its results."""
        if not self._in_fit:
            self._finish(logs)

    def on_predict_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """End a prediction's bar."""
        self._finish(None)

    def _start(self) -> Progbar:
        self.seen = 0
        self._next_drawing = 0.0
        self.progbar = Progbar(
            target=self.target, verbose=self.verbose, unit_name="step", stateless_metrics=[]
        )
        return self.progbar

    def _move(self, batch: int, logs: Mapping[str, Any] | None) -> None:
        if self.verbose == 1 and time.monotonic() >= self._next_drawing:
            bar = self.progbar or self._start()
            bar.update(batch + 1, list((logs or {}).items()), finalize=False)
            self._next_drawing = time.monotonic() + bar.interval
        self.seen = batch + 1

    def _finish(self, logs: Mapping[str, Any] | None) -> None:
        bar = self.progbar or self._start()
        if self.target is None:
            self.target = bar.target = self.seen
        bar.update(self.target, list((logs or {}).items()), finalize=True)
