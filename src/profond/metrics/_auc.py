"""AUC: the area under a curve of two rates as the threshold moves."""

from collections.abc import Sequence
from typing import Any

import torch

from profond._lookup import choose
from profond._tensors import convert_to_tensor
from profond.config import epsilon
from profond.losses._reduction import divide_no_nan
from profond.metrics._counts import Thresholds, count, pair
from profond.metrics._metric import Metric

_CURVES = {name: name for name in ("ROC", "PR", "PRGAIN")}
_METHODS = {name: name for name in ("interpolation", "majoring", "minoring")}


class AUC(Metric):
    """Area under the ROC curve, or the precision-recall curve, by a Riemann sum.

    The ROC curve's area is the probability that a positive sample is predicted higher than a
    negative one. The curve is known at `num_thresholds` points: the area has an error of about
    one over their number, more where predictions crowd near 0 or 1.

    Args:
        num_thresholds: Number of thresholds, evenly spaced on [0, 1], > 1.
        curve: "ROC" (sensitivity against false alarms), "PR" (precision against recall) or
            "PRGAIN" (precision gain against recall gain, Flach and Kull 2015).
        summation_method: How the sum treats the curve between two points. "interpolation": the
            mean of both ("PR": interpolation of the counts, Davis and Goadrich 2006);
            "majoring": the larger; "minoring": the smaller.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
        thresholds: Thresholds in (0, 1) to use instead; 0 and 1 are added.
        multi_label: Whether the labels, the second of two axes, have a curve each.
        num_labels: Number of labels, with `multi_label`; None: that of the first batch.
        label_weights: Weights of the labels: in the mean of the areas with `multi_label`, else
            of the predictions.
        from_logits: Whether predictions are logits.

    Raises:
        ValueError: If an argument is out of range.
    """

    _direction = "up"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._given_thresholds = thresholds is not None
        if thresholds is None:
            if num_thresholds <= 1:
                raise ValueError(f"`num_thresholds` must be > 1; received {num_thresholds!r}.")
            inner = [i / (num_thresholds - 1) for i in range(1, num_thresholds - 1)]
        else:
            inner = sorted(thresholds)
        if num_labels is not None and not multi_label:
            raise ValueError("`num_labels` is for `multi_label=True`; drop it, or set that.")
        self._levels = Thresholds([-epsilon(), *inner, 1.0 + epsilon()])
        self.num_thresholds = len(self._levels)
        self.curve = choose(str(curve).upper(), _CURVES, "curve")
        self.summation_method = choose(str(summation_method).lower(), _METHODS, "summation method")
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = None
        if label_weights is not None:
            self.label_weights = convert_to_tensor(label_weights, self._torch_dtype)
        self.from_logits = from_logits
        self._built = False
        if not multi_label or num_labels:
            self._build(num_labels)

    @property
    def thresholds(self) -> list[float]:
        """The thresholds, with those just outside of [0, 1] at both ends."""
        return list(self._levels.values)

    def _build(self, labels: int | None) -> None:
        """Make the counts, per threshold (and label)."""
        shape = (self.num_thresholds,) if labels is None else (self.num_thresholds, labels)
        self.true_positives = self.add_variable(shape, "zeros", name="true_positives")
        self.false_positives = self.add_variable(shape, "zeros", name="false_positives")
        self.true_negatives = self.add_variable(shape, "zeros", name="true_negatives")
        self.false_negatives = self.add_variable(shape, "zeros", name="false_negatives")
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: Labels, positive where not 0.
            y_pred: Probabilities, or logits, of the same shape.
            sample_weight: One weight per sample or per prediction.

        Raises:
            ValueError: If shapes do not fit.
        """
        y_true, y_pred = pair(y_true, y_pred, self._torch_dtype, "AUC")
        if self.multi_label and (
            y_pred.ndim != 2 or self.num_labels not in (None, y_pred.shape[1])
        ):
            wanted = "labels" if self.num_labels is None else self.num_labels
            raise ValueError(
                f"AUC with `multi_label=True` needs predictions of shape (batch, {wanted}); "
                f"received {tuple(y_pred.shape)}."
            )
        if not self._built:
            self._build(y_pred.shape[1])
        self._follow(y_pred)
        if self.from_logits:
            y_pred = y_pred.sigmoid()
        label_weights = None if self.multi_label else self.label_weights
        if label_weights is not None:
            if label_weights.shape != y_pred.shape[-1:]:
                raise ValueError(
                    f"AUC has {tuple(label_weights.shape)} `label_weights`, one per label is "
                    f"needed; received predictions of shape {tuple(y_pred.shape)}."
                )
            label_weights = label_weights.to(y_pred.device)
        counts = count(
            y_true,
            y_pred,
            self._levels,
            sample_weight=sample_weight,
            label_weights=label_weights,
            by_label=self.multi_label,
        )
        for outcome, values in counts.items():
            getattr(self, outcome).add_(values)

    def result(self) -> torch.Tensor:
        """The area, a scalar; with `multi_label` the (weighted) mean over the labels."""
        if not self._built:
            raise ValueError("AUC has no result before the first `update_state`.")
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self._over_labels(self._interpolated_pr())
        x, y = self._points()
        if self.summation_method == "interpolation":
            heights = (y[:-1] + y[1:]) / 2.0
        elif self.summation_method == "minoring":
            heights = torch.minimum(y[:-1], y[1:])
        else:
            heights = torch.maximum(y[:-1], y[1:])
        return self._over_labels((x[:-1] - x[1:]) * heights)

    def _points(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The curve, from the lowest threshold to the highest."""
        tp, fp = self.true_positives, self.false_positives
        tn, fn = self.true_negatives, self.false_negatives
        recall = divide_no_nan(tp, tp + fn)
        if self.curve == "ROC":
            return divide_no_nan(fp, fp + tn), recall
        if self.curve == "PR":
            return recall, divide_no_nan(tp, tp + fp)
        # Gains: 1 - (odds of a positive) * (errors / hits), Flach and Kull 2015, eq. 4.
        odds = divide_no_nan(tp + fn, tn + fp)
        recall_gain = torch.where(tp == 0, 0.0, 1.0 - odds * divide_no_nan(fn, tp))
        precision_gain = torch.where(tp == 0, 1.0, 1.0 - odds * divide_no_nan(fp, tp))
        return recall_gain.clamp_min(0.0), precision_gain

    def _interpolated_pr(self) -> torch.Tensor:
        r"""The area between each two points, with counts that vary linearly between them.

        With $TP = a + b P$ in the number $P$ of positive predictions, precision is
        $b + a / P$, whose integral over recall is $b\,(\Delta TP + a \Delta \log P)$ over the
        number of positives.
        """
        tp = self.true_positives
        p = tp + self.false_positives
        hits = tp[:-1] - tp[1:]
        slope = divide_no_nan(hits, (p[:-1] - p[1:]).clamp_min(0.0))
        intercept = tp[1:] - slope * p[1:]
        both = (p[:-1] > 0) & (p[1:] > 0)
        ratio = torch.where(both, divide_no_nan(p[:-1], p[1:]), 1.0)
        area = slope * (hits + intercept * ratio.log())
        return divide_no_nan(area, (tp[1:] + self.false_negatives[1:]).clamp_min(0.0))

    def _over_labels(self, parts: torch.Tensor) -> torch.Tensor:
        """The sum of the parts, averaged over labels where there are several."""
        area = parts.sum(0)
        if not self.multi_label:
            return area
        if self.label_weights is None:
            return area.mean()
        weights = self.label_weights.to(area.device)
        return divide_no_nan((area * weights).sum(), weights.sum())

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if self.label_weights is None else self.label_weights.tolist(),
            "from_logits": self.from_logits,
        }
        if self._given_thresholds:
            config["thresholds"] = self.thresholds[1:-1]
        return config
