"""The data that `adapt` is given, as arrays."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from profond._tensors import to_array


def batches_of(data: Any) -> Iterator[np.ndarray]:
    """The samples, in one piece or in batches, as arrays.

    Raises:
        ValueError: If `data` is neither an array nor an iterable of arrays.
    """
    if hasattr(data, "shape") or hasattr(data, "to_numpy"):
        yield _numbers(data)
        return
    if not isinstance(data, Iterable) and not hasattr(data, "__getitem__"):
        raise ValueError(
            "`data` must be an array, a tensor, a DataFrame or an iterable of batches; received "
            f"{type(data).__name__}."
        )
    if isinstance(data, list | tuple) and data and isinstance(data[0], int | float | list):
        yield _numbers(data)
        return
    batches = data if isinstance(data, Iterable) else (data[i] for i in range(len(data)))
    for batch in batches:
        yield _numbers(batch[0] if isinstance(batch, list | tuple) else batch)


def _numbers(batch: Any) -> np.ndarray:
    """An array of numbers.

    Raises:
        ValueError: If it holds something else.
    """
    array = to_array(batch)
    if array.dtype == object:
        array = np.asarray(array.tolist())
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"`data` must hold numbers; received {type(batch).__name__} of dtype {array.dtype}."
        )
    return array
