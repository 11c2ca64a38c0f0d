"""What scikit-learn's callers hand over, as the tables that the preprocessing knows."""

from typing import Any

import numpy as np
import pandas as pd

from profond.data import TablePreprocessor
from profond.data._conversion import column_of

_FEW_ROWS = 8  # up to which rows are looked at one by one


def as_frame(estimator: Any, x: Any, *, reset: bool) -> pd.DataFrame:
    """Rows as a data frame with text names, after scikit-learn's checks of their shape.

    Args:
        estimator: Its `n_features_in_` and `feature_names_in_` are set or compared.
        x: A pandas or polars data frame, or an array-like of shape (rows, columns).
        reset: Whether this is a fit.

    Raises:
        TypeError: If `x` is sparse.
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
    if type(x).__module__.partition(".")[0] == "polars" and hasattr(x, "get_columns"):
        # Column by column, as `to_pandas` would need pyarrow's and polars's versions to agree.
        x = pd.DataFrame({name: x[name].to_list() for name in x.columns})
    if not isinstance(x, pd.DataFrame):
        x = validate_data(
            estimator, x, reset=reset, dtype=None, ensure_all_finite=False, ensure_min_samples=1
        )
        return _array_to_frame(np.asarray(x))
    table: Any = x
    validate_data(estimator, table, reset=reset, skip_check_array=True)
    if not len(x) or not x.shape[1]:
        raise ValueError(
            f"`X` must have at least one row and one column; received shape {x.shape}."
        )
    return x.set_axis([str(name) for name in x.columns], axis=1).reset_index(drop=True)


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
        given = [f"x{i}" for i in range(x.shape[1])]
    elif type(x) is pd.DataFrame and names is not None and x.columns.tolist() == names.tolist():
        return preprocessor.transform(x.reset_index(drop=True))
    else:
        return None
    place = {name: i for i, name in enumerate(given)}
    order = [place[column.name] for column in preprocessor.columns]
    return preprocessor.transform_few([[row[i] for i in order] for row in rows])


def _array_to_frame(x: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])])
    return frame if x.dtype != object else frame.infer_objects()


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


def as_weights(x: pd.DataFrame, sample_weight: Any) -> np.ndarray | None:
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
