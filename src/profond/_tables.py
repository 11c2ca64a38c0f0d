"""The numbers in tables: pandas and polars, with nullable and Arrow columns."""

from typing import Any

import numpy as np

_NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating)


def columns_of(table: Any) -> list[tuple[Any, Any]]:
    """The columns of a pandas or polars table with their names, of which two may be the same."""
    if hasattr(table, "iter_columns"):  # polars
        return [(column.name, column) for column in table.iter_columns()]
    return list(table.items())


def table_to_array(table: Any, floats: Any = None) -> np.ndarray:
    """A numpy array of a DataFrame or Series, of numbers if that is what it holds.

    Args:
        table: Has `to_numpy`.
        floats: The type of the result where columns are floats and have to be copied anyway;
            None: the widest of the columns.
    """
    if len(np.shape(table)) != 2 or not hasattr(table, "columns"):
        return column_to_array(table)
    columns = [column for _, column in columns_of(table)]
    given = {getattr(column, "dtype", None) for column in columns}
    if len(given) == 1 and isinstance(next(iter(given)), np.dtype):
        return column_to_array(table)  # one block of memory, often not copied
    dtypes = [_dtype_of(column) for column in columns]
    if not dtypes or any(dtype.kind not in "biuf" for dtype in dtypes):
        return column_to_array(table)
    # Truth values among numbers (`get_dummies`) are 0 and 1.
    dtype = np.result_type(*(np.uint8 if one.kind == "b" else one for one in dtypes))
    if dtype.kind == "f" and floats is not None:
        dtype = np.dtype(floats)
    # Column by column into the final type: the table is in memory twice, never more often.
    array = np.empty((len(table), len(columns)), dtype)
    for place, column in enumerate(columns):
        array[:, place] = column_to_array(column)
    return array


def column_to_array(column: Any) -> np.ndarray:
    """A numpy array of one column; what is missing among numbers is NaN."""
    plain = getattr(getattr(column, "dtype", None), "numpy_dtype", None)
    if plain is not None and plain.kind in "biuf":  # pandas's nullable and Arrow columns
        if not column.hasnans:
            return column.to_numpy(dtype=plain)
        floats = plain if plain.kind == "f" else np.float64
        return column.to_numpy(dtype=floats, na_value=np.nan)
    array = np.asarray(column.to_numpy())
    return unboxed(array) if array.dtype == object else array


def _dtype_of(column: Any) -> np.dtype:
    """The type that `column_to_array` gives, without converting the values where it is known."""
    dtype = column_to_array(column.head(0)).dtype
    if dtype.kind == "O":
        return column_to_array(column).dtype
    missing = column.null_count() if hasattr(column, "null_count") else column.hasnans
    return np.dtype(np.float64) if missing and dtype.kind in "biu" else dtype


def unboxed(array: np.ndarray) -> np.ndarray:
    """An object array as one of numbers, where it holds only these; what is missing is NaN."""
    values = array.ravel().tolist()
    kinds = {type(value) for value in values}
    missing = {kind for kind in kinds if kind is type(None) or kind.__name__ == "NAType"}
    if not values or not all(issubclass(kind, _NUMBERS) for kind in kinds - missing):
        return array
    if missing:
        values = [np.nan if type(value) in missing else value for value in values]
    numbers = np.array(values).reshape(array.shape)
    return numbers if numbers.dtype.kind in "biuf" else array.astype(np.float64)
