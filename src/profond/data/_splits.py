"""Split rows into a training and a test part: at random, by time, or by groups."""

from typing import Any

import numpy as np

from profond.data._splits_columns import codes_of, ranks_of, warn_of_single_classes
from profond.data._splits_grouped import choose_groups


def split_rows(
    rows: int,
    size: float,
    *,
    seed: int = 0,
    classes: Any = None,
    groups: Any = None,
    order: Any = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Split row numbers into a larger part, to learn from, and a smaller one, to measure on.

    - At random, by default. With `classes`, each class gives the smaller part its share of rows
      (largest remainders first, so that the sizes add up), and keeps at least one row in the
      larger part.
    - By time, with `order`: the last rows are the smaller part. Rows of the same time stay
      together, so that nothing is measured on a time that was learned from; the cut is then the
      nearest possible one.
    - By groups, with `groups`: all rows of a group (a patient, a household) are in the same part.
      Size and shares of the classes come within 1 % of the rows to the nearest that the groups
      allow if there are up to 12, usually also with more; which groups, the seed decides.

    Args:
        rows: How many rows there are.
        size: Share of the smaller part, in (0, 1).
        seed: The same seed gives the same split. Not used with `order`.
        classes: Class of each row, shape (rows,), or None to split without regard to classes.
        groups: Group of each row, shape (rows,).
        order: Date or number of each row, shape (rows,), or "rows" for the order of the table.

    Returns:
        Row numbers of the larger and of the smaller part, each sorted; both hold at least one.

    Raises:
        ValueError: If `size` is not in (0, 1), one of the parts would be empty, `groups` and
            `order` are both given, or one of the columns has missing values or too few
            different ones.
        TypeError: If `order` holds neither dates nor numbers.

    Warns:
        UserWarning: If a split by time or by groups leaves a part with a single class.
    """
    if not 0.0 < size < 1.0:
        raise ValueError(f"The share of a part must be between 0 and 1; received {size}.")
    refuse_both(groups, order)
    taken = round(rows * size)
    if taken < 1 or taken >= rows:
        raise ValueError(
            f"A share of {size} of {rows} row(s) leaves a part empty; give more rows or "
            "another share."
        )
    generator = np.random.default_rng(seed)
    if order is not None:
        smaller = _last(ranks_of(order, rows), taken)
    elif groups is not None:
        smaller = _whole_groups(rows, taken, groups, classes, generator)
    elif classes is None:
        smaller = generator.permutation(rows)[:taken]
    else:
        smaller = _stratified(np.asarray(classes), taken, generator)
    mask = np.zeros(rows, dtype=bool)
    mask[smaller] = True
    parts = np.flatnonzero(~mask), np.flatnonzero(mask)
    if classes is not None and (groups is not None or order is not None):
        warn_of_single_classes(codes_of(classes, rows, "classes"), [parts])
    return parts


def refuse_both(groups: Any, order: Any) -> None:
    """Refuse groups and a time at once."""
    if groups is not None and order is not None:
        raise ValueError(
            "`groups` and `order` cannot both be given: a group may last over any cut in time. "
            "Give `order` alone if the model will predict what comes later, `groups` alone if it "
            "will meet new groups."
        )


def _last(ranks: np.ndarray, taken: int) -> np.ndarray:
    """The latest rows, about `taken` of them, with no time in both parts."""
    counts = np.bincount(ranks)
    if len(counts) < 2:
        raise ValueError(
            "`order` must have at least two different values to be cut between them; received "
            f"the same one in all {len(ranks)} rows. Give another column, or split at random."
        )
    later = counts[::-1].cumsum()[-2::-1]  # rows after the cut behind each value but the last
    cut = int(np.abs(later - taken).argmin())
    return np.flatnonzero(ranks > cut)


def _whole_groups(
    rows: int, taken: int, groups: Any, classes: Any, generator: np.random.Generator
) -> np.ndarray:
    codes = codes_of(groups, rows, "groups")
    if codes.max() < 1:
        raise ValueError(
            "`groups` must have at least two different values, one for each part; received the "
            f"same one in all {rows} rows."
        )
    labels = np.zeros(rows, dtype=np.intp)
    if classes is not None:
        labels = codes_of(classes, rows, "classes")
    chosen = choose_groups(count_table(codes, labels), taken / rows, generator)
    return np.flatnonzero(chosen[codes])


def count_table(groups: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """How many rows each group has of each class, shape (groups, classes)."""
    shape = int(groups.max()) + 1, int(classes.max()) + 1
    flat = np.bincount(groups * shape[1] + classes, minlength=shape[0] * shape[1])
    return flat.reshape(shape)


def _stratified(classes: np.ndarray, taken: int, generator: np.random.Generator) -> np.ndarray:
    _, codes, counts = np.unique(classes, return_inverse=True, return_counts=True)
    due = counts * taken / counts.sum()
    quota = np.minimum(np.floor(due).astype(int), counts - 1)
    # What rounding left over goes to the largest remainders that can still give a row.
    while quota.sum() < taken:
        room = np.where(quota < counts - 1, due - quota, -np.inf)
        if not np.isfinite(room).any():
            room = np.where(quota < counts, due - quota, -np.inf)
        quota[int(room.argmax())] += 1
    parts = [
        generator.permutation(np.flatnonzero(codes == k))[: quota[k]] for k in range(len(counts))
    ]
    return np.concatenate(parts)
