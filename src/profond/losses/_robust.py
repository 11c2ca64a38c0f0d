r"""A cross-entropy that bears wrong labels: $(1 - p_y^q) / q$."""

from typing import Any, ClassVar

from jaxtyping import Float
from torch import Tensor

from profond.losses._crossentropy import sparse_pair
from profond.losses._labels import check_labels
from profond.losses._loss import BuiltinLoss


def _check_q(q: float) -> None:
    if not 0 < q < 1:
        raise ValueError(
            f"`q` must be in (0, 1): near 0 the cross-entropy, near 1 the absolute error; "
            f"received {q!r}."
        )


def categorical_generalized_cross_entropy(
    y_true: Any, y_pred: Any, q: float
) -> Float[Tensor, " *batch"]:
    r"""$(1 - p_y^q) / q$ of the probability $p_y$ given to the true class.

    Between the cross-entropy ($q \to 0$) and the absolute error ($q = 1$), so that samples with
    wrong labels pull less (Zhang and Sabuncu 2018, eq. 7).

    Args:
        y_true: Class numbers 0, 1, ..., shape (...) or (..., 1).
        y_pred: Probabilities, shape (..., classes).
        q: In (0, 1).

    Returns:
        The losses, in the shape of the labels.

    Raises:
        ValueError: If `q` is out of range, the shapes do not fit, or (on the CPU) a label is
            out of range.
    """
    _check_q(q)
    y_true, y_pred = sparse_pair(y_true, y_pred, -1, "categorical_generalized_cross_entropy")
    try:
        p = y_pred.gather(-1, y_true.unsqueeze(-1)).squeeze(-1)
    except (IndexError, RuntimeError):
        check_labels(y_true, y_pred.shape[-1], name="y_true")
        raise
    return (1.0 - p**q) / q


class CategoricalGeneralizedCrossEntropy(BuiltinLoss):
    """Cross-entropy robust to wrong labels; see `categorical_generalized_cross_entropy`.

    Args:
        q: In (0, 1): near 0 the cross-entropy, near 1 the absolute error.
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    _labels_are_integers: ClassVar[bool] = True

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        _check_q(q)
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
