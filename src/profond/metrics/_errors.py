"""Means of the losses for numbers, as metrics."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from profond.losses._regression import (
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    unit,
)
from profond.losses._shapes import aligned
from profond.metrics._mean import BuiltinMean


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Float[Tensor, " *batch"]:
    r"""Cosine of the angle, $y \cdot \hat y / (\|y\| \, \|\hat y\|)$.

    The loss of the same name is minus this.

    Args:
        y_true: Targets, shape (..., features).
        y_pred: Predictions, of the same shape.
        axis: The axis of the features.

    Returns:
        Cosines in [-1, 1], 1 for the same direction; 0 if a vector is zero.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "cosine_similarity")
    return (unit(y_true, axis) * unit(y_pred, axis)).sum(axis)


def _squared_errors(y_true: Any, y_pred: Any) -> Tensor:
    y_true, y_pred = aligned(y_true, y_pred, "root_mean_squared_error")
    return (y_pred - y_true).square()


class MeanSquaredError(BuiltinMean):
    """Mean of squared errors.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, name, dtype)


class RootMeanSquaredError(BuiltinMean):
    """Root of the mean of squared errors, in the targets' unit.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(_squared_errors, name, dtype)

    def result(self) -> torch.Tensor:
        """The root of the mean, a scalar."""
        return super().result().sqrt()


class MeanAbsoluteError(BuiltinMean):
    """Mean of absolute errors, in the targets' unit.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(BuiltinMean):
    """Mean of absolute errors relative to the targets, in percent.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(BuiltinMean):
    """Mean of squared errors of log(1 + y).

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(
        self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, name, dtype)


class CosineSimilarity(BuiltinMean):
    """Mean cosine between targets and predictions, 1 at best.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
        axis: The axis of the features.
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)


class LogCoshError(BuiltinMean):
    """Mean logarithm of the hyperbolic cosine of the error.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(log_cosh, name, dtype)
