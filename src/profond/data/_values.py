"""The values of one column as numbers or as labels, checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import pandas as pd

from profond.data._conversion import is_missing_text, is_text
from profond.data._numbers import parse_numbers, present_values

_rows_before: ContextVar[int] = ContextVar("rows before the part that is read", default=0)


class ColumnError(ValueError):
    """A value that a column cannot hold, named by column and row."""


def at_row(position: int) -> str:
    """How messages name a row: counted from 1, the header not counted."""
    return f"row {position + 1 + _rows_before.get()}"


@contextmanager
def rows_from(start: int) -> Iterator[None]:
    """Inside, row 0 is the row `start` of the table that a person knows."""
    token = _rows_before.set(start)
    try:
        yield
    finally:
        _rows_before.reset(token)


def refuse_infinite(numbers: np.ndarray, name: str) -> None:
    """Refuse infinite numbers.

    Args:
        numbers: Column of numbers, shape (rows,).
        name: Name of the column.

    Raises:
        ColumnError: If there are any; names the column and the first row.
    """
    where = np.flatnonzero(np.isinf(numbers))
    if where.size:
        more = f" and {where.size - 1} more row(s)" if where.size > 1 else ""
        raise ColumnError(
            f"Column {name!r} holds an infinite value in {at_row(where[0])}{more}; "
            "replace it, or leave the cell empty for a missing value."
        )


def to_numbers(column: pd.Series, name: str) -> np.ndarray:
    """A column as float64, missing values as NaN.

    Raises:
        ColumnError: If it holds something that is no number, or an infinite number.
    """
    if is_text(column) or isinstance(column.dtype, pd.CategoricalDtype):
        text = column.astype("str").where(column.notna()).str.strip()
        text = text.mask(is_missing_text(text))
        parsed = parse_numbers(text, ".")
        if parsed is None:
            parsed = parse_numbers(text, ",")
        if parsed is None:
            one_by_one = (parse_numbers(text.iloc[[i]], ".") for i in range(len(text)))
            wrong = next((i for i, value in enumerate(one_by_one) if value is None), 0)
            raise ColumnError(
                f"Column {name!r} must hold numbers; received {text.iloc[wrong]!r} "
                f"in {at_row(wrong)}."
            )
        column = parsed
    elif not (
        pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
    ):
        raise ColumnError(f"Column {name!r} must hold numbers; received {column.dtype}.")
    if pd.api.types.is_complex_dtype(column.dtype):
        raise ColumnError(f"Column {name!r} must hold real numbers; received {column.dtype}.")
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    refuse_infinite(numbers, name)
    return numbers


def to_labels(column: pd.Series) -> pd.Series:
    """A column as text, one spelling per value: 3, 3.0 and "3" are all "3"; missing stays."""
    different = present_values(column).unique()
    spelled = {value: _spell(value) for value in different}
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    text = column.map(spelled).astype("str").where(column.notna())
    return text.mask(is_missing_text(text))


def _spell(value: Any) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return str(value).strip()


def moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation (1 where it is 0), without overflow for large values."""
    unit = float(np.abs(values).max(initial=0.0)) or 1.0
    scaled = values / unit
    deviation = float(scaled.std()) * unit
    # Rounding leaves about 1e-16 of deviation in a constant column.
    constant = deviation <= 1e-12 * unit
    return float(scaled.mean()) * unit, 1.0 if constant else deviation
