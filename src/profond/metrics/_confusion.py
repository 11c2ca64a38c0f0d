"""Outcomes of binary decisions, precision and recall."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch

from profond.losses._reduction import divide_no_nan
from profond.metrics._counts import (
    Thresholds,
    count,
    only_class,
    only_top_k,
    pair,
    parse_thresholds,
)
from profond.metrics._metric import Metric


class _OutcomeCount(Metric):
    """Weight of one of the four outcomes, at one or more thresholds.

    Args:
        thresholds: Number or numbers in [0, 1]; predictions above are positive. None is 0.5.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.

    Raises:
        ValueError: If a threshold is out of range.
    """

    _outcome: ClassVar[str]

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.thresholds = parse_thresholds(thresholds, 0.5)
        self._levels = Thresholds(self.thresholds)
        self.accumulator = self.add_variable((len(self._levels),), "zeros", name="accumulator")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: Labels, positive where not 0.
            y_pred: Predictions, of the same shape.
            sample_weight: One weight per sample or per prediction.

        Raises:
            ValueError: If shapes do not fit.
        """
        y_true, y_pred = pair(y_true, y_pred, self._torch_dtype, type(self).__name__)
        self._follow(y_pred)
        counts = count(y_true, y_pred, self._levels, (self._outcome,), sample_weight=sample_weight)
        self.accumulator.add_(counts[self._outcome])

    def result(self) -> torch.Tensor:
        """The count, a scalar; with several thresholds one per threshold."""
        counts = self.accumulator.detach().clone()
        return counts[0] if len(self._levels) == 1 else counts

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(_OutcomeCount):
    """Number of positive samples predicted positive.

    Args:
        thresholds: Number or numbers in [0, 1]; predictions above are positive. None is 0.5.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _outcome = "true_positives"


class FalsePositives(_OutcomeCount):
    """Number of negative samples predicted positive: false alarms.

    Args:
        thresholds: Number or numbers in [0, 1]; predictions above are positive. None is 0.5.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _outcome = "false_positives"


class TrueNegatives(_OutcomeCount):
    """Number of negative samples predicted negative.

    Args:
        thresholds: Number or numbers in [0, 1]; predictions above are positive. None is 0.5.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _outcome = "true_negatives"


class FalseNegatives(_OutcomeCount):
    """Number of positive samples predicted negative: misses.

    Args:
        thresholds: Number or numbers in [0, 1]; predictions above are positive. None is 0.5.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _outcome = "false_negatives"


class _HitRate(Metric):
    """True positives divided by them and another outcome; 0 if there are none of either.

    Args:
        thresholds: Number or numbers in [0, 1]; predictions above are positive. None is 0.5,
            or, with `top_k`, below every prediction.
        top_k: Only the `top_k` largest predictions of each sample can be positive; None: all.
        class_id: Only this class is looked at, the last axis; None: all of them.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.

    Raises:
        ValueError: If a threshold is out of range.
    """

    _direction = "up"
    _other: ClassVar[str]

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        lowest = 0.5 if top_k is None else torch.finfo(self._torch_dtype).min
        self.thresholds = parse_thresholds(thresholds, lowest)
        self._levels = Thresholds(self.thresholds)
        shape = (len(self._levels),)
        self.true_positives = self.add_variable(shape, "zeros", name="true_positives")
        self._others = self.add_variable(shape, "zeros", name=self._other)
        setattr(self, self._other, self._others)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: Labels, positive where not 0.
            y_pred: Predictions, of the same shape.
            sample_weight: One weight per sample or per prediction.

        Raises:
            ValueError: If shapes do not fit, or there is no class `class_id`.
        """
        y_true, y_pred = pair(y_true, y_pred, self._torch_dtype, type(self).__name__)
        self._follow(y_pred)
        if self.top_k is not None:
            y_pred = only_top_k(y_pred, self.top_k)
        if self.class_id is not None:
            y_true, y_pred = only_class(y_true, y_pred, self.class_id)
        outcomes = ("true_positives", self._other)
        counts = count(y_true, y_pred, self._levels, outcomes, sample_weight=sample_weight)
        self.true_positives.add_(counts["true_positives"])
        self._others.add_(counts[self._other])

    def result(self) -> torch.Tensor:
        """The rate, a scalar; with several thresholds one per threshold."""
        rates = divide_no_nan(self.true_positives, self.true_positives + self._others)
        return rates[0] if len(self._levels) == 1 else rates

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


class Precision(_HitRate):
    """Share of true positives among what is predicted positive.

    Args:
        thresholds: Number or numbers in [0, 1]; predictions above are positive. None is 0.5,
            or, with `top_k`, below every prediction.
        top_k: Only the `top_k` largest predictions of each sample can be positive; None: all.
        class_id: Only this class is looked at, the last axis; None: all of them.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _other = "false_positives"
    false_positives: torch.Tensor


class Recall(_HitRate):
    """Share of true positives among what is positive.

    Args:
        thresholds: Number or numbers in [0, 1]; predictions above are positive. None is 0.5,
            or, with `top_k`, below every prediction.
        top_k: Only the `top_k` largest predictions of each sample can be positive; None: all.
        class_id: Only this class is looked at, the last axis; None: all of them.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _other = "false_negatives"
    false_negatives: torch.Tensor
