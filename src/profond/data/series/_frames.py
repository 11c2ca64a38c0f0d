"""Series from a long table: one row per time step."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from profond._lookup import nearest
from profond.data._conversion import column_of
from profond.data._labels import as_labels
from profond.data._values import to_numbers
from profond.data.series._series_set import SeriesSet, note_of_missing


def series_from_frame(
    frame: Any,
    *,
    id_column: str,
    time_column: str,
    value_columns: Sequence[str] | None = None,
    label_column: str | None = None,
    name: str = "",
) -> SeriesSet:
    """Series from a table with a row for each step of each series, in any order.

    Args:
        frame: A pandas or polars data frame.
        id_column: Column that tells the series.
        time_column: Column of numbers or dates by which the steps of a series are ordered.
        value_columns: Columns of values, the channels; by default all others that hold numbers.
        label_column: Column of labels, the same in all rows of a series.
        name: A short name of the set.

    Returns:
        The series in float64, in the order in which their ids first appear, which are its
        `names`. Each step is one row: times are used for their order only, and a note says
        where they are not at equal distances.

    Raises:
        ValueError: If a column is not there, an id or a time is missing, an id has a time twice,
            a label is missing or changes within a series, or a value is no number.
    """
    if type(frame).__module__.partition(".")[0] == "polars" and hasattr(frame, "columns"):
        # Column by column, as `to_pandas` would need pyarrow's and polars's versions to agree.
        frame = pd.DataFrame({name: frame[name].to_list() for name in frame.columns})
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(
            "`frame` must be a pandas or polars data frame, a row for each step; received "
            f"{type(frame).__name__}."
        )
    if not frame.columns.is_unique:
        doubles = ", ".join(map(str, frame.columns[frame.columns.duplicated()].unique()))
        raise ValueError(f"Column name(s) {doubles} stand twice in the table; rename them.")
    given = [id_column, time_column, *([] if label_column is None else [label_column])]
    if isinstance(value_columns, str):
        value_columns = [value_columns]
    for column in (*given, *(value_columns or ())):
        _require(column, frame)
    if value_columns is None:
        numeric = frame.select_dtypes("number").columns
        value_columns = [column for column in numeric if column not in given]
    if not value_columns:
        raise ValueError("`value_columns` must name at least one column; found none of numbers.")
    if not len(frame):
        raise ValueError("There must be at least one series; received a table without rows.")
    codes, ids = pd.factorize(frame[id_column])
    _refuse_missing(codes < 0, id_column, "id")
    times = _times(column_of(frame, time_column))
    order = np.lexsort((times, codes))
    codes, times = codes[order], times[order]
    same = codes[1:] == codes[:-1]
    for i in np.flatnonzero(same & (times[1:] == times[:-1])):
        time = frame[time_column].iloc[order[i]]
        raise ValueError(
            f"Series {ids[codes[i]]!r} has the time {time} twice, in rows {order[i] + 1} and "
            f"{order[i + 1] + 1}; a series has one row for each time."
        )
    lengths = np.bincount(codes)
    starts = np.cumsum(lengths) - lengths
    values = np.zeros((len(ids), int(lengths.max()), len(value_columns)))
    steps = np.arange(len(codes)) - starts[codes]
    for channel, column in enumerate(value_columns):
        values[codes, steps, channel] = to_numbers(column_of(frame, column), str(column))[order]
    labels = None
    if label_column is not None:
        sorted_labels = column_of(frame, label_column).iloc[order]
        labels = _labels(sorted_labels, codes, starts, ids, label_column)
    gaps = np.diff(times)[same]
    uneven = len(gaps) > 0 and not np.allclose(gaps, gaps[0], rtol=1e-6, atol=0)
    note = f"The times in {time_column!r} are not at equal distances; only their order is used."
    return SeriesSet(
        values,
        lengths,
        labels,
        channels=tuple(map(str, value_columns)),
        names=tuple(ids.tolist() if hasattr(ids, "tolist") else ids),
        name=name,
        notes=((note,) if uneven else ()) + note_of_missing(values, lengths),
    )


def _require(column: str, frame: pd.DataFrame) -> None:
    """Refuse a name that is no column."""
    if column not in frame.columns:
        names = [str(name) for name in frame.columns]
        guess = nearest(str(column), names)
        hint = f"did you mean {guess!r}?" if guess else f"there are {', '.join(names)}."
        raise ValueError(f"There is no column {column!r}; {hint}")


def _refuse_missing(missing: np.ndarray, column: str, kind: str) -> None:
    """Refuse missing ids and times."""
    where = np.flatnonzero(missing)
    if where.size:
        more = f" and {where.size - 1} more row(s)" if where.size > 1 else ""
        raise ValueError(f"Column {column!r} has no {kind} in row {where[0] + 1}{more}.")


def _times(column: pd.Series) -> np.ndarray:
    """Times as float64, of dates the nanoseconds since the first."""
    name = str(column.name)
    _refuse_missing(column.isna().to_numpy(), name, "time")
    if not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_timedelta64_dtype(column):
        try:
            column = pd.Series(pd.to_numeric(column))
        except (TypeError, ValueError):
            try:
                column = pd.to_datetime(column, format="ISO8601", utc=True)
            except (TypeError, ValueError) as error:
                raise ValueError(
                    f"Column {name!r} must hold numbers or dates (2024-12-31 23:59); {error}."
                ) from None
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column - column.min()
    if pd.api.types.is_timedelta64_dtype(column):
        return column.to_numpy().astype("timedelta64[ns]").astype(np.int64)
    return column.to_numpy(dtype=np.float64)


def _labels(
    column: pd.Series, codes: np.ndarray, starts: np.ndarray, ids: Any, name: str
) -> np.ndarray:
    """One label per series, from a column that is sorted by series.

    Raises:
        ValueError: If a label is missing, or not the same in all rows of a series.
    """
    kinds, _ = pd.factorize(column)
    for i in np.flatnonzero(kinds < 0):
        raise ValueError(f"Series {ids[codes[i]]!r} has no label in a row of {name!r}.")
    for i in np.flatnonzero(kinds != kinds[starts][codes]):
        first, other = column.iloc[starts[codes[i]]], column.iloc[i]
        raise ValueError(
            f"The label in {name!r} must be the same in all rows of a series; received "
            f"{first!r} and {other!r} for series {ids[codes[i]]!r}."
        )
    return as_labels(column.iloc[starts])
