"""How far the prediction of a large file is."""

import sys
import time
from contextlib import contextmanager
from typing import Any

_LINE_SECONDS = 5.0  # at most one line per so many seconds in a log


class RowsProgress:
    """Rows done and time left: a bar on a terminal, lines anywhere else, nothing if it is quick."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)
        self._bar: Any = None
        self._task: Any = None
        self._began = self._last = time.monotonic()

    def update(self, rows: int, share: float) -> None:
        """Show that so many rows are done, which are this share of the file."""
        if self._console.is_terminal or self._console.is_jupyter:
            self._move(rows, share)
        elif time.monotonic() - self._last >= _LINE_SECONDS:
            from profond._progress import duration

            self._last = time.monotonic()
            left = (self._last - self._began) * (1 - share) / max(share, 1e-6)
            self.say(f"{rows} rows predicted ({share:.0%}), about {duration(left)} left")

    def _move(self, rows: int, share: float) -> None:
        if self._bar is None:
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("predicting"),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[rows]} rows"),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task("", total=1.0, rows=0)
        self._bar.update(self._task, completed=share, rows=rows)

    def say(self, text: str) -> None:
        """Write a line."""
        if self._bar is not None:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            sys.stderr.write(f"{text}\n")

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


@contextmanager
def rows_progress() -> Any:
    """Progress that is taken away at the end."""
    shown = RowsProgress()
    try:
        yield shown
    finally:
        shown.close()
