"""Simple models from scikit-learn on the same rows, to compare the network with."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

_SMALL = 500_000  # numbers in a table up to which one thread is used


def baseline_predictions(
    task: str,
    train: tuple[np.ndarray, np.ndarray],
    test_inputs: np.ndarray,
    classes: int,
) -> Iterator[tuple[str, np.ndarray]]:
    """Predictions of each baseline on the test part, one after the other.

    They see the same encoded columns and all rows of the training part. Regression: the mean,
    linear regression (ridge with a penalty of 1, so that columns which say the same do no
    harm), gradient boosting. Classes: the majority, logistic regression, gradient boosting. All
    with scikit-learn's defaults.

    Args:
        task: "regression", "binary" or "multiclass".
        train: Encoded inputs, shape (rows, features), and target, shape (rows,).
        test_inputs: Encoded inputs of the test part.
        classes: Number of classes; not used for regression.

    Yields:
        The baseline's name, and numbers of shape (rows,) or probabilities of shape
        (rows, classes).
    """
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    inputs, target = np.asarray(train[0], dtype=np.float64), train[1]
    test_inputs = np.asarray(test_inputs, dtype=np.float64)
    models = _regressors() if task == "regression" else _classifiers()
    for name, model in models.items():
        # On a small table the threads of gradient boosting cost more than they save, and far
        # more on a busy machine.
        threads = 1 if inputs.size < _SMALL else None
        with warnings.catch_warnings(), threadpool_limits(threads):
            # Logistic regression on many columns may not settle; it is still the baseline.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(inputs, target)
        if task == "regression":
            yield name, np.asarray(model.predict(test_inputs), dtype=np.float64)
        else:
            # A class without a training row has no column in scikit-learn's answer.
            probabilities = np.zeros((len(test_inputs), classes))
            probabilities[:, np.asarray(model.classes_, dtype=int)] = model.predict_proba(
                test_inputs
            )
            yield name, probabilities


def baseline_names(task: str) -> list[str]:
    """The baselines of a task, in order."""
    return list(_regressors() if task == "regression" else _classifiers())


def _regressors() -> dict[str, Any]:
    from sklearn.dummy import DummyRegressor
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import Ridge

    return {
        "mean": DummyRegressor(),
        "linear regression": Ridge(),
        "gradient boosting": HistGradientBoostingRegressor(random_state=0),
    }


def _classifiers() -> dict[str, Any]:
    from sklearn.dummy import DummyClassifier
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    return {
        "majority": DummyClassifier(strategy="prior"),
        "logistic regression": LogisticRegression(max_iter=1000),
        "gradient boosting": HistGradientBoostingClassifier(random_state=0),
    }
