"""Whole numbers to vectors of zeros, ones and counts."""

from typing import Any

from torch import Tensor

from profond import ops

MODES = ("multi_hot", "one_hot", "count")


def encode(
    numbers: Tensor, mode: str, depth: int, dtype: str, count_weights: Tensor | None = None
) -> Any:
    """The vectors of size `depth` for the classes `numbers`.

    Args:
        numbers: Classes from 0 to `depth` - 1, of shape (batch, classes) or (batch,); others,
            such as a padding of -1, count nowhere.
        mode: `"one_hot"`: a vector for each number; `"multi_hot"`: one for each sample, with a
            1 for each class that is there; `"count"`: one for each sample, with how often.
        depth: Number of classes.
        dtype: Element type of the vectors.
        count_weights: With `"count"`, what each number counts; 1 by default.
    """
    if numbers.ndim == 0:
        numbers = numbers.unsqueeze(0)
    if mode == "multi_hot":
        return ops.multi_hot(numbers, depth, dtype=dtype)
    if mode == "one_hot":
        single = numbers.ndim > 1 and numbers.shape[-1] == 1
        return ops.one_hot(numbers.squeeze(-1) if single else numbers, depth, dtype=dtype)
    ones = ops.one_hot(numbers, depth, dtype=dtype)
    if count_weights is not None:
        ones = ones * count_weights.to(ones).unsqueeze(-1)
    return ones.sum(1 if numbers.ndim > 1 else 0)
