"""Reductions that leave NaN out, as the mark of what is missing.

Where nothing is left, a sum is 0, a product 1, a position -1, and all else NaN. `axis` and
`keepdims` are as for the reductions of all elements.
"""

import math

import torch
from torch import Tensor

from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops import _reduction as whole
from profond.ops._operands import Axis, TensorLike, is_empty, to_float


@operation
def nansum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum of what is not NaN."""
    return whole.sum(_filled(x, 0.0), axis, keepdims)


@operation
def nanprod(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product of what is not NaN."""
    return whole.prod(_filled(x, 1.0), axis, keepdims)


@operation
def nanmean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean of what is not NaN."""
    x = to_float(x)
    if is_empty(axis):
        return x
    return nansum(x, axis, keepdims) / whole.sum(~x.isnan(), axis, keepdims)


@operation
def nanvar(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean square of the distance to the mean, of what is not NaN."""
    x = to_float(x)
    missing = x.isnan()
    if is_empty(axis):
        return x.masked_fill(~missing, 0.0)
    # What is NaN, not what becomes it: infinity has no distance to a mean.
    distance = (x - nanmean(x, axis, True)).masked_fill(missing, 0.0)
    count = whole.sum(~missing, axis, keepdims)
    return whole.sum(distance.square(), axis, keepdims) / count


@operation
def nanstd(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The square root of `nanvar`."""
    return nanvar(x, axis, keepdims).sqrt()


@operation
def nanmax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest of what is not NaN."""
    return _without_nan(whole.max(_filled(x, -math.inf), axis, keepdims), x, axis, keepdims)


@operation
def nanmin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest of what is not NaN."""
    return _without_nan(whole.min(_filled(x, math.inf), axis, keepdims), x, axis, keepdims)


@operation
def nanargmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the first largest of what is not NaN is, as int32; see `argmax`."""
    return _place(x, nanmax(x, axis, True), axis, keepdims)


@operation
def nanargmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the first smallest of what is not NaN is, as int32; see `argmin`."""
    return _place(x, nanmin(x, axis, True), axis, keepdims)


@operation
def nancumsum(x: TensorLike, axis: int | None = None, dtype: object = None) -> Tensor:
    """`cumsum` with NaN as 0; unlike in Keras an infinity stays one."""
    return whole.cumsum(_filled(x, 0.0), axis, dtype)


@operation
def nancumprod(x: TensorLike, axis: int | None = None, dtype: object = None) -> Tensor:
    """`cumprod` with NaN as 1; unlike in Keras an infinity stays one."""
    return whole.cumprod(_filled(x, 1.0), axis, dtype)


@operation
def nanquantile(
    x: TensorLike,
    q: TensorLike,
    axis: Axis = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Tensor:
    """The number that a part `q` of what is not NaN lies below; see `quantile`.

    Args:
        x: Numbers.
        q: Part or parts, in [0, 1]. For a list the results are stacked along a new first axis.
        axis: Axis or axes; None for all.
        method: What is between two elements, as for `quantile`.
        keepdims: Whether reduced axes stay, of size 1.
    """
    return whole.quantile_of(x, q, axis, method, keepdims, leave_out=True)


@operation
def nanpercentile(
    x: TensorLike,
    q: TensorLike,
    axis: Axis = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Tensor:
    """`nanquantile` for `q` in percent, in [0, 100]."""
    return nanquantile(x, convert_to_tensor(q, torch.float64) / 100, axis, method, keepdims)


@operation
def nanmedian(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The middle of what is not NaN, sorted; of an even number the mean of the middle two."""
    if is_empty(axis):
        return convert_to_tensor(x)
    return nanquantile(x, 0.5, axis, keepdims=keepdims)


def _filled(x: TensorLike, value: float) -> Tensor:
    """`x` with `value` in the place of NaN; the gradient there is 0."""
    x = convert_to_tensor(x)
    return x.masked_fill(x.isnan(), value) if x.is_floating_point() else x


def _without_nan(extreme: Tensor, x: TensorLike, axis: Axis, keepdims: bool) -> Tensor:
    """The extreme, but NaN where there is nothing but NaN."""
    x = convert_to_tensor(x)
    if not x.is_floating_point():
        return extreme
    return torch.where(whole.all(x.isnan(), axis, keepdims), math.nan, extreme)


def _place(x: TensorLike, extreme: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    """Where the extreme is first, and -1 where there is nothing but NaN, which equals nothing."""
    found = convert_to_tensor(x) == extreme
    place = whole.argmax(found, axis, keepdims)
    return torch.where(whole.any(found, axis, keepdims), place, -1)
