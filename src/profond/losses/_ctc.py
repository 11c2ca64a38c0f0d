r"""Connectionist temporal classification: a sequence of labels without their times."""

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from profond._tensors import convert_to_tensor
from profond.losses._loss import BuiltinLoss
from profond.losses._shapes import as_float


def ctc(y_true: Any, y_pred: Any) -> Float[Tensor, " batch"]:
    r"""Minus the log-probability of the labels over all their alignments (Graves et al. 2006).

    Args:
        y_true: Class numbers from 1, shape (batch, labels), padded on the right with 0, which
            is the blank.
        y_pred: Logits, shape (batch, time, classes); class 0 is the blank.

    Returns:
        The losses, shape (batch,).

    Raises:
        ValueError: If the shapes are others.
    """
    y_pred = as_float(y_pred)
    labels = convert_to_tensor(y_true).to(device=y_pred.device, dtype=torch.int64)
    if labels.ndim != 2 or y_pred.ndim != 3 or len(labels) != len(y_pred):
        raise ValueError(
            "ctc needs y_true of shape (batch, labels) and y_pred of shape (batch, time, "
            f"classes); received y_true of shape {tuple(labels.shape)} and y_pred of shape "
            f"{tuple(y_pred.shape)}."
        )
    batch, time = y_pred.shape[:2]
    lengths = torch.full((batch,), time, dtype=torch.int64, device=y_pred.device)
    label_lengths = (labels != 0).sum(-1)
    log_p = F.log_softmax(y_pred.transpose(0, 1), -1)
    return F.ctc_loss(log_p, labels, lengths, label_lengths, blank=0, reduction="none")


class CTC(BuiltinLoss):
    """Connectionist temporal classification; see `ctc`.

    Args:
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    _labels_are_integers: ClassVar[bool] = True

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "ctc",
        dtype: Any = None,
    ) -> None:
        super().__init__(ctc, reduction, name, dtype)
