"""One learning-rate range test: a training whose rate grows until the loss breaks away."""

import copy
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from profond._randomness import seeded
from profond.callbacks import Callback

_TIMES_BEST = 4.0  # a smoothed loss of so many times the least is a divergence, as in fastai


class _Growing(Callback):
    """Gives each step its learning rate, and takes its loss.

    Args:
        rates: The rate of each step, all > 0.
        smoothing: Share of the past in the smoothed loss, in [0, 1).
    """

    def __init__(self, rates: np.ndarray, smoothing: float) -> None:
        super().__init__()
        self.rates, self.smoothing = rates, smoothing
        self.losses: list[float] = []
        self.smoothed: list[float] = []
        self.diverged = False
        self._average = 0.0

    def rate(self) -> float:
        """The rate of the coming step; that of the last one after it."""
        return float(self.rates[min(len(self.losses), len(self.rates) - 1)])

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Begin the mean loss anew, so that it is the loss of this step alone."""
        self.model.reset_metrics()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Take the loss, and stop where it has broken away or the rates are used up."""
        loss = float((logs or {})["loss"])
        self.losses.append(loss)
        # m_t = b m_{t-1} + (1 - b) l_t, over 1 - b^t: without that, it begins at 0.
        self._average = self.smoothing * self._average + (1 - self.smoothing) * loss
        self.smoothed.append(self._average / (1 - self.smoothing ** len(self.losses)))
        self.diverged = has_diverged(self.smoothed)
        if self.diverged or len(self.losses) == len(self.rates):
            self.model.stop_training = True


def has_diverged(smoothed: list[float]) -> bool:
    """Whether the last smoothed loss is not finite, or 4 times the least one before it.

    A loss that may be negative has diverged when it is 3 times the least one's size above it.
    """
    last = smoothed[-1]
    if not np.isfinite(last):
        return True
    best = min(smoothed)
    return last > best + (_TIMES_BEST - 1) * abs(best)


def range_test(
    model: Any,
    x: Any,
    y: Any,
    rates: np.ndarray,
    *,
    batch_size: int,
    seed: int,
    smoothing: float,
    sample_weight: Any = None,
) -> _Growing:
    """Train with one rate per step, and put the model back as it was.

    Args:
        model: A compiled model.
        x: Inputs.
        y: Targets.
        rates: The rate of each step.
        batch_size: Rows per step.
        seed: Of the order of the rows and of dropout.
        smoothing: Share of the past in the smoothed loss, in [0, 1).
        sample_weight: Weight of each row.

    Returns:
        What was seen: `losses`, `smoothed`, `diverged`.

    Raises:
        KeyboardInterrupt: If Ctrl-C was pressed.
    """
    growing = _Growing(rates, smoothing)
    with _as_before(model), seeded(seed), warnings.catch_warnings():
        # A loss that is no longer finite is what the test looks for.
        warnings.simplefilter("ignore", RuntimeWarning)
        model.optimizer.learning_rate = growing.rate
        history = model.fit(
            x,
            y,
            batch_size=batch_size,
            epochs=len(rates),  # more than are needed
            sample_weight=sample_weight,
            callbacks=[growing],
            verbose=0,
        )
    if history.interrupted:
        raise KeyboardInterrupt
    return growing


@contextmanager
def _as_before(model: Any) -> Iterator[None]:
    """After the block, the model's weights, optimizer and generators are what they were.

    Inside, the optimizer is a copy: it begins with the state that the model's own has.
    """
    from profond.training.checkpoint import generators_now, set_generators

    facts = model.__dict__
    names = ("_optimizer", "history", "stop_training", "steps_per_execution")
    kept = {name: facts[name] for name in names}
    weights, generators = model.get_weights(), generators_now(model)
    # The copy changes the model's weights, not copies of them.
    facts["_optimizer"] = copy.deepcopy(kept["_optimizer"], {id(w): w for w in model.weights})
    facts["steps_per_execution"] = 1
    try:
        yield
    finally:
        facts.update(kept)
        model.set_weights(weights)
        set_generators(model, generators)
        model.reset_metrics()
