"""R2: the share of the targets' variance that the predictions explain."""

import warnings
from typing import Any

import torch

from profond._tensors import convert_to_tensor
from profond.losses._reduction import divide_no_nan
from profond.losses._shapes import squeeze_or_expand, unequal_shapes
from profond.metrics._metric import Metric

_AVERAGES = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    r"""Coefficient of determination $1 - \sum (y - \hat y)^2 / \sum (y - \bar y)^2$.

    1 is perfect, 0 is as good as the mean of the targets, below 0 is worse. Where the targets
    are constant it is 0, or 1 if all are predicted exactly. The sum around the mean is brought
    up to date by differences of means (Chan, Golub and LeVeque 1979), where Keras subtracts two
    large numbers: targets far from 0 keep their accuracy.

    Args:
        class_aggregation: Over several outputs: "uniform_average", their mean;
            "variance_weighted_average", weighted by the variance of each; None, each by itself.
        num_regressors: Number of independent variables, for the adjusted score; 0 for the
            plain one.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.

    Raises:
        ValueError: If an argument is out of range.
    """

    _direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in _AVERAGES:
            raise ValueError(
                f"`class_aggregation` must be one of {_AVERAGES}; received {class_aggregation!r}."
            )
        if num_regressors < 0:
            raise ValueError(f"`num_regressors` must be >= 0; received {num_regressors!r}.")
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), "zeros", name="num_samples")
        self._built = False

    def _build(self, outputs: int) -> None:
        """Make the sums, one per output."""
        self.mean = self.add_variable((outputs,), "zeros", name="mean")
        self.deviation = self.add_variable((outputs,), "zeros", name="deviation")
        self.residual = self.add_variable((outputs,), "zeros", name="residual")
        self.count = self.add_variable((outputs,), "zeros", name="count")
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: Targets, shape (batch,) or (batch, outputs).
            y_pred: Predictions, of the same shape.
            sample_weight: One weight per sample, or per output of each.

        Raises:
            ValueError: If the shapes are others.
        """
        y_pred = convert_to_tensor(y_pred, self._torch_dtype).detach()
        y_true = convert_to_tensor(y_true, self._torch_dtype).to(y_pred.device)
        shapes = y_true.shape, y_pred.shape
        y_true, y_pred = squeeze_or_expand(y_true, y_pred)
        if y_pred.ndim == 1 and y_true.ndim == 1:
            y_true, y_pred = y_true.unsqueeze(1), y_pred.unsqueeze(1)
        if y_true.ndim != 2 or y_true.shape != y_pred.shape:
            hint = None if y_pred.ndim == 2 else "R2Score takes (batch,) or (batch, outputs)."
            raise ValueError(unequal_shapes("R2Score", *shapes, hint))
        if not self._built:
            self._build(y_pred.shape[1])
        self._follow(y_pred)
        weights = torch.ones_like(y_true)
        if sample_weight is not None:
            weights = convert_to_tensor(sample_weight, self._torch_dtype).to(y_pred.device)
            weights = (weights.unsqueeze(1) if weights.ndim == 1 else weights).expand_as(y_true)
        self._merge(y_true, weights)
        self.residual.add_(((y_true - y_pred).square() * weights).sum(0))
        self.num_samples.add_(y_true.numel())

    def _merge(self, y_true: torch.Tensor, weights: torch.Tensor) -> None:
        """Bring weight, mean and sum of squares around the mean up to date."""
        count = weights.sum(0)
        mean = divide_no_nan((y_true * weights).sum(0), count)
        deviation = ((y_true - mean).square() * weights).sum(0)
        total = self.count + count
        share = divide_no_nan(count, total)
        distance = mean - self.mean
        self.deviation.add_(deviation + distance.square() * self.count * share)
        self.mean.add_(distance * share)
        self.count.copy_(total)

    def result(self) -> torch.Tensor:
        """The score, a scalar (or one per output)."""
        if not self._built:
            raise ValueError("R2Score has no result before the first `update_state`.")
        rounding = 4.0 * torch.finfo(self._torch_dtype).eps * self.mean
        constant = self.deviation <= self.count * rounding.square()
        scores = 1.0 - self.residual / torch.where(constant, 1.0, self.deviation)
        scores = torch.where(constant, (self.residual == 0).to(scores.dtype), scores)
        if self.class_aggregation == "uniform_average":
            score = scores.mean()
        elif self.class_aggregation == "variance_weighted_average":
            score = (self.deviation * scores).sum() / self.deviation.sum()
        else:
            score = scores
        return self._adjusted(score) if self.num_regressors else score

    def _adjusted(self, score: torch.Tensor) -> torch.Tensor:
        """The score, less what so many regressors would explain by chance."""
        n, p = float(self.num_samples), self.num_regressors
        if p >= n - 1:
            warnings.warn(
                f"the adjusted R2 needs more than {p + 1} samples for {p} regressors, and has "
                f"seen {n:.0f}: the plain R2 is returned.",
                stacklevel=3,
            )
            return score
        return 1.0 - (1.0 - score) * (n - 1.0) / (n - p - 1.0)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
