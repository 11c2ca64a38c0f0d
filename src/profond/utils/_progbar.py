"""A progress bar: how far, how long, and how well."""

import re
import shutil
import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from profond.utils import _console

_ANSI = re.compile(r"\x1b\[\d*m")
_BOLD, _GREEN, _WHITE, _END = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"

# Where lines cannot be redrawn, the first comes after 2 s, each next after twice the time.
_FIRST_LINE, _LONGEST_WAIT = 2.0, 60.0


class Progbar:
    """A line that shows progress, time and metrics.

    On a terminal and in a notebook it is redrawn in place. In a plain log there is one line at
    the end, and lines in between where it takes longer than two seconds.

        5/5 ━━━━━━━━━━━━━━━━━━━━ 0s 2ms/step - accuracy: 0.9000 - loss: 0.1000

    Args:
        target: Number of steps, None if not known.
        width: Width of the bar in characters.
        verbose: 0 shows nothing, 1 the bar, 2 one line at the end.
        interval: Least time between two redraws, in seconds.
        stateful_metrics: Names of values that are shown as they come; the others are averaged
            over the steps.
        stateless_metrics: Names of values that are averaged; the others are shown as they come.
            Not together with `stateful_metrics`.
        unit_name: What a step is called.

    Raises:
        ValueError: If both `stateful_metrics` and `stateless_metrics` are given.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError(
                "only one of `stateful_metrics` and `stateless_metrics` can be given: all other "
                "values are of the other kind; received both."
            )
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.stateful_metrics = set(stateful_metrics or ()) if stateless_metrics is None else None
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._redraws = _console.redraws()
        self._wait = interval if self._redraws else _FIRST_LINE
        # name -> [weighted sum, weight]; insertion order is display order
        self._values: dict[str, list[Any]] = {}
        self._seen_so_far = 0
        self._start = time.perf_counter()
        self._shown = -np.inf if self._redraws else self._start
        self._after_first_step: float | None = None
        self._drawn_width = 0

    def update(
        self,
        current: int,
        values: Sequence[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Show that `current` steps are done.

        Args:
            current: Number of steps done.
            values: Pairs `(name, value of the last step)`; numbers, arrays or tensors (which are
                read from their device only when they are shown).
            finalize: Whether this is the last update; None decides by `target`.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._take(name, value, max(current - self._seen_so_far, 1), finalize)
        self._seen_so_far = current
        now = time.perf_counter()
        if current == 1 and self._after_first_step is None:
            self._after_first_step = now
        if self.verbose == 1 and (finalize or now - self._shown >= self._wait):
            self._draw(current, now, finalize)
        elif self.verbose == 2 and finalize and self.target:
            _console.write(self._plain_line(current, now))

    def add(self, n: int, values: Sequence[tuple[str, Any]] | None = None) -> None:
        """Show that `n` more steps are done; `values` as in `update`."""
        self.update(self._seen_so_far + n, values)

    def _take(self, name: str, value: Any, weight: int, final: bool) -> None:
        """Keep a value, averaged over the steps if it is of that kind."""
        if self.stateful_metrics is not None:
            averaged = name not in self.stateful_metrics
        else:
            averaged = name in (self.stateless_metrics or ())
        if final or not averaged or name not in self._values:
            # The last values are those of the whole epoch.
            self._values[name] = [value, 1] if final or not averaged else [value * weight, weight]
        else:
            held = self._values[name]
            held[0] = held[0] + value * weight
            held[1] += weight

    def _draw(self, current: int, now: float, final: bool) -> None:
        """Write the bar, in the place of the last one where that is possible."""
        head = f"{self._bar(current)} {_BOLD}{self._time(current, now, final)}{_END}"
        head += f" {self._pace(current, now)}"
        tail = self._metrics()
        if not self._redraws:
            self._wait = min(2 * self._wait, _LONGEST_WAIT)
            _console.write(_ANSI.sub("", head) + tail + "\n")
        else:
            width = len(_ANSI.sub("", head)) + len(tail)
            room = shutil.get_terminal_size().columns - 1
            if not final and width > room:  # a line that wraps could not be redrawn
                tail = tail[: max(len(tail) - (width - room), 0)]
                width = len(_ANSI.sub("", head)) + len(tail)
            blanks = " " * max(self._drawn_width - width, 0)
            _console.write("\r" + head + tail + blanks + ("\n" if final else ""))
            self._drawn_width = width
        self._shown = now

    def _plain_line(self, current: int, now: float) -> str:
        """One line for `verbose=2`."""
        elapsed = f"{now - self._start:.0f}s"
        pace = self._pace(current, now)
        return f"{self._count(current)} - {elapsed} - {pace}{self._metrics()}\n"

    def _count(self, current: int) -> str:
        """`5/10`, aligned."""
        return f"{current:>{len(str(self.target))}}/{self.target}"

    def _bar(self, current: int) -> str:
        """Count and bar."""
        if not self.target:
            return f"{current:7d}/Unknown"
        done = min(int(self.width * current / self.target), self.width)
        filled = f"{_GREEN}{'━' * done}{_END}" if done else ""
        rest = f"{_WHITE}{'━' * (self.width - done)}{_END}"
        return f"{_BOLD}{self._count(current)}{_END} {filled}{rest}"

    def _time(self, current: int, now: float, final: bool) -> str:
        """The time left, at the end the time taken."""
        if final or not self.target:
            return f"{now - self._start:.0f}s"
        left = self._step_duration(current, now) * (self.target - current)
        if left > 3600:
            return f"{left // 3600:.0f}:{left % 3600 // 60:02.0f}:{left % 60:02.0f}"
        if left > 60:
            return f"{left // 60:.0f}:{left % 60:02.0f}"
        return f"{left:.0f}s"

    def _pace(self, current: int, now: float) -> str:
        """The time per step."""
        seconds = self._step_duration(current, now)
        if seconds >= 1 or seconds == 0:
            return f"{seconds:.0f}s/{self.unit_name}"
        if seconds >= 1e-3:
            return f"{seconds * 1e3:.0f}ms/{self.unit_name}"
        return f"{seconds * 1e6:.0f}us/{self.unit_name}"

    def _step_duration(self, current: int, now: float) -> float:
        """Seconds per step; the first, which sets things up, does not count if there are more."""
        if not current:
            return 0.0
        if self._after_first_step is not None and current > 1:
            return (now - self._after_first_step) / (current - 1)
        return (now - self._start) / current

    def _metrics(self) -> str:
        """` - name: value` for each value."""
        parts = []
        for name, (total, weight) in self._values.items():
            mean = _number(total) / max(1, weight)
            parts.append(f" - {name}: {mean:.4f}" if abs(mean) > 1e-3 else f" - {name}: {mean:.4e}")
        return "".join(parts)


def _number(value: Any) -> float:
    """A Python float of a number, array or tensor; the mean of several."""
    if isinstance(value, torch.Tensor):
        return float(value.detach().double().mean())
    return float(np.mean(value))
