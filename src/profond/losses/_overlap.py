r"""Losses of overlap, for segmentation: Dice and Tversky."""

from collections.abc import Sequence
from typing import Any, ClassVar

from jaxtyping import Float
from torch import Tensor

from profond.config import epsilon
from profond.losses._loss import BuiltinLoss
from profond.losses._shapes import aligned


def _axes(axis: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return (axis,) if isinstance(axis, int) else tuple(axis)


def dice(
    y_true: Any, y_pred: Any, axis: int | Sequence[int] | None = None
) -> Float[Tensor, " *batch"]:
    r"""$1 - 2 \sum y \hat y / (\sum y + \sum \hat y + \epsilon)$ (Milletari et al. 2016).

    Args:
        y_true: Labels 0 or 1.
        y_pred: Probabilities, of the same shape.
        axis: The axes summed over; None: all of them, the batch too.

    Returns:
        Losses in [0, 1]: a scalar, or one per entry of the axes that are left.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "dice")
    axes = _axes(axis, y_pred.ndim)
    overlap = (y_true * y_pred).sum(axes)
    return 1.0 - 2.0 * overlap / (y_true.sum(axes) + y_pred.sum(axes) + epsilon())


def tversky(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.5,
    beta: float = 0.5,
    axis: int | Sequence[int] | None = None,
) -> Float[Tensor, " *batch"]:
    r"""$1 - TP / (TP + \alpha \sum y (1 - \hat y) + \beta \sum (1 - y) \hat y + \epsilon)$.

    $TP = \sum y \hat y$ (Salehi et al. 2017). As in Keras, `alpha` weighs what is missed and
    `beta` the false alarms; the paper's letters are the other way round. Both 0.5: Dice.

    Args:
        y_true: Labels 0 or 1.
        y_pred: Probabilities, of the same shape.
        alpha: Weight of what is missed, >= 0.
        beta: Weight of false alarms, >= 0.
        axis: The axes summed over; None: all of them, the batch too.

    Returns:
        Losses in [0, 1]: a scalar, or one per entry of the axes that are left.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = aligned(y_true, y_pred, "tversky")
    axes = _axes(axis, y_pred.ndim)
    overlap = (y_true * y_pred).sum(axes)
    missed = (y_true * (1.0 - y_pred)).sum(axes)
    false_alarms = ((1.0 - y_true) * y_pred).sum(axes)
    return 1.0 - overlap / (overlap + alpha * missed + beta * false_alarms + epsilon())


class Dice(BuiltinLoss):
    """One minus the Dice coefficient of overlap; see `dice`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        axis: The axes summed over; None: all of them, the batch too.
        dtype: See `Loss`.
    """

    _is_of_rows: ClassVar[bool] = False  # sums may go over the batch

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: int | Sequence[int] | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


class Tversky(BuiltinLoss):
    """One minus the Tversky index of overlap; see `tversky`.

    Args:
        alpha: Weight of what is missed, >= 0.
        beta: Weight of false alarms, >= 0.
        reduction: See `Loss`.
        name: Name in logs.
        axis: The axes summed over; None: all of them, the batch too.
        dtype: See `Loss`.
    """

    _is_of_rows: ClassVar[bool] = False  # sums may go over the batch

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: int | Sequence[int] | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
