"""Sums, means, extremes and other numbers that stand for many, along one axis or several.

`axis` is an axis, a list of axes, or None for all; `()` reduces nothing. With `keepdims` the
reduced axes stay, of size 1.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from profond._dtypes import torch_dtype
from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import (
    Axis,
    TensorLike,
    axes_of,
    canonical_axis,
    count_as_int32,
    is_empty,
    of_common_type,
    to_float,
)


@operation
def sum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum; small integers and booleans add up as int32, other types keep theirs."""
    x = count_as_int32(x)
    if is_empty(axis):
        return x
    if axis is None and not keepdims:
        return torch.sum(x, dtype=x.dtype)
    return torch.sum(x, axes_of(axis, x.ndim), keepdim=keepdims, dtype=x.dtype)


@operation
def mean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The arithmetic mean."""
    x = to_float(x)
    if is_empty(axis):
        return x
    return torch.mean(x, axes_of(axis, x.ndim), keepdim=keepdims)


@operation
def prod(x: TensorLike, axis: Axis = None, keepdims: bool = False, dtype: object = None) -> Tensor:
    """The product.

    Args:
        x: Numbers.
        axis: Axis or axes; None for all.
        keepdims: Whether reduced axes stay, of size 1.
        dtype: Element type of the product; as `sum` if None.
    """
    x = count_as_int32(x) if dtype is None else convert_to_tensor(x, dtype)
    if is_empty(axis):
        return x
    for a in sorted(axes_of(axis, x.ndim), reverse=True):
        x = torch.prod(x, a, keepdim=keepdims, dtype=x.dtype)
    return x


def _extreme(
    name: str,
    reduce: Callable[..., Tensor],
    combine: Callable[..., Tensor],
    x: Tensor,
    axis: Axis,
    keepdims: bool,
    initial: float | None,
) -> Tensor:
    """The largest or smallest element, and no less extreme than `initial`."""
    if is_empty(axis):
        result = x
    else:
        axes = axes_of(axis, x.ndim)
        if 0 in [x.shape[a] for a in axes]:
            if initial is None:
                raise ValueError(
                    f"`{name}` of no elements needs `initial`; received shape {tuple(x.shape)} "
                    f"with axis={axis}."
                )
            kept = [1 if a in axes else n for a, n in enumerate(x.shape)]
            shape = kept if keepdims else [n for a, n in enumerate(x.shape) if a not in axes]
            return torch.full(shape, initial, dtype=x.dtype, device=x.device)
        result = reduce(x, axes, keepdim=keepdims)
    if initial is None:
        return result
    return combine(result, torch.full((), initial, dtype=x.dtype, device=x.device))


@operation
def max(
    x: TensorLike, axis: Axis = None, keepdims: bool = False, initial: float | None = None
) -> Tensor:
    """The largest element.

    Where several are the largest, the gradient is shared between them.

    Args:
        x: Numbers.
        axis: Axis or axes; None for all.
        keepdims: Whether reduced axes stay, of size 1.
        initial: The result is no smaller than this, and is this for no elements.

    Raises:
        ValueError: If there are no elements and no `initial`.
    """
    return _extreme("max", torch.amax, torch.maximum, convert_to_tensor(x), axis, keepdims, initial)


@operation
def min(
    x: TensorLike, axis: Axis = None, keepdims: bool = False, initial: float | None = None
) -> Tensor:
    """The smallest element.

    Where several are the smallest, the gradient is shared between them.

    Args:
        x: Numbers.
        axis: Axis or axes; None for all.
        keepdims: Whether reduced axes stay, of size 1.
        initial: The result is no larger than this, and is this for no elements.

    Raises:
        ValueError: If there are no elements and no `initial`.
    """
    return _extreme("min", torch.amin, torch.minimum, convert_to_tensor(x), axis, keepdims, initial)


@operation
def amax(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest element: `max` without `initial`."""
    return max(x, axis, keepdims)


@operation
def amin(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest element: `min` without `initial`."""
    return min(x, axis, keepdims)


@operation
def ptp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest less the smallest element."""
    return max(x, axis, keepdims) - min(x, axis, keepdims)


@operation
def argmax(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the first largest element is, as int32; in the flat tensor if `axis` is None."""
    x = count_as_int32(x)
    return torch.argmax(x, axis, keepdim=keepdims).to(torch.int32)


@operation
def argmin(x: TensorLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the first smallest element is, as int32; in the flat tensor if `axis` is None."""
    x = count_as_int32(x)
    return torch.argmin(x, axis, keepdim=keepdims).to(torch.int32)


@operation
def all(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements are true, that is not zero."""
    x = convert_to_tensor(x).to(torch.bool)
    return x if is_empty(axis) else torch.all(x, axes_of(axis, x.ndim), keepdim=keepdims)


@operation
def any(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether an element is true, that is not zero."""
    x = convert_to_tensor(x).to(torch.bool)
    return x if is_empty(axis) else torch.any(x, axes_of(axis, x.ndim), keepdim=keepdims)


@operation
def count_nonzero(x: TensorLike, axis: Axis = None) -> Tensor:
    """The number of elements that are not zero, as int32."""
    nonzero = convert_to_tensor(x) != 0
    if is_empty(axis):
        return nonzero.to(torch.int32)
    return torch.sum(nonzero, axes_of(axis, nonzero.ndim), dtype=torch.int32)


@operation
def var(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The variance: mean squared distance from the mean (divided by n, not n - 1)."""
    x = to_float(x)
    if is_empty(axis):
        return torch.zeros_like(x)
    return torch.var(x, axes_of(axis, x.ndim), correction=0, keepdim=keepdims)


@operation
def std(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The standard deviation: the root of `var`."""
    x = to_float(x)
    if is_empty(axis):
        return torch.zeros_like(x)
    return torch.std(x, axes_of(axis, x.ndim), correction=0, keepdim=keepdims)


@operation
def average(x: TensorLike, axis: Axis = None, weights: TensorLike = None) -> Tensor:
    """The mean, weighted: sum(w x) / sum(w).

    Args:
        x: Numbers.
        axis: Axis or axes; None for all.
        weights: Weights of the shape of `x`, or along `axis` only; None for the plain mean.

    Raises:
        ValueError: If the weights have neither shape.
    """
    if weights is None:
        return mean(x, axis)
    x, w = of_common_type(to_float(x), weights)
    if is_empty(axis):
        return x
    if w.shape != x.shape:
        along = axes_of(axis, x.ndim)
        if axis is None or len(along) != w.ndim or [x.shape[a] for a in along] != list(w.shape):
            raise ValueError(
                "`weights` must have the shape of `x`, or its sizes along `axis`; received "
                f"shapes {tuple(w.shape)} and {tuple(x.shape)} with axis={axis}."
            )
        order = sorted(range(len(along)), key=lambda i: along[i])
        sizes = [n if a in along else 1 for a, n in enumerate(x.shape)]
        w = w.permute(order).reshape(sizes).expand_as(x)
    axes = axes_of(axis, x.ndim)
    return torch.sum(x * w, axes) / torch.sum(w, axes)


@operation
def logsumexp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """log(sum(e^x)) without overflow."""
    x = to_float(x)
    return torch.logsumexp(x, axes_of(axis, x.ndim), keepdim=keepdims)


@operation
def quantile(
    x: TensorLike,
    q: TensorLike,
    axis: Axis = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Tensor:
    """The number that a part `q` of the elements lies below.

    In the sorted elements, that at position q (n - 1), where `method` says what is between two.

    Args:
        x: Numbers; NaN among them makes the result NaN, and so does having none.
        q: Part or parts, in [0, 1]. For a list the results are stacked along a new first axis.
        axis: Axis or axes; None for all.
        method: `"linear"` between the neighbours, or the `"lower"`, `"higher"` or `"nearest"`
            one, or their `"midpoint"`.
        keepdims: Whether reduced axes stay, of size 1.

    Raises:
        ValueError: If `method` is none of these.
    """
    return quantile_of(x, q, axis, method, keepdims, leave_out=False)


def quantile_of(
    x: TensorLike, q: TensorLike, axis: Axis, method: str, keepdims: bool, *, leave_out: bool
) -> Tensor:
    """`quantile`; with `leave_out`, of what is not NaN."""
    x = to_float(x)
    parts = convert_to_tensor(q, x.dtype).to(x.device)
    axes = axes_of(axis, x.ndim)
    kept = [a for a in range(x.ndim) if a not in axes]
    around, count = [x.shape[a] for a in kept], math.prod(x.shape[a] for a in axes)
    flat = x.permute([*kept, *axes]).reshape([*around, count])
    if count == 0:
        flat = x.new_full([*around, 1], torch.nan)  # of no elements all quantiles are NaN
    ordered = torch.sort(flat, dim=-1).values  # NaN is sorted last
    last = ordered.new_full((1,), flat.shape[-1] - 1)
    if leave_out:
        last = ((~flat.isnan()).sum(-1, keepdim=True) - 1).clamp_min(0)
    # torch.quantile itself stops at 2^24 elements.
    position = parts.reshape(-1) * last
    below, above = position.floor(), position.ceil()
    if method == "linear":
        weight = position - below
    elif method == "midpoint":
        weight = torch.where(above > below, 0.5, 0.0).to(x)
    elif method in ("lower", "higher", "nearest"):
        rounded = {"lower": below, "higher": above, "nearest": position.round()}[method]
        below, above, weight = rounded, rounded, torch.zeros_like(position)
    else:
        raise ValueError(
            "`method` must be 'linear', 'lower', 'higher', 'nearest' or 'midpoint'; "
            f"received {method!r}."
        )
    shape = (*around, -1)
    lower = ordered.gather(-1, below.long().expand(shape))
    upper = ordered.gather(-1, above.long().expand(shape))
    result = torch.lerp(lower, upper, weight.to(x))
    # The mean with an infinity is infinite, which `lerp` loses in the difference of the two.
    result = torch.where(lower.isinf() | upper.isinf(), lower + upper, result)
    if not leave_out:
        result = torch.where(ordered[..., -1:].isnan(), torch.nan, result)
    result = result.movedim(-1, 0)
    if keepdims:
        sizes = [1 if a in axes else n for a, n in enumerate(x.shape)]
        result = result.reshape(result.shape[0], *sizes)
    return result.reshape(parts.shape + result.shape[1:])


@operation
def percentile(
    x: TensorLike,
    q: TensorLike,
    axis: Axis = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Tensor:
    """`quantile` for `q` in percent, in [0, 100]."""
    return quantile(x, convert_to_tensor(q, torch.float64) / 100, axis, method, keepdims)


@operation
def median(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The middle of the sorted elements; of an even number the mean of the two in the middle."""
    return quantile(x, 0.5, axis, keepdims=keepdims)


@operation
def cumsum(x: TensorLike, axis: int | None = None, dtype: object = None) -> Tensor:
    """The sums of the first 1, 2, ... elements.

    Args:
        x: Numbers; booleans as int32.
        axis: Axis; None for the flat tensor.
        dtype: Element type of the sums; that of `x` if None.
    """
    return _cumulate(torch.cumsum, x, axis, dtype)


@operation
def cumprod(x: TensorLike, axis: int | None = None, dtype: object = None) -> Tensor:
    """The products of the first 1, 2, ... elements.

    Args:
        x: Numbers; booleans as int32.
        axis: Axis; None for the flat tensor.
        dtype: Element type of the products; that of `x` if None.
    """
    return _cumulate(torch.cumprod, x, axis, dtype)


def _cumulate(
    function: Callable[..., Tensor], x: TensorLike, axis: int | None, dtype: object
) -> Tensor:
    """`function` along `axis`, in the type asked for."""
    x = convert_to_tensor(x)
    wanted = x.dtype if dtype is None else torch_dtype(dtype)
    if wanted is torch.bool:
        wanted = torch.int32
    if axis is None:
        return function(x.reshape(-1), 0, dtype=wanted)
    return function(x, canonical_axis(axis, x.ndim), dtype=wanted)


@operation
def diff(a: TensorLike, n: int = 1, axis: int = -1) -> Tensor:
    """The differences between neighbours.

    Args:
        a: Numbers.
        n: How many times, >= 0.
        axis: Axis.
    """
    return torch.diff(convert_to_tensor(a), n=n, dim=axis)


@operation
def trapezoid(y: TensorLike, x: TensorLike = None, dx: TensorLike = 1.0, axis: int = -1) -> Tensor:
    """The integral by the trapezoidal rule.

    Args:
        y: Values of the function.
        x: Where they are, of the shape of `y` or along `axis` alone; at equal distances if None.
        dx: Distance of the places where `x` is None.
        axis: The axis to integrate along.
    """
    y = to_float(y)
    if x is None:
        return torch.trapezoid(y, dim=axis) * convert_to_tensor(dx).to(y)
    return torch.trapezoid(y, convert_to_tensor(x).to(y), dim=axis)
