"""Mean and variance, and what is made of them: the functions below the normalization layers."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import config
from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import Axis, TensorLike, axes_of, canonical_axis, tensors, to_float


@operation
def moments(
    x: TensorLike, axes: int | Sequence[int], keepdims: bool = False, synchronized: bool = False
) -> tuple[Tensor, Tensor]:
    """Mean and variance (divided by n) over `axes`.

    Args:
        x: Numbers; those of half precision are summed in float32.
        axes: Axis or axes.
        keepdims: Whether these axes stay, of size 1.
        synchronized: Must be False.

    Raises:
        ValueError: If `synchronized` is true.
    """
    if synchronized:
        raise ValueError(
            "`synchronized` must be False: statistics are those of this process; received True."
        )
    x = to_float(x)
    wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    dims = axes_of(axes, x.ndim)
    variance, mean = torch.var_mean(wide, dims, correction=0, keepdim=keepdims)
    if wide is not x:
        limits = torch.finfo(x.dtype)
        mean, variance = (torch.clamp(m, limits.min, limits.max) for m in (mean, variance))
    return mean.to(x.dtype), variance.to(x.dtype)


@operation
def normalize(
    x: TensorLike, axis: Axis = -1, order: float = 2, epsilon: float | None = None
) -> Tensor:
    """`x` divided by its norm over `axis`.

    Args:
        x: Numbers.
        axis: Axis or axes of the norm; None for all.
        order: Order of the norm (sum |x|^order)^(1/order), a whole number >= 1.
        epsilon: Norms below it count as this; `config.epsilon()` if None.

    Raises:
        ValueError: If `order` is not a whole number >= 1.
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"`order` must be a whole number >= 1; received order={order!r}.")
    x = to_float(x)
    if x.ndim == 0:
        x = x.unsqueeze(0)
    floor = config.epsilon() if epsilon is None else epsilon
    dims = axes_of(axis, x.ndim)
    if order == 2:
        return x * torch.clamp(torch.rsqrt(x.square().sum(dims, keepdim=True)), max=1.0 / floor)
    norm = torch.linalg.vector_norm(x, order, dims, keepdim=True)
    return x / torch.clamp(norm, min=floor)


@operation
def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    axis: int,
    offset: TensorLike = None,
    scale: TensorLike = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset (Ioffe & Szegedy 2015).

    Args:
        x: Numbers.
        mean: Means along `axis`.
        variance: Variances along `axis`.
        axis: The axis that keeps its own statistics.
        offset: Added along `axis`; 0 if None.
        scale: Factor along `axis`; 1 if None.
        epsilon: Keeps the division finite, > 0.
    """
    x = to_float(x)
    shape = [1] * x.ndim
    shape[canonical_axis(axis, x.ndim)] = -1

    def along(values: TensorLike) -> Tensor:
        return convert_to_tensor(values).to(x.device).reshape(shape)

    factor = torch.rsqrt(along(variance) + epsilon)
    if scale is not None:
        factor = factor * along(scale)
    result = (x - along(mean)) * factor
    return result if offset is None else result + along(offset)


def _in_at_least_float32(x: TensorLike) -> tuple[Tensor, torch.dtype]:
    """`x` with half precision widened, and its own type."""
    x = to_float(x)
    half = x.dtype in (torch.float16, torch.bfloat16)
    return (x.float() if half else x), x.dtype


def _broadcast(values: Tensor, dims: tuple[int, ...], x: Tensor) -> Tensor:
    """`values` over the axes `dims` of `x`, for broadcasting."""
    if values.ndim == x.ndim:
        return values
    return values.reshape([n if a in dims else 1 for a, n in enumerate(x.shape)])


@operation
def layer_normalization(
    x: TensorLike,
    gamma: TensorLike = None,
    beta: TensorLike = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
) -> Tensor:
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta (Ba et al. 2016, eq. 4).

    Args:
        x: Numbers; half precision is computed in float32.
        gamma: Factor, of the sizes of `axis`; 1 if None.
        beta: Added, of the sizes of `axis`; 0 if None.
        axis: Axis or axes of mean and variance.
        epsilon: Keeps the division finite; `config.epsilon()` if None.
    """
    wide, dtype = _in_at_least_float32(x)
    floor = config.epsilon() if epsilon is None else epsilon
    dims = tuple(sorted(axes_of(axis, wide.ndim)))
    weight, bias = (
        None if values is None else tensors([wide, values])[1].to(wide.dtype)
        for values in (gamma, beta)
    )
    last = tuple(range(wide.ndim - len(dims), wide.ndim))
    sizes = [wide.shape[a] for a in dims]
    if dims == last and all(v is None or list(v.shape) == sizes for v in (weight, bias)):
        return F.layer_norm(wide, sizes, weight, bias, floor).to(dtype)
    variance, mean = torch.var_mean(wide, dims, correction=0, keepdim=True)
    result = (wide - mean) * torch.rsqrt(variance + floor)
    if weight is not None:
        result = result * _broadcast(weight, dims, wide)
    if bias is not None:
        result = result + _broadcast(bias, dims, wide)
    return result.to(dtype)


@operation
def rms_normalization(
    x: TensorLike,
    scale: TensorLike = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
) -> Tensor:
    """`x` / sqrt(mean(x^2) + epsilon) * scale (Zhang & Sennrich 2019, eq. 4).

    Args:
        x: Numbers; half precision is computed in float32.
        scale: Factor, of the sizes of `axis`; 1 if None.
        axis: Axis or axes of the mean.
        epsilon: Keeps the division finite; `config.epsilon()` if None.
    """
    wide, dtype = _in_at_least_float32(x)
    floor = config.epsilon() if epsilon is None else epsilon
    dims = tuple(sorted(axes_of(axis, wide.ndim)))
    result = wide * torch.rsqrt(wide.square().mean(dims, keepdim=True) + floor)
    if scale is not None:
        result = result * _broadcast(tensors([wide, scale])[1].to(wide.dtype), dims, wide)
    return result.to(dtype)
