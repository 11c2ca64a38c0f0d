"""From one loss per sample to what is minimised: weights, masks and the reduction."""

from typing import Any

import torch

from profond._lookup import nearest
from profond._tensors import convert_to_tensor
from profond.losses._shapes import squeeze_or_expand

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None)
AVERAGES = frozenset(("sum_over_batch_size", "mean", "mean_with_sample_weight"))


def check_reduction(reduction: str | None) -> str | None:
    """Return `reduction` if there is one of that name.

    Raises:
        ValueError: If there is none.
    """
    if reduction not in REDUCTIONS:
        names = [name for name in REDUCTIONS if name]
        guess = nearest(str(reduction), names)
        raise ValueError(
            f"`reduction` must be None or one of {', '.join(map(repr, names))}; received "
            f"{reduction!r}.{f' Did you mean {guess!r}?' if guess else ''}"
        )
    return reduction


def divide_no_nan(numerator: torch.Tensor, denominator: torch.Tensor) -> torch.Tensor:
    """`numerator / denominator`, and 0 where the denominator is 0."""
    zero = denominator == 0
    return torch.where(zero, 0, numerator / torch.where(zero, 1, denominator))


def fit_weights(values: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """`values` and `weights` so that their product weighs each value once.

    One weight per sample, shape (batch,), weighs all that the sample has: axes are added on
    the right. (Keras multiplies (batch, time) by (batch,) from the right, which fails, or is
    wrong if batch equals time.)

    Raises:
        ValueError: If the weights do not fit.
    """
    shape = tuple(weights.shape)
    values, weights = squeeze_or_expand(values, weights)
    if values.ndim == 0 or weights.ndim == 0:
        return values, weights
    if weights.ndim < values.ndim:
        weights = weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))
    fits = weights.ndim == values.ndim and all(
        n in (1, size) for n, size in zip(weights.shape, values.shape, strict=True)
    )
    if not fits:
        raise ValueError(
            f"`sample_weight` (or mask) of shape {shape} does not fit the losses, of shape "
            f"{tuple(values.shape)}: give one weight per sample, shape {tuple(values.shape[:1])}, "
            "or one per loss value."
        )
    return values, weights


def mask_to_weights(
    mask: Any, sample_weight: torch.Tensor | None, dtype: torch.dtype, reduction: str | None
) -> torch.Tensor:
    """Sample weights that leave out what is masked (False in `mask`).

    For the two means the valid entries weigh `total / valid`, so that the mean over all
    entries becomes the mean over the valid ones.
    """
    mask = convert_to_tensor(mask)
    weights = mask.to(dtype)
    if sample_weight is not None and sample_weight.device != mask.device:
        sample_weight = sample_weight.to(mask.device)
    if reduction in ("mean", "sum_over_batch_size"):
        weights = weights * divide_no_nan(
            torch.full_like(weights.sum(), mask.numel()), weights.sum()
        )
    if sample_weight is None:
        return weights
    if sample_weight.ndim > weights.ndim:
        sample_weight, weights = fit_weights(sample_weight, weights)
    else:
        weights, sample_weight = fit_weights(weights, sample_weight)
    return weights * sample_weight


def reduce(
    values: torch.Tensor, reduction: str | None, sample_weight: torch.Tensor | None = None
) -> torch.Tensor:
    """Reduce losses, already multiplied by `sample_weight`, to a scalar (or not at all)."""
    if reduction is None or reduction == "none" or values.ndim == 0:
        return values
    if reduction == "sum" or values.numel() == 0:
        return values.sum()
    if reduction == "mean_with_sample_weight" and sample_weight is not None:
        return divide_no_nan(values.sum(), sample_weight.sum())
    return values.mean()


def weigh_and_reduce(
    values: torch.Tensor, reduction: str | None, sample_weight: Any = None, mask: Any = None
) -> torch.Tensor:
    """Multiply losses by weights and mask, then reduce them.

    Args:
        values: Losses, one per sample (and time step).
        reduction: One of `REDUCTIONS`.
        sample_weight: Weights that fit `values`, or None.
        mask: False where a value does not count, or None.

    Raises:
        ValueError: If weights or mask do not fit the values.
    """
    weights = None
    if sample_weight is not None:
        weights = convert_to_tensor(sample_weight).to(device=values.device, dtype=values.dtype)
    if mask is not None:
        weights = mask_to_weights(mask, weights, values.dtype, reduction)
    if weights is not None:
        values, weights = fit_weights(values, weights)
        values = values * weights
    return reduce(values, reduction, weights)
