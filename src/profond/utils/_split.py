"""A data set cut in two."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.utils.data import Dataset, Subset

from profond import _tree
from profond._tensors import convert_to_tensor


class Rows(Dataset[Any]):
    """The rows of arrays of one length, nested in a tuple, list or dict.

    Args:
        arrays: Arrays, tensors or DataFrames, or a nested structure of them. Rows of a single one
            come as a tuple of one.

    Raises:
        ValueError: If there is none, or their lengths differ.
    """

    def __init__(self, arrays: Any) -> None:
        if not _tree.is_branch(arrays):
            arrays = (arrays,)
        elif isinstance(arrays, list):
            arrays = tuple(arrays)
        self.arrays = _tree.map_structure(convert_to_tensor, arrays)
        lengths = [len(array) for array in _tree.flatten(self.arrays)]
        if not lengths or len(set(lengths)) > 1:
            raise ValueError(
                "`dataset` must hold arrays of one length; received "
                + (f"lengths {lengths}." if lengths else "none.")
            )
        self._length = lengths[0]

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Any:
        return _tree.map_structure(lambda array: array[index], self.arrays)


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Subset[Any], Subset[Any]]:
    """Cut a data set into a left and a right part, for training and testing say.

    Args:
        dataset: An array, tensor or DataFrame, a tuple, list or dict of such of one length, or a
            torch `Dataset` with a length.
        left_size: Number of samples on the left, an int; or their part, a float in (0, 1); None
            for all that are not on the right.
        right_size: The same for the right. Without `shuffle` these are the last samples.
        shuffle: Whether to draw the samples of each part at random.
        seed: Start of the draw; None takes torch's global generator.
        preferred_backend: None or `"torch"`.

    Returns:
        The two parts, torch `Dataset`s whose items are samples, for a `DataLoader`.

    Raises:
        ValueError: If no size is given, one is out of range, or together they are too large.
        TypeError: If a size is no number, or the data set has no length.
    """
    if preferred_backend not in (None, "torch"):
        raise ValueError(
            f"`preferred_backend` must be None or 'torch'; received {preferred_backend!r}."
        )
    if not isinstance(dataset, Dataset):
        dataset = Rows(dataset)
    if not hasattr(dataset, "__len__"):
        raise TypeError(
            "`dataset` must have a length to be split; received an iterable data set of type "
            f"{type(dataset).__name__}."
        )
    n = len(dataset)  # type: ignore[arg-type]
    left, right = _sizes(left_size, right_size, n)
    order: Sequence[int] = range(n)
    if shuffle:
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        order = torch.randperm(n, generator=generator, device="cpu").tolist()
    return Subset(dataset, order[:left]), Subset(dataset, order[n - right :])


def _sizes(left: float | None, right: float | None, n: int) -> tuple[int, int]:
    """The numbers of samples on both sides, of `n`."""
    if left is None and right is None:
        raise ValueError("`left_size` or `right_size` must be given; received neither.")
    first, last = _count("left_size", left, n), _count("right_size", right, n)
    if first is None:
        first = n - (last or 0)
    if last is None:
        last = n - first
    # Two parts rounded up may be one sample too many.
    if isinstance(left, float) and isinstance(right, float) and left + right <= 1:
        last = min(last, n - first)
    if first + last > n:
        raise ValueError(
            f"`left_size` and `right_size` together must not exceed the {n} samples; received "
            f"left_size={left}, right_size={right}."
        )
    return first, last


def _count(name: str, size: float | None, n: int) -> int | None:
    """A size as a number of samples."""
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, int | float):
        raise TypeError(
            f"`{name}` must be an int, a float or None; received {type(size).__name__}."
        )
    if isinstance(size, float):
        if not 0 < size < 1:
            raise ValueError(f"`{name}` as a part must be in (0, 1); received {size}.")
        return round(size * n)
    if not 0 < size < n:
        raise ValueError(f"`{name}` must be from 1 to {n - 1} of the {n} samples; received {size}.")
    return size
