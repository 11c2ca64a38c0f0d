"""Smaller steps from the best weights each time nothing improves any more, then the end."""

from __future__ import annotations

from typing import Any

import torch

from profond.callbacks._kept_weights import copies_of, put_back
from profond.callbacks._messages import say
from profond.callbacks._monitor import MonitorCallback


class AnnealOnPlateau(MonitorCallback):
    """Go back to the best weights with a smaller step size when a number stands still.

    When `monitor` has not improved for `patience` epochs, the best weights so far are put back
    and the learning rate is multiplied by `factor`. The next time after `drops` such steps, the
    training stops. At its end the model has the best weights.

    `ReduceLROnPlateau` and `EarlyStopping` together do nearly the same; going back to the best
    weights spares the small steps the way out of what the large ones did last. Not in Keras.

    Args:
        monitor: Name in the logs of the number to watch.
        factor: New rate over old rate, in (0, 1).
        patience: Epochs without improvement to wait for, >= 1.
        drops: How often the rate is made smaller, >= 0.
        mode: "min", "max", or "auto": taken from the number's name and the model's metrics.
        min_delta: Least change that counts as an improvement, >= 0.
        verbose: 1 to say what is done.

    Attributes:
        best: The best value so far.
        best_epoch: Its epoch, from 0.

    Raises:
        ValueError: If `factor`, `patience` or `drops` is out of range; at the end of the first
            epoch, if `mode="auto"` does not say whether more or less of `monitor` is better, or
            the logs do not have it.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        *,
        factor: float = 0.3,
        patience: int = 8,
        drops: int = 3,
        mode: str = "auto",
        min_delta: float = 0.0,
        verbose: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        for name, value, holds, due in (
            ("factor", factor, 0 < factor < 1, "above 0 and below 1"),
            ("patience", patience, patience >= 1, "at least 1"),
            ("drops", drops, drops >= 0, "at least 0"),
        ):
            if not holds:
                raise ValueError(f"AnnealOnPlateau: `{name}` must be {due}; received {value!r}.")
        self.factor = factor
        self.patience = patience
        self.drops = drops
        self.verbose = verbose
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.best_epoch = 0
        self.wait = 0
        self.dropped = 0
        self._best_weights: list[torch.Tensor] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget an earlier run."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Compare the epoch with the best one; step down, or stop, when patience is exceeded."""
        if self._is_cut_short:
            return
        logs = {} if logs is None else logs
        self._find_direction(logs)
        if self.monitor not in logs:
            raise ValueError(
                f"AnnealOnPlateau watches {self.monitor!r}, which is not in the logs. They have: "
                f"{', '.join(logs) or 'nothing'}."
            )
        current = logs[self.monitor]
        if self._best_weights is None or self._is_improvement(current, self.best):
            self.best, self.best_epoch, self.wait = current, epoch, 0
            self._best_weights = copies_of(self.model.weights)
            return
        self.wait += 1
        if self.wait < self.patience:
            return
        if self.dropped == self.drops:
            self.model.stop_training = True
            self._say(epoch, "the training ends with")
            return
        self.wait = 0
        self.dropped += 1
        self._restore()
        optimizer = self.model.optimizer
        optimizer.learning_rate = float(optimizer.learning_rate) * self.factor
        self._say(epoch, f"learning rate {float(optimizer.learning_rate):g} from")

    def on_train_end(self, logs: Any = None) -> None:
        """Put the best weights back."""
        self._restore()

    def _restore(self) -> None:
        if self._best_weights is not None:
            put_back(self.model.weights, self._best_weights)

    def _say(self, epoch: int, what: str) -> None:
        if self.verbose > 0:
            say(f"\nEpoch {epoch + 1}: {what} the best weights, of epoch {self.best_epoch + 1}.")

    def state_dict(self) -> dict[str, Any]:
        """The waiting, the steps down, the best value and the best weights."""
        return {
            "wait": self.wait,
            "dropped": self.dropped,
            "best_epoch": self.best_epoch,
            "best": self.best,
            "best_weights": self._best_weights,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where the interrupted run was."""
        self.wait = state["wait"]
        self.dropped = state["dropped"]
        self.best_epoch = state["best_epoch"]
        self.best = state["best"]
        self._best_weights = state["best_weights"]
