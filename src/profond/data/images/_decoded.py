"""Images in one size, decoded in threads when they are asked for, and kept while they fit."""

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from jaxtyping import Num

from profond._rows import done_ahead
from profond.data.images._resizing import checked_choices, checked_size
from profond.data.images._sources import ArrayPixels, Pixels

_MOST_THREADS = 8


class DecodedImages:
    """Images of one size as arrays; made by `ImageSet.decoded`.

    `decoded[rows]` is the batch of these rows: uint8 in [0, 255], or float32 of a set of floats.

    Attributes:
        shape: (n, height, width, channels) of all images.
        dtype: uint8 or float32.
        cached: Whether what was decoded is kept in memory.
    """

    def __init__(
        self,
        pixels: Pixels,
        size: Any = None,
        *,
        names: Sequence[str] = (),
        how: str = "fit",
        interpolation: str = "bilinear",
        fill: float = 0.0,
        threads: int | None = None,
        cache: bool | None = None,
        cache_bytes: int = 2**30,
    ) -> None:
        checked_choices(how, interpolation)
        if threads is not None and (not isinstance(threads, int) or threads < 1):
            raise ValueError(f"`threads` must be a whole number from 1 on; received {threads!r}.")
        if pixels.dtype == np.uint8 and not 0 <= fill <= 255:
            raise ValueError(f"`fill` must be in [0, 255]; received {fill!r}.")
        size = _common_size(pixels) if size is None else checked_size(size)
        self.shape = (len(pixels), *size, pixels.channels)
        self.dtype = pixels.dtype
        self._pixels = pixels
        self._names = names
        self._options = {"how": how, "interpolation": interpolation, "fill": fill}
        self._threads = threads or min(_MOST_THREADS, _processors())
        self._pool: ThreadPoolExecutor | None = None
        self._process = 0
        # Arrays of the wanted size are taken as they are.
        values = pixels.values if isinstance(pixels, ArrayPixels) else None
        self._ready = None
        if isinstance(values, np.ndarray) and values.shape[1:3] == size:
            self._ready = values
        total = int(np.prod(self.shape)) * self.dtype.itemsize
        keep = total <= cache_bytes if cache is None else bool(cache)
        self.cached = keep and self._ready is None
        self._kept: np.ndarray | None = None
        self._have: np.ndarray | None = None
        self._first = threading.Lock()  # of two threads one makes the arrays

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Num[np.ndarray, "n height width channels"]:
        """The images of some rows: numbers, a slice or a mask; all with `[:]`.

        Raises:
            IndexError: If there is no such row.
            ValueError: If an image cannot be decoded; the message has its name.
        """
        if isinstance(rows, slice):
            places = np.arange(len(self))[rows]
        else:
            places = np.arange(len(self))[np.asarray(rows) if len(rows) else []]
        if self._ready is not None:
            return self._ready[places].astype(self.dtype, copy=False)
        if not self.cached:
            out = np.empty((len(places), *self.shape[1:]), self.dtype)
            self._decode(places, list(out))
            return out
        kept, have = self._memory()
        new = np.unique(places[~have[places]])
        if len(new):
            self._decode(new, [kept[i] for i in new])
            have[new] = True
        return kept[places]

    def _memory(self) -> tuple[np.ndarray, np.ndarray]:
        """Where images are kept, and which of them are there."""
        with self._first:
            if self._kept is None or self._have is None:
                # Memory is taken page by page as images come.
                self._kept = np.empty(self.shape, self.dtype)
                self._have = np.zeros(len(self), bool)
            return self._kept, self._have

    def batches(
        self, batch_size: int, rows: Any = None
    ) -> Iterator[Num[np.ndarray, "n height width channels"]]:
        """Batches one after the other, the next one being decoded meanwhile.

        Args:
            batch_size: Images of a batch; the last may have fewer.
            rows: Which images, in which order; all when None.

        Yields:
            Arrays (batch, height, width, channels).
        """
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1; received {batch_size}.")
        places = np.arange(len(self))[slice(None) if rows is None else np.asarray(rows)]
        parts = [places[i : i + batch_size] for i in range(0, len(places), batch_size)]
        yield from done_ahead(self.__getitem__, parts)

    def _decode(self, places: np.ndarray, outs: list[np.ndarray]) -> None:
        """Decode the images `places`, each into its array of `outs`."""
        if self._threads == 1 or len(places) < 2:
            return self._decode_some(places, outs)
        if self._pool is None or self._process != os.getpid():  # a fork has no threads
            self._pool = ThreadPoolExecutor(self._threads, "profond-decode")
            self._process = os.getpid()
        # A few tasks per thread: large images do not keep one thread busy at the end alone.
        step = max(1, len(places) // (4 * self._threads))
        tasks = [
            self._pool.submit(self._decode_some, places[i : i + step], outs[i : i + step])
            for i in range(0, len(places), step)
        ]
        try:
            for task in tasks:
                task.result()
        finally:
            for task in tasks:
                task.cancel()

    def _decode_some(self, places: np.ndarray, outs: list[np.ndarray]) -> None:
        for i, out in zip(places.tolist(), outs, strict=True):
            called = f"Image {self._names[i]!r}" if self._names else f"Image {i + 1}"
            self._pixels.put(i, out, called=called, **self._options)

    def __getstate__(self) -> dict[str, Any]:
        # Neither threads nor what they decoded go into a copy.
        return {**self.__dict__, "_pool": None, "_kept": None, "_have": None, "_first": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _first=threading.Lock())


def _common_size(pixels: Pixels) -> tuple[int, int]:
    """The size of all images.

    Raises:
        ValueError: If they differ.
    """
    low, high = pixels.sizes.min(0), pixels.sizes.max(0)
    if (low != high).any():
        raise ValueError(
            "`size` must be given, (height, width), as the images are of different sizes; from "
            f"{low[0]} x {low[1]} to {high[0]} x {high[1]}."
        )
    return int(low[0]), int(low[1])


def _processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
