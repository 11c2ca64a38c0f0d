"""The columns that a split goes by, as whole numbers, checked."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np


def codes_of(column: Any, rows: int, name: str) -> np.ndarray:
    """Groups or classes as 0, 1, ... in order of appearance, shape (rows,).

    Args:
        column: Any labels, shape (rows,).
        rows: How many there must be.
        name: How messages call the column.

    Raises:
        ValueError: If their number is another one, or values are missing.
    """
    import pandas as pd

    series = pd.Series(column)
    _check(series, rows, name)
    return pd.factorize(series)[0]


def ranks_of(order: Any, rows: int) -> np.ndarray:
    """Dates or numbers as 0, 1, ... from the earliest on, the same for the same, shape (rows,).

    Args:
        order: Dates or numbers, shape (rows,), or "rows".
        rows: How many there must be.

    Raises:
        ValueError: If their number is another one, or values are missing, or `order` is another
            word.
        TypeError: If they are neither dates nor numbers.
    """
    import pandas as pd

    if isinstance(order, str):
        if order != "rows":
            raise ValueError(
                f"`order` must be a column of dates or numbers, or 'rows'; received {order!r}."
            )
        return np.arange(rows)
    series = pd.Series(order).infer_objects()
    _check(series, rows, "order")
    types = pd.api.types
    kinds = (
        types.is_numeric_dtype,
        types.is_datetime64_any_dtype,
        types.is_timedelta64_dtype,
    )
    if not any(is_kind(series.dtype) for is_kind in kinds) or types.is_complex_dtype(series.dtype):
        raise TypeError(
            f"`order` must hold dates or numbers; received {series.dtype} (the first value is "
            f"{series.iloc[0]!r}). Turn texts into dates first, as `pandas.to_datetime` does."
        )
    return pd.factorize(series, sort=True)[0]


def _check(series: Any, rows: int, name: str) -> None:
    if len(series) != rows:
        raise ValueError(
            f"`{name}` must have one value per row; received {len(series)} for {rows} row(s)."
        )
    missing = np.flatnonzero(series.isna().to_numpy(bool))
    if missing.size:
        raise ValueError(
            f"`{name}` must have a value in every row; received {missing.size} missing, the first "
            f"in row {missing[0] + 1}. Leave these rows out or fill them in."
        )


def warn_of_single_classes(
    codes: np.ndarray, splits: Sequence[tuple[np.ndarray, np.ndarray]]
) -> None:
    """Warn once if a part has a single class though the rows have several.

    Args:
        codes: Class of each row as 0, 1, ..., shape (rows,).
        splits: Training and test rows of each split.
    """
    if codes.max() < 1:
        return
    single = [
        f"the {part} part" + (f" of split {number}" if len(splits) > 1 else "")
        for number, both in enumerate(splits, 1)
        for part, chosen in zip(("training", "test"), both, strict=True)
        if (codes[chosen] == codes[chosen[0]]).all()
    ]
    if single:
        more = f" and {len(single) - 3} more" if len(single) > 3 else ""
        warnings.warn(
            f"A single class is left in {', '.join(single[:3])}{more}: nothing about the other "
            "classes is learned or measured there. Choose another share, or other groups or "
            "times.",
            UserWarning,
            stacklevel=3,
        )
