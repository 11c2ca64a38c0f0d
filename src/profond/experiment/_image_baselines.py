"""Simple models on the pixels, to compare the network with."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

_PIXELS = 16  # height and width that images are shrunk to
_MOST = 5000  # training images, at most: more would take longer than the network


def image_baselines(
    task: str,
    train: tuple[np.ndarray, np.ndarray],
    test_inputs: np.ndarray,
    classes: int,
) -> Iterator[tuple[str, np.ndarray]]:
    """Predictions of each baseline for the test images, one after the other.

    They see the images shrunk to at most 16 x 16 pixels, and at most 5000 training images, spread
    evenly over all. Classes: the majority; the nearest training image (Euclidean distance);
    logistic regression. Numbers: the mean, the nearest image, ridge regression.

    Args:
        task: "regression", "binary" or "multiclass".
        train: Encoded images, shape (n, height, width, channels), and target, shape (n,).
        test_inputs: Encoded test images.
        classes: Number of classes; not used for regression.

    Yields:
        The baseline's name, and numbers of shape (n,) or probabilities of shape (n, classes).
    """
    from sklearn.exceptions import ConvergenceWarning

    chosen = np.linspace(0, len(train[0]) - 1, min(len(train[0]), _MOST)).astype(int)
    inputs, tested = (_shrunk(images) for images in (train[0][chosen], test_inputs))
    target = train[1][chosen]
    for name, model in (_regressors() if task == "regression" else _classifiers()).items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(inputs, target)
        if task == "regression":
            yield name, np.asarray(model.predict(tested), dtype=np.float64)
            continue
        # A class without a training image has no column in scikit-learn's answer.
        probabilities = np.zeros((len(tested), classes))
        found = model.predict_proba(tested)
        probabilities[:, np.asarray(model.classes_, dtype=int)] = found
        yield name, probabilities


def _shrunk(images: np.ndarray) -> np.ndarray:
    """Values in [0, 1] (of whole numbers) of shrunk images, (n, pixels * channels)."""
    import torch

    size = (min(_PIXELS, images.shape[1]), min(_PIXELS, images.shape[2]))
    parts = []
    for start in range(0, len(images), 1024):
        values = torch.from_numpy(images[start : start + 1024].astype(np.float32))
        small = torch.nn.functional.adaptive_avg_pool2d(values.permute(0, 3, 1, 2), size)
        parts.append(small.flatten(1).numpy())
    found = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    return found / 255.0 if images.dtype == np.uint8 else found


def _classifiers() -> dict[str, Any]:
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    return {
        "majority": DummyClassifier(strategy="prior"),
        "nearest image": KNeighborsClassifier(1, algorithm="brute"),
        "logistic regression": LogisticRegression(max_iter=200),
    }


def _regressors() -> dict[str, Any]:
    from sklearn.dummy import DummyRegressor
    from sklearn.linear_model import Ridge
    from sklearn.neighbors import KNeighborsRegressor

    return {
        "mean": DummyRegressor(),
        "nearest image": KNeighborsRegressor(1, algorithm="brute"),
        "linear regression": Ridge(),
    }
