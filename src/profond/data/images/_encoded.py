"""Encoded images looked at once: sizes, colours, and which of them are broken."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from profond._late_bar import late_bar
from profond._lookup import choose
from profond.data.images._pillow import Header, header_of
from profond.data.images._sources import EncodedPixels, Streams

_SHOWN = 3  # names in a note or message
_THREADS = 8  # reading headers waits for the disk more than for processors


def encoded_pixels(
    files: Streams | Sequence[Any],
    called: Sequence[str],
    *,
    broken: str = "skip",
    channels: int | None = None,
    verbose: bool = False,
) -> tuple[EncodedPixels, np.ndarray, tuple[str, ...]]:
    """The images of files that can be read.

    Args:
        files: Paths, streams, bytes or Pillow images.
        called: What messages call each.
        broken: "skip" leaves out what cannot be read, "error" refuses it.
        channels: 1 or 3; None takes 1 if all images are grey, else 3.
        verbose: Whether a bar is shown on a terminal where it takes more than a second.

    Returns:
        The images, the places in `files` of those that can be read, and notes.

    Raises:
        ValueError: If none can be read, or one cannot with `broken="error"`.
    """
    choose(broken, {"skip": 0, "error": 0}, "value of `broken`")
    if channels not in (None, 1, 3):
        raise ValueError(f"`channels` must be 1 (grey), 3 (colours) or None; received {channels}.")
    found: list[Header | str] = []
    with (
        ThreadPoolExecutor(_THREADS, "profond-headers") as pool,
        late_bar("looking at images", len(files), verbose=verbose) as done,
    ):
        for one in pool.map(lambda i: _look(files[i]), range(len(files))):
            found.append(one)
            done(len(found))
    headers = [one for one in found if isinstance(one, Header)]
    bad = [f"{called[i]} ({one})" for i, one in enumerate(found) if isinstance(one, str)]
    if bad and (broken == "error" or not headers):
        raise ValueError(
            f"{_counted(len(bad), 'image')} cannot be read: {listed(bad)}. Mend or remove "
            f"{'it' if len(bad) == 1 else 'them'}"
            + (', or leave them out with `broken="skip"`.' if headers else ".")
        )
    notes = []
    if bad:
        notes.append(f"{_counted(len(bad), 'image')} left out as unreadable: {listed(bad)}.")
    rows = np.array([i for i, one in enumerate(found) if isinstance(one, Header)], np.int64)
    if channels is None:
        channels = 1 if all(one.grey for one in headers) else 3
        grey = sum(one.grey for one in headers)
        if channels == 3 and grey:
            notes.append(f"{grey} grey image(s) among coloured ones are read with three channels.")
    deep = sum(one.deep for one in headers)
    if deep:
        notes.append(f"{_counted(deep, 'image')} of 16 bits brought to 8 (65535 becomes 255).")
    several = [called[i] for i, one in zip(rows.tolist(), headers, strict=True) if one.frames > 1]
    if several:
        notes.append(
            f"Only the first frame is read of {_counted(len(several), 'file')} with several: "
            f"{listed(several)}."
        )
    sizes = np.array([(one.height, one.width) for one in headers])
    if len(rows) == len(files):
        kept = files
    elif isinstance(files, Streams):
        kept = files.take(rows)
    else:
        kept = tuple(files[i] for i in rows)
    return EncodedPixels(kept, sizes, channels), rows, tuple(notes)


def listed(names: Sequence[Any], shown: int = _SHOWN) -> str:
    """Some names with commas, and how many more there are."""
    text = ", ".join(map(str, names[:shown]))
    return text + f", and {len(names) - shown} more" * (len(names) > shown)


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" + "s" * (n != 1)


def _look(source: Any) -> Header | str:
    """The header, or why there is none."""
    try:
        return header_of(source)
    except (ValueError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            return "there is no such file"
        return (isinstance(error, OSError) and error.strerror) or str(error)
