"""How a network for series is trained in the benchmark: as `SeriesClassifier` trains one."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

PRECISION = "bfloat16"  # what the benchmark changes of the defaults
_CALLED = {"resnet1d": "resnet", "series_mlp": "mlp"}  # architectures, for the estimator


@dataclass(frozen=True)
class Trained:
    """What a training gave.

    Attributes:
        probabilities: Of the classes, for each series that was held out.
        steps: Number of steps.
        batch: Series per step.
        seconds: Of the training.
        loss: The last epoch's.
    """

    probabilities: np.ndarray
    steps: int
    batch: int
    seconds: float
    loss: float


class Recipe:
    """A training, the same for every network and set.

    Args:
        **changes: Settings of `SeriesClassifier` in the place of its defaults.
    """

    def __init__(self, **changes: Any) -> None:
        from profond.estimators._series_settings import SeriesSettings

        self.changes = {"precision": PRECISION, **changes}
        self.training = SeriesSettings.of(self.changes).training

    def describe(self) -> dict[str, Any]:
        """All settings of the training, as plain values."""
        return self.training.model_dump(mode="json")

    def train(
        self, network: str, x: np.ndarray, y: np.ndarray, x_test: np.ndarray, seed: int
    ) -> Trained:
        """Train a network and let it answer.

        Args:
            network: Name of a function of `profond.architectures`.
            x: Training series, NaN after the end of shorter ones.
            y: Their classes, from 0 on, each at least once.
            x_test: Series to answer for.
            seed: Where all randomness starts.
        """
        from profond.estimators import SeriesClassifier

        classifier = SeriesClassifier(
            architecture=_CALLED.get(network, network), seeds=1, random_state=seed, **self.changes
        )
        start = time.perf_counter()
        classifier.fit(x, y)
        seconds = time.perf_counter() - start
        batch = self.training.batch_rows(len(x))
        steps = -(-len(x) // batch) * self.training.epochs
        loss = float(classifier.history_["loss"].iloc[-1])
        return Trained(classifier.predict_proba(x_test), steps, batch, seconds, loss)
