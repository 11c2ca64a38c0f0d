"""Data frames of other libraries as those of pandas."""

from typing import Any

import numpy as np
import pandas as pd


def pandas_frame(source: Any) -> pd.DataFrame | None:
    """A pandas, polars or Arrow table as a pandas data frame; None if it is no table.

    Raises:
        TypeError: If it is a lazy polars frame, which has no rows yet.
    """
    if isinstance(source, pd.DataFrame):
        return source
    library, name = type(source).__module__.partition(".")[0], type(source).__name__
    if library == "polars" and name == "LazyFrame":
        raise TypeError("A polars LazyFrame has no rows yet; give its `collect()`.")
    if library == "polars" and name == "DataFrame":
        # Column by column, as `to_pandas` would need pyarrow's and polars's versions to agree.
        return pd.DataFrame({column.name: _values(column) for column in source.get_columns()})
    if library == "pyarrow" and name == "Table":
        return source.to_pandas()
    return None


def _values(column: Any) -> np.ndarray | list[Any]:
    """The values of a polars column; numbers at once, which is a hundred times faster."""
    kind = column.dtype
    if kind.is_float() or (kind.is_integer() and not column.null_count()):
        return column.to_numpy()
    return column.to_list()
