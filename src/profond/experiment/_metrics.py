"""What is measured on the test part."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from profond.experiment._intervals import Interval


@dataclass(frozen=True)
class Headline:
    """The metric that a run is judged by.

    It is a function of the mean of one number per row, so that its interval and the interval
    of a difference come from resampling rows.

    Attributes:
        name: "RMSE" or "accuracy".
        lower_is_better: Whether a smaller value is a better one.
    """

    name: str
    lower_is_better: bool

    def per_row(self, predictions: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """Squared error, or 1 for a right class and 0 for a wrong one, shape (rows,)."""
        if self.name == "RMSE":
            return (np.asarray(predictions) - truth) ** 2
        return (predictions.argmax(axis=1) == truth).astype(np.float64)

    def of_mean(self, mean: np.ndarray) -> np.ndarray:
        """The metric from the mean over rows."""
        return np.sqrt(mean) if self.name == "RMSE" else mean

    def linear_per_row(self, predictions: np.ndarray, truth: np.ndarray) -> np.ndarray:
        r"""One number per row, of which the metric is the mean, shape (rows,).

        For the RMSE r, a root of a mean, it is $r + (e_i^2 - r^2) / 2 r$ with the errors $e_i$, so
        that intervals from its deviation are those of the delta method.
        """
        rows = self.per_row(predictions, truth)
        metric = float(self.of_mean(rows.mean()))
        if self.name != "RMSE" or metric == 0:
            return rows
        return metric + (rows - metric**2) / (2 * metric)

    def within(self, interval: Interval) -> Interval:
        """The part of an interval where the metric can be: from 0, an accuracy up to 1."""
        top = math.inf if self.name == "RMSE" else 1.0
        low, high = (min(max(end, 0.0), top) for end in (interval.low, interval.high))
        return Interval(low, high)


def headline(task: str) -> Headline:
    """Root mean squared error for regression, accuracy for classes."""
    return Headline("RMSE", True) if task == "regression" else Headline("accuracy", False)


def further_metrics(task: str, predictions: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Metrics beside the headline.

    Regression: mean absolute error and R². Classes: log loss (nats), area under the ROC curve
    (two classes; left out if the test part has one), macro-averaged F1.

    Args:
        task: "regression", "binary" or "multiclass".
        predictions: Numbers, shape (rows,), or probabilities, shape (rows, classes).
        truth: Numbers or places of the classes, shape (rows,).
    """
    from sklearn import metrics

    if task == "regression":
        result: dict[str, Any] = {"MAE": metrics.mean_absolute_error(truth, predictions)}
        if len(truth) > 1:
            result["R2"] = metrics.r2_score(truth, predictions)
        return {name: float(value) for name, value in result.items()}
    rows = np.arange(len(truth))
    likely = np.clip(predictions[rows, truth], np.finfo(np.float64).tiny, 1.0)
    result = {"log loss": -np.log(likely).mean()}
    if task == "binary" and len(np.unique(truth)) == 2:
        result["AUC"] = metrics.roc_auc_score(truth, predictions[:, 1])
    chosen = predictions.argmax(axis=1)
    result["F1"] = metrics.f1_score(truth, chosen, average="macro", zero_division=0.0)  # pyright: ignore[reportArgumentType]
    return {name: float(value) for name, value in result.items()}
