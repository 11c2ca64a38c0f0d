"""Memory of a run: what a step frees is kept for the next one."""

import ctypes
import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Names of glibc's settings in <malloc.h>.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_MEGABYTE = 2**20
# Where glibc's own adjustment ends: blocks from 32 MB on are mapped one by one, and 64 MB that
# are free at the end of the heap are kept.
_USUAL = {_MMAP_THRESHOLD: 32 * _MEGABYTE, _TRIM_THRESHOLD: 64 * _MEGABYTE}
_IN_A_RUN = {_MMAP_THRESHOLD: 1024 * _MEGABYTE, _TRIM_THRESHOLD: 1024 * _MEGABYTE}


@contextmanager
def memory_kept() -> Iterator[None]:
    """Inside, up to 1 GB that is freed is not given back to the system; afterwards as usual.

    A step frees as much as the next one asks for. Given back, each page has to be mapped and
    zeroed again: up to a tenth of a step of a convolutional network. Only with the C library of
    Linux (glibc), and where its user has not set it up otherwise.
    """
    choose = _mallopt()
    if choose is None:
        yield
        return
    for name, size in _IN_A_RUN.items():
        choose(name, size)
    try:
        yield
    finally:
        for name, size in _USUAL.items():
            choose(name, size)


@functools.cache
def _mallopt() -> Callable[[int, int], int] | None:
    """The function that sets up glibc's memory; None where it is another, or set up by the user."""
    chosen = [name for name in os.environ if name.startswith("MALLOC_")]
    if chosen or "glibc.malloc" in os.environ.get("GLIBC_TUNABLES", ""):
        return None
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version") or os.environ.get("LD_PRELOAD"):
        return None
    return library.mallopt
