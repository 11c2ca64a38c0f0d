"""What in a table makes a result look better than it is, said in sentences."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from profond.data._conversion import column_of
from profond.data._leaks import leak_warnings, listed

_RARE = 0.05  # share of the rows of a rare class
_COPIES = 0.01  # share of the rows that are copies, from which it is said


def table_warnings(
    inputs: pd.DataFrame, truth: np.ndarray, *, classes: Sequence[Any] | None = None, seed: int = 0
) -> list[str]:
    """All that is said here about a table: leaks, rare classes, copied rows.

    Args:
        inputs: The rows without the target.
        truth: The target: numbers, or places in `classes`, shape (rows,), none missing.
        classes: Labels of the classes; None for a regression.
        seed: Draws the rows that columns are tried on.
    """
    said = leak_warnings(inputs, truth, classification=classes is not None, seed=seed)
    if classes is not None:
        said += imbalance_warnings(truth, classes)
    return said + duplicate_warnings(inputs, truth)


def imbalance_warnings(truth: np.ndarray, classes: Sequence[Any]) -> list[str]:
    """Classes with few of the rows, where accuracy says little.

    A class is rare below 5 % of the rows; of more than five classes, below a quarter of an equal
    share.

    Args:
        truth: Places in `classes`, shape (rows,).
        classes: Labels.

    Returns:
        One sentence, or none.
    """
    counts = np.bincount(truth, minlength=len(classes))
    shares = counts / counts.sum()
    rare = np.flatnonzero(shares < min(_RARE, 0.25 / len(classes)))
    if not rare.size:
        return []
    shown = [f"{classes[int(k)]!r} ({100 * shares[k]:.2g} %, {counts[k]} row(s))" for k in rare]
    largest = int(counts.argmax())
    return [
        f"Rare class(es): {listed(shown)}. Always saying {classes[largest]!r} has an accuracy of "
        f"{shares[largest]:.3f}; look at F1, the AUC or the log loss rather than at accuracy."
    ]


def duplicate_warnings(inputs: pd.DataFrame, truth: np.ndarray | None = None) -> list[str]:
    """Rows that are exact copies of others, from 1 % of the rows on.

    Args:
        inputs: The rows.
        truth: The target, which is to be the same as well; None to compare the inputs alone.

    Returns:
        One sentence, or none.
    """
    rows = len(inputs)
    codes = [pd.factorize(column_of(inputs, name))[0] for name in inputs.columns]
    if truth is not None:
        codes.append(pd.factorize(np.asarray(truth))[0])
    if not codes or rows < 2:
        return []
    copies = int(pd.DataFrame(np.column_stack(codes)).duplicated(keep="first").sum())
    if copies < _COPIES * rows:
        return []
    return [
        f"{copies} of the {rows} rows ({100 * copies / rows:.2g} %) are exact copies of earlier "
        "ones. Copies in both the training and the test part make the result look better than it "
        "is: remove them, unless different cases can well be the same in all columns."
    ]
