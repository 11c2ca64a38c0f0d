"""What the callbacks share that watch one number: its direction and what counts as better."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from profond.callbacks._callback import Callback

_MODES = ("auto", "min", "max")


class MonitorCallback(Callback):
    """Base of the callbacks that compare one of the logs with its best value so far.

    A value `v` is better than `r` when `v + min_delta < r` ("min") or `v - min_delta > r` ("max").

    Args:
        monitor: Name in the logs of the number to watch.
        mode: "min", "max", or "auto": taken from the number's name and the model's metrics.
        baseline: Value to beat from the start, or None.
        min_delta: Least change that counts as better; its sign is ignored.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        if mode not in _MODES:
            warnings.warn(
                f"{type(self).__name__}: mode must be one of {', '.join(_MODES)}; "
                f"received {mode!r}, going on with 'auto'.",
                stacklevel=3,
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best: Any = baseline
        self.min_delta = abs(min_delta)
        # Found at the first comparison: the model's metrics are not built before.
        self.monitor_op: Callable[[Any, Any], Any] | None = None

    @property
    def _is_cut_short(self) -> bool:
        """Whether Ctrl-C ended the epoch before its time, so that its numbers say little."""
        return getattr(self.model, "_interrupted", False)

    def _find_direction(self, logs: Mapping[str, Any] | None = None) -> None:
        """Find out what is better, at the end of the first epoch, also where nothing is compared.

        Raises:
            ValueError: If `mode="auto"` does not say it: often the name is a wrong one.
        """
        if self.monitor_op is None:
            self.monitor_op = self._direction(logs or {})

    def _is_improvement(self, value: Any, reference: Any) -> bool:
        """Whether `value` is better than `reference`, by more than `min_delta`."""
        self._find_direction()
        assert self.monitor_op is not None
        if reference is None:
            return True
        margin = -self.min_delta if self.monitor_op is operator.lt else self.min_delta
        return bool(self.monitor_op(value - margin, reference))

    def _direction(self, logs: Mapping[str, Any]) -> Callable[[Any, Any], Any]:
        if self.mode != "auto":
            return operator.lt if self.mode == "min" else operator.gt
        name = self.monitor.removeprefix("val_")
        if name == "loss" or name.endswith("_loss"):
            return operator.lt
        for metric in _metrics(self.model):
            # With several outputs the logs' name starts with the output's.
            if name == metric.name or name.endswith(f"_{metric.name}"):
                direction = getattr(metric, "_direction", None)
                if direction is not None:
                    return operator.gt if direction == "up" else operator.lt
        raise ValueError(
            f"{type(self).__name__}(monitor={self.monitor!r}): cannot tell whether this number "
            "should rise or fall. Pass mode='max' if higher is better, mode='min' if lower is."
            + (f" The logs have: {', '.join(logs)}." if logs else "")
        )


def _metrics(model: Any) -> Iterator[Any]:
    """The model's metrics, those inside containers of metrics too."""
    for metric in getattr(model, "metrics", None) or ():
        yield metric
        yield from getattr(metric, "metrics", None) or ()
