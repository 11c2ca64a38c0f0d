"""The record of a training that `fit` returns."""

from __future__ import annotations

from typing import Any

from profond.callbacks._callback import Callback


class History(Callback):
    """Keep the results of every epoch; `fit` adds one by itself and returns it.

    Attributes:
        history: Maps each name in the logs to its values, one per epoch.
        epoch: The epochs' numbers, from 0.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Start the list of epochs again; `history` goes on."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the epoch's logs."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self

    def state_dict(self) -> dict[str, Any]:
        """The record so far."""
        return {
            "epoch": list(self.epoch),
            "history": {name: list(values) for name, values in self.history.items()},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Put the record of the interrupted run in place of this one."""
        self.epoch = list(state["epoch"])
        self.history = {name: list(values) for name, values in state["history"].items()}
