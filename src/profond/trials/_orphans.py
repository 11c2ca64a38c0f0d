"""Processes that end with the one that waits for their results."""

import os
import threading
import time

_SECONDS = 1.0  # between two looks
_watching: set[int] = set()


def end_with(parent: int | None) -> None:
    """End this process soon after `parent` has ended, however that was.

    A worker would else compute on for nobody, beside those of a comparison that goes on. Where the
    parent's end does not show (Windows), nothing happens.

    Args:
        parent: The process that began this one; None, or another one, is not watched.
    """
    if parent is None or parent in _watching or os.getppid() != parent:
        return
    _watching.add(parent)
    threading.Thread(target=_watch, args=(parent,), name="profond-orphan", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_SECONDS)
    os._exit(1)  # at once: nobody is left to be told
