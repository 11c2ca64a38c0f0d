"""Files that appear whole or not at all."""

import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_whole(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Write `content` to `path`: under another name first, then renamed.

    Until the last step an older file of that name is untouched, and a full disk or a killed
    process leaves it as it was.

    Raises:
        OSError: If the folder cannot be made or written to; it names `path`.
    """
    if isinstance(content, str):
        content = content.encode("utf-8")
    with writing_whole(path) as file:
        file.write(content)


@contextmanager
def writing_whole(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write to piece by piece, which becomes `path` at the end of the block.

    Until then, and for ever if the block raises, an older file of that name is untouched.

    Raises:
        OSError: If the folder cannot be made or written to; it names `path`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = "the earlier file is as it was" if path.exists() else "nothing was written"
    with naming_target(path, kept):
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


@contextmanager
def naming_target(path: str | os.PathLike[str], outcome: str) -> Iterator[None]:
    """Inside, an error of the disk names `path`, and says what became of it.

    Args:
        path: The file that a person knows of, not a temporary one.
        outcome: What holds after an error, in a few words.

    Raises:
        OSError: Of the same kind, with the name.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"{reason} ({outcome})", os.fspath(path)) from error


def remove_unfinished(path: str | os.PathLike[str]) -> None:
    """Remove what `write_whole` of `path` left in a process that was killed while it wrote.

    For a file that only one process writes.
    """
    path = Path(path)
    for left in path.parent.glob(f".{glob.escape(path.name)}.????????"):
        left.unlink(missing_ok=True)


def _umask() -> int:
    """The permissions that new files are not to have."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
