"""Elements by their order: sorting, the largest ones, bins and counts."""

from typing import Any

import torch
from torch import Tensor

from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import (
    TensorLike,
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
