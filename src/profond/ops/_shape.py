"""The same elements in another arrangement: axes and sizes, joined and cut."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from profond._lookup import choose
from profond._symbolic import KerasTensor, operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import (
    Axis,
    TensorLike,
    axes_of,
    canonical_axis,
    of_common_type,
    tensors,
)


def shape(x: TensorLike) -> tuple[int | None, ...]:
    """The sizes of the axes; None where a symbolic tensor's is not known."""
    if isinstance(x, Tensor | KerasTensor | np.ndarray):
        return tuple(x.shape)
    return tuple(convert_to_tensor(x).shape)


def ndim(x: TensorLike) -> int:
    """The number of axes."""
    return len(shape(x))


def size(x: TensorLike) -> int | None:
    """The number of elements; None where it is not known."""
    total = 1
    for n in shape(x):
        if n is None:
            return None
        total *= n
    return total


@operation
def reshape(x: TensorLike, newshape: int | Sequence[int | None]) -> Tensor:
    """The elements, in order, in another shape.

    Args:
        x: Tensor.
        newshape: Sizes; one of them may be -1, or None as `ops.shape` gives it for the batch,
            which means what is left.

    Raises:
        ValueError: If the number of elements differs.
    """
    x = convert_to_tensor(x)
    given = (newshape,) if isinstance(newshape, int) else tuple(newshape)
    sizes = tuple(-1 if n is None else int(n) for n in given)
    try:
        return torch.reshape(x, sizes)
    except RuntimeError as error:
        raise ValueError(
            f"`newshape` must have as many elements as `x`; received newshape={sizes} for shape "
            f"{tuple(x.shape)}."
        ) from error


@operation
def ravel(x: TensorLike) -> Tensor:
    """The elements along a single axis."""
    return torch.ravel(convert_to_tensor(x))


@operation
def transpose(x: TensorLike, axes: Sequence[int] | None = None) -> Tensor:
    """The axes in another order.

    Args:
        x: Tensor.
        axes: For each axis of the result, which one of `x` it is; None reverses their order.
    """
    x = convert_to_tensor(x)
    return x.permute(*(reversed(range(x.ndim)) if axes is None else axes))


@operation
def moveaxis(
    x: TensorLike, source: int | Sequence[int], destination: int | Sequence[int]
) -> Tensor:
    """Axis `source` at the place `destination`, the others in their order."""
    return torch.moveaxis(convert_to_tensor(x), source, destination)  # type: ignore[arg-type]


@operation
def swapaxes(x: TensorLike, axis1: int, axis2: int) -> Tensor:
    """Two axes in each other's place."""
    return torch.swapaxes(convert_to_tensor(x), axis1, axis2)


@operation
def expand_dims(x: TensorLike, axis: int | Sequence[int]) -> Tensor:
    """With a new axis of size 1 at each position in `axis` of the result."""
    x = convert_to_tensor(x)
    count = 1 if isinstance(axis, int) else len(axis)
    for a in sorted(axes_of(axis, x.ndim + count)):
        x = x.unsqueeze(a)
    return x


@operation
def squeeze(x: TensorLike, axis: Axis = None) -> Tensor:
    """Without the axes of size 1, all or those in `axis`.

    Raises:
        ValueError: If an axis in `axis` has another size.
    """
    x = convert_to_tensor(x)
    if axis is None:
        return torch.squeeze(x)
    axes = axes_of(axis, x.ndim)
    if any(x.shape[a] != 1 for a in axes):
        raise ValueError(
            f"`axis` must name axes of size 1; received axis={axis} for shape {tuple(x.shape)}."
        )
    return torch.squeeze(x, axes)


@operation
def broadcast_to(x: TensorLike, shape: Sequence[int]) -> Tensor:
    """Repeated along axes of size 1, and new first ones, up to `shape`."""
    return torch.broadcast_to(convert_to_tensor(x), tuple(shape))


@operation
def flip(x: TensorLike, axis: Axis = None) -> Tensor:
    """In reverse order along `axis`, all axes if None."""
    x = convert_to_tensor(x)
    return torch.flip(x, axes_of(axis, x.ndim))


@operation
def fliplr(x: TensorLike) -> Tensor:
    """In reverse order along the second axis: the columns of a matrix."""
    return torch.fliplr(convert_to_tensor(x))


@operation
def flipud(x: TensorLike) -> Tensor:
    """In reverse order along the first axis: the rows of a matrix."""
    return torch.flipud(convert_to_tensor(x))


@operation
def roll(x: TensorLike, shift: int | Sequence[int], axis: Axis = None) -> Tensor:
    """Moved by `shift` places, what leaves at the end enters at the start.

    Args:
        x: Tensor.
        shift: Number of places, one or one per axis.
        axis: Axis or axes; None for the flat tensor.
    """
    x = convert_to_tensor(x)
    if axis is None:
        return torch.roll(x, shift)
    axes = axes_of(axis, x.ndim)
    return torch.roll(x, [shift] * len(axes) if isinstance(shift, int) else shift, axes)


@operation
def rot90(array: TensorLike, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """Turned by `k` quarters of a turn, from the first of `axes` towards the second."""
    return torch.rot90(convert_to_tensor(array), k, tuple(axes))


@operation
def concatenate(xs: Sequence[TensorLike], axis: int | None = 0) -> Tensor:
    """Tensors one after the other along `axis`; flattened first if it is None."""
    parts = tensors(xs)
    if axis is None:
        return torch.cat([x.reshape(-1) for x in parts])
    return torch.cat(parts, dim=axis)


@operation
def stack(x: Sequence[TensorLike], axis: int = 0) -> Tensor:
    """Tensors of one shape side by side along a new axis."""
    return torch.stack(of_common_type(*x), dim=axis)


@operation
def hstack(xs: Sequence[TensorLike]) -> Tensor:
    """Tensors one after the other along the second axis (the first of 1-D tensors)."""
    return torch.hstack(tensors(xs))


@operation
def vstack(xs: Sequence[TensorLike]) -> Tensor:
    """Tensors one after the other along the first axis, 1-D ones as rows."""
    return torch.vstack(tensors(xs))


@operation
def append(x1: TensorLike, x2: TensorLike, axis: int | None = None) -> Tensor:
    """`x2` after `x1` along `axis`; both flattened first if it is None."""
    return concatenate([x1, x2], axis)


@operation
def split(x: TensorLike, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Cut along `axis`.

    Args:
        x: Tensor.
        indices_or_sections: A number of equal parts, or the positions before which to cut.
        axis: Axis.

    Raises:
        ValueError: If the axis cannot be cut into so many equal parts.
    """
    x = convert_to_tensor(x)
    n = x.shape[canonical_axis(axis, x.ndim)]
    if isinstance(indices_or_sections, int):
        if indices_or_sections < 1 or n % indices_or_sections:
            raise ValueError(
                f"`indices_or_sections` must divide the size {n} of axis {axis}; received "
                f"{indices_or_sections} for shape {tuple(x.shape)}."
            )
        return list(torch.tensor_split(x, indices_or_sections, dim=axis))
    positions = [int(i) for i in indices_or_sections]
    return list(torch.tensor_split(x, positions, dim=axis))


@operation
def array_split(
    x: TensorLike, indices_or_sections: int | Sequence[int], axis: int = 0
) -> list[Tensor]:
    """Cut along `axis` like `split`, but the first parts may be longer by one."""
    sections = indices_or_sections
    if not isinstance(sections, int):
        sections = [int(i) for i in sections]
    return list(torch.tensor_split(convert_to_tensor(x), sections, dim=axis))


@operation
def unstack(x: TensorLike, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """The slices along `axis`, without that axis.

    Args:
        x: Tensor.
        num: Number of slices, checked if given.
        axis: Axis.

    Raises:
        ValueError: If the axis has another size than `num`.
    """
    x = convert_to_tensor(x)
    n = x.shape[canonical_axis(axis, x.ndim)]
    if num is not None and num != n:
        raise ValueError(f"`num` must be the size {n} of axis {axis}; received num={num}.")
    return list(torch.unbind(x, dim=axis))


@operation
def repeat(x: TensorLike, repeats: int | Sequence[int], axis: int | None = None) -> Tensor:
    """Each element (or slice along `axis`) `repeats` times in a row.

    Args:
        x: Tensor.
        repeats: Number of times, one or one for each slice.
        axis: Axis; None for the flat tensor.
    """
    x = convert_to_tensor(x)
    if axis is None:
        x, axis = x.reshape(-1), 0
    if isinstance(repeats, int):
        return torch.repeat_interleave(x, repeats, dim=axis)
    counts = [int(n) for n in repeats]
    if len(counts) == 1:
        return torch.repeat_interleave(x, counts[0], dim=axis)
    if len(counts) != x.shape[axis]:
        raise ValueError(
            f"`repeats` must have one number for each of the {x.shape[axis]} slices; "
            f"received {len(counts)}."
        )
    order = np.repeat(np.arange(len(counts)), counts)
    return torch.index_select(x, axis, torch.as_tensor(order, device=x.device))


@operation
def tile(x: TensorLike, repeats: int | Sequence[int]) -> Tensor:
    """The whole of `x` `repeats` times along each axis (the last ones, if fewer are given)."""
    sizes = (repeats,) if isinstance(repeats, int) else tuple(int(n) for n in repeats)
    return torch.tile(convert_to_tensor(x), sizes)


_PAD_MODES = {"constant": "constant", "reflect": "reflect", "symmetric": "symmetric"}


@operation
def pad(
    x: TensorLike,
    pad_width: int | Sequence[Any],
    mode: str = "constant",
    constant_values: float | None = None,
) -> Tensor:
    """With more elements before and after, along each axis.

    Args:
        x: Tensor.
        pad_width: `(before, after)` for each axis, or one pair or number for all.
        mode: `"constant"`; `"reflect"` at the border elements; `"symmetric"`, where the border
            elements too are repeated.
        constant_values: The elements of mode `"constant"`, 0 if None.

    Raises:
        ValueError: If `mode` is none of these, or `constant_values` comes with another mode.
    """
    x = convert_to_tensor(x)
    mode = choose(mode, _PAD_MODES, "mode of padding")
    if constant_values is not None and mode != "constant":
        raise ValueError(
            "`constant_values` must be None unless `mode` is 'constant'; received "
            f"constant_values={constant_values} with mode={mode!r}."
        )
    widths = np.broadcast_to(np.asarray(pad_width), (x.ndim, 2)).tolist()
    if mode == "constant":
        flat = [n for before_after in reversed(widths) for n in before_after]
        return torch.nn.functional.pad(x, flat, value=constant_values or 0)
    for axis, width in enumerate(widths):
        if any(width):
            order = np.pad(np.arange(x.shape[axis]), width, mode=mode)  # type: ignore[call-overload]
            x = torch.index_select(x, axis, torch.as_tensor(order, device=x.device))
    return x


@operation
def meshgrid(*x: TensorLike, indexing: str = "xy") -> list[Tensor]:
    """The coordinates of a grid's points, from the ticks on its axes.

    Args:
        *x: Ticks of each axis, 1-D.
        indexing: `"xy"`: the second axis of the results is that of the first tensor (pictures);
            `"ij"`: the first is (matrices).
    """
    return list(torch.meshgrid(*(t.reshape(-1) for t in tensors(x)), indexing=indexing))
