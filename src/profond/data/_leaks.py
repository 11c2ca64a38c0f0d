"""Columns that give the target away."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from profond.data._conversion import column_of

_SAMPLE = 4000  # rows that columns are tried on; more would not change a verdict
_TOO_GOOD = 0.99  # R2, accuracy or AUC of one column alone
_OF_MAJORITY = 0.1  # of the errors of always saying the largest class: few enough to be a leak
_RANKED = 0.9  # squared correlation of ranks without which that of the values is not believed
_FEWEST = 5  # rows of a class with which a column is judged
_LEAF = 5  # rows in a leaf of a tree
_SHOWN = 6  # columns named in a sentence


def leak_warnings(
    inputs: pd.DataFrame, truth: np.ndarray, *, classification: bool, seed: int = 0
) -> list[str]:
    """Columns that predict the target alone, as what is known only after it does.

    Each column is tried alone on up to 4000 rows, learned on one half and measured on the other,
    both ways: a decision tree of numbers and dates, the mean target of each level of a category.
    A column is named if

    - R2 is above 0.99, for a number (also of a straight line; and of a straight line between
      ranks, where hardly two rows have the same target: a logarithm of the target is one, too);
    - the area under the ROC curve is above 0.99, for two classes (also of the column as it is);
    - accuracy is above 0.99 and the errors are at most a tenth of those of always saying the
      largest class, for any classes.

    A column with a value of its own in each row, and no order, says nothing about other rows and
    is not named. Nor is any, where there are fewer than five rows in every class but one.

    Args:
        inputs: The rows without the target.
        truth: Numbers, or places of the classes, shape (rows,), none missing.
        classification: Whether the target is a class.
        seed: Draws the rows and the halves.

    Returns:
        One sentence that names the columns, or none.
    """
    truth = np.asarray(truth)
    generator = np.random.default_rng(seed)
    chosen, half = _tried_rows(truth, classification, generator)
    if chosen is None:
        return []
    tried, target = inputs.iloc[chosen], truth[chosen]
    judge = _judge_classes if classification else _judge_numbers
    found = []
    for name in tried.columns:
        score = judge(column_of(tried, name), target, half)
        if score is not None:
            found.append(f"{name!r} ({score})")
    if not found:
        return []
    which = f"Column {found[0]} predicts" if len(found) == 1 else f"Columns {listed(found)} predict"
    it_is = "it is" if len(found) == 1 else "one of them is"
    return [
        f"{which} the target almost perfectly alone. If {it_is} known only after the target, or "
        "computed from it, leave it out (--drop): the result would not hold for new rows."
    ]


def _tried_rows(
    truth: np.ndarray, classification: bool, generator: np.random.Generator
) -> tuple[np.ndarray | None, np.ndarray]:
    """Rows that columns are tried on (None if too few), and which half each is in."""
    if not classification:
        chosen = generator.permutation(len(truth))[:_SAMPLE]
        return (chosen if len(chosen) >= 4 * _LEAF else None), np.arange(len(chosen)) % 2 == 0
    counts = np.bincount(truth)
    present = np.flatnonzero(counts)
    if (counts >= _FEWEST).sum() < 2:
        return None, np.empty(0, dtype=bool)
    # Small classes come whole, large ones up to an equal share: rare classes are judged too.
    each = max(_SAMPLE // len(present), 2)
    parts = [generator.permutation(np.flatnonzero(truth == k))[:each] for k in present]
    return np.concatenate(parts), np.concatenate([np.arange(len(p)) % 2 == 0 for p in parts])


def _judge_numbers(column: pd.Series, target: np.ndarray, half: np.ndarray) -> str | None:
    """The R2 of a column that is too good, in words."""
    values = _ranks(column)
    scale = target.std()
    if not scale > 0:
        return None
    target = (target - target.mean()) / scale
    if values is None:
        best = _r2(_by_level(column, target[:, None], half)[:, 0], target)
    else:
        from sklearn.tree import DecisionTreeRegressor

        best = _r2(_by_tree(DecisionTreeRegressor, values, target, half), target)
        present = ~np.isnan(values)
        if present.mean() > _TOO_GOOD:
            best = max(best, _r2_of_line(column.iloc[np.flatnonzero(present)], target[present]))
    return f"R2 {_rounded(best)}" if best > _TOO_GOOD else None


def _judge_classes(column: pd.Series, target: np.ndarray, half: np.ndarray) -> str | None:
    """The AUC or the accuracy of a column that is too good, in words."""
    _, places, counts = np.unique(target, return_inverse=True, return_counts=True)
    values = _ranks(column)
    if values is None:
        votes = _by_level(column, np.eye(len(counts))[places], half)
    else:
        from sklearn.tree import DecisionTreeClassifier

        votes = _by_tree(DecisionTreeClassifier, values, places, half)
    if len(counts) == 2:
        from sklearn.metrics import roc_auc_score

        # Each half has a model of its own, so that their scores are not compared.
        parts = [half, ~half]
        auc = float(np.mean([roc_auc_score(places[p], votes[p, 1]) for p in parts]))
        if values is not None and (present := ~np.isnan(values)).mean() > _TOO_GOOD:
            # Of the column as it is, which needs no model: "above the border" in either sense.
            if len(np.unique(places[present])) == 2:
                plain = float(roc_auc_score(places[present], values[present]))
                auc = max(auc, plain, 1 - plain)
        if auc > _TOO_GOOD:
            return f"AUC {_rounded(auc)}"
    accuracy = float((votes.argmax(axis=1) == places).mean())
    allowed = _OF_MAJORITY * (1 - counts.max() / len(target))
    if accuracy > _TOO_GOOD and 1 - accuracy <= allowed:
        return f"accuracy {_rounded(accuracy)}"
    return None


def _by_tree(kind: Any, values: np.ndarray, target: np.ndarray, half: np.ndarray) -> np.ndarray:
    """What a tree on the other half says: numbers (rows,), or probabilities (rows, classes)."""
    values = values[:, None]
    classes = target.dtype.kind == "i"
    result = np.zeros((len(values), int(target.max()) + 1) if classes else len(values))
    for learned, told in ((half, ~half), (~half, half)):
        tree = kind(min_samples_leaf=_LEAF, random_state=0).fit(values[learned], target[learned])
        if classes:  # a half may lack a rare one
            result[np.ix_(told, tree.classes_)] = tree.predict_proba(values[told])
        else:
            result[told] = tree.predict(values[told])
    return result


def _by_level(column: pd.Series, target: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Mean target of the same level in the other half, shape (rows, outputs).

    A level that is not there has the mean of that half.
    """
    codes = pd.factorize(column, use_na_sentinel=False)[0]
    result = np.empty_like(target)
    for learned, told in ((half, ~half), (~half, half)):
        levels = int(codes.max()) + 1
        sums = np.stack(
            [np.bincount(codes[learned], t, minlength=levels) for t in target[learned].T], axis=1
        )
        counts = np.bincount(codes[learned], minlength=levels)[:, None]
        means = np.where(counts, sums / np.maximum(counts, 1), target[learned].mean(axis=0))
        result[told] = means[codes[told]]
    return result


def _ranks(column: pd.Series) -> np.ndarray | None:
    """Numbers and dates as 0, 1, ... by size (NaN for missing); None for any other column.

    Ranks are what a tree sees of numbers anyway, and they fit the float32 of scikit-learn's.
    """
    types = pd.api.types
    is_date = types.is_datetime64_any_dtype(column.dtype)
    if not (is_date or types.is_numeric_dtype(column.dtype)) or types.is_bool_dtype(column.dtype):
        return None
    if types.is_complex_dtype(column.dtype):
        return None
    codes = pd.factorize(column, sort=True)[0].astype(np.float64)
    codes[codes < 0] = np.nan
    return codes


def _plain_numbers(column: pd.Series) -> np.ndarray:
    """Numbers, or dates as numbers, in float64."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        column = column.astype("int64")
    return column.to_numpy(np.float64, na_value=np.nan)


def _r2_of_line(column: pd.Series, target: np.ndarray) -> float:
    """R2 of a straight line, or of one between ranks.

    One far value makes any line look good: it counts if the ranks are not far from a line, too.
    Ranks by themselves count where hardly two rows have the same target; of a target that is
    nearly always 0 they tell little more than that.
    """
    ranked = _squared_correlation(
        column.rank().to_numpy(np.float64), pd.Series(target).rank().to_numpy(np.float64)
    )
    if ranked < _RANKED:
        return 0.0
    plain = _squared_correlation(_plain_numbers(column), target)
    return max(plain, ranked) if len(np.unique(target)) > len(target) / 2 else plain


def _squared_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Squared correlation; 0 where there is none."""
    x = x - x.mean()
    y = y - y.mean()
    length = float(np.sqrt((x**2).sum() * (y**2).sum()))
    return float((x * y).sum() / length) ** 2 if 0 < length < np.inf else 0.0


def _r2(said: np.ndarray, target: np.ndarray) -> float:
    return float(1 - ((target - said) ** 2).mean() / target.var())


def _rounded(score: float) -> str:
    """Three digits, rounded down: 1.000 is for no error at all."""
    return f"{int(1000 * score + 1e-9) / 1000:.3f}"


def listed(items: Sequence[str]) -> str:
    """The first of several things, and how many more there are."""
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    return ", ".join(items[:_SHOWN]) + more
