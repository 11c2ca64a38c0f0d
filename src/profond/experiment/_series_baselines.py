"""Simple models on the same series, to compare the network with."""

from collections.abc import Iterator

import numpy as np

from profond.data.series import PADDING
from profond.experiment._set_baselines import flat_baselines


def series_baselines(
    task: str,
    train: tuple[np.ndarray, np.ndarray],
    test_inputs: np.ndarray,
    classes: int,
) -> Iterator[tuple[str, np.ndarray]]:
    """Predictions of each baseline for the test series; see `flat_baselines`.

    The nearest series is the usual baseline of the UCR archive. Series of unequal lengths are first
    brought to that of the longest.

    Args:
        task: "regression", "binary" or "multiclass".
        train: Encoded series, shape (n, time, channels), and target, shape (n,).
        test_inputs: Encoded test series.
        classes: Number of classes; not used for regression.
    """
    steps = max(train[0].shape[1], test_inputs.shape[1])
    inputs, tested = (_flat(values, steps) for values in (train[0], test_inputs))
    return flat_baselines(task, (inputs, train[1]), tested, classes, called="series")


def _flat(values: np.ndarray, steps: int) -> np.ndarray:
    """Series of one length, (n, steps * channels), float64."""
    padded = values[:, :, 0] == np.float32(PADDING)
    flat = np.zeros((len(values), steps, values.shape[2]))
    at = np.linspace(0, 1, steps)
    for i, one in enumerate(values):
        known = one[~padded[i]]
        if len(known) == steps:
            flat[i] = known
            continue
        places = np.linspace(0, 1, len(known))
        for channel in range(values.shape[2]):
            flat[i, :, channel] = np.interp(at, places, known[:, channel])
    return flat.reshape(len(values), -1)
