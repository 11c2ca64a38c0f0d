"""Arithmetic, comparisons and logic of two operands, with broadcasting.

`x1` and `x2` are tensors, arrays, lists, numbers or symbolic tensors whose shapes broadcast. A
Python number takes the type of the other operand (see `profond.ops._operands`).
"""

import torch
from torch import Tensor

from profond._symbolic import operation
from profond.ops._operands import (
    TensorLike,
    float_pair,
    pair,
    tensor_pair,
)


@operation
def add(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 + x2; of two booleans their "or"."""
    x1, x2 = pair(x1, x2)
    return x1 + x2


@operation
def subtract(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 - x2; booleans count as 0 and 1."""
    x1, x2 = pair(x1, x2)
    # torch refuses to subtract booleans.
    if isinstance(x1, Tensor) and x1.dtype is torch.bool:
        x1 = x1.to(torch.int32)
    if isinstance(x2, Tensor) and x2.dtype is torch.bool:
        x2 = x2.to(torch.int32)
    return x1 - x2


@operation
def multiply(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 x2, element by element."""
    x1, x2 = pair(x1, x2)
    return x1 * x2


@operation
def divide(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 / x2; of two integers a float."""
    x1, x2 = float_pair(x1, x2)
    return x1 / x2


true_divide = divide


@operation
def divide_no_nan(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 / x2, and 0 where x2 is 0; the gradient is finite there too."""
    x1, x2 = tensor_pair(*float_pair(x1, x2))
    zero = x2 == 0
    quotient = x1 / torch.where(zero, 1, x2)
    return torch.where(zero, 0, quotient)


@operation
def floor_divide(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The largest whole number <= x1 / x2."""
    x1, x2 = pair(x1, x2)
    return x1 // x2


@operation
def mod(x1: TensorLike, x2: TensorLike) -> Tensor:
    """What is left of x1 after `floor_divide`; it has the sign of x2."""
    x1, x2 = tensor_pair(x1, x2)
    if x1.dtype is torch.bool and x2.dtype is torch.bool:
        x1, x2 = x1.to(torch.int32), x2.to(torch.int32)
    return torch.remainder(x1, x2)


@operation
def power(x1: TensorLike, x2: TensorLike) -> Tensor:
    """x1 to the power of x2."""
    x1, x2 = pair(x1, x2)
    return torch.pow(x1, x2)


@operation
def maximum(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The larger of x1 and x2; NaN where one of them is."""
    return torch.maximum(*tensor_pair(x1, x2))


@operation
def minimum(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The smaller of x1 and x2; NaN where one of them is."""
    return torch.minimum(*tensor_pair(x1, x2))


@operation
def arctan2(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The angle in radians, in (-pi, pi], of the point with ordinate x1 and abscissa x2."""
    return torch.arctan2(*tensor_pair(*float_pair(x1, x2)))


@operation
def hypot(x1: TensorLike, x2: TensorLike) -> Tensor:
    """sqrt(x1^2 + x2^2) without overflow."""
    return torch.hypot(*tensor_pair(*float_pair(x1, x2)))


@operation
def logaddexp(x1: TensorLike, x2: TensorLike) -> Tensor:
    """log(e^x1 + e^x2) without overflow."""
    return torch.logaddexp(*tensor_pair(*float_pair(x1, x2)))


@operation
def equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where x1 = x2."""
    return torch.eq(*tensor_pair(x1, x2))


@operation
def not_equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where x1 and x2 differ."""
    return torch.ne(*tensor_pair(x1, x2))


@operation
def greater(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where x1 > x2."""
    return torch.gt(*tensor_pair(x1, x2))


@operation
def greater_equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where x1 >= x2."""
    return torch.ge(*tensor_pair(x1, x2))


@operation
def less(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where x1 < x2."""
    return torch.lt(*tensor_pair(x1, x2))


@operation
def less_equal(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where x1 <= x2."""
    return torch.le(*tensor_pair(x1, x2))


@operation
def logical_and(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where both x1 and x2 are true, that is not zero."""
    return torch.logical_and(*tensor_pair(x1, x2))


@operation
def logical_or(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where x1 or x2 or both are true."""
    return torch.logical_or(*tensor_pair(x1, x2))


@operation
def logical_xor(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where one of x1 and x2 is true and the other is not."""
    return torch.logical_xor(*tensor_pair(x1, x2))


@operation
def isclose(
    x1: TensorLike,
    x2: TensorLike,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,
) -> Tensor:
    """Where |x1 - x2| <= atol + rtol |x2|.

    Args:
        x1: Numbers.
        x2: Numbers, the reference.
        rtol: Relative tolerance, >= 0.
        atol: Absolute tolerance, >= 0.
        equal_nan: Whether NaN counts as close to NaN.
    """
    x1, x2 = tensor_pair(x1, x2)
    dtype = torch.result_type(x1, x2)
    return torch.isclose(x1.to(dtype), x2.to(dtype), rtol=rtol, atol=atol, equal_nan=equal_nan)


@operation
def allclose(
    x1: TensorLike,
    x2: TensorLike,
    rtol: float = 1e-5,
    atol: float = 1e-8,
    equal_nan: bool = False,
) -> Tensor:
    """Whether `isclose` holds everywhere; its arguments. A tensor of one boolean."""
    return torch.all(isclose(x1, x2, rtol, atol, equal_nan))
