"""Class numbers as vectors of zeros and ones."""

import torch
from torch import Tensor

from profond._dtypes import torch_dtype
from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import TensorLike, default_float, refuse_sparse


@operation
def one_hot(
    x: TensorLike,
    num_classes: int,
    axis: int = -1,
    dtype: object = None,
    sparse: bool = False,
) -> Tensor:
    """A 1 at the place of the class, and zeros at the others.

    Args:
        x: Classes, integers from 0; for others (a padding of -1, say) all places are 0.
        num_classes: Number of places.
        axis: Where the new axis of size `num_classes` comes in the result.
        dtype: Element type; `config.floatx()` if None.
        sparse: Must be False.

    Raises:
        ValueError: If `axis` is out of range.
    """
    refuse_sparse(sparse)
    x = convert_to_tensor(x).to(torch.int64)
    if not -1 <= axis <= x.ndim:
        raise ValueError(f"`axis` must be from -1 to {x.ndim}; received axis={axis}.")
    hot = x.unsqueeze(axis) == _classes(num_classes, axis % (x.ndim + 1), x)
    return hot.to(default_float() if dtype is None else torch_dtype(dtype))


def _classes(n: int, axis: int, x: Tensor) -> Tensor:
    """0 to n - 1 along `axis`, of as many axes as the one-hot of `x`."""
    shape = [1] * (x.ndim + 1)
    shape[axis] = n
    return torch.arange(n, device=x.device).reshape(shape)


@operation
def multi_hot(
    inputs: TensorLike,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: object = None,
    sparse: bool = False,
) -> Tensor:
    """A 1 at the place of each class of a sample, and zeros at the others.

    Args:
        inputs: Classes of each sample, integers from 0, of shape (batch, classes, ...) or
            (classes,); others (a padding of -1, say) have no place.
        num_classes: Number of places.
        axis: Where the new axis of size `num_classes` would come in `one_hot` of the inputs,
            before the axis of the classes is reduced.
        dtype: Element type; `config.floatx()` if None.
        sparse: Must be False.

    Raises:
        ValueError: If `num_classes` is not given.
    """
    if num_classes is None:
        raise ValueError("`num_classes` must be the number of places; received None.")
    x = convert_to_tensor(inputs)
    hot = one_hot(x, num_classes, axis, dtype, sparse)
    return torch.amax(hot, dim=1 if x.ndim > 1 else 0)
