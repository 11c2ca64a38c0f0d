"""Elements by their order: sorting, the largest ones, bins and counts."""

import torch
from torch import Tensor

from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import TensorLike, count_as_int32, refuse_sparse, tensors


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
