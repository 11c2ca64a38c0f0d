"""Simple models on the same series, to compare the network with."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from profond.data.series import PADDING


def series_baselines(
    task: str,
    train: tuple[np.ndarray, np.ndarray],
    test_inputs: np.ndarray,
    classes: int,
) -> Iterator[tuple[str, np.ndarray]]:
    """Predictions of each baseline for the test series, one after the other.

    Classes: the majority; the nearest training series (Euclidean distance, the usual baseline of
    the UCR archive); logistic regression on the values of all steps. Numbers: the mean, the
    nearest series, ridge regression. Series of unequal lengths are first brought to that of the
    longest.

    Args:
        task: "regression", "binary" or "multiclass".
        train: Encoded series, shape (n, time, channels), and target, shape (n,).
        test_inputs: Encoded test series.
        classes: Number of classes; not used for regression.

    Yields:
        The baseline's name, and numbers of shape (n,) or probabilities of shape (n, classes).
    """
    from sklearn.exceptions import ConvergenceWarning

    steps = max(train[0].shape[1], test_inputs.shape[1])
    inputs, tested = (_flat(values, steps) for values in (train[0], test_inputs))
    for name, model in (_regressors() if task == "regression" else _classifiers()).items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(inputs, train[1])
        if task == "regression":
            yield name, np.asarray(model.predict(tested), dtype=np.float64)
            continue
        # A class without a training series has no column in scikit-learn's answer.
        probabilities = np.zeros((len(tested), classes))
        found = model.predict_proba(tested)
        probabilities[:, np.asarray(model.classes_, dtype=int)] = found
        yield name, probabilities


def _flat(values: np.ndarray, steps: int) -> np.ndarray:
    """Series of one length, (n, steps * channels), float64."""
    padded = values[:, :, 0] == PADDING
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


def _classifiers() -> dict[str, Any]:
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    return {
        "majority": DummyClassifier(strategy="prior"),
        "nearest series": KNeighborsClassifier(1, algorithm="brute"),
        "logistic regression": LogisticRegression(max_iter=300),
    }


def _regressors() -> dict[str, Any]:
    from sklearn.dummy import DummyRegressor
    from sklearn.linear_model import Ridge
    from sklearn.neighbors import KNeighborsRegressor

    return {
        "mean": DummyRegressor(),
        "nearest series": KNeighborsRegressor(1, algorithm="brute"),
        "linear regression": Ridge(),
    }
