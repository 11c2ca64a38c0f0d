"""A bar for work over many items that appears only when it takes a while."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_AFTER = 1.0  # seconds from which the bar is shown
_silent: ContextVar[bool] = ContextVar("silent", default=False)


@contextmanager
def silenced(silent: bool = True) -> Iterator[None]:
    """Inside, no late bar appears, where `silent`."""
    token = _silent.set(silent or _silent.get())
    try:
        yield
    finally:
        _silent.reset(token)


@contextmanager
def late_bar(what: str, total: int, *, verbose: bool = True) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal or in a notebook, on standard error; nothing anywhere else.

    Args:
        what: What is done: "reading images".
        total: How many items there are.
        verbose: Whether it may be shown.

    Yields:
        What is to be called with the number of items done; it costs next to nothing.
    """
    shown: Any = None
    task: Any = None
    next_look = time.monotonic() + _AFTER
    silent = _silent.get() or not verbose

    def done(count: int) -> None:
        nonlocal shown, task, silent, next_look
        if silent or time.monotonic() < next_look:
            return
        if shown is None:
            shown = _bar()
            if shown is None:
                silent = True
                return
            shown.start()
            task = shown.add_task(what, total=total)
        shown.update(task, completed=count)
        next_look = time.monotonic() + 0.1

    try:
        yield done
    finally:
        if shown is not None:
            shown.stop()


def _bar() -> Any:
    """A bar that is not started; None where nothing can be redrawn."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not console.is_terminal and not console.is_jupyter:
        return None
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        console=console,
        transient=True,
    )
