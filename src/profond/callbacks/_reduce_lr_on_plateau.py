"""Lower the learning rate when nothing improves any more."""

from __future__ import annotations

import warnings
from typing import Any

from profond.callbacks._messages import say
from profond.callbacks._monitor import MonitorCallback


class ReduceLROnPlateau(MonitorCallback):
    """Multiply the learning rate by `factor` when a number has not improved for `patience` epochs.

    The learning rate is added to the logs as "learning_rate".

    Args:
        monitor: Name in the logs of the number to watch.
        factor: New rate over old rate, < 1.
        patience: Epochs without improvement to wait for.
        verbose: 1 to say when the rate changes.
        mode: "min", "max", or "auto": taken from the number's name and the model's metrics.
        min_delta: Least change that counts as an improvement, >= 0.
        cooldown: Epochs after a change during which no waiting is counted.
        min_lr: Rate below which there is no further reduction.

    Raises:
        ValueError: If `factor` is 1 or more; at the end of the first epoch, if `mode="auto"` does
            not say whether more or less of `monitor` is better.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau: `factor` must be below 1; received {factor}.")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget an earlier run."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Compare the epoch with the best one; reduce the rate when patience is exceeded."""
        logs = {} if logs is None else logs
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        if self._is_cut_short:
            return
        self._find_direction(logs)
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(
                f"ReduceLROnPlateau watches {self.monitor!r}, which is not in the logs: it has no "
                f"effect. Available: {', '.join(logs)}.",
                stacklevel=2,
            )
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def _reduce(self, epoch: int) -> bool:
        optimizer = self.model.optimizer
        old = float(optimizer.learning_rate)
        if old <= self.min_lr:
            return False
        new = max(old * self.factor, self.min_lr)
        optimizer.learning_rate = new
        if self.verbose > 0:
            say(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
        return True

    def in_cooldown(self) -> bool:
        """Whether the last reduction is less than `cooldown` epochs old."""
        return self.cooldown_counter > 0

    def state_dict(self) -> dict[str, Any]:
        """The waiting and the best value; the rate itself is the optimizer's."""
        return {"best": self.best, "wait": self.wait, "cooldown_counter": self.cooldown_counter}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on waiting where the interrupted run was."""
        self.best = state["best"]
        self.wait = state["wait"]
        self.cooldown_counter = state["cooldown_counter"]
