"""Elements by their order: sorting, the largest and the different ones, bins and counts."""

from typing import Any

import torch
from torch import Tensor

from profond._symbolic import is_inferring, operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import (
    TensorLike,
    canonical_axis,
    count_as_int32,
    of_common_type,
    refuse_sparse,
    tensors,
    to_float,
)


@operation
def sort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """In increasing order along `axis`; flat if it is None. NaN comes last."""
    x = convert_to_tensor(x)
    if axis is None:
        x, axis = x.reshape(-1), 0
    return torch.sort(x, dim=axis).values


@operation
def argsort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """The positions, as int32, in the order of their elements; equal ones keep theirs."""
    x = count_as_int32(x)
    if axis is None:
        x, axis = x.reshape(-1), 0
    return torch.argsort(x, dim=axis, stable=True).to(torch.int32)


@operation
def top_k(x: TensorLike, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The `k` largest elements along the last axis, and their positions as int32.

    Args:
        x: Numbers.
        k: How many, at most the size of the last axis.
        sorted: Whether they come in decreasing order.

    Raises:
        ValueError: If there are fewer than `k`.
    """
    x = convert_to_tensor(x)
    if not 0 <= k <= x.shape[-1]:
        raise ValueError(
            f"`k` must be from 0 to the size {x.shape[-1]} of the last axis; received k={k}."
        )
    values, positions = torch.topk(x, k, sorted=sorted)
    return values, positions.to(torch.int32)


@operation
def in_top_k(targets: TensorLike, predictions: TensorLike, k: int) -> Tensor:
    """Whether the class `targets` is among the `k` highest scores.

    Args:
        targets: Classes, integers of shape (batch,).
        predictions: Scores of shape (batch, classes).
        k: How many count, >= 1.

    Returns:
        Booleans of shape (batch,). Classes with the score of the k-th one count as inside.
    """
    predictions, classes = tensors([predictions, targets])
    own = torch.take_along_dim(predictions, classes.to(torch.int64).unsqueeze(-1), dim=-1)
    return (predictions > own).sum(-1) < k


@operation
def searchsorted(sorted_sequence: TensorLike, values: TensorLike, side: str = "left") -> Tensor:
    """Where each of `values` belongs in a sorted sequence, as int32.

    Args:
        sorted_sequence: Increasing numbers, 1-D.
        values: Numbers of any shape.
        side: Whether equal elements come after (`"left"`) or before (`"right"`) the place.

    Raises:
        ValueError: If the sequence is not 1-D.
    """
    sequence, given = tensors([sorted_sequence, values])
    if sequence.ndim != 1:
        raise ValueError(
            f"`sorted_sequence` must have one axis; received shape {tuple(sequence.shape)}."
        )
    return torch.searchsorted(sequence, given, side=side, out_int32=True)


@operation
def digitize(x: TensorLike, bins: TensorLike) -> Tensor:
    """The number of the bin of each element, as int32; 0 is below the first edge.

    Args:
        x: Numbers.
        bins: Edges, increasing; the lower one belongs to a bin.
    """
    x, edges = tensors([count_as_int32(x), bins])
    return torch.bucketize(x, edges, right=True, out_int32=True)


@operation
def bincount(
    x: TensorLike, weights: TensorLike = None, minlength: int = 0, sparse: bool = False
) -> Tensor:
    """How often each of 0, 1, 2, ... occurs.

    Args:
        x: Integers >= 0, of shape (n,) or (rows, n).
        weights: What each occurrence counts, of the shape of `x`; 1 if None.
        minlength: Least number of counts.
        sparse: Must be False.

    Returns:
        Counts as int32 (of the type of the weights, if given), for 1-D or each row of 2-D `x`.
    """
    refuse_sparse(sparse)
    x = convert_to_tensor(x).to(torch.int64)
    added = torch.ones_like(x, dtype=torch.int32) if weights is None else convert_to_tensor(weights)
    n = max(int(x.max()) + 1 if x.numel() else 0, minlength)
    counts = torch.zeros(*x.shape[:-1], n, dtype=added.dtype, device=x.device)
    return counts.scatter_add(-1, x, added.to(x.device))


@operation
def unique(
    x: TensorLike,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: float | None = None,
) -> Any:
    """The different elements, or the different slices along `axis`.

    NaN differs from itself. Without `size` the shape of the result depends on the values.

    Args:
        x: Numbers or booleans.
        sorted: Whether they come in increasing order; torch may sort them in any case.
        return_index: Whether to say where each is first.
        return_inverse: Whether to say which of them each element of `x` is.
        return_counts: Whether to say how often each occurs.
        axis: The axis that the slices are taken along; None for single elements.
        size: How many to return: the first ones, or all and `fill_value` after them.
        fill_value: What fills up to `size`; 0 if None.

    Returns:
        The values, or a tuple of them and, as int32 and in this order, the positions, the inverse
        and the counts asked for. Up to `size` positions are filled with 1, as in Keras, and
        counts with 0.

    Raises:
        ValueError: If `size` is negative.
    """
    if size is not None and size < 0:
        raise ValueError(f"`size` must be >= 0, or None for all of them; received {size}.")
    x = convert_to_tensor(x)
    if is_inferring():  # their number is not that of zeros: at most that of the elements
        x = torch.arange(x.numel(), device=x.device).reshape(x.shape).to(x.dtype)
    values, inverse, counts = torch.unique(
        x, sorted=sorted, return_inverse=True, return_counts=True, dim=axis
    )
    along = 0 if axis is None else canonical_axis(axis, x.ndim)
    results = [_sized(values, along, size, fill_value or 0)]
    if return_index:
        places = torch.arange(inverse.numel(), device=x.device)
        # On the counts for their shape and type: what they hold is not included.
        first = counts.scatter_reduce(0, inverse.reshape(-1), places, "amin", include_self=False)
        results.append(_sized(first, 0, size, 1).to(torch.int32))
    if return_inverse:
        results.append(inverse.to(torch.int32))
    if return_counts:
        results.append(_sized(counts, 0, size, 0).to(torch.int32))
    return results[0] if len(results) == 1 else tuple(results)


def _sized(x: Tensor, axis: int, size: int | None, filling: float) -> Tensor:
    """`x` cut or filled up to `size` along `axis`."""
    if size is None or x.shape[axis] == size:
        return x
    if x.shape[axis] > size:
        return x.narrow(axis, 0, size)
    added = [size - n if a == axis else n for a, n in enumerate(x.shape)]
    return torch.cat([x, x.new_full(added, filling)], axis)


@operation
def isin(
    x1: TensorLike, x2: TensorLike, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Whether each element of `x1` is one of `x2`.

    Args:
        x1: Numbers or booleans.
        x2: What is looked for, of any shape.
        assume_unique: Whether both are known to have each element once, which may be quicker.
        invert: Whether to say instead which elements are not in `x2`.
    """
    x1, x2 = of_common_type(x1, x2)
    if x1.dtype is torch.bool:
        x1, x2 = x1.to(torch.int32), x2.to(torch.int32)
    return torch.isin(x1, x2, assume_unique=assume_unique, invert=invert)


@operation
def histogram(
    x: TensorLike, bins: Any = 10, range: tuple[float, float] | None = None
) -> tuple[Tensor, Tensor]:
    """How many elements lie in each bin, and the edges of the bins.

    Args:
        x: Numbers of any shape.
        bins: Number of bins of equal width, or the edges, increasing.
        range: From where to where the bins are; the smallest and the largest element if None.

    Returns:
        The counts, as floats, and the edges, one more. The last bin has its upper edge too.
    """
    x = to_float(x).detach()
    on_cpu = x.cpu()  # torch counts nowhere else
    if isinstance(bins, int):
        counts, edges = torch.histogram(on_cpu, bins, range=range)
    else:
        counts, edges = torch.histogram(on_cpu, convert_to_tensor(bins).to(on_cpu))
    return counts.to(x.device), edges.to(x.device)
