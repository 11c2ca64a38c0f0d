"""What a run shows while it lasts: a bar on a terminal or in a notebook, lines in a log."""

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TextIO

from profond._number_format import NumberFormat

_WIDE = 110  # columns of a terminal that holds the loss and the metric beside the bar
_MEDIUM = 80  # columns of one that holds the metric
_LINE_SECONDS = 5.0  # at most one line per so many seconds in a log


class Progress:
    """Hooks that a run calls; this base class shows nothing.

    `start` comes first, then `epoch` and `member_done` for each network, `stage` before other
    work, `note` at any time. Used as a context manager, it cleans up at the end.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def note(self, text: str) -> None:
        """Say one thing that the reader should know."""

    def start(self, members: int, epochs: int, *, metric: str, scale: float = 1.0) -> None:
        """Training begins.

        Args:
            members: How many networks.
            epochs: Largest number of epochs of each.
            metric: "RMSE" or "accuracy", read from the logs of each epoch.
            scale: Factor from the network's numbers to the target's unit.
        """

    def epoch(self, member: int, epoch: int, logs: Mapping[str, Any]) -> None:
        """An epoch is over; `member` and `epoch` are counted from 0."""

    def member_done(self, member: int, best_epoch: int) -> None:
        """A network is trained."""

    def stage(self, text: str) -> None:
        """Work other than training begins."""

    def close(self) -> None:
        """Everything is over, or was broken off."""


class _Counting(Progress):
    """Knows how far the run is, for the two displays."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.members, self.epochs, self.metric, self.scale = 1, 1, "", 1.0
        self.began = time.monotonic()
        self.done_epochs = 0
        self.lengths: list[int] = []  # epochs of the networks that are trained
        self._epoch = 0

    def start(self, members: int, epochs: int, *, metric: str, scale: float = 1.0) -> None:
        """Take the size of the run."""
        self.members, self.epochs, self.metric, self.scale = members, epochs, metric, scale
        self.began = time.monotonic()

    def describe(self, logs: Mapping[str, Any]) -> str:
        """Loss and validation metric of an epoch in a few words."""
        text = f"loss {float(logs['loss']):.4f}"
        if self.metric == "RMSE" and "val_mean_squared_error" in logs:
            rmse = float(logs["val_mean_squared_error"]) ** 0.5 * self.scale
            text += f"  val RMSE {NumberFormat([rmse], 'RMSE')(rmse)}"
        elif "val_accuracy" in logs:
            text += f"  val accuracy {float(logs['val_accuracy']):.3f}"
        return text

    def left(self, member: int, epoch: int) -> str:
        """The time left in a few words, from the time per epoch so far.

        Until a network is trained it is the longest that the run can take; then the networks to
        come are expected to stop where the others did on average.
        """
        self.done_epochs += 1
        self._epoch = epoch + 1
        per_epoch = (time.monotonic() - self.began) / self.done_epochs
        if not self.lengths:
            seconds = per_epoch * ((self.members - member) * self.epochs - epoch - 1)
            return f"at most {duration(seconds)} left"
        usual = sum(self.lengths) / len(self.lengths)
        seconds = per_epoch * ((self.members - member - 1) * usual + max(0.0, usual - epoch - 1))
        return f"about {duration(seconds)} left"

    def member_done(self, member: int, best_epoch: int) -> None:
        """Remember how long the network was trained."""
        del member, best_epoch
        self.lengths.append(self._epoch)


class LogProgress(_Counting):
    """Plain lines for a log file or a pipe: one every few seconds, and one per network."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._last = time.monotonic()
        self._text = ""

    def _line(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()

    def note(self, text: str) -> None:
        """Write a line."""
        self._line(text)

    def epoch(self, member: int, epoch: int, logs: Mapping[str, Any]) -> None:
        """Write a line if the last one is some seconds old."""
        left = self.left(member, epoch)
        self._text = self.describe(logs)
        if time.monotonic() - self._last >= _LINE_SECONDS:
            self._last = time.monotonic()
            self._line(
                f"network {member + 1}/{self.members}  epoch {epoch + 1}/{self.epochs}  "
                f"{self._text}  {left}"
            )

    def member_done(self, member: int, best_epoch: int) -> None:
        """Write a line."""
        super().member_done(member, best_epoch)
        self._last = time.monotonic()
        self._line(
            f"network {member + 1}/{self.members} trained  best epoch {best_epoch}  "
            f"last {self._text}"
        )

    def stage(self, text: str) -> None:
        """Write a line."""
        self._line(text)


class BarProgress(_Counting):
    """One bar over all networks with loss, metric and time left (rich)."""

    def __init__(self, console: Any = None) -> None:
        from rich.console import Console

        super().__init__()
        self.console = console or Console(stderr=True)
        self._bar: Any = None
        self._task: Any = None
        self._stage: Any = None

    def note(self, text: str) -> None:
        """Print a line above the bar."""
        self.console.print(text, markup=False, highlight=False, style="dim")

    def start(self, members: int, epochs: int, *, metric: str, scale: float = 1.0) -> None:
        """Show the bar."""
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as RichProgress

        super().start(members, epochs, metric=metric, scale=scale)
        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24 if self.console.width >= _WIDE else 6),
            TextColumn("{task.fields[numbers]}"),
            TextColumn("[dim]{task.fields[left]}"),
            console=self.console,
            transient=True,
        )
        self._bar.start()
        self._task = self._bar.add_task(
            f"network 1/{members}", total=members * epochs, numbers="", left=""
        )

    def epoch(self, member: int, epoch: int, logs: Mapping[str, Any]) -> None:
        """Move the bar on."""
        if self._bar is None:
            return
        left = self.left(member, epoch)
        self._bar.update(
            self._task,
            completed=member * self.epochs + epoch + 1,
            description=f"network {member + 1}/{self.members}  epoch {epoch + 1:>3}/{self.epochs}",
            numbers=self._fitting(logs),
            left=left,
        )

    def _fitting(self, logs: Mapping[str, Any]) -> str:
        """What the terminal has room for: loss and metric, the metric, or nothing."""
        text = self.describe(logs)
        if self.console.width >= _WIDE:
            return text
        return text.rpartition("  ")[2] if self.console.width >= _MEDIUM else ""

    def member_done(self, member: int, best_epoch: int) -> None:
        """Move the bar to the end of this network."""
        super().member_done(member, best_epoch)
        if self._bar is not None:
            self._bar.update(self._task, completed=(member + 1) * self.epochs)

    def stage(self, text: str) -> None:
        """Put a turning wheel in the place of the bar."""
        self.close()
        self._stage = self.console.status(text)
        self._stage.start()

    def close(self) -> None:
        """Take the bar away."""
        for shown in (self._bar, self._stage):
            if shown is not None:
                shown.stop()
        self._bar = self._stage = None


def automatic_progress() -> Progress:
    """A bar on a terminal and in a notebook, lines anywhere else."""
    from rich.console import Console

    console = Console(stderr=True)
    return BarProgress(console) if console.is_terminal or console.is_jupyter else LogProgress()


def duration(seconds: float) -> str:
    """A time in the largest fitting unit: "12 s", "3 min 20 s", "1 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
