"""Rows that are read when they are asked for, and reading them while others are worked on."""

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import torch

Item = TypeVar("Item")
Result = TypeVar("Result")

# Larger stored arrays (h5py, zarr) are read by rows; others whole, which is many times faster.
WHOLE_BYTES = 2**31
_ASKED = ("shape", "dtype", "__len__", "__getitem__")


def is_row_source(x: Any) -> bool:
    """Whether `x` is to be read by rows: it has their shape and type, and is no array.

    An object with `shape`, `dtype`, `len(x)` and `x[rows]`. One that also can become an array
    (`__array__`) is read by rows if it is stored in pieces (`chunks`: h5py, zarr, dask) and has
    more than `WHOLE_BYTES`.
    """
    if isinstance(x, np.ndarray | torch.Tensor) or not all(hasattr(x, name) for name in _ASKED):
        return False
    if hasattr(x, "to_numpy") or hasattr(x, "nnz"):  # tables, sparse matrices
        return False
    shape = x.shape
    if not isinstance(shape, tuple) or not shape or not all(isinstance(n, int) for n in shape):
        return False
    if not hasattr(x, "__array__"):
        return True
    return hasattr(x, "chunks") and math.prod(shape) * x.dtype.itemsize > WHOLE_BYTES


class RowView:
    """Some rows of a source, in an order of their own; nothing is read before it is asked for.

    Attributes:
        shape: (rows, ...) of what `view[:]` gives.
        dtype: Its type.
    """

    def __init__(self, source: Any, rows: np.ndarray) -> None:
        """The rows of these numbers; the source must take numbers in any order."""
        if isinstance(source, RowView):
            source, rows = source._source, source._rows[rows]
        self._source, self._rows = source, np.arange(len(source))[rows]
        self.shape = (len(self._rows), *source.shape[1:])
        self.dtype = source.dtype

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, rows: Any) -> np.ndarray:
        """The rows of these places: numbers, a slice or a mask."""
        return self._source[self._rows[rows]]


def rows_of(inputs: Any, rows: np.ndarray) -> Any:
    """Some rows: of an array a copy, of what is read by rows a view."""
    return inputs[rows] if isinstance(inputs, np.ndarray) else RowView(inputs, rows)


def done_ahead(
    work: Callable[[Item], Result], items: Iterable[Item], *, ahead: int = 1
) -> Iterator[Result]:
    """`work(item)` of each item in order, the next ones being done in a thread meanwhile.

    Args:
        work: What is done with an item.
        items: The items.
        ahead: How many results may wait, >= 1.
    """
    waiting: deque[Any] = deque()
    with ThreadPoolExecutor(1, "profond-ahead") as thread:
        try:
            for item in items:
                waiting.append(thread.submit(work, item))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()


def in_pieces(inputs: Any, rows: int) -> Iterator[np.ndarray]:
    """Arrays of so many rows one after the other; what is not in memory is read ahead."""
    places = [slice(i, i + rows) for i in range(0, len(inputs), rows)]
    if isinstance(inputs, np.ndarray):
        return (inputs[one] for one in places)
    return done_ahead(inputs.__getitem__, places)
