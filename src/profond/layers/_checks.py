"""Checks of layer arguments, each with a message that names the argument."""

from collections.abc import Sequence
from numbers import Real
from typing import Any


def positive_integer(value: Any, name: str) -> int:
    """`value` as an int.

    Raises:
        ValueError: If it is not a whole number above 0.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) <= 0:
        raise ValueError(f"`{name}` must be a positive integer; received {name}={value!r}.")
    return int(value)


def is_number(value: Any) -> bool:
    """Whether `value` is a real number (True and False are none here)."""
    return isinstance(value, Real) and not isinstance(value, bool)


def rate_below_one(value: Any, name: str = "rate") -> float:
    """`value` as a float in [0, 1].

    Raises:
        ValueError: If it is not a number in that range.
    """
    if not is_number(value) or not 0 <= value <= 1:
        raise ValueError(f"`{name}` must be a number from 0 to 1; received {name}={value!r}.")
    return float(value)


def not_negative(value: Any, name: str) -> float:
    """`value` as a float, 0 or more.

    Raises:
        ValueError: If it is not a number, or below 0, or not finite.
    """
    if not is_number(value) or not 0 <= value < float("inf"):
        raise ValueError(f"`{name}` must be a number >= 0; received {name}={value!r}.")
    return float(value)


def positive(value: Any, name: str) -> float:
    """`value` as a float above 0.

    Raises:
        ValueError: If it is not a number, or not above 0, or not finite.
    """
    if not is_number(value) or not 0 < value < float("inf"):
        raise ValueError(f"`{name}` must be a number > 0; received {name}={value!r}.")
    return float(value)


def whole_axes(value: Any, name: str = "axis") -> int | list[int]:
    """`value` as an int, or a list of them.

    Raises:
        ValueError: If it is neither, or the list is empty.
    """
    if _is_integer(value):
        return int(value)
    if isinstance(value, list | tuple) and value and all(_is_integer(a) for a in value):
        return [int(a) for a in value]
    raise ValueError(f"`{name}` must be an integer or a list of integers; received {value!r}.")


def _is_integer(value: Any) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool)


def axes_within(axis: int | Sequence[int], shape: Sequence[Any], layer: str) -> tuple[int, ...]:
    """The axes counted from 0, in order.

    Args:
        axis: An axis or several, negative ones counted from the end.
        shape: Shape of the input.
        layer: Name of the layer, for the message.

    Raises:
        ValueError: If there is no such axis, or one twice.
    """
    ndim = len(shape)
    axes = [axis] if isinstance(axis, int) else list(axis)
    found = {a % ndim for a in axes if -ndim <= a < ndim}
    if len(found) != len(axes):
        raise ValueError(
            f"`axis` must name different axes of the input of the layer {layer!r}, from "
            f"{-ndim} to {ndim - 1}; received axis={axis} and the input shape {tuple(shape)}."
        )
    return tuple(sorted(found))


def known_sizes(axes: Sequence[int], shape: Sequence[Any], layer: str) -> tuple[int, ...]:
    """The sizes of `axes`.

    Raises:
        ValueError: If one is not known.
    """
    if any(shape[a] is None for a in axes):
        raise ValueError(
            f"the layer {layer!r} needs the size of axis {', '.join(map(str, axes))} to make its "
            f"weights; received the input shape {tuple(shape)}. Give the model's input shape "
            "without None there."
        )
    return tuple(int(shape[a]) for a in axes)


def channels_last(data_format: Any) -> str:
    """`"channels_last"`, the one order of axes there is.

    Raises:
        ValueError: If `data_format` is neither that nor None.
    """
    if data_format not in (None, "channels_last"):
        raise ValueError(
            "`data_format` must be None or 'channels_last', the order (batch, ..., channels); "
            f"received {data_format!r}. Move the channels of the data last, with "
            "`numpy.moveaxis(x, 1, -1)`."
        )
    return "channels_last"


def one_of(value: Any, name: str, allowed: Sequence[str]) -> str:
    """`value`, one of the words `allowed`.

    Raises:
        ValueError: If it is another; the message lists them.
    """
    if value not in allowed:
        words = ", ".join(repr(word) for word in allowed)
        raise ValueError(f"`{name}` must be one of {words}; received {value!r}.")
    return value


def whole_numbers(value: Any, count: int, name: str, *, least: int = 1) -> tuple[int, ...]:
    """`value` as `count` ints; one number stands for all of them.

    Raises:
        ValueError: If it is neither, or a number is below `least`.
    """
    numbers = (value,) * count if _is_integer(value) else value
    if (
        not isinstance(numbers, list | tuple)
        or len(numbers) != count
        or not all(_is_integer(n) and n >= least for n in numbers)
    ):
        several = "" if count == 1 else f", or a tuple of {count} of them"
        raise ValueError(f"`{name}` must be an integer >= {least}{several}; received {value!r}.")
    return tuple(int(n) for n in numbers)


def sides(value: Any, dimensions: int, name: str) -> tuple[tuple[int, int], ...]:
    """`value` as two ints for each axis of space or time: how much before, and how much after.

    Args:
        value: One number for all; for one axis, `(before, after)`; for several, a number or a
            pair for each.
        dimensions: Number of axes.
        name: Name of the argument.

    Raises:
        ValueError: If it is none of these, or a number is below 0.
    """
    if dimensions == 1:
        before, after = whole_numbers(value, 2, name, least=0)
        return ((before, after),)
    values = (value,) * dimensions if _is_integer(value) else value
    try:
        if not isinstance(values, list | tuple) or len(values) != dimensions:
            raise ValueError
        return tuple(whole_numbers(one, 2, name, least=0) for one in values)  # type: ignore[misc]
    except ValueError:
        raise ValueError(
            f"`{name}` must be an integer >= 0, a tuple of {dimensions} of them, or a tuple of "
            f"{dimensions} pairs (before, after), such as ((1, 2), (0, 3)); received {value!r}."
        ) from None
