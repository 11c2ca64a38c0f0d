"""Counting hits, misses and false alarms at many thresholds at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from profond._tensors import convert_to_tensor
from profond.config import epsilon
from profond.losses._reduction import fit_weights
from profond.losses._shapes import squeeze_or_expand, unequal_shapes

OUTCOMES = ("true_positives", "false_positives", "true_negatives", "false_negatives")


class Thresholds:
    """Values that predictions are compared with: above is positive.

    Args:
        values: Numbers, in any order.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self.values = [float(value) for value in values]
        # Evenly spaced on [0, 1]: predictions outside are then moved to its ends, as in Keras.
        even = np.arange(len(values)) / max(len(values) - 1, 1)
        self.clips = len(values) >= 3 and np.allclose(self.values, even, atol=epsilon())
        self._order = np.argsort(self.values, kind="stable")
        self._ascending = bool((np.diff(self.values) >= 0).all())
        self._tensors: dict[Any, torch.Tensor] = {}

    def __len__(self) -> int:
        return len(self.values)

    def on(self, like: torch.Tensor) -> torch.Tensor:
        """The sorted values, in the type and on the device of `like`."""
        key = like.dtype, like.device
        if key not in self._tensors:
            ascending = np.asarray(self.values)[self._order]
            self._tensors[key] = torch.as_tensor(ascending, dtype=key[0], device=key[1])
        return self._tensors[key]

    def unsorted(self, counts: torch.Tensor) -> torch.Tensor:
        """Counts by ascending threshold in the order that the values were given in."""
        if self._ascending:
            return counts
        return counts[torch.as_tensor(np.argsort(self._order), device=counts.device)]


def parse_thresholds(thresholds: Any, default: float) -> list[float]:
    """Thresholds as a list.

    Raises:
        ValueError: If one is not in [0, 1].
    """
    if thresholds is None:
        return [default]
    values = list(thresholds) if isinstance(thresholds, Sequence | np.ndarray) else [thresholds]
    wrong = [value for value in values if value is None or not 0 <= value <= 1]
    if wrong or not values:
        raise ValueError(
            f"`thresholds` must be numbers in [0, 1], at least one; received {thresholds!r}."
        )
    return values


def pair(
    y_true: Any, y_pred: Any, dtype: torch.dtype, name: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Labels and predictions as tensors of one shape.

    Raises:
        ValueError: If the shapes differ.
    """
    y_pred = convert_to_tensor(y_pred, dtype)
    y_true = convert_to_tensor(y_true).to(y_pred.device)
    if y_pred.requires_grad:
        y_pred = y_pred.detach()
    shapes = y_true.shape, y_pred.shape
    y_pred, y_true = squeeze_or_expand(y_pred, y_true)
    if y_true.shape != y_pred.shape:
        raise ValueError(unequal_shapes(name, *shapes))
    return y_true, y_pred


def only_top_k(y_pred: torch.Tensor, k: int) -> torch.Tensor:
    """Predictions with all but the `k` largest of each sample at minus infinity.

    Raises:
        ValueError: If there are fewer than `k` classes.
    """
    classes = y_pred.shape[-1] if y_pred.ndim else 1
    if not 1 <= k <= classes:
        raise ValueError(
            f"`top_k` must be from 1 to {classes}, the number of classes; received {k!r}."
        )
    best = y_pred.topk(k, sorted=False)
    return torch.full_like(y_pred, float("-inf")).scatter(-1, best.indices, best.values)


def only_class(
    y_true: torch.Tensor, y_pred: torch.Tensor, class_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """The labels and predictions of one class.

    Raises:
        ValueError: If there is no such class.
    """
    classes = y_pred.shape[-1] if y_pred.ndim > 1 else 0
    if not 0 <= class_id < classes:
        raise ValueError(
            f"`class_id` {class_id!r} needs predictions of shape (batch, classes) with more "
            f"than {class_id} classes; received shape {tuple(y_pred.shape)}."
        )
    return y_true[..., class_id], y_pred[..., class_id]


def count(
    y_true: torch.Tensor,
    y_pred: torch.Tensor,
    thresholds: Thresholds,
    outcomes: Sequence[str] = OUTCOMES,
    *,
    sample_weight: Any = None,
    label_weights: torch.Tensor | None = None,
    by_label: bool = False,
) -> dict[str, torch.Tensor]:
    """Count outcomes of a batch at each threshold.

    Each prediction is sorted into its place among the thresholds; sums from either end then
    give the counts at every threshold, in time and memory of the batch rather than of batch
    times thresholds.

    Args:
        y_true: Labels, positive where not 0, shape (batch, ...).
        y_pred: Predictions, of the same shape. NaN is above no threshold.
        thresholds: What they are compared with.
        outcomes: Which of `OUTCOMES` to count.
        sample_weight: One weight per sample or per prediction, or None.
        label_weights: One weight per label, the last axis, or None.
        by_label: Whether to count each label, the second of two axes, by itself.

    Returns:
        For each outcome a tensor of shape (thresholds,), or (thresholds, labels).

    Raises:
        ValueError: If the sample weights do not fit.
    """
    positive = y_true.to(torch.bool)
    weights = None
    if sample_weight is not None:
        weights = convert_to_tensor(sample_weight, y_pred.dtype).to(y_pred.device)
        fitted, weights = fit_weights(y_pred, weights)
        weights = weights.expand_as(fitted).reshape(y_pred.shape)
    if label_weights is not None:
        weights = label_weights if weights is None else weights * label_weights
        weights = weights.expand_as(y_pred)
    if thresholds.clips:
        y_pred = y_pred.clamp(0.0, 1.0)
    if len(thresholds) == 1 and not by_label:
        guess = y_pred > thresholds.values[0]
        return {name: _count_one(name, positive, guess, weights, y_pred) for name in outcomes}
    labels = y_pred.shape[1] if by_label else 1
    place = torch.searchsorted(thresholds.on(y_pred), y_pred.nan_to_num(float("-inf")).contiguous())
    if by_label:
        place = place * labels + torch.arange(labels, device=place.device)
    place = place.reshape(-1)
    counts: dict[str, torch.Tensor] = {}
    for actual, above, below in (
        (positive, "true_positives", "false_negatives"),
        (~positive, "false_positives", "true_negatives"),
    ):
        if above not in outcomes and below not in outcomes:
            continue
        weight = actual.to(y_pred.dtype) if weights is None else actual * weights
        bins = weight.new_zeros((len(thresholds) + 1) * labels)
        bins = bins.scatter_add(0, place, weight.reshape(-1))
        bins = bins.reshape(-1, labels) if by_label else bins
        counts[above] = thresholds.unsorted(bins.flip(0).cumsum(0).flip(0)[1:])
        counts[below] = thresholds.unsorted(bins.cumsum(0)[:-1])
    return {name: counts[name] for name in outcomes}


def _count_one(
    outcome: str,
    positive: torch.Tensor,
    guess: torch.Tensor,
    weights: torch.Tensor | None,
    like: torch.Tensor,
) -> torch.Tensor:
    """The count of one outcome at a single threshold, shape (1,)."""
    if outcome == "true_positives":
        where = positive & guess
    elif outcome == "false_positives":
        where = guess & ~positive
    elif outcome == "false_negatives":
        where = positive & ~guess
    else:
        where = ~(positive | guess)
    values = where if weights is None else where * weights
    return values.sum(dtype=like.dtype).reshape(1)
