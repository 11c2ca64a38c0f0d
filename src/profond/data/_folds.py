"""Cross-validation: every row is measured on once, by a model that did not learn from it."""

import warnings
from typing import Any

import numpy as np

from profond.data._splits import count_table, refuse_both
from profond.data._splits_columns import codes_of, ranks_of, warn_of_single_classes
from profond.data._splits_grouped import assign_folds

Split = tuple[np.ndarray, np.ndarray]


def cross_validation(
    rows: int,
    folds: int,
    *,
    repeats: int = 1,
    seed: int = 0,
    classes: Any = None,
    groups: Any = None,
    order: Any = None,
) -> list[Split]:
    """Training and test rows of each fold.

    - At random, by default: the rows are shuffled and cut into folds, each the test part once;
      with `classes`, every fold has the shares of the classes.
    - By groups, with `groups`: no group is in two folds; the folds are as alike in size (and in
      the shares of the classes) as the groups allow.
    - By time, with `order`: the first of `folds` + 1 blocks is only learned from; each later one
      is the test part of a model that learns from all rows before it (a growing window). Rows
      of the same time stay in one block. Without ties the blocks are those of scikit-learn's
      `TimeSeriesSplit`.

    Args:
        rows: How many rows there are.
        folds: How many folds, at least 2.
        repeats: How many times with other folds; 1 with `order`.
        seed: The same seed gives the same folds. Not used with `order`.
        classes: Class of each row, shape (rows,).
        groups: Group of each row, shape (rows,).
        order: Date or number of each row, shape (rows,), or "rows" for the order of the table.

    Returns:
        `folds` * `repeats` pairs of row numbers (training, test), each sorted, the folds of one
        repeat together; those of a split by time from the earliest on.

    Raises:
        ValueError: If there are more folds than rows, groups, times or rows of the largest class,
            fewer than 2, `repeats` is not allowed, `groups` and `order` are both given, or
            one of the columns has missing values.
        TypeError: If `order` holds neither dates nor numbers.

    Warns:
        UserWarning: If a class has fewer rows than folds, or a part has a single class.
    """
    if folds < 2:
        raise ValueError(f"`folds` must be at least 2; received {folds}.")
    if repeats < 1:
        raise ValueError(f"`repeats` must be at least 1; received {repeats}.")
    if folds > rows:
        raise ValueError(f"`folds` must be at most the number of rows, {rows}; received {folds}.")
    refuse_both(groups, order)
    labels = None if classes is None else codes_of(classes, rows, "classes")
    if order is not None:
        if repeats > 1:
            raise ValueError(
                f"`repeats` must be 1 with `order`, which leaves nothing to draw; received "
                f"{repeats}."
            )
        splits = _growing(ranks_of(order, rows), folds)
    else:
        generator = np.random.default_rng(seed)
        number = None if groups is None else codes_of(groups, rows, "groups")
        places = [_places(rows, folds, labels, number, generator) for _ in range(repeats)]
        splits = [
            (np.flatnonzero(place != fold), np.flatnonzero(place == fold))
            for place in places
            for fold in range(folds)
        ]
    if labels is not None:
        warn_of_single_classes(labels, splits)
    return splits


def _places(
    rows: int,
    folds: int,
    classes: np.ndarray | None,
    groups: np.ndarray | None,
    generator: np.random.Generator,
) -> np.ndarray:
    """The fold of each row, shape (rows,)."""
    if groups is not None:
        return _grouped(folds, classes, groups, generator)
    from sklearn.model_selection import KFold, StratifiedKFold

    state = int(generator.integers(2**31))
    if classes is None:
        parts = KFold(folds, shuffle=True, random_state=state).split(np.zeros(rows))
    else:
        _check_classes(np.bincount(classes), folds)
        with warnings.catch_warnings():  # said above, in our words
            warnings.filterwarnings("ignore", "The least populated class", UserWarning)
            stratified = StratifiedKFold(folds, shuffle=True, random_state=state)
            parts = list(stratified.split(np.zeros(rows), classes))
    place = np.empty(rows, dtype=np.intp)
    for fold, (_, test) in enumerate(parts):
        place[test] = fold
    return place


def _check_classes(counts: np.ndarray, folds: int) -> None:
    if counts.max() < folds:
        raise ValueError(
            f"`folds` must be at most the rows of the largest class, {counts.max()}; received "
            f"{folds}. Give fewer folds, or leave out `classes`."
        )
    if counts.min() < folds:
        warnings.warn(
            f"A class has only {counts.min()} row(s) for {folds} folds: some test parts have "
            "none of it. Give fewer folds.",
            UserWarning,
            stacklevel=4,
        )


def _grouped(
    folds: int,
    classes: np.ndarray | None,
    groups: np.ndarray,
    generator: np.random.Generator,
) -> np.ndarray:
    different = int(groups.max()) + 1
    if different < folds:
        raise ValueError(
            f"`folds` must be at most the number of groups, {different}; received {folds}."
        )
    labels = np.zeros_like(groups) if classes is None else classes
    return assign_folds(count_table(groups, labels), folds, generator)[groups]


def _growing(ranks: np.ndarray, folds: int) -> list[Split]:
    rows = len(ranks)
    different = int(ranks.max()) + 1
    if different <= folds:
        raise ValueError(
            f"`order` must have more different values than folds; received {different} for "
            f"{folds} folds. Give fewer folds, or a finer time."
        )
    # Rows before each possible cut, one between any two values that follow each other.
    before = np.bincount(ranks).cumsum()[:-1]
    size = rows // (folds + 1)
    cuts: list[int] = []
    first = 0
    for k in range(folds):
        last = len(before) - (folds - k) + 1  # leaves a cut for each later block
        asked = rows - (folds - k) * size
        chosen = first + int(np.abs(before[first:last] - asked).argmin())
        cuts.append(chosen)
        first = chosen + 1
    ends = [*cuts[1:], different - 1]
    return [
        (np.flatnonzero(ranks <= cut), np.flatnonzero((ranks > cut) & (ranks <= end)))
        for cut, end in zip(cuts, ends, strict=True)
    ]
