r"""Margin losses: hinge, its square, and its form for several classes."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from profond.losses._crossentropy import categorical_mismatch
from profond.losses._loss import BuiltinLoss
from profond.losses._shapes import aligned, as_float, beside


def _signs(y_true: Tensor) -> Tensor:
    """Labels -1 and 1; 0 and 1 become these if there are no other values in the batch."""
    # Decided on the device: no branch, which would have to wait for it.
    binary = ((y_true == 0) | (y_true == 1)).all()
    return torch.where(binary, 2.0 * y_true - 1.0, y_true)


def _margins(y_true: Any, y_pred: Any, name: str) -> Tensor:
    y_true, y_pred = aligned(y_true, y_pred, name)
    return (1.0 - _signs(y_true) * y_pred).clamp_min(0.0)


def hinge(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    r"""Mean over the last axis of $\max(1 - y \hat y, 0)$.

    Args:
        y_true: Labels -1 or 1 (a batch of 0 and 1 is converted), shape (..., outputs).
        y_pred: Predicted scores, of the same shape.

    Returns:
        The losses, shape (...).

    Raises:
        ValueError: If the shapes differ.
    """
    return _margins(y_true, y_pred, "hinge").mean(-1)


def squared_hinge(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    r"""Mean over the last axis of $\max(1 - y \hat y, 0)^2$.

    Args:
        y_true: Labels -1 or 1 (a batch of 0 and 1 is converted), shape (..., outputs).
        y_pred: Predicted scores, of the same shape.

    Returns:
        The losses, shape (...).

    Raises:
        ValueError: If the shapes differ.
    """
    return _margins(y_true, y_pred, "squared_hinge").square().mean(-1)


def categorical_hinge(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    r"""$\max(1 + \max_c (1 - y_c) \hat y_c - \sum_c y_c \hat y_c, 0)$ over the classes $c$.

    Args:
        y_true: One-hot labels, shape (..., classes).
        y_pred: Predicted scores, of the same shape.

    Returns:
        The losses, shape (...).

    Raises:
        ValueError: If the shapes differ.
    """
    y_pred = as_float(y_pred)
    y_true = beside(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise ValueError(categorical_mismatch("categorical_hinge", y_true.shape, y_pred.shape))
    positive = (y_true * y_pred).sum(-1)
    negative = ((1.0 - y_true) * y_pred).amax(-1)
    return (negative - positive + 1.0).clamp_min(0.0)


class Hinge(BuiltinLoss):
    """Hinge loss of labels -1 and 1; see `hinge`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(BuiltinLoss):
    """Squared hinge loss of labels -1 and 1; see `squared_hinge`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(BuiltinLoss):
    """Hinge loss of one-hot labels; see `categorical_hinge`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
