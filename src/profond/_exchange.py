"""Two folders that change places in one step, where the system can."""

import ctypes
import os
import sys

_HERE = -100  # AT_FDCWD: relative paths start at the working folder
_SWAP = 2  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS


def exchange(one: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Let two existing paths change places, so that at no moment either of them is missing.

    Returns:
        Whether it was done: not every system and file system can.
    """
    first, second = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return library.renamex_np(first, second, _SWAP) == 0
        return library.renameat2(_HERE, first, _HERE, second, _SWAP) == 0
    except (AttributeError, OSError, TypeError):  # no such call; Windows has no such library
        return False
