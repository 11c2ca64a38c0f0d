"""Tensors made from a shape or a rule."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from profond._dtypes import torch_dtype
from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import TensorLike, default_float, tensor_pair, to_float


def _sizes(shape: int | Sequence[int]) -> tuple[int, ...]:
    """`shape` as a tuple."""
    return (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape)


def _float_type(dtype: object) -> torch.dtype:
    """`dtype`, or `config.floatx()` for None."""
    return default_float() if dtype is None else torch_dtype(dtype)


def zeros(shape: int | Sequence[int], dtype: object = None) -> Tensor:
    """Zeros, of type `config.floatx()` unless `dtype` says otherwise."""
    return torch.zeros(_sizes(shape), dtype=_float_type(dtype))


def ones(shape: int | Sequence[int], dtype: object = None) -> Tensor:
    """Ones, of type `config.floatx()` unless `dtype` says otherwise."""
    return torch.ones(_sizes(shape), dtype=_float_type(dtype))


def empty(shape: int | Sequence[int], dtype: object = None) -> Tensor:
    """Whatever was in memory, of type `config.floatx()` unless `dtype` says otherwise."""
    return torch.empty(_sizes(shape), dtype=_float_type(dtype))


def full(shape: int | Sequence[int], fill_value: TensorLike, dtype: object = None) -> Tensor:
    """`fill_value` everywhere, broadcast to `shape`.

    Args:
        shape: Sizes.
        fill_value: Number, or numbers that broadcast.
        dtype: Element type; `config.floatx()` if None, as in Keras, for integers too.
    """
    value = convert_to_tensor(fill_value, _float_type(dtype))
    return torch.broadcast_to(value, _sizes(shape)).clone()


@operation
def zeros_like(x: TensorLike, dtype: object = None) -> Tensor:
    """Zeros of the shape of `x`, and of its type unless `dtype` says otherwise."""
    x = convert_to_tensor(x)
    return torch.zeros_like(x, dtype=x.dtype if dtype is None else torch_dtype(dtype))


@operation
def ones_like(x: TensorLike, dtype: object = None) -> Tensor:
    """Ones of the shape of `x`, and of its type unless `dtype` says otherwise."""
    x = convert_to_tensor(x)
    return torch.ones_like(x, dtype=x.dtype if dtype is None else torch_dtype(dtype))


@operation
def empty_like(x: TensorLike, dtype: object = None) -> Tensor:
    """Memory as it is, in the shape of `x` and of its type unless `dtype` says otherwise."""
    x = convert_to_tensor(x)
    return torch.empty_like(x, dtype=x.dtype if dtype is None else torch_dtype(dtype))


@operation
def full_like(x: TensorLike, fill_value: TensorLike, dtype: object = None) -> Tensor:
    """`fill_value` in the shape of `x`, and of its type unless `dtype` says otherwise."""
    x = convert_to_tensor(x)
    value = convert_to_tensor(fill_value, x.dtype if dtype is None else dtype)
    return torch.broadcast_to(value.to(x.device), x.shape).clone()


def eye(N: int, M: int | None = None, k: int = 0, dtype: object = None) -> Tensor:
    """Ones on a diagonal, zeros elsewhere.

    Args:
        N: Number of rows.
        M: Number of columns; as many as rows if None.
        k: Which diagonal: 0 the main one, above it if positive.
        dtype: Element type; `config.floatx()` if None.
    """
    rows, columns = torch.arange(N)[:, None], torch.arange(N if M is None else M)
    return (columns - rows == (k or 0)).to(_float_type(dtype))


def identity(n: int, dtype: object = None) -> Tensor:
    """The identity matrix of `n` rows."""
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: object = None) -> Tensor:
    """Ones on diagonal `k` and below it, zeros above; the arguments of `eye`."""
    rows, columns = torch.arange(N)[:, None], torch.arange(N if M is None else M)
    return (columns - rows <= k).to(_float_type(dtype))


def arange(
    start: TensorLike, stop: TensorLike = None, step: TensorLike = None, dtype: object = None
) -> Tensor:
    """Numbers from `start` up to `stop`, which is left out, at a distance of `step`.

    Args:
        start: First number; if `stop` is None, 0 is and this is `stop`.
        stop: Where to end.
        step: Distance, 1 if None.
        dtype: Element type; if None int32 for integers and `config.floatx()` for floats.
    """
    if stop is None:
        start, stop = 0, start
    given: list[Any] = [start, stop, 1 if step is None else step]
    if dtype is not None:
        wanted = torch_dtype(dtype)
    else:
        wanted = convert_to_tensor(0).dtype
        for value in given:
            wanted = torch.promote_types(wanted, convert_to_tensor(value).dtype)
    return torch.arange(*(_number(value) for value in given), dtype=wanted)


def _number(value: Any) -> float:
    """A Python number from a number or a tensor or array of one."""
    return value.item() if hasattr(value, "item") else value


@operation
def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: object = None,
    axis: int = 0,
) -> Any:
    """`num` numbers at equal distances from `start` to `stop`.

    Args:
        start: First number, or a tensor of them.
        stop: Last number, or a tensor of them that broadcasts.
        num: How many, >= 0.
        endpoint: Whether `stop` is one of them; otherwise it is the one after the last.
        retstep: Whether to return the distance too.
        dtype: Element type; a float type if None.
        axis: The axis of the result that the numbers are along.

    Returns:
        The numbers, or the pair of them and the distance.
    """
    wanted = None if dtype is None else torch_dtype(dtype)
    if wanted is not None and wanted.is_floating_point:
        start, stop = convert_to_tensor(start, wanted), convert_to_tensor(stop, wanted)
    first, last = torch.broadcast_tensors(*(to_float(x) for x in tensor_pair(start, stop)))
    gaps = num - 1 if endpoint else num
    step = (last - first) / gaps if gaps > 0 else torch.full_like(first, torch.nan)
    part = torch.arange(num, dtype=first.dtype, device=first.device)
    part = part.reshape(-1, *[1] * first.ndim) / max(gaps, 1)
    # The weighted mean meets both ends exactly.
    result = first * (1 - part) + last * part
    result = result.movedim(0, axis)
    if wanted is not None:
        result = result.to(wanted)
    return (result, step) if retstep else result


@operation
def logspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10,
    dtype: object = None,
    axis: int = 0,
) -> Tensor:
    """`num` numbers from base^start to base^stop, each the same multiple of the one before.

    Args:
        start: Exponent of the first number, or a tensor of them.
        stop: Exponent of the last number, or a tensor of them that broadcasts.
        num: How many, >= 0.
        endpoint: Whether the last number is one of them; otherwise it comes after the last.
        base: What is raised to these exponents.
        dtype: Element type; a float type if None.
        axis: The axis of the result that the numbers are along (Keras on PyTorch: 0 only).
    """
    numbers = base ** linspace(start, stop, num, endpoint, axis=axis)
    return numbers if dtype is None else numbers.to(torch_dtype(dtype))


@operation
def diag(x: TensorLike, k: int = 0) -> Tensor:
    """Diagonal `k` of a matrix, or a matrix with the 1-D `x` on that diagonal."""
    return torch.diag(convert_to_tensor(x), k)


@operation
def diagonal(x: TensorLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The diagonals of the matrices that `x` has along two axes, along a new last axis."""
    return torch.diagonal(convert_to_tensor(x), offset, axis1, axis2)


@operation
def tril(x: TensorLike, k: int = 0) -> Tensor:
    """With zeros above diagonal `k` of the last two axes."""
    return torch.tril(convert_to_tensor(x), k)


@operation
def triu(x: TensorLike, k: int = 0) -> Tensor:
    """With zeros below diagonal `k` of the last two axes."""
    return torch.triu(convert_to_tensor(x), k)
