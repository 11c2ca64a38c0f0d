"""Tables of mixed columns, as they are before any preprocessing."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from profond._lookup import unknown

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["number", "category", "date"]

ROWS_AT_ONCE = 50_000  # given to a `predict` in one call, so that memory stays bounded


def data_frame(frame: Any, name: str = "frame") -> "pd.DataFrame":
    """A pandas table; a polars one is converted.

    Raises:
        TypeError: If it is no table.
        ValueError: If it has no rows.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        if not (hasattr(frame, "to_pandas") and hasattr(frame, "columns")):
            raise TypeError(
                f"`{name}` must be a pandas or polars DataFrame; received "
                f"{type(frame).__name__}. Wrap an array: pd.DataFrame(array)."
            )
        frame = frame.to_pandas()
    if not len(frame):
        raise ValueError(f"`{name}` has no rows; at least one is required.")
    return frame


def column_place(table: "pd.DataFrame", column: Any, name: str) -> int:
    """Where a column is.

    Raises:
        ValueError: If there is none of this name, or there are two.
    """
    places = [i for i, label in enumerate(table.columns) if label == column]
    if not places:
        raise ValueError(f"`{name}`: " + unknown(column, map(str, table.columns), "column"))
    if len(places) > 1:
        raise ValueError(
            f"`{name}`: {len(places)} columns of the table are called {column!r}. Rename them."
        )
    return places[0]


def column_places(table: "pd.DataFrame", columns: Iterable[Any] | None) -> list[int]:
    """Where the columns are; all of them for None."""
    if columns is None:
        if not table.shape[1]:
            raise ValueError("`frame` has no columns; at least one is required.")
        return list(range(table.shape[1]))
    asked = [columns] if isinstance(columns, str) else list(columns)
    if not asked:
        raise ValueError("`columns` is empty; at least one is required.")
    return [column_place(table, column, "columns") for column in asked]


def kind_of(column: "pd.Series") -> Kind:
    """What a column holds, by its dtype: truth values and text are categories."""
    from pandas.api import types

    if types.is_datetime64_any_dtype(column.dtype):
        return "date"
    if types.is_bool_dtype(column.dtype) or not types.is_numeric_dtype(column.dtype):
        return "category"
    return "number"


def rows_of(table: "pd.DataFrame", rows: np.ndarray, others: dict[int, np.ndarray]) -> Any:
    """These rows of the table, some columns taken from other rows; every dtype stays.

    Args:
        table: The table.
        rows: Places of the rows, (n,).
        others: Place of a column to the places of the rows its values come from, (n,).
    """
    import pandas as pd

    taken = pd.DataFrame(
        {i: table.iloc[:, i].array.take(others.get(i, rows)) for i in range(table.shape[1])}
    )
    taken.columns = table.columns
    return taken


def checked_predict(predict: Any, name: str = "predict") -> None:
    """Refuse what cannot be called.

    Raises:
        TypeError: If it is not callable.
    """
    if not callable(predict):
        raise TypeError(
            f"`{name}` must be a function of a DataFrame; received {type(predict).__name__}. "
            "Pass the method itself: model.predict, not model."
        )


def predictions(predict: Any, rows: "pd.DataFrame") -> np.ndarray:
    """What `predict` says of these rows, an array with a row each.

    Raises:
        ValueError: If there are not as many predictions as rows.
    """
    from profond._tensors import to_array

    found = to_array(predict(rows))
    if found.ndim == 0 or len(found) != len(rows):
        raise ValueError(
            f"`predict` must give one prediction per row; it gave shape {found.shape} for "
            f"{len(rows)} rows."
        )
    return found


def in_chunks(count: int, rows: int) -> Sequence[range]:
    """`count` copies of so many rows, as many at once as the memory is to hold."""
    size = max(1, ROWS_AT_ONCE // max(rows, 1))
    return [range(start, min(start + size, count)) for start in range(0, count, size)]
