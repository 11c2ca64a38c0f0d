r"""Circle loss: embeddings of one class together, of different classes apart."""

from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from profond._tensors import convert_to_tensor
from profond.losses._loss import BuiltinLoss
from profond.losses._shapes import as_float


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Float[Tensor, " batch"]:
    r"""Pull embeddings of one class together, push those of others away, by pairs.

    $$\log\Big(1 + \sum_j e^{\gamma \alpha_n^j (s_n^j - m)}
    \sum_i e^{-\gamma \alpha_p^i (s_p^i - 1 + m)}\Big)$$

    $s_p$ and $s_n$ are the cosine similarities with embeddings of the same and of other
    classes, $\alpha_p = [1 + m - s_p]_+$ and $\alpha_n = [s_n + m]_+$ (Sun et al. 2020, eq. 6
    and 8).

    Args:
        y_true: Class numbers, shape (batch,) or (batch, 1).
        y_pred: Embeddings of length 1, shape (batch, features).
        ref_labels: Class numbers of the references; the batch's own by default.
        ref_embeddings: Embeddings to compare with; the batch's own by default.
        remove_diagonal: Whether a sample is not compared with itself (with references of its
            own: sample i not with reference i).
        gamma: Scale, > 0.
        margin: Relaxation $m$, in [0, 1].

    Returns:
        The losses, shape (batch,), with a mask that leaves zero losses out of the mean.
    """
    y_pred = as_float(y_pred)
    labels = convert_to_tensor(y_true).to(device=y_pred.device, dtype=torch.int64).reshape(-1)
    references = y_pred if ref_embeddings is None else as_float(ref_embeddings)
    others = labels
    if ref_labels is not None:
        others = convert_to_tensor(ref_labels).to(labels).reshape(-1)
    distances = (1.0 - y_pred @ references.T).clamp_min(0.0)
    same = labels.unsqueeze(1) == others
    positive, negative = same, ~same
    if remove_diagonal:
        positive = positive & ~torch.eye(*same.shape, dtype=torch.bool, device=same.device)
    positive_weights = (margin + distances).clamp_min(0.0)
    negative_weights = (1.0 + margin - distances).clamp_min(0.0)
    positive_terms = -gamma * positive_weights * (margin - distances)
    negative_terms = gamma * negative_weights * (1.0 - margin - distances)
    minus_inf = float("-inf")
    logit = torch.where(positive, positive_terms, minus_inf).logsumexp(1)
    logit = logit + torch.where(negative, negative_terms, minus_inf).logsumexp(1)
    losses = F.softplus(logit)
    losses._keras_mask = losses > 0  # type: ignore[attr-defined]
    return losses


class Circle(BuiltinLoss):
    """Circle loss of embeddings; see `circle`.

    Args:
        gamma: Scale, > 0.
        margin: Relaxation, in [0, 1].
        remove_diagonal: Whether a sample is not compared with itself.
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    _labels_are_integers: ClassVar[bool] = True
    _is_of_rows: ClassVar[bool] = False  # samples are compared with those of their batch

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            circle,
            reduction,
            name,
            dtype,
            gamma=gamma,
            margin=margin,
            remove_diagonal=remove_diagonal,
        )
