"""The learning-rate range test: where the loss falls, and where it breaks away."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from profond._randomness import seeded
from profond.trials._compare import checked_seeds
from profond.trials._range_test import range_test

_BEGINNING = 0.1  # share of the rates, the least, in which fastai looks for nothing


@dataclass(frozen=True)
class Sweep:
    """What a range test has found. `print` shows the suggestion and the divergence.

    Attributes:
        frame: One row per seed and step: `seed`, `step`, `rate`, `loss`, and `smoothed`.
        suggestion: The rate in the middle of the longest valley of the mean smoothed loss; NaN
            where it nowhere falls.
        steepest: The rate at which that loss falls fastest per factor of the rate (Smith 2017).
        lowest: The rate at which it is least: usually too large to train with.
        divergence: The least rate at which half of the seeds or more have diverged: their smoothed
            loss was 4 times the least one or not finite. None if it is beyond the greatest rate.
    """

    frame: pd.DataFrame
    suggestion: float
    steepest: float
    lowest: float
    divergence: float | None

    def plot(self, *, ax: Any = None, lang: Any = "en") -> Any:
        """The smoothed loss against the rate, with a band over seeds, and the points found.

        Args:
            ax: Axes to draw on, or None for a new figure.
            lang: "en" or "fr".

        Returns:
            The figure.
        """
        from profond.figures import learning_rate_sweep

        smoothed = _by_seed(self.frame, "smoothed")
        return learning_rate_sweep(
            smoothed.columns.to_numpy(dtype=np.float64),
            smoothed.to_numpy(dtype=np.float64),
            suggestion=None if math.isnan(self.suggestion) else self.suggestion,
            divergence=self.divergence,
            ax=ax,
            lang=lang,
        )

    def __str__(self) -> str:
        tried = self.frame["rate"]
        if math.isnan(self.suggestion):
            said = "no suggestion: the loss does not fall"
        else:
            said = f"suggested learning rate {self.suggestion:.2g} (steepest {self.steepest:.2g})"
        if self.divergence is None:
            return f"{said}; no divergence up to {tried.max():.2g}"
        return f"{said}; diverges from {self.divergence:.2g}"


def sweep_learning_rate(
    model_or_build: Any,
    x: Any,
    y: Any,
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 200,
    batch_size: int = 32,
    sample_weight: Any = None,
    smoothing: float = 0.9,
    seeds: int | Sequence[int] = 5,
) -> Sweep:
    r"""The learning-rate range test (Smith 2017, section 3.3).

    The model learns from one batch after another while the rate of step $t$ of $T$ grows as
    $\eta_t = \eta_0 (\eta_1 / \eta_0)^{t / (T - 1)}$. The losses are smoothed by an exponential
    mean, corrected for its beginning at 0. A seed stops at its divergence. Weights, optimizer and
    random generators of the model are then what they were.

        found = sweep_learning_rate(model, x_train, y_train)
        print(found.suggestion, found.divergence)
        found.plot().savefig("sweep.png")

    The suggestion is the "valley" of fastai (2021): of the longest falling subsequence of the mean
    loss, ended at its last point, the middle on the logarithmic axis. Differences: the curve is
    a mean over seeds, and the point where the first seed diverges ends it.

    It tells with which rate the training loss falls quickly in the first steps, not which model
    does best on new rows: that is what whole trainings tell (`sweep_trainings`, `search`).

    Args:
        model_or_build: A compiled model, which each seed begins from as it is; or a function
            without arguments that builds and compiles one, called once for each seed.
        x: Inputs of the training rows: an array, or several in a list or dict.
        y: Targets.
        low: Rate of the first step, > 0.
        high: Rate of the last step, above `low`.
        steps: Number of steps, at least 20; the rows are passed through again if need be.
        batch_size: Rows per step, as the training will have.
        sample_weight: Weight of each row.
        smoothing: Share of the past in the smoothed loss, in [0, 1).
        seeds: How many seeds, from 0 on, or the seeds themselves: of the order of the rows,
            dropout and, with a function, the initial weights.

    Returns:
        The losses, the suggestion and the divergence.

    Raises:
        ValueError: If an argument is out of its range, or the first loss is not finite.
        TypeError: If the model is none, or is not compiled.

    Reference:
        L. N. Smith (2017), "Cyclical Learning Rates for Training Neural Networks", WACV, section
        3.3. Valley and stopping rule: fastai, `fastai/callback/schedule.py`.
    """
    rates = _rates(low, high, steps)
    if not 0 <= smoothing < 1:
        raise ValueError(f"`smoothing` must be at least 0 and below 1; received {smoothing!r}.")
    if type(batch_size) is not int or batch_size < 1:
        raise ValueError(f"`batch_size` must be a whole number >= 1; received {batch_size!r}.")
    found = []
    diverged: list[float] = []
    for seed in checked_seeds(seeds):
        model = _model(model_or_build, x, seed)
        seen = range_test(
            model,
            x,
            y,
            rates,
            batch_size=batch_size,
            seed=seed,
            smoothing=smoothing,
            sample_weight=sample_weight,
        )
        if not np.isfinite(seen.losses[0]):
            raise ValueError(
                f"the loss of the first step must be finite; received {seen.losses[0]} with the "
                f"rate {low:g} (seed {seed}). Look for missing or huge values in `x` and `y`."
            )
        count = len(seen.losses)
        diverged.append(float(rates[count - 1]) if seen.diverged else math.inf)
        found.append(
            pd.DataFrame(
                {
                    "seed": seed,
                    "step": np.arange(1, count + 1),
                    "rate": rates[:count],
                    "loss": seen.losses,
                    "smoothed": seen.smoothed,
                }
            )
        )
    return _read(pd.concat(found, ignore_index=True), diverged)


def valley(losses: np.ndarray) -> int | None:
    """The middle of the longest valley, as fastai has it; None where nothing falls.

    Args:
        losses: Smoothed losses in the order of the rates, shape (steps,).
    """
    lengths = np.ones(len(losses), dtype=np.int64)  # of the longest falling subsequence to here
    for place in range(1, len(losses)):
        above = lengths[:place][losses[:place] > losses[place]]
        if above.size:
            lengths[place] = above.max() + 1
    end = int(np.argmax(lengths))
    if lengths[end] < 2:
        return None
    start = end - int(lengths[end])
    third = (end - start) / 3
    # A valley of two losses at the very beginning would else begin before it, at -1.
    return max(0, start + int(third) + int(third / 2))


def _steepest(losses: np.ndarray) -> int:
    """Where losses fall fastest, by lines through a tenth of them each: single ones are noisy."""
    width = max(3, len(losses) // 10 | 1)
    if len(losses) < width:
        return 0
    centred = np.arange(width) - width // 2
    slopes = np.correlate(losses, centred, mode="valid")  # up to a factor
    return int(np.argmin(slopes)) + width // 2


def _read(frame: pd.DataFrame, diverged: list[float]) -> Sweep:
    """The points of a sweep, from its losses."""
    curves = _by_seed(frame, "smoothed")
    whole = curves.dropna(axis=1)  # the rates before the first divergence
    rates = whole.columns.to_numpy(dtype=np.float64)
    losses = whole.to_numpy(dtype=np.float64).mean(axis=0)
    usable = np.isfinite(losses)
    rates, losses = rates[usable], losses[usable]
    skipped = int(_BEGINNING * len(curves.columns)) if len(rates) > 1 else 0
    skipped = min(skipped, len(rates) - 1)
    lowest = float(rates[int(np.argmin(losses))])
    rates, losses = rates[skipped:], losses[skipped:]
    place = valley(losses)
    middle = sorted(diverged)[(len(diverged) - 1) // 2]  # half of the seeds or more are up to it
    return Sweep(
        frame,
        suggestion=math.nan if place is None else float(rates[place]),
        steepest=math.nan if place is None else float(rates[_steepest(losses)]),
        lowest=lowest,
        divergence=middle if math.isfinite(middle) else None,
    )


def _by_seed(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """A column as a table, one row per seed and one column per rate."""
    return frame.pivot(index="seed", columns="rate", values=column)


def _rates(low: float, high: float, steps: int) -> np.ndarray:
    if type(steps) is not int or steps < 20:
        raise ValueError(f"`steps` must be a whole number >= 20; received {steps!r}.")
    if not 0 < low < high < math.inf:
        raise ValueError(
            f"`low` and `high` must be rates with 0 < low < high; received {low!r} and {high!r}."
        )
    return np.geomspace(low, high, steps)


def _model(model_or_build: Any, x: Any, seed: int) -> Any:
    """The compiled and built model of a seed."""
    from profond import _tree
    from profond.models import Model

    model = model_or_build
    if not isinstance(model, Model):
        if not isinstance(model, Callable):
            raise TypeError(
                "`model_or_build` must be a compiled profond model, or a function that returns "
                f"one; received {model!r}."
            )
        with seeded(seed):
            model = model()
    if not isinstance(model, Model):
        raise TypeError(
            "`model_or_build` must return a compiled profond model; received "
            f"{type(model).__name__}."
        )
    if not model.compiled or model.optimizer is None:
        raise TypeError(
            "`model_or_build` must be compiled with an optimizer and a loss: call "
            "`model.compile(optimizer=..., loss=...)` before the sweep."
        )
    if not model.built:
        with seeded(seed):
            model.predict(_tree.map_structure(lambda rows: rows[:1], x), verbose=0)
    return model
