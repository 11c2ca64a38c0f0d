"""torch's operations on lists of tensors, and its fused steps, gathered in one place.

torch keeps their names private, though its own optimizers and others stand on them.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch.autograd.graph import increment_version as increment_version

_torch: Any = torch

magnitudes = _torch._foreach_abs
add = _torch._foreach_add
add_ = _torch._foreach_add_
addcdiv_ = _torch._foreach_addcdiv_
addcmul_ = _torch._foreach_addcmul_
clamp_max = _torch._foreach_clamp_max
clamp_min = _torch._foreach_clamp_min
clamp_min_ = _torch._foreach_clamp_min_
copy_ = _torch._foreach_copy_
div_ = _torch._foreach_div_
lerp = _torch._foreach_lerp
lerp_ = _torch._foreach_lerp_
maximum_ = _torch._foreach_maximum_
mul = _torch._foreach_mul
mul_ = _torch._foreach_mul_
norm = _torch._foreach_norm
reciprocal_ = _torch._foreach_reciprocal_
rsqrt_ = _torch._foreach_rsqrt_
sign_ = _torch._foreach_sign_
sqrt = _torch._foreach_sqrt
sqrt_ = _torch._foreach_sqrt_
sub_ = _torch._foreach_sub_
zero_ = _torch._foreach_zero_

# These do not tell autograd that the weights changed: `increment_version` has to.
fused_adam_ = _torch._fused_adam_
fused_adamw_ = _torch._fused_adamw_
fused_sgd_ = _torch._fused_sgd_


@lru_cache(maxsize=256)
def _without_axes(number: float, dtype: torch.dtype) -> torch.Tensor:
    """`number` as a tensor on the CPU."""
    return torch.tensor(number, dtype=dtype, device="cpu")


def _operand(tensors: Sequence[Any], number: float) -> Any:
    """`number` as it is cheapest: on the CPU a Python number costs twice a tensor of its type."""
    first = tensors[0]
    dtype = first.dtype
    full = dtype is torch.float32 or dtype is torch.float64
    if full and first.is_cpu and all(tensor.dtype is dtype for tensor in tensors):
        return _without_axes(number, dtype)
    return number


def scale_(tensors: Sequence[Any], factor: float) -> None:
    """Multiply all tensors by `factor`."""
    mul_(tensors, _operand(tensors, factor))


def scale(tensors: Sequence[Any], factor: float) -> Sequence[Any]:
    """All tensors times `factor`, as new ones."""
    return mul(tensors, _operand(tensors, factor))


def plus_(tensors: Sequence[Any], number: float) -> None:
    """Add `number` to all tensors."""
    add_(tensors, _operands(tensors, number))


def plus(tensors: Sequence[Any], number: float) -> Sequence[Any]:
    """All tensors plus `number`, as new ones."""
    return add(tensors, _operands(tensors, number))


def _operands(tensors: Sequence[Any], number: float) -> Any:
    """As `_operand`; where that is a tensor, a list of it, for a sum costs half as much so."""
    operand = _operand(tensors, number)
    return operand if isinstance(operand, float) else [operand] * len(tensors)
