"""Ctrl-C during training: finish the step, then stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """Whether Ctrl-C was pressed."""

    asked = False


@contextmanager
def stop_on_interrupt() -> Iterator[Interruption]:
    """Inside, the first Ctrl-C only sets a flag, so that no step is left half done.

    A second one raises `KeyboardInterrupt` as usual. Outside the main thread, and where the
    program handles the signal itself, nothing is changed.
    """
    state = Interruption()
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not ours:
        yield state
        return

    def note(number: int, frame: FrameType | None) -> None:
        if state.asked:
            signal.default_int_handler(number, frame)
        state.asked = True

    signal.signal(signal.SIGINT, note)
    try:
        yield state
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
