r"""Focal cross-entropies: easy samples weigh less, by $(1 - p_t)^\gamma$ (Lin et al. 2018)."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from profond.config import epsilon
from profond.losses._crossentropy import binary_pair, binary_terms, one_hot_pair, smooth
from profond.losses._loss import BuiltinLoss


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Float[Tensor, " *batch"]:
    r"""Mean over `axis` of $-\alpha_t (1 - p_t)^\gamma \log p_t$ (Lin et al. 2018, eq. 5).

    $p_t$ is the probability given to the true label.

    Args:
        y_true: Labels 0 or 1, shape (..., labels).
        y_pred: Probabilities of label 1, or logits, of the same shape.
        apply_class_balancing: Whether $\alpha_t$ is `alpha` for label 1 and `1 - alpha` for
            label 0; otherwise it is 1.
        alpha: Weight of label 1, in [0, 1].
        gamma: How much easy samples are discounted, >= 0; 0 is the plain cross-entropy.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: In [0, 1]: how far targets are moved towards 0.5.
        axis: The axis averaged over.

    Returns:
        The losses, in the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = binary_pair(y_true, y_pred, "binary_focal_crossentropy")
    y_true = smooth(y_true, label_smoothing, 2)
    losses = binary_terms(y_true, y_pred, from_logits)
    p = y_pred.sigmoid() if from_logits else y_pred
    p_t = y_true * p + (1.0 - y_true) * (1.0 - p)
    losses = (1.0 - p_t) ** gamma * losses
    if apply_class_balancing:
        losses = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * losses
    return losses.mean(axis)


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: float | Sequence[float] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Float[Tensor, " *batch"]:
    r"""Sum over classes of $-\alpha (1 - p_c)^\gamma y_c \log p_c$.

    Args:
        y_true: One-hot labels, shape (..., classes).
        y_pred: Probabilities, or logits, of the same shape.
        alpha: Weight of the classes: one number, or one per class.
        gamma: How much easy samples are discounted, >= 0; 0 is the plain cross-entropy.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: In [0, 1]: the part of each target spread evenly over the classes.
        axis: The axis of the classes.

    Returns:
        The losses, in the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes differ or `axis` is none.
    """
    y_true, y_pred = one_hot_pair(y_true, y_pred, axis, "categorical_focal_crossentropy")
    y_true = smooth(y_true, label_smoothing, y_pred.shape[axis])
    if from_logits:
        log_p = F.log_softmax(y_pred, axis)
        p = log_p.exp()
    else:
        p = y_pred / y_pred.sum(axis, keepdim=True)
        p = p.clamp(epsilon(), 1.0 - epsilon())
        log_p = p.log()
    weights = (1.0 - p.clamp_max(1.0 - epsilon())) ** gamma
    class_weights = torch.as_tensor(alpha, dtype=p.dtype, device=p.device)
    if class_weights.ndim:
        class_weights = class_weights.reshape(
            [-1] + [1] * (-1 - axis if axis < 0 else p.ndim - 1 - axis)
        )
    return (class_weights * weights * -y_true * log_p).sum(axis)


class BinaryFocalCrossentropy(BuiltinLoss):
    """Focal loss of labels 0 or 1; see `binary_focal_crossentropy`.

    Args:
        apply_class_balancing: Whether the two classes weigh `alpha` and `1 - alpha`.
        alpha: Weight of label 1, in [0, 1].
        gamma: How much easy samples are discounted, >= 0.
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: how far targets are moved towards 0.5.
        axis: The axis averaged over.
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalFocalCrossentropy(BuiltinLoss):
    """Focal loss of one-hot labels; see `categorical_focal_crossentropy`.

    Args:
        alpha: Weight of the classes: one number, or one per class.
        gamma: How much easy samples are discounted, >= 0.
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: the part of each target spread evenly over the classes.
        axis: The axis of the classes.
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
