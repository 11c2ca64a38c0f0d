"""Functions of one number, applied to each element.

`x` is a tensor, array, list, number or symbolic tensor; the result has its shape. Integers are
taken as `config.floatx()` unless the function keeps integers (abs, sign, square, ...).
"""

import torch
from torch import Tensor

from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import TensorLike, count_as_int32, default_float, to_float


@operation
def absolute(x: TensorLike) -> Tensor:
    """The size of each element: |x|."""
    x = convert_to_tensor(x)
    return x if x.dtype is torch.bool else torch.abs(x)


abs = absolute


@operation
def negative(x: TensorLike) -> Tensor:
    """-x."""
    return torch.negative(convert_to_tensor(x))


@operation
def sign(x: TensorLike) -> Tensor:
    """-1, 0 or 1, as x is negative, zero or positive."""
    return torch.sign(convert_to_tensor(x))


@operation
def square(x: TensorLike) -> Tensor:
    """x^2; of booleans as int32."""
    x = convert_to_tensor(x)
    return torch.square(x.to(torch.int32) if x.dtype is torch.bool else x)


@operation
def sqrt(x: TensorLike) -> Tensor:
    """The square root; NaN for negative numbers."""
    return torch.sqrt(to_float(x))


@operation
def rsqrt(x: TensorLike) -> Tensor:
    """1 / sqrt(x)."""
    return torch.rsqrt(to_float(x))


@operation
def reciprocal(x: TensorLike) -> Tensor:
    """1 / x."""
    return torch.reciprocal(to_float(x))


@operation
def exp(x: TensorLike) -> Tensor:
    """e^x."""
    return torch.exp(to_float(x))


@operation
def exp2(x: TensorLike) -> Tensor:
    """2^x."""
    return torch.exp2(to_float(x))


@operation
def expm1(x: TensorLike) -> Tensor:
    """e^x - 1, exact for small x."""
    return torch.expm1(to_float(x))


@operation
def log(x: TensorLike) -> Tensor:
    """The natural logarithm; NaN for negative numbers."""
    return torch.log(to_float(x))


@operation
def log10(x: TensorLike) -> Tensor:
    """The logarithm of base 10."""
    return torch.log10(to_float(x))


@operation
def log1p(x: TensorLike) -> Tensor:
    """log(1 + x), exact for small x."""
    return torch.log1p(to_float(x))


@operation
def log2(x: TensorLike) -> Tensor:
    """The logarithm of base 2."""
    return torch.log2(to_float(x))


@operation
def sin(x: TensorLike) -> Tensor:
    """The sine of an angle in radians."""
    return torch.sin(to_float(x))


@operation
def cos(x: TensorLike) -> Tensor:
    """The cosine of an angle in radians."""
    return torch.cos(to_float(x))


@operation
def tan(x: TensorLike) -> Tensor:
    """The tangent of an angle in radians."""
    return torch.tan(to_float(x))


@operation
def arcsin(x: TensorLike) -> Tensor:
    """The angle in radians, in [-pi/2, pi/2], whose sine is x."""
    return torch.arcsin(to_float(x))


@operation
def arccos(x: TensorLike) -> Tensor:
    """The angle in radians, in [0, pi], whose cosine is x."""
    return torch.arccos(to_float(x))


@operation
def arctan(x: TensorLike) -> Tensor:
    """The angle in radians, in (-pi/2, pi/2), whose tangent is x."""
    return torch.arctan(to_float(x))


@operation
def sinh(x: TensorLike) -> Tensor:
    """The hyperbolic sine: (e^x - e^-x) / 2."""
    return torch.sinh(to_float(x))


@operation
def cosh(x: TensorLike) -> Tensor:
    """The hyperbolic cosine: (e^x + e^-x) / 2."""
    return torch.cosh(to_float(x))


@operation
def tanh(x: TensorLike) -> Tensor:
    """The hyperbolic tangent: sinh(x) / cosh(x)."""
    return torch.tanh(to_float(x))


@operation
def arcsinh(x: TensorLike) -> Tensor:
    """The number whose hyperbolic sine is x."""
    return torch.arcsinh(to_float(x))


@operation
def arccosh(x: TensorLike) -> Tensor:
    """The number >= 0 whose hyperbolic cosine is x >= 1."""
    return torch.arccosh(to_float(x))


@operation
def arctanh(x: TensorLike) -> Tensor:
    """The number whose hyperbolic tangent is x, |x| < 1."""
    return torch.arctanh(to_float(x))


@operation
def erf(x: TensorLike) -> Tensor:
    """The error function: 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x."""
    return torch.erf(to_float(x))


@operation
def erfc(x: TensorLike) -> Tensor:
    """1 - erf(x), exact for large x."""
    return torch.erfc(to_float(x))


@operation
def erfinv(x: TensorLike) -> Tensor:
    """The number whose error function is x, |x| < 1."""
    return torch.erfinv(to_float(x))


@operation
def floor(x: TensorLike) -> Tensor:
    """The largest whole number <= x, as a float."""
    return torch.floor(to_float(x))


@operation
def ceil(x: TensorLike) -> Tensor:
    """The smallest whole number >= x, as a float."""
    return torch.ceil(to_float(x))


@operation
def trunc(x: TensorLike) -> Tensor:
    """`x` without its digits behind the point."""
    x = convert_to_tensor(x)
    return x if x.dtype is torch.bool else torch.trunc(x)


@operation
def round(x: TensorLike, decimals: int = 0) -> Tensor:
    """`x` to `decimals` digits behind the point (before it, if negative); halves to even.

    Args:
        x: Numbers; integers stay integers.
        decimals: Number of digits.
    """
    x = convert_to_tensor(x)
    if x.is_floating_point():
        return torch.round(x, decimals=decimals)
    if decimals >= 0:
        return x
    return torch.round(x.to(torch.float64), decimals=decimals).to(x.dtype)


@operation
def isfinite(x: TensorLike) -> Tensor:
    """Where x is neither infinite nor NaN."""
    return torch.isfinite(convert_to_tensor(x))


@operation
def isinf(x: TensorLike) -> Tensor:
    """Where x is infinite."""
    return torch.isinf(convert_to_tensor(x))


@operation
def isnan(x: TensorLike) -> Tensor:
    """Where x is not a number."""
    return torch.isnan(convert_to_tensor(x))


@operation
def logical_not(x: TensorLike) -> Tensor:
    """Where x is zero or False."""
    return torch.logical_not(convert_to_tensor(x))


@operation
def nan_to_num(
    x: TensorLike, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """`x` with finite numbers in the place of NaN and infinities.

    Args:
        x: Numbers.
        nan: What stands for NaN.
        posinf: What stands for infinity; the largest number of the type if None.
        neginf: What stands for minus infinity; the lowest number of the type if None.
    """
    return torch.nan_to_num(convert_to_tensor(x), nan=nan, posinf=posinf, neginf=neginf)


@operation
def clip(x: TensorLike, x_min: TensorLike, x_max: TensorLike) -> Tensor:
    """x, but no less than `x_min` and no more than `x_max`.

    Args:
        x: Numbers; booleans as int32.
        x_min: Lower bound, a number or a tensor that broadcasts.
        x_max: Upper bound, likewise.
    """
    x = convert_to_tensor(x)
    if x.dtype is torch.bool:
        x = x.to(torch.int32)
    bounds = (x_min, x_max)
    if not x.is_floating_point() and any(isinstance(bound, float) for bound in bounds):
        x = x.to(default_float())
    if all(isinstance(bound, int | float) for bound in bounds):
        return torch.clamp(x, x_min, x_max)
    low, high = (
        bound if isinstance(bound, Tensor) else torch.as_tensor(bound, dtype=x.dtype)
        for bound in bounds
    )
    return torch.clamp(x, low.to(x.device), high.to(x.device))


@operation
def saturate_cast(x: TensorLike, dtype: object) -> Tensor:
    """`x` in another type, numbers out of its range at the bounds instead of wrapped around.

    Args:
        x: Numbers.
        dtype: The type, `"uint8"` for example.
    """
    from profond._dtypes import torch_dtype

    x, target = count_as_int32(x), torch_dtype(dtype)
    if target is torch.bool:
        return x.to(target)
    limits = torch.finfo(target) if target.is_floating_point else torch.iinfo(target)
    own = torch.finfo(x.dtype) if x.is_floating_point() else torch.iinfo(x.dtype)
    low, high = max(limits.min, own.min), min(limits.max, own.max)
    if x.is_floating_point() and not target.is_floating_point:
        # The largest int32 or int64 is no float: the nearest one may lie above it.
        x = torch.nan_to_num(x).to(torch.float64)
        above, below = x >= float(limits.max), x <= float(limits.min)
        inside = torch.where(above | below, 0.0, x).to(target)
        return torch.where(above, limits.max, torch.where(below, limits.min, inside)).to(target)
    return torch.clamp(x, low, high).to(target)
