"""A learning rate given per epoch by a function."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Callable
from typing import Any

import torch

from profond.callbacks._callback import Callback
from profond.callbacks._messages import say


class LearningRateScheduler(Callback):
    """Set the learning rate at the start of each epoch.

    The learning rate is added to the epoch's logs as "learning_rate".

    Args:
        schedule: Function `(epoch, learning_rate) -> learning_rate`, or `epoch -> learning_rate`;
            epochs count from 0.
        verbose: 1 to say each epoch's rate.

    Raises:
        ValueError: At the start of an epoch, if `schedule` gives no number.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Ask the schedule for the epoch's rate and set it."""
        optimizer = self.model.optimizer
        arguments = (epoch, float(optimizer.learning_rate))
        rate = self.schedule(*arguments[: _arguments_taken(self.schedule)])
        is_scalar_tensor = isinstance(rate, torch.Tensor) and rate.ndim == 0
        is_number = isinstance(rate, numbers.Real) and not isinstance(rate, bool)
        if not (is_number or is_scalar_tensor):
            raise ValueError(
                "LearningRateScheduler: `schedule` must return a number; "
                f"received {rate!r} for epoch {epoch}."
            )
        optimizer.learning_rate = float(rate)
        if self.verbose > 0:
            say(
                f"\nEpoch {epoch + 1}: LearningRateScheduler setting "
                f"learning rate to {float(rate)}."
            )

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the rate to the logs."""
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


def _arguments_taken(schedule: Callable[..., Any]) -> int:
    """2 for a schedule of epoch and rate, 1 for a schedule of the epoch alone."""
    try:
        inspect.signature(schedule).bind(0, 0.0)
    except TypeError:
        return 1
    except ValueError:  # a builtin without a signature
        return 2
    return 2
