"""A bundled table as training and test arrays."""

import numpy as np

from profond.data import BUNDLED, load_bundled, split_rows

Part = tuple[np.ndarray, np.ndarray]


def load_arrays(name: str, test_split: float, seed: int, *, classes: bool) -> tuple[Part, Part]:
    """Inputs and target of a bundled set, split at random.

    Args:
        name: The bundled set.
        test_split: Share of the rows in the test part, in [0, 1).
        seed: The same seed gives the same split.
        classes: Whether the target holds classes, whose shares the split keeps.

    Returns:
        `(x_train, y_train), (x_test, y_test)`; x float64 of shape (rows, columns).

    Raises:
        ValueError: If `test_split` is not in [0, 1).
    """
    frame, target = load_bundled(name), BUNDLED[name].target
    inputs = frame.drop(columns=target).to_numpy(np.float64)
    values = frame[target].to_numpy()
    if test_split == 0:
        return (inputs, values), (inputs[:0], values[:0])
    train, test = split_rows(
        len(values), test_split, seed=seed, classes=values if classes else None
    )
    return (inputs[train], values[train]), (inputs[test], values[test])
