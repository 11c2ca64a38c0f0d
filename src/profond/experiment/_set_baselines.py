"""Simple models on series or images that are laid flat, to compare the network with."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np


def flat_baselines(
    task: str,
    train: tuple[np.ndarray, np.ndarray],
    tested: np.ndarray,
    classes: int,
    *,
    called: str,
) -> Iterator[tuple[str, np.ndarray]]:
    """Predictions of each baseline for the test rows, one after the other.

    Classes: the majority; the nearest training row (Euclidean distance); logistic regression.
    Numbers: the mean, the nearest row, ridge regression.

    Args:
        task: "regression", "binary" or "multiclass".
        train: Rows laid flat, shape (n, values), and target, shape (n,).
        tested: Test rows, laid flat.
        classes: Number of classes; not used for regression.
        called: What a row is called: "series", "image".

    Yields:
        The baseline's name, and numbers of shape (n,) or probabilities of shape (n, classes).
    """
    from sklearn.exceptions import ConvergenceWarning

    models = _regressors(called) if task == "regression" else _classifiers(called)
    for name, model in models.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(*train)
        if task == "regression":
            yield name, np.asarray(model.predict(tested), dtype=np.float64)
            continue
        # A class without a training row has no column in scikit-learn's answer.
        probabilities = np.zeros((len(tested), classes))
        found = model.predict_proba(tested)
        probabilities[:, np.asarray(model.classes_, dtype=int)] = found
        yield name, probabilities


def _classifiers(called: str) -> dict[str, Any]:
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    return {
        "majority": DummyClassifier(strategy="prior"),
        f"nearest {called}": KNeighborsClassifier(1, algorithm="brute"),
        "logistic regression": LogisticRegression(max_iter=200),
    }


def _regressors(called: str) -> dict[str, Any]:
    from sklearn.dummy import DummyRegressor
    from sklearn.linear_model import Ridge
    from sklearn.neighbors import KNeighborsRegressor

    return {
        "mean": DummyRegressor(),
        f"nearest {called}": KNeighborsRegressor(1, algorithm="brute"),
        "linear regression": Ridge(),
    }
