"""Split rows into parts, with the same share of every class where there are classes."""

import numpy as np


def split_rows(
    rows: int, size: float, *, seed: int, classes: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Split row numbers at random into a larger and a smaller part.

    With `classes`, each class gives the smaller part its share of rows (largest remainders
    first, so that the sizes add up), and keeps at least one row in the larger part.

    Args:
        rows: How many rows there are.
        size: Share of the smaller part, in (0, 1).
        seed: The same seed gives the same split.
        classes: Class of each row, shape (rows,), or None to split without regard to classes.

    Returns:
        Row numbers of the larger and of the smaller part, each sorted; both hold at least one.

    Raises:
        ValueError: If `size` is not in (0, 1), or one of the parts would be empty.
    """
    if not 0.0 < size < 1.0:
        raise ValueError(f"The share of a part must be between 0 and 1; received {size}.")
    taken = round(rows * size)
    if taken < 1 or taken >= rows:
        raise ValueError(
            f"A share of {size} of {rows} row(s) leaves a part empty; give more rows or "
            "another share."
        )
    generator = np.random.default_rng(seed)
    if classes is None:
        order = generator.permutation(rows)
        smaller = order[:taken]
    else:
        smaller = _stratified(np.asarray(classes), taken, generator)
    mask = np.zeros(rows, dtype=bool)
    mask[smaller] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


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
