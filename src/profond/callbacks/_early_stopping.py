"""Stop when nothing improves any more."""

from __future__ import annotations

import warnings
from typing import Any

import torch

from profond.callbacks._kept_weights import copies_of, put_back
from profond.callbacks._messages import say
from profond.callbacks._monitor import MonitorCallback


class EarlyStopping(MonitorCallback):
    """Stop training when a number has not improved for `patience` epochs (notes 5.1).

    Args:
        monitor: Name in the logs of the number to watch.
        min_delta: Least change that counts as an improvement, >= 0.
        patience: Epochs without improvement to wait for, >= 0.
        verbose: 1 to say when training was stopped and what was restored.
        mode: "min", "max", or "auto": taken from the number's name and the model's metrics.
        baseline: Value that must be beaten for the waiting to start again.
        restore_best_weights: Whether the model ends with the weights of its best epoch instead
            of the last; the best epoch is restored even if it did not beat `baseline`.
        start_from_epoch: Number of first epochs that are not looked at.

    Raises:
        ValueError: At the end of the first epoch, if `mode="auto"` does not say whether more or
            less of `monitor` is better.

    Attributes:
        stopped_epoch: The epoch (from 0) at whose end training was stopped; 0 if it was not.
        best_epoch: The epoch (from 0) of the best value.
        best: The best value.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best_epoch = 0
        self.best = None
        self.best_weights: list[torch.Tensor] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget an earlier run."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Compare the epoch with the best one; ask to stop when patience is exceeded."""
        if self._is_cut_short:
            return
        self._find_direction(logs)
        current = self._current(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.best_weights is None:
            # The first epoch is the best so far, even one whose value is NaN.
            self._keep(epoch)
        self.wait += 1
        if self._is_improvement(current, self.best):
            if self.best is not None:
                self._keep(epoch)
            self.best, self.best_epoch = current, epoch
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        """Restore the best weights if this was asked for."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                say(
                    "Restoring model weights from the end of the best epoch: "
                    f"{self.best_epoch + 1}."
                )
            put_back(self.model.weights, self.best_weights)

    def _current(self, logs: dict[str, Any] | None) -> Any:
        logs = logs or {}
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(
                f"EarlyStopping watches {self.monitor!r}, which is not in the logs: it has no "
                f"effect. Available: {', '.join(logs) or 'nothing'}.",
                stacklevel=3,
            )
        return current

    def _keep(self, epoch: int) -> None:
        """Copy the weights, on their device."""
        if self.restore_best_weights:
            self.best_epoch = epoch
            self.best_weights = copies_of(self.model.weights)

    def state_dict(self) -> dict[str, Any]:
        """The waiting, the best value and the best weights."""
        return {
            "wait": self.wait,
            "stopped_epoch": self.stopped_epoch,
            "best_epoch": self.best_epoch,
            "best": self.best,
            "best_weights": self.best_weights,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on waiting where the interrupted run was."""
        self.wait = state["wait"]
        self.stopped_epoch = state["stopped_epoch"]
        self.best_epoch = state["best_epoch"]
        self.best = state["best"]
        self.best_weights = state["best_weights"]
