"""Class vectors and unit norms."""

from typing import Any

import numpy as np
import torch

from profond import ops
from profond._tensors import to_array


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """A 1 in the column of the class, and zeros in the others.

    Args:
        x: Classes, whole numbers from 0, of any shape; a last axis of size 1 is left out.
        num_classes: Number of columns; the largest class plus 1 if None.

    Returns:
        A float64 numpy array of the shape of `x` with `num_classes` columns behind. Of a torch
        tensor, a tensor of type `config.floatx()`.

    Raises:
        ValueError: If a class is not a whole number from 0 to `num_classes` - 1.
    """
    given = to_array(x)
    if given.dtype.kind not in "biu":
        given = _whole(given)
    if given.ndim > 1 and given.shape[-1] == 1:
        given = given[..., 0]
    if num_classes is None:
        num_classes = int(given.max()) + 1 if given.size else 0
    if given.size and (given.min() < 0 or given.max() >= num_classes):
        wrong = given.min() if given.min() < 0 else given.max()
        raise ValueError(
            f"classes must be from 0 to {num_classes - 1} for num_classes={num_classes}; "
            f"received {int(wrong)}."
        )
    if isinstance(x, torch.Tensor):
        return ops.one_hot(x.reshape(given.shape), num_classes)
    return np.eye(num_classes)[given.astype(np.int64)]


def _whole(given: np.ndarray) -> np.ndarray:
    """Classes that came as floats, or as objects, as integers."""
    try:
        numbers = given.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"classes must be whole numbers from 0; received {given.flat[0]!r}. Number the "
            "labels first: `numpy.unique(labels, return_inverse=True)[1]`."
        ) from error
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers))
    if not whole.all():
        raise ValueError(
            f"classes must be whole numbers from 0; received {float(numbers[~whole].flat[0])}."
        )
    return numbers.astype(np.int64)


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """`x` divided by its norm along `axis`.

    Args:
        x: Numbers.
        axis: Axis of the norm.
        order: Order of the norm: (sum |x|^order)^(1/order).

    Returns:
        A numpy array of a numpy array (where the norm is 0, unchanged), else a tensor.
    """
    if not isinstance(x, np.ndarray):
        return ops.normalize(x, axis=axis, order=order)
    x = np.atleast_1d(x)
    norm = np.linalg.norm(x, order, axis, keepdims=True)
    return x / np.where(norm == 0, 1, norm)
