"""Whole trainings with several learning rates: what a range test cannot tell."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from profond.trials._compare import over_grid
from profond.trials._comparison import Comparison
from profond.trials._objective import RunObjective, TrialFailed, holding_out
from profond.trials._training_rows import digest, read_training_rows


@dataclass(frozen=True)
class TrainingSweep:
    """Validation scores of whole trainings, by learning rate and seed.

    Attributes:
        comparison: All results, and their paired differences.
        metric: What the score is: small is good.
        best: The rate with the least mean, among those with which no seed failed; None for none.
        experiment: The experiment, with target and task filled in.
    """

    comparison: Comparison
    metric: str
    best: float | None
    experiment: Any

    def plot(self, *, ax: Any = None, lang: Any = "en") -> Any:
        """The score against the rate, mean and band over seeds.

        Args:
            ax: Axes to draw on, or None for a new figure.
            lang: "en" or "fr".
        """
        from profond.figures import rates_and_scores

        table = self.comparison.frame.pivot(index="seed", columns="rate", values="score")
        rates = table.columns.to_numpy(dtype=np.float64)
        return rates_and_scores(rates, table.to_numpy(), name=self.metric, ax=ax, lang=lang)

    def __str__(self) -> str:
        lines = [f"{self.metric} (lower is better), mean over seeds"]
        for variant, row in self.comparison.means().to_dict("index").items():
            half = (row["high"] - row["low"]) / 2
            spread = "" if math.isnan(half) else f" ± {half:.2g}"
            failed = f", {int(row['failed'])} seed(s) failed" if row["failed"] else ""
            mark = "  <- best" if str(variant) == f"rate={self.best}" else ""
            lines.append(f"  {variant}  {row['mean']:.4g}{spread}{failed}{mark}")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Score:
    """The score of a training with a rate and a seed; NaN where it failed."""

    rows: Any
    data: str

    def __call__(self, seed: int, rate: float) -> float:
        objective = RunObjective(self.rows, [seed], self.data)
        try:
            return objective({"training.learning_rate": rate}, _ignore)
        except TrialFailed:
            return math.nan


def _ignore(score: float, step: int) -> None:
    """Nobody listens on the way."""


def sweep_trainings(
    experiment: Any,
    data: Any = None,
    *,
    rates: Sequence[float] | tuple[float, float, int] = (1e-5, 1.0, 11),
    seeds: int | Sequence[int] | None = None,
    workers: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    verbose: bool = True,
) -> TrainingSweep:
    """Train to the end with each of several learning rates, over seeds.

    Slower than the range test, and what counts: the score is that of the inner validation rows of
    the training part, at the epoch that is kept (a fifth of it, where the kind of data holds none
    out by default). The test part is not used.

    Args:
        experiment: An `Experiment`, `SeriesExperiment` or `ImageExperiment`.
        data: The table, series or images, in the place of `data.source`.
        rates: A list of the rates, or a tuple `(low, high, count)` of evenly spaced logarithms.
        seeds: How many seeds, from 0 on, or the seeds; those of the experiment by default.
        workers: How many trainings at a time, with a thread each; all cores by default.
        folder: Where results are kept, to go on after a stop.
        verbose: Whether to show a progress bar, on standard error.

    Returns:
        The scores, and the best rate.

    Raises:
        ValueError: If the data, a rate or a setting are not usable.
    """
    chosen = _chosen(rates)
    rows = read_training_rows(experiment, data)
    held = holding_out(rows)
    score = _Score(held, digest(rows))
    comparison = over_grid(
        score,
        {"rate": chosen},
        seeds=rows.experiment.seeds.all if seeds is None else seeds,
        lower_is_better=True,
        workers=workers,
        folder=folder,
        verbose=verbose,
    )
    means = comparison.means()
    whole = {name: row["mean"] for name, row in means.to_dict("index").items() if not row["failed"]}
    best = float(str(min(whole, key=whole.__getitem__)).removeprefix("rate=")) if whole else None
    metric = RunObjective(held, [0], score.data).metric
    return TrainingSweep(comparison, metric, best, rows.experiment)


def _chosen(rates: Any) -> list[float]:
    """The rates, with two or three digits: they are read by people."""
    if isinstance(rates, tuple) and len(rates) == 3 and type(rates[2]) is int:
        low, high, count = rates
        if not 0 < low < high < math.inf or count < 2:
            raise ValueError(
                "`rates` must be (low, high, count) with 0 < low < high and a count of 2 or more; "
                f"received {rates!r}."
            )
        found = [float(f"{rate:.3g}") for rate in np.geomspace(low, high, count)]
        if len(set(found)) < count:
            raise ValueError(
                f"`rates` must be different in their first three digits; received {rates!r}. Take "
                "fewer, or ends that are further apart."
            )
        return found
    try:
        found = [] if isinstance(rates, str) else [float(rate) for rate in rates]
    except (TypeError, ValueError):
        found = []
    usable = all(0 < rate < math.inf for rate in found)
    if len(found) < 2 or not usable or len(set(found)) < len(found):
        raise ValueError(
            f"`rates` must be two or more different numbers above 0; received {rates!r}."
        )
    return sorted(found)
