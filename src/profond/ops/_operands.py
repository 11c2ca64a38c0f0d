"""What operations do with their arguments: to tensors, on one device, of a common type.

Types follow Keras's rules, which are those of torch for tensors (int + float is float, float16
+ bfloat16 is float32, ...). A Python number is weak: it takes the type of the tensor beside it,
and only a float beside an integer tensor makes a float, of type `config.floatx()`. Integers
become `config.floatx()` where the result has to be a float.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor

from profond import config
from profond._dtypes import torch_dtype
from profond._tensors import convert_to_tensor

# Whatever `convert_to_tensor` takes, and in a functional model a `KerasTensor`.
TensorLike: TypeAlias = Any
Axis: TypeAlias = int | Sequence[int] | None

_SMALL = (torch.bool, torch.uint8, torch.int8, torch.int16)


def default_float() -> torch.dtype:
    """`config.floatx()` as torch's type."""
    return torch_dtype(config.floatx())


def to_float(x: TensorLike) -> Tensor:
    """`x` as a tensor of floats."""
    x = convert_to_tensor(x)
    if x.is_floating_point() or x.is_complex():
        return x
    return x.to(default_float())


def count_as_int32(x: TensorLike) -> Tensor:
    """`x` as a tensor in which a count does not overflow: bool and small integers as int32."""
    x = convert_to_tensor(x)
    return x.to(torch.int32) if x.dtype in _SMALL else x


def tensors(xs: Iterable[TensorLike]) -> list[Tensor]:
    """All of `xs` as tensors, on the device of the first that is one already."""
    xs = list(xs)
    device = next((x.device for x in xs if isinstance(x, Tensor)), None)
    converted = [convert_to_tensor(x) for x in xs]
    return converted if device is None else [x.to(device) for x in converted]


def of_common_type(*xs: TensorLike) -> list[Tensor]:
    """All of `xs` as tensors of the type that torch promotes them to."""
    converted = tensors(xs)
    dtype = converted[0].dtype
    for x in converted[1:]:
        dtype = torch.promote_types(dtype, x.dtype)
    return [x.to(dtype) for x in converted]


def pair(x1: TensorLike, x2: TensorLike) -> tuple[Any, Any]:
    """Both operands, of which at least one is a tensor and the other perhaps a Python number."""
    if isinstance(x1, Tensor):
        if isinstance(x2, Tensor):
            return x1, x2
        if isinstance(x2, int | float):
            return _beside(x1, x2), x2
        return x1, convert_to_tensor(x2).to(x1.device)
    if isinstance(x2, Tensor):
        x2, x1 = pair(x2, x1)
        return x1, x2
    if isinstance(x2, int | float):
        return pair(convert_to_tensor(x1), x2)
    x2 = convert_to_tensor(x2)
    return pair(x1, x2)


def _beside(x: Tensor, number: float) -> Tensor:
    """`x` in the type of its combination with a Python number."""
    if isinstance(number, float) and not (x.is_floating_point() or x.is_complex()):
        return x.to(default_float())
    if x.dtype is torch.bool and not isinstance(number, bool):
        return x.to(torch.int32)
    return x


def tensor_pair(x1: TensorLike, x2: TensorLike) -> tuple[Tensor, Tensor]:
    """Both operands as tensors; a Python number in the type of the other."""
    x1, x2 = pair(x1, x2)
    if not isinstance(x2, Tensor):
        return x1, torch.full((), x2, dtype=x1.dtype, device=x1.device)
    if not isinstance(x1, Tensor):
        return torch.full((), x1, dtype=x2.dtype, device=x2.device), x2
    return x1, x2


def float_pair(x1: TensorLike, x2: TensorLike) -> tuple[Any, Any]:
    """Both operands, integers as floats where there is no float beside them."""
    x1, x2 = pair(x1, x2)
    if not any(x.is_floating_point() or x.is_complex() for x in (x1, x2) if isinstance(x, Tensor)):
        x1 = x1.to(default_float()) if isinstance(x1, Tensor) else x1
        x2 = x2.to(default_float()) if isinstance(x2, Tensor) else x2
    return x1, x2


def axes_of(axis: Axis, ndim: int) -> tuple[int, ...]:
    """`axis` as a tuple of axes from 0 to `ndim` - 1, all of them for None.

    Raises:
        ValueError: If one is out of range.
    """
    given = range(ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    return tuple(canonical_axis(a, ndim) for a in given)


def canonical_axis(axis: int, ndim: int) -> int:
    """`axis` counted from the front.

    Raises:
        ValueError: If it is out of range.
    """
    if not -ndim <= axis < ndim:
        raise ValueError(
            f"`axis` must be from {-ndim} to {ndim - 1} for a tensor of {ndim} axes; "
            f"received axis={axis}."
        )
    return axis % ndim


def is_empty(axis: Any) -> bool:
    """Whether `axis` names no axis at all: `()` or `[]`, which reduces nothing."""
    return isinstance(axis, tuple | list) and len(axis) == 0


def refuse_sparse(sparse: Any) -> None:
    """Refuse Keras's `sparse=True`, which no backend but TensorFlow and JAX has.

    Raises:
        ValueError: If `sparse` is true.
    """
    if sparse:
        raise ValueError("`sparse` must be False: results are dense tensors; received sparse=True.")
