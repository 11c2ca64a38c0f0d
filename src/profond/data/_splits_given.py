"""A split that somebody has already made: by a column that says which, or by row numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def split_by_marks(
    marks: Any, *, train: str | Sequence[str] = "train", test: str | Sequence[str] = "test"
) -> tuple[np.ndarray, np.ndarray]:
    """Split rows by a column that says the part of each.

    Marks are compared as text, without regard to capitals and to spaces around them; 2020 and
    2020.0 are the same.

    Args:
        marks: Part of each row, shape (rows,).
        train: The mark, or marks, of the training part.
        test: The mark, or marks, of the test part.

    Returns:
        Row numbers of the training and of the test part, each sorted.

    Raises:
        ValueError: If a row has another mark or none, a mark stands for both parts, or a part is
            empty.
    """
    import pandas as pd

    from profond.data._values import to_labels

    text = to_labels(pd.Series(marks)).str.lower().fillna("").to_numpy(object)
    known = [_lowered(train), _lowered(test)]
    both = known[0] & known[1]
    if both:
        raise ValueError(f"`train` and `test` must differ; both have {sorted(both)[0]!r}.")
    parts = [np.flatnonzero(np.isin(text, list(names))) for names in known]
    other = np.setdiff1d(np.arange(len(text)), np.concatenate(parts))
    if other.size:
        raise ValueError(
            f"Every row must be marked {_shown(known[0])} or {_shown(known[1])}; received "
            f"{text[other[0]]!r} in row {other[0] + 1} ({other.size} row(s) in all). Say which "
            "marks are meant (`train`, `test`), or leave these rows out."
        )
    for names, part in zip(known, parts, strict=True):
        if not part.size:
            raise ValueError(f"No row is marked {_shown(names)}; each part must have one.")
    return parts[0], parts[1]


def _lowered(marks: str | Sequence[str]) -> set[str]:
    return {str(mark).strip().lower() for mark in ([marks] if isinstance(marks, str) else marks)}


def _shown(names: set[str]) -> str:
    return " or ".join(repr(name) for name in sorted(names))


def split_by_rows(rows: int, test: Any, *, train: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Split rows by given row numbers.

    Args:
        rows: How many rows there are.
        test: Numbers of the test rows, counted from 0.
        train: Numbers of the training rows; all others when None. Rows in neither are not used.

    Returns:
        Row numbers of the training and of the test part, each sorted.

    Raises:
        ValueError: If a number is out of range or twice there, or a part is empty.
        TypeError: If the numbers are not whole.
    """
    tested = _row_numbers(test, rows, "test")
    if train is None:
        trained = np.setdiff1d(np.arange(rows), tested)
        if not trained.size:
            raise ValueError(f"`test` must leave rows to learn from; received all {rows}.")
        return trained, tested
    trained = _row_numbers(train, rows, "train")
    both = np.intersect1d(trained, tested)
    if both.size:
        raise ValueError(
            f"`train` and `test` must have no row in common; received {both[0]} in both "
            f"({both.size} row(s) in all)."
        )
    return trained, tested


def _row_numbers(numbers: Any, rows: int, name: str) -> np.ndarray:
    numbers = np.asarray(numbers)
    if not numbers.size:
        raise ValueError(f"`{name}` must have at least one row number; received none.")
    if numbers.dtype.kind not in "iu" or numbers.ndim != 1:
        raise TypeError(
            f"`{name}` must be a list of whole row numbers; received {numbers.dtype} of shape "
            f"{numbers.shape}. For a mask, give `numpy.flatnonzero(mask)`."
        )
    wrong = numbers[(numbers < 0) | (numbers >= rows)]
    if wrong.size:
        raise ValueError(
            f"`{name}` must hold row numbers from 0 to {rows - 1}; received {wrong[0]}."
        )
    unique, counts = np.unique(numbers, return_counts=True)
    if len(unique) < len(numbers):
        raise ValueError(
            f"`{name}` must hold each row once; received {unique[counts.argmax()]} "
            f"{counts.max()} times."
        )
    return unique.astype(np.intp)
