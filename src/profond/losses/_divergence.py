r"""Losses between distributions and for counts: Kullback-Leibler and Poisson."""

from typing import Any

from jaxtyping import Float
from torch import Tensor

from profond.config import epsilon
from profond.losses._loss import BuiltinLoss
from profond.losses._shapes import aligned


def kl_divergence(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    r"""Sum over the last axis of $y \log(y / \hat y)$, the divergence of `y_pred` from `y_true`.

    Args:
        y_true: Probabilities, shape (..., classes); kept in [`config.epsilon()`, 1].
        y_pred: Probabilities, of the same shape, likewise.

    Returns:
        The losses, shape (...), >= 0 for distributions, 0 where they are equal.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "kl_divergence")
    y_true, y_pred = y_true.clamp(epsilon(), 1.0), y_pred.clamp(epsilon(), 1.0)
    return (y_true * (y_true / y_pred).log()).sum(-1)


def poisson(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    r"""Mean over the last axis of $\hat y - y \log(\hat y + \epsilon)$.

    The negative log-likelihood of a Poisson distribution with mean $\hat y$, without the term
    $\log y!$ that does not depend on the prediction.

    Args:
        y_true: Counts, shape (..., outputs).
        y_pred: Predicted means, > 0, of the same shape.

    Returns:
        The losses, shape (...).

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "poisson")
    return (y_pred - y_true * (y_pred + epsilon()).log()).mean(-1)


class KLDivergence(BuiltinLoss):
    """Kullback-Leibler divergence; see `kl_divergence`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


class Poisson(BuiltinLoss):
    """Negative log-likelihood of counts; see `poisson`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "poisson",
        dtype: Any = None,
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)
