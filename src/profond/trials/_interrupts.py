"""Ctrl-C inside a run: it ends at once, and has no result."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ended_by_interrupt() -> Iterator[None]:
    """Inside, Ctrl-C raises `KeyboardInterrupt`, in the middle of `fit` too.

    By itself `fit` ends early and returns: the score of half a training would be kept as one of a
    whole. Outside the main thread, and where the program handles the signal, nothing is changed.
    """
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not ours:
        yield
        return
    # `fit` takes over Python's own handler alone.
    signal.signal(signal.SIGINT, _pressed)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _pressed(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
