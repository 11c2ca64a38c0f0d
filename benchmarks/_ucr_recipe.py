"""How a network for series is trained in the benchmark: one short recipe for all sets."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Recipe:
    """A training, the same for every network and set.

    Attributes:
        epochs: Passes over the training series.
        learning_rate: Step size at first, for the largest batch; for smaller ones it is less in
            proportion (Goyal et al. 2017). It falls to 0 as half a cosine.
        largest_batch: Series per step at most; a tenth of the training series if that is less, so
            that few series make ten steps an epoch too.
        label_smoothing: Share of the target that all classes get alike.
        weight_decay: Of AdamW.
    """

    epochs: int = 150
    learning_rate: float = 1e-2
    largest_batch: int = 8
    label_smoothing: float = 0.0
    weight_decay: float = 0.0

    def batch(self, rows: int) -> int:
        """Series per step."""
        return max(2, min(rows // 10, self.largest_batch))

    def rate(self, rows: int) -> float:
        """Step size at first."""
        return self.learning_rate * self.batch(rows) / self.largest_batch

    def describe(self) -> dict[str, Any]:
        """All of it, as plain values."""
        return {"optimizer": "adamw", "schedule": "cosine", "scaled_rate": True, **asdict(self)}


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


def train(
    network: str,
    x: np.ndarray,
    y: np.ndarray,
    x_test: np.ndarray,
    *,
    classes: int,
    masked: bool,
    seed: int,
    recipe: Recipe,
) -> Trained:
    """Train a network and let it answer.

    Args:
        network: Name of a function of `profond.architectures`.
        x: Training series.
        y: Their classes.
        x_test: Series to answer for.
        classes: Number of classes.
        masked: Whether NaN fills up shorter series.
        seed: Where all randomness starts.
        recipe: The training.
    """
    import profond
    from profond import architectures

    profond.utils.set_random_seed(seed)
    options = {"masked": True} if masked else {}
    build = getattr(architectures, network)
    model = build(x.shape[1:], classes, output_activation="softmax", **options)
    batch = recipe.batch(len(x))
    steps = -(-len(x) // batch) * recipe.epochs
    rate = profond.optimizers.schedules.CosineDecay(recipe.rate(len(x)), steps)
    model.compile(
        profond.optimizers.AdamW(rate, weight_decay=recipe.weight_decay),
        profond.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing),
    )
    start = time.perf_counter()
    targets = np.eye(classes, dtype="float32")[y]
    history = model.fit(x, targets, batch_size=batch, epochs=recipe.epochs, verbose=0)
    seconds = time.perf_counter() - start
    probabilities = model.predict(x_test, batch_size=128, verbose=0)
    return Trained(probabilities, steps, batch, seconds, history.history["loss"][-1])
