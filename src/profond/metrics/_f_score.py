"""F-scores: precision and recall in one number."""

from typing import Any

import torch

from profond._tensors import convert_to_tensor
from profond.config import epsilon
from profond.losses._shapes import unequal_shapes
from profond.metrics._metric import Metric

_AVERAGES = (None, "micro", "macro", "weighted")


class FBetaScore(Metric):
    r"""$(1 + \beta^2) P R / (\beta^2 P + R)$ of precision $P$ and recall $R$, class by class.

    Args:
        average: None: one score per class; "macro": their mean; "weighted": their mean weighted
            by the number of samples of each class; "micro": one score from the counts of all
            classes together.
        beta: How many times recall weighs as much as precision, > 0.
        threshold: Predictions above it, in (0, 1], are positive; None: the largest one of each
            sample is.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.

    Raises:
        ValueError: If an argument is out of range.
    """

    _direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if average not in _AVERAGES:
            raise ValueError(f"`average` must be one of {_AVERAGES}; received {average!r}.")
        if not isinstance(beta, int | float) or isinstance(beta, bool) or not beta > 0:
            raise ValueError(f"`beta` must be a number > 0; received {beta!r}.")
        if threshold is not None and not 0 < threshold <= 1:
            raise ValueError(f"`threshold` must be None or in (0, 1]; received {threshold!r}.")
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self._built = False

    def _build(self, classes: int) -> None:
        """Make the counts, one per class, or one for all."""
        shape = () if self.average == "micro" else (classes,)
        self.true_positives = self.add_variable(shape, "zeros", name="true_positives")
        self.false_positives = self.add_variable(shape, "zeros", name="false_positives")
        self.false_negatives = self.add_variable(shape, "zeros", name="false_negatives")
        self.intermediate_weights = self.add_variable(shape, "zeros", name="intermediate_weights")
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: One-hot labels, or several labels each, shape (batch, classes).
            y_pred: Probabilities, of the same shape.
            sample_weight: One weight per sample.

        Raises:
            ValueError: If the shapes are others.
        """
        y_pred = convert_to_tensor(y_pred, self._torch_dtype).detach()
        y_true = convert_to_tensor(y_true, self._torch_dtype).to(y_pred.device)
        if y_pred.ndim != 2 or y_true.shape != y_pred.shape:
            hint = "For class numbers use `to_categorical(y)`; for a single output, `y[:, None]`."
            raise ValueError(unequal_shapes(type(self).__name__, y_true.shape, y_pred.shape, hint))
        if not self._built:
            self._build(y_pred.shape[1])
        self._follow(y_pred)
        if self.threshold is None:
            largest = y_pred.amax(-1, keepdim=True)
            positive = (y_pred >= largest) & (y_pred.abs() > 1e-9)
        else:
            positive = y_pred > self.threshold
        guess = positive.to(self._torch_dtype)
        weights = None
        if sample_weight is not None:
            weights = convert_to_tensor(sample_weight, self._torch_dtype).to(y_pred.device)
            weights = weights.reshape(-1, 1)

        def add(variable: torch.Tensor, values: torch.Tensor) -> None:
            values = values if weights is None else values * weights
            variable.add_(values.sum() if self.average == "micro" else values.sum(0))

        add(self.true_positives, guess * y_true)
        add(self.false_positives, guess * (1.0 - y_true))
        add(self.false_negatives, (1.0 - guess) * y_true)
        add(self.intermediate_weights, y_true)

    def result(self) -> torch.Tensor:
        """The score, a scalar; with `average=None` one per class."""
        if not self._built:
            raise ValueError(
                f"{type(self).__name__} has no result before the first `update_state`."
            )
        tiny, hits = epsilon(), self.true_positives
        precision = hits / (hits + self.false_positives + tiny)
        recall = hits / (hits + self.false_negatives + tiny)
        square = self.beta**2
        scores = (1 + square) * (precision * recall / (square * precision + recall + tiny))
        if self.average == "weighted":
            weights = self.intermediate_weights / (self.intermediate_weights.sum() + tiny)
            return (scores * weights).sum()
        return scores if self.average is None else scores.mean()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return {
            **super().get_config(),
            "average": self.average,
            "beta": self.beta,
            "threshold": self.threshold,
        }


class F1Score(FBetaScore):
    r"""$2 P R / (P + R)$, the harmonic mean of precision $P$ and recall $R$, class by class.

    Args:
        average: See `FBetaScore`.
        threshold: See `FBetaScore`.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        config = super().get_config()
        del config["beta"]
        return config
