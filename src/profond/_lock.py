"""A file that one process holds at a time."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

_HELD = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}


class Lock:
    """Holds a file until it is released or the process ends, however it ends.

    Where the file system knows no locks, every process gets it.

    Args:
        path: The file; its folder exists.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file: BinaryIO | None = None

    def take(self) -> bool:
        """Hold the file; False if another holds it.

        Raises:
            OSError: If the file cannot be made.
        """
        file = self.path.open("ab")
        try:
            _lock(file)
        except OSError as error:
            if error.errno in _HELD:
                file.close()
                return False
        self._file = file
        return True

    def release(self) -> None:
        """Let go of the file, if it is held."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _lock(file: BinaryIO) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
