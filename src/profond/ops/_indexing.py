"""Elements by their position: taking, placing, choosing."""

import builtins
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from profond._lookup import choose
from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import (
    TensorLike,
    canonical_axis,
    tensor_pair,
    tensors,
)


@operation
def get_item(x: TensorLike, key: Any) -> Tensor:
    """`x[key]`.

    Args:
        x: Tensor.
        key: Position, slice, None, Ellipsis, boolean or integer tensor, or a tuple of these.
    """
    return convert_to_tensor(x)[key]


getitem = get_item


@operation
def take(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Tensor:
    """The slices of `x` at `indices` along `axis`.

    Args:
        x: Tensor.
        indices: Positions of any shape, counted from the end if negative.
        axis: Axis, in whose place the axes of `indices` come; None for the flat tensor.

    Raises:
        IndexError: If a position is out of range.
    """
    x = convert_to_tensor(x)
    if axis is None:
        x, axis = x.reshape(-1), 0
    axis = canonical_axis(axis, x.ndim)
    index = _positions(indices, x.shape[axis], x.device)
    if x.ndim == 2 and axis == 0:
        return torch.nn.functional.embedding(index, x)
    picked = torch.index_select(x, axis, index.reshape(-1))
    return picked.reshape(x.shape[:axis] + index.shape + x.shape[axis + 1 :])


@operation
def take_along_axis(x: TensorLike, indices: TensorLike, axis: int | None = None) -> Tensor:
    """For each place in `indices` the element of `x` in the same place but for `axis`.

    Args:
        x: Tensor.
        indices: Positions along `axis`; its other axes broadcast with those of `x`.
        axis: Axis; None for the flat tensor.
    """
    x = convert_to_tensor(x)
    n = x.numel() if axis is None else x.shape[axis]
    return torch.take_along_dim(x, _positions(indices, n, x.device), dim=axis)


def _positions(indices: TensorLike, n: int, device: torch.device) -> Tensor:
    """`indices` as int64, negative ones counted from the end `n`."""
    index = convert_to_tensor(indices).to(device, torch.int64)
    return torch.where(index < 0, index + n, index)


@operation
def where(condition: TensorLike, x1: TensorLike = None, x2: TensorLike = None) -> Tensor:
    """`x1` where `condition` holds, else `x2`.

    Args:
        condition: Booleans.
        x1: Values, or None together with `x2`: then the positions where `condition` holds are
            returned, of shape (axes, number of them).
        x2: Values.

    Raises:
        ValueError: If only one of `x1` and `x2` is given.
    """
    mask = convert_to_tensor(condition).to(torch.bool)
    if x1 is None and x2 is None:
        return torch.stack(torch.where(mask))
    if x1 is None or x2 is None:
        raise ValueError("`x1` and `x2` must both be given, or neither; received one of them.")
    x1, x2 = tensor_pair(x1, x2)
    return torch.where(mask.to(x1.device), x1, x2)


@operation
def select(
    condlist: Sequence[TensorLike], choicelist: Sequence[TensorLike], default: TensorLike = 0
) -> Tensor:
    """The first of `choicelist` whose condition holds, else `default`.

    Args:
        condlist: Conditions, booleans.
        choicelist: Values, one for each condition.
        default: Value where none holds.

    Raises:
        ValueError: If there are not as many values as conditions.
    """
    if len(condlist) != len(choicelist):
        raise ValueError(
            "`choicelist` must have one value for each condition; received "
            f"{len(choicelist)} values for {len(condlist)} conditions."
        )
    result = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = where(condition, choice, result)
    return convert_to_tensor(result)


@operation
def nonzero(x: TensorLike) -> Tensor:
    """The positions of the elements that are not zero, as int32, of shape (axes, number)."""
    return torch.nonzero(convert_to_tensor(x)).T.to(torch.int32)


@operation
def slice(inputs: TensorLike, start_indices: TensorLike, shape: Sequence[int]) -> Tensor:
    """The block of `inputs` that starts at `start_indices` and has the given `shape`.

    Args:
        inputs: Tensor.
        start_indices: First position along each axis; numbers or a tensor.
        shape: Sizes of the block.
    """
    inputs = convert_to_tensor(inputs)
    for axis, (start, n) in enumerate(zip(_integers(start_indices), shape, strict=True)):
        inputs = torch.narrow(inputs, axis, start, int(n))
    return inputs


@operation
def slice_update(inputs: TensorLike, start_indices: TensorLike, updates: TensorLike) -> Tensor:
    """A copy of `inputs` with `updates` in the block that starts at `start_indices`.

    Args:
        inputs: Tensor.
        start_indices: First position along each axis; numbers or a tensor.
        updates: The new block.
    """
    inputs, updates = tensors([inputs, updates])
    starts = _integers(start_indices)
    block = tuple(
        builtins.slice(start, start + n) for start, n in zip(starts, updates.shape, strict=True)
    )
    result = inputs.clone()
    result[block] = updates.to(inputs.dtype)
    return result


def _integers(positions: TensorLike) -> list[int]:
    """Positions as Python integers."""
    if isinstance(positions, Tensor):
        # On the meta device there are no values; the shape does not depend on them.
        return [0] * len(positions) if positions.is_meta else positions.tolist()
    return [int(i) for i in positions]


@operation
def scatter(indices: TensorLike, values: TensorLike, shape: Sequence[int]) -> Tensor:
    """A tensor of zeros with `values` added at `indices`.

    Args:
        indices: Positions, the last axis being along the first axes of `shape`.
        values: What to add there; several at one place add up.
        shape: Sizes of the result.
    """
    values, index = tensors([values, indices])
    sizes = tuple(int(n) for n in shape)
    depth = index.shape[-1]
    places = tuple(index.reshape(-1, depth).to(torch.int64).unbind(-1))
    zeros = torch.zeros(sizes, dtype=values.dtype, device=values.device)
    return zeros.index_put(places, values.reshape(-1, *sizes[depth:]), accumulate=True)


_REDUCTIONS = {"add": "sum", "max": "amax", "min": "amin", "mul": "prod"}


@operation
def scatter_update(
    inputs: TensorLike,
    indices: TensorLike,
    updates: TensorLike,
    reduction: str | None = None,
) -> Tensor:
    """A copy of `inputs` with `updates` at `indices`.

    Args:
        inputs: Tensor.
        indices: Positions of shape (number, axes), along the first axes of `inputs`.
        updates: New elements or slices, one for each position.
        reduction: None replaces; `"add"`, `"max"`, `"min"` and `"mul"` combine with what is
            there, and with the other updates of the same place.

    Raises:
        ValueError: If `reduction` is none of these.
    """
    inputs, index, updates = tensors([inputs, indices, updates])
    updates = updates.to(inputs.dtype)
    places = tuple(index.to(torch.int64).unbind(-1))
    if reduction is None:
        return inputs.index_put(places, updates)
    how = choose(reduction, _REDUCTIONS, "reduction")
    if how == "sum":
        return inputs.index_put(places, updates, accumulate=True)
    # Counted through the first axes, a position is one number.
    depth = index.shape[-1]
    row = torch.zeros_like(places[0])
    for place, n in zip(places, inputs.shape[:depth], strict=True):
        row = row * n + torch.where(place < 0, place + n, place)
    rows = inputs.reshape(-1, *inputs.shape[depth:])
    updates = updates.expand(len(row), *rows.shape[1:])
    row = row.reshape(-1, *[1] * (rows.ndim - 1)).expand_as(updates)
    return rows.scatter_reduce(0, row, updates, how).reshape(inputs.shape)
