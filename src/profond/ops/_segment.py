"""Rows reduced within segments: sum, product, largest and smallest by the row's label."""

import torch
from torch import Tensor

from profond._symbolic import operation
from profond.ops._operands import TensorLike, tensors


def _segment(
    how: str, start: float, data: TensorLike, segment_ids: TensorLike, num_segments: int | None
) -> Tensor:
    """`data` reduced along the first axis within segments; ids out of range are left out."""
    data, ids = tensors([data, segment_ids])
    ids = ids.to(torch.int64)
    if num_segments is None:
        num_segments = int(ids.max()) + 1 if ids.numel() else 0
    if not data.is_floating_point() and start in (torch.inf, -torch.inf):
        limits = torch.iinfo(data.dtype)
        start = limits.max if start > 0 else limits.min
    inside = (ids >= 0) & (ids < num_segments)
    # One segment more takes what is out of range.
    ids = torch.where(inside, ids, num_segments).reshape(-1, *[1] * (data.ndim - 1))
    base = data.new_full((num_segments + 1, *data.shape[1:]), start)
    return base.scatter_reduce(0, ids.expand_as(data), data, how)[:-1]


@operation
def segment_sum(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: int | None = None,
    sorted: bool = False,
) -> Tensor:
    """The sum of the rows of each segment.

    Args:
        data: Rows.
        segment_ids: The segment of each row; rows of segments out of range are left out.
        num_segments: Number of segments; that of the largest id if None.
        sorted: Accepted for Keras's sake.

    Returns:
        Shape (`num_segments`, ...); 0 for a segment without rows.
    """
    del sorted
    return _segment("sum", 0, data, segment_ids, num_segments)


@operation
def segment_prod(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: int | None = None,
    sorted: bool = False,
) -> Tensor:
    """The product of the rows of each segment, 1 for none; the arguments of `segment_sum`."""
    del sorted
    return _segment("prod", 1, data, segment_ids, num_segments)


@operation
def segment_max(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: int | None = None,
    sorted: bool = False,
) -> Tensor:
    """The largest of the rows of each segment; the arguments of `segment_sum`.

    For a segment without rows it is minus infinity, or the lowest integer.
    """
    del sorted
    return _segment("amax", -torch.inf, data, segment_ids, num_segments)


@operation
def segment_min(
    data: TensorLike,
    segment_ids: TensorLike,
    num_segments: int | None = None,
    sorted: bool = False,
) -> Tensor:
    """The smallest of the rows of each segment; the arguments of `segment_sum`.

    For a segment without rows it is infinity, or the largest integer.
    """
    del sorted
    return _segment("amin", torch.inf, data, segment_ids, num_segments)
