r"""Losses for numbers: squared, absolute, relative, logarithmic and robust errors.

Each function returns the mean over the last axis, one loss per sample; the class of the same
name then reduces these. $y$ is `y_true`, $\hat y$ is `y_pred`.
"""

from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from profond.config import epsilon
from profond.losses._loss import BuiltinLoss
from profond.losses._shapes import aligned


def mean_squared_error(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    r"""Mean over the last axis of $(y - \hat y)^2$ (notes, 3.1).

    The notes sum over the outputs, $\|\hat y - y\|^2$; Keras's mean is that divided by their
    number, and the same for a single one.

    Args:
        y_true: Targets, shape (..., outputs).
        y_pred: Predictions, of the same shape.

    Returns:
        The losses, shape (...).

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "mean_squared_error")
    return (y_true - y_pred).square().mean(-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    r"""Mean over the last axis of $|y - \hat y|$.

    Args:
        y_true: Targets, shape (..., outputs).
        y_pred: Predictions, of the same shape.

    Returns:
        The losses, shape (...).

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "mean_absolute_error")
    return (y_true - y_pred).abs().mean(-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    r"""Mean over the last axis of $100\,|y - \hat y| / \max(|y|, \epsilon)$, in percent.

    Args:
        y_true: Targets, shape (..., outputs); where they are near 0 the loss is very large
            (`config.epsilon()` is $\epsilon$).
        y_pred: Predictions, of the same shape.

    Returns:
        The losses, shape (...).

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "mean_absolute_percentage_error")
    return 100.0 * ((y_true - y_pred) / y_true.abs().clamp_min(epsilon())).abs().mean(-1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    r"""Mean over the last axis of $(\log(1 + y) - \log(1 + \hat y))^2$.

    Args:
        y_true: Targets, shape (..., outputs), >= 0; below `config.epsilon()` they count as that.
        y_pred: Predictions, of the same shape, likewise.

    Returns:
        The losses, shape (...).

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "mean_squared_logarithmic_error")
    difference = y_pred.clamp_min(epsilon()).log1p() - y_true.clamp_min(epsilon()).log1p()
    return difference.square().mean(-1)


def unit(x: Tensor, axis: int) -> Tensor:
    """Vectors along `axis` divided by their Euclidean norm; zero vectors stay zero."""
    inverse_norm = x.square().sum(axis, keepdim=True).rsqrt()
    return x * inverse_norm.clamp_max(1.0 / epsilon())


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Float[Tensor, " *batch"]:
    r"""Minus the cosine of the angle: $-y \cdot \hat y / (\|y\| \, \|\hat y\|)$.

    Args:
        y_true: Targets, shape (..., features).
        y_pred: Predictions, of the same shape.
        axis: The axis of the features.

    Returns:
        Losses in [-1, 1], -1 for the same direction; 0 if a vector is zero.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "cosine_similarity")
    return -(unit(y_true, axis) * unit(y_pred, axis)).sum(axis)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Float[Tensor, " *batch"]:
    r"""Mean over the last axis of Huber's loss, quadratic near 0 and linear beyond `delta`.

    With $e = \hat y - y$: $e^2 / 2$ where $|e| \le \delta$, else $\delta |e| - \delta^2 / 2$
    (Huber 1964).

    Args:
        y_true: Targets, shape (..., outputs).
        y_pred: Predictions, of the same shape.
        delta: Where the loss becomes linear, > 0, in the targets' unit.

    Returns:
        The losses, shape (...).

    Raises:
        ValueError: If the shapes differ, or `delta` is not positive.
    """
    if not delta > 0:
        raise ValueError(
            f"`delta` must be > 0, the error from which the loss is linear; received {delta!r}."
        )
    y_true, y_pred = aligned(y_true, y_pred, "huber")
    return F.huber_loss(y_pred, y_true, reduction="none", delta=float(delta)).mean(-1)


def log_cosh(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    r"""Mean over the last axis of $\log \cosh(\hat y - y)$.

    About $e^2 / 2$ for a small error $e$ and $|e| - \log 2$ for a large one.

    Args:
        y_true: Targets, shape (..., outputs).
        y_pred: Predictions, of the same shape.

    Returns:
        The losses, shape (...).

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "log_cosh")
    error = y_pred - y_true
    # log cosh e = logaddexp(e, -e) - log 2, which cannot overflow.
    return (torch.logaddexp(error, -error) - 0.6931471805599453).mean(-1)


class MeanSquaredError(BuiltinLoss):
    """Mean of squared errors; see `mean_squared_error`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)

    def _mean(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        if y_true.shape != y_pred.shape:
            y_true, y_pred = aligned(y_true, y_pred, "mean_squared_error")
        return F.mse_loss(y_pred, y_true)


class MeanAbsoluteError(BuiltinLoss):
    """Mean of absolute errors; see `mean_absolute_error`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)

    def _mean(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        if y_true.shape != y_pred.shape:
            y_true, y_pred = aligned(y_true, y_pred, "mean_absolute_error")
        return F.l1_loss(y_pred, y_true)


class MeanAbsolutePercentageError(BuiltinLoss):
    """Mean of relative errors in percent; see `mean_absolute_percentage_error`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(BuiltinLoss):
    """Mean of squared errors of log(1 + y); see `mean_squared_logarithmic_error`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class CosineSimilarity(BuiltinLoss):
    """Minus the cosine between targets and predictions; see `cosine_similarity`.

    Args:
        axis: The axis of the features.
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


class Huber(BuiltinLoss):
    """Huber's loss, quadratic near 0 and linear beyond `delta`; see `huber`.

    Args:
        delta: Where the loss becomes linear, > 0, in the targets' unit.
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)


class LogCosh(BuiltinLoss):
    """Logarithm of the hyperbolic cosine of the error; see `log_cosh`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "log_cosh",
        dtype: Any = None,
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)
