"""The best of one rate where another is good enough."""

from typing import Any, ClassVar

import torch

from profond.losses._reduction import divide_no_nan
from profond.metrics._counts import Thresholds, count, only_class, pair
from profond.metrics._metric import Metric


class _Tradeoff(Metric):
    """Largest value of one rate among the thresholds where another is at least `value`.

    Args:
        value: What the other rate must reach, in [0, 1].
        num_thresholds: Number of thresholds, evenly spaced on [0, 1]; 1 is the threshold 0.5.
        class_id: Only this class is looked at, the last axis; None: all of them.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.

    Raises:
        ValueError: If an argument is out of range.
    """

    _direction = "up"
    _argument: ClassVar[str]
    # The rates, each as (outcome, the other outcome it is divided with).
    _required: ClassVar[tuple[str, str]]
    _wanted: ClassVar[tuple[str, str]]

    def __init__(
        self, value: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any
    ) -> None:
        if not 0 <= value <= 1:
            raise ValueError(f"`{self._argument}` must be in [0, 1]; received {value!r}.")
        if num_thresholds <= 0:
            raise ValueError(f"`num_thresholds` must be > 0; received {num_thresholds!r}.")
        super().__init__(name=name, dtype=dtype)
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        self.thresholds = [0.5]
        if num_thresholds > 1:
            self.thresholds = [i / (num_thresholds - 1) for i in range(num_thresholds)]
        self._levels = Thresholds(self.thresholds)
        shape = (num_thresholds,)
        self.true_positives = self.add_variable(shape, "zeros", name="true_positives")
        self.false_positives = self.add_variable(shape, "zeros", name="false_positives")
        self.true_negatives = self.add_variable(shape, "zeros", name="true_negatives")
        self.false_negatives = self.add_variable(shape, "zeros", name="false_negatives")

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
        if self.class_id is not None:
            y_true, y_pred = only_class(y_true, y_pred, self.class_id)
        counts = count(y_true, y_pred, self._levels, sample_weight=sample_weight)
        for outcome, values in counts.items():
            getattr(self, outcome).add_(values)

    def result(self) -> torch.Tensor:
        """The largest rate under the condition, a scalar; 0 if no threshold meets it."""
        met = self._rate(self._required) >= self.value
        return torch.where(met, self._rate(self._wanted), 0.0).amax()

    def _rate(self, outcomes: tuple[str, str]) -> torch.Tensor:
        first, second = (getattr(self, outcome) for outcome in outcomes)
        return divide_no_nan(first, first + second)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return {
            **super().get_config(),
            self._argument: self.value,
            "num_thresholds": self.num_thresholds,
            "class_id": self.class_id,
        }


_SENSITIVITY = ("true_positives", "false_negatives")
_SPECIFICITY = ("true_negatives", "false_positives")
_PRECISION = ("true_positives", "false_positives")


class SensitivityAtSpecificity(_Tradeoff):
    """Largest share of positives found where `specificity` of the negatives are kept out.

    Args:
        specificity: Share of negatives predicted negative that is required, in [0, 1].
        num_thresholds: Number of thresholds tried, evenly spaced on [0, 1].
        class_id: Only this class is looked at, the last axis; None: all of them.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _argument, _required, _wanted = "specificity", _SPECIFICITY, _SENSITIVITY

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity


class SpecificityAtSensitivity(_Tradeoff):
    """Largest share of negatives kept out where `sensitivity` of the positives are found.

    Args:
        sensitivity: Share of positives predicted positive that is required, in [0, 1].
        num_thresholds: Number of thresholds tried, evenly spaced on [0, 1].
        class_id: Only this class is looked at, the last axis; None: all of them.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _argument, _required, _wanted = "sensitivity", _SENSITIVITY, _SPECIFICITY

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity


class PrecisionAtRecall(_Tradeoff):
    """Largest precision where the recall is at least `recall`.

    Args:
        recall: Share of positives found that is required, in [0, 1].
        num_thresholds: Number of thresholds tried, evenly spaced on [0, 1].
        class_id: Only this class is looked at, the last axis; None: all of them.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _argument, _required, _wanted = "recall", _SENSITIVITY, _PRECISION

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)
        self.recall = recall


class RecallAtPrecision(_Tradeoff):
    """Largest recall where the precision is at least `precision`.

    Args:
        precision: Share of true positives among the predicted that is required, in [0, 1].
        num_thresholds: Number of thresholds tried, evenly spaced on [0, 1].
        class_id: Only this class is looked at, the last axis; None: all of them.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _argument, _required, _wanted = "precision", _PRECISION, _SENSITIVITY

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
        self.precision = precision
