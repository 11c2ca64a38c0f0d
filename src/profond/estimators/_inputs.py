"""What scikit-learn's callers hand over, as the tables that the preprocessing knows."""

from typing import Any

import numpy as np
import pandas as pd

from profond.data import TablePreprocessor
from profond.data._conversion import column_of
from profond.data._frames import pandas_frame

_FEW_ROWS = 8  # up to which rows are looked at one by one


def as_frame(estimator: Any, x: Any, *, reset: bool) -> pd.DataFrame:
    """Rows as a data frame with text names, after scikit-learn's checks of their shape.

    The columns of an array are those of the fit, by their place; after a fit on an array, so are
    those of a data frame (scikit-learn warns where one of the two has names and the other none).

    Args:
        estimator: Its `n_features_in_` and `feature_names_in_` are set or compared.
        x: A pandas or polars data frame, or an array-like of shape (rows, columns).
        reset: Whether this is a fit.

    Raises:
        TypeError: If `x` is sparse, or neither a table nor an array.
        ValueError: If it has not two axes, no rows or columns, other columns than in the fit,
            complex or infinite numbers.
    """
    from scipy.sparse import issparse
    from sklearn.utils.validation import validate_data

    if issparse(x):
        raise TypeError(
            "`X` must be dense: the columns of a table are scaled and encoded one by one; received "
            "a sparse matrix. Use `X.toarray()`, or reduce its columns first (TruncatedSVD)."
        )
    table: Any = pandas_frame(x)
    if table is None:
        if not hasattr(x, "__array__") and np.ndim(x) == 0:
            raise TypeError(
                "`X` must be a pandas or polars data frame, or an array of shape (rows, columns); "
                f"received {type(x).__name__}."
            )
        x = validate_data(
            estimator, x, reset=reset, dtype=None, ensure_all_finite=False, ensure_min_samples=1
        )
        array = np.asarray(x)
        if reset:
            estimator._columns = [f"x{i}" for i in range(array.shape[1])]
            estimator._by_place = True
        frame = pd.DataFrame(array, columns=estimator._columns)
        return frame if array.dtype != object else frame.infer_objects()
    validate_data(estimator, table, reset=reset, skip_check_array=True)
    if not len(table) or not table.shape[1]:
        raise ValueError(
            f"`X` must have at least one row and one column; received shape {table.shape}."
        )
    names = [str(name) for name in table.columns]
    if reset:
        estimator._columns, estimator._by_place = names, False
    elif estimator._by_place:  # the fit was on an array
        names = estimator._columns
    return table.set_axis(names, axis=1).reset_index(drop=True)


def as_dense(x: Any, *, called: str, row: str) -> Any:
    """Series or images as they are given, after scikit-learn's checks of what is no table.

    Args:
        x: Whatever the kind of data takes; what is only an array by its `__array__` becomes one.
        called: What its rows are: "series", "images".
        row: What one of them is made of, for a message: "(time,) or (time, channels)".

    Raises:
        TypeError: If `x` is sparse.
        ValueError: If it has a single axis, nothing in a row, or complex numbers.
    """
    from scipy.sparse import issparse

    if issparse(x):
        raise TypeError(
            f"`X` must be dense: {called} are arrays; received a sparse matrix. Use `X.toarray()`."
        )
    if hasattr(x, "__array__") and not hasattr(x, "__iter__"):
        x = np.asarray(x)
    if not isinstance(x, np.ndarray) or x.dtype == object:
        return x
    if x.dtype.kind == "c":
        raise ValueError(f"`X` must hold real numbers. Complex data not supported: {x.dtype}.")
    if x.ndim < 2:
        raise ValueError(
            f"`X` must hold {called} {row}; received shape {x.shape}. Reshape your data: one alone "
            "is `X[None]`."
        )
    if 0 in x.shape[1:]:
        raise ValueError(
            f"`X` must have something in its {called}; received 0 feature(s) (shape={x.shape}) "
            "while a minimum of 1 is required."
        )
    return x


def encode_few(estimator: Any, x: Any, preprocessor: TablePreprocessor) -> np.ndarray | None:
    """A few ordinary rows encoded, without scikit-learn's and pandas's cost per call.

    Args:
        estimator: A fitted one.
        x: Rows as for `as_frame`.
        preprocessor: Its fitted preprocessing.

    Returns:
        What the preprocessing makes of them; None if they need the checks of `as_frame`, or a
        value a closer look.
    """
    if getattr(x, "ndim", 0) != 2 or not 0 < len(x) <= _FEW_ROWS:
        return None
    names = getattr(estimator, "feature_names_in_", None)
    if type(x) is np.ndarray and x.dtype.kind in "fiu":
        if names is not None or x.shape[1] != estimator.n_features_in_:
            return None
        rows = x.tolist()
    elif type(x) is pd.DataFrame and names is not None and x.columns.tolist() == names.tolist():
        return preprocessor.transform(x.reset_index(drop=True))
    else:
        return None
    place = {name: i for i, name in enumerate(estimator._columns)}
    order = [place[column.name] for column in preprocessor.columns]
    return preprocessor.transform_few([[row[i] for i in order] for row in rows])


def refuse_infinite_columns(frame: pd.DataFrame) -> None:
    """Refuse infinite numbers in any column, before the rows are split.

    Raises:
        ValueError: Names the column and the row.
    """
    from profond.data._values import refuse_infinite

    for name in frame.columns:
        column = column_of(frame, name)
        if pd.api.types.is_float_dtype(column.dtype):
            refuse_infinite(column.to_numpy(np.float64, na_value=np.nan), str(name))


def as_weights(x: Any, sample_weight: Any) -> np.ndarray | None:
    """The weights of the rows, shape (rows,), float32; None for None.

    Raises:
        ValueError: If they are not one number >= 0 for each row, or are all 0.
    """
    if sample_weight is None:
        return None
    from sklearn.utils.validation import _check_sample_weight

    weights = _check_sample_weight(sample_weight, x, dtype=np.float64, ensure_non_negative=True)
    # The mean weight is 1, so that the step size and penalties mean what they mean without.
    return (weights / weights.mean()).astype(np.float32)
