"""The numbers that `fit`, `evaluate` and `predict` take, checked."""

from typing import Any

import numpy as np


def check_counts(**counts: Any) -> tuple[Any, ...]:
    """Numbers of rows or steps, >= 1, as Python integers; None stays None.

    Raises:
        ValueError: Naming the one that is something else.
    """
    return tuple(check_count(value, name) for name, value in counts.items())


def check_epoch(value: Any, name: str) -> int:
    """A number of epochs, >= 0.

    Raises:
        ValueError: If it is something else.
    """
    return _whole(value, name, least=0)


def check_fraction(value: Any, name: str) -> None:
    """Refuse what is no number.

    Raises:
        ValueError: If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise ValueError(f"`{name}` must be a number between 0 and 1; received {value!r}.")


def check_verbose(verbose: Any) -> None:
    """Refuse what is no way of reporting.

    Raises:
        ValueError: If it is none.
    """
    if verbose not in ("auto", 0, 1, 2, True, False):
        raise ValueError(f"`verbose` must be 0, 1, 2 or 'auto'; received {verbose!r}.")


def check_count(value: Any, name: str) -> int | None:
    """A number of rows or steps, >= 1, or None.

    Raises:
        ValueError: If it is something else.
    """
    return None if value is None else _whole(value, name, least=1)


def _whole(value: Any, name: str, least: int) -> int:
    """`value` as a Python integer.

    Raises:
        ValueError: If it is no integer, or less than `least`.
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise ValueError(f"`{name}` must be an integer >= {least}; received {value!r}.")
    return int(value)


def rows_per_batch(batch_size: int | None, rows: int, steps: int | None) -> int:
    """The batch size: as given, or all rows in so many steps, or 32; never more than the rows."""
    by_itself = -(-rows // steps) if steps else 32
    return min(batch_size or by_itself, rows)


def validates(frequency: Any, epoch: int) -> bool:
    """Whether there is a validation after this epoch (counted from 0).

    Raises:
        ValueError: If `frequency` is neither a number >= 1 nor a list.
    """
    whole = isinstance(frequency, int | np.integer) and not isinstance(frequency, bool)
    if whole and frequency >= 1:
        return (epoch + 1) % frequency == 0
    if isinstance(frequency, list | tuple | set):
        return (epoch + 1) in frequency
    raise ValueError(
        f"`validation_freq` must be an integer >= 1 or a list of epochs; received {frequency!r}."
    )
