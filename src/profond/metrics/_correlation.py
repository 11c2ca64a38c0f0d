"""Correlations between targets and predictions along an axis."""

from typing import Any

from jaxtyping import Float
from torch import Tensor

from profond.config import epsilon
from profond.losses._shapes import aligned
from profond.metrics._mean import BuiltinMean


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Float[Tensor, " *batch"]:
    r"""Pearson's correlation $\mathrm{cov}(y, \hat y) / (\sigma_y \sigma_{\hat y})$ along `axis`.

    Args:
        y_true: Targets, shape (..., length).
        y_pred: Predictions, of the same shape.
        axis: The axis along which values are compared; 0 is the batch.

    Returns:
        Correlations in [-1, 1], in the shape without `axis`; NaN where either is constant.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "pearson_correlation")
    y_true = y_true - y_true.mean(axis, keepdim=True)
    y_pred = y_pred - y_pred.mean(axis, keepdim=True)
    y_true = y_true / y_true.std(axis, keepdim=True, correction=0)
    y_pred = y_pred / y_pred.std(axis, keepdim=True, correction=0)
    return (y_true * y_pred).mean(axis)


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Float[Tensor, " *batch"]:
    r"""Lin's concordance along `axis`: agreement in scale and place, beside correlation.

    $2\,\mathrm{cov}(y, \hat y) / (\sigma_y^2 + \sigma_{\hat y}^2 + (\mu_y - \mu_{\hat y})^2 +
    \epsilon)$ (Lin 1989).

    Args:
        y_true: Targets, shape (..., length).
        y_pred: Predictions, of the same shape.
        axis: The axis along which values are compared; 0 is the batch.

    Returns:
        Concordances in [-1, 1], in the shape without `axis`.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "concordance_correlation")
    mean_true, mean_pred = y_true.mean(axis, keepdim=True), y_pred.mean(axis, keepdim=True)
    covariance = ((y_true - mean_true) * (y_pred - mean_pred)).mean(axis)
    variances = y_true.var(axis, correction=0) + y_pred.var(axis, correction=0)
    distance = (mean_true - mean_pred).squeeze(axis).square()
    return 2.0 * covariance / (variances + distance + epsilon())


class PearsonCorrelation(BuiltinMean):
    """Mean of Pearson's correlation; see `pearson_correlation`.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
        axis: The axis along which values are compared; 0 is the batch.
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "pearson_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(BuiltinMean):
    """Mean of Lin's concordance; see `concordance_correlation`.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
        axis: The axis along which values are compared; 0 is the batch.
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "concordance_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
