"""The shape of the series that a network takes, checked."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def series_shape(
    input_shape: Any, network: str, *, least: int = 1, steps_known: bool = False
) -> tuple[int | None, int]:
    """`input_shape` as steps and channels.

    Args:
        input_shape: `(steps, channels)`; steps None where they differ from series to series.
        network: How the network is called, for messages.
        least: Fewest steps that it takes.
        steps_known: Whether the number of steps must be given.

    Raises:
        ValueError: If it is not of two sizes, the channels are not known, or the series are too
            short.
    """
    sizes: list[Any] = list(input_shape) if isinstance(input_shape, Sequence) else []
    if len(sizes) != 2 or not _is_size(sizes[1]) or not (sizes[0] is None or _is_size(sizes[0])):
        one = len(sizes) == 1 and _is_size(sizes[0])
        way = f" For a single channel give ({sizes[0]}, 1)." if one else ""
        raise ValueError(
            f"`input_shape` of {network} must be (steps, channels), two positive integers (steps "
            f"may be None where series differ in length); received {input_shape!r}.{way}"
        )
    steps, channels = sizes
    if steps is None and steps_known:
        raise ValueError(
            f"`input_shape` of {network} must have a number of steps, as its dense layer sees each "
            f"step at its place; received {tuple(sizes)!r}. Fill the series up to one length, or "
            "take a network that ends in global pooling, as `fcn`."
        )
    if steps is not None and steps < least:
        raise ValueError(
            f"`input_shape` of {network} must have at least {least} steps, which its windows "
            f"cover; received {tuple(sizes)!r}. Use longer series, or a network that ends in "
            "global pooling, as `fcn`."
        )
    return None if steps is None else int(steps), int(channels)


def one_per_layer(values: Any, name: str, count: int | None = None) -> list[int]:
    """A list with one positive integer for each layer.

    Args:
        values: What was given.
        name: Its name.
        count: How many there must be; None for at least one.

    Raises:
        ValueError: If it is another.
    """
    given = values if isinstance(values, Sequence | np.ndarray) else ()
    right = len(given) > 0 if count is None else len(given) == count
    if isinstance(values, str) or not right or not all(_is_size(value) for value in given):
        due = "one positive integer for each layer"
        if count is not None:
            due = f"{count} positive integers"
        raise ValueError(f"`{name}` must be a list of {due}; received {values!r}.")
    return [int(value) for value in given]


def _is_size(value: Any) -> bool:
    """Whether it is a positive integer."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and int(value) > 0
