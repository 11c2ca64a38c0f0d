"""The test part: every model's number, both intervals, and the verdict in a sentence."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from profond._number_format import NumberFormat
from profond.experiment._intervals import (
    Interval,
    bootstrap_means,
    corrected_interval,
    percentile_interval,
    proportion_interval,
    student_interval,
)
from profond.experiment._metrics import Headline, further_metrics, headline


@dataclass(frozen=True)
class Score:
    """One line of the result's table.

    Attributes:
        name: What is measured.
        role: "network" (one of the seeds, on average), "ensemble" (all together) or "baseline".
        value: The headline metric; for "network" the mean over seeds.
        over_seeds: Student's interval of that mean; None for the other roles.
        over_rows: Bootstrap interval over the rows of the test part; in a cross-validation the
            corrected interval over its folds.
        further: Other metrics by name; for "network" their means over seeds.
        per_seed: The headline metric of each seed; empty for the other roles.
    """

    name: str
    role: str
    value: float
    over_seeds: Interval | None
    over_rows: Interval
    further: dict[str, float] = field(default_factory=dict)
    per_seed: tuple[float, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """All scores of a run on its test part.

    Attributes:
        task: "regression", "binary" or "multiclass".
        metric: The headline metric.
        rows: Number of test rows.
        scores: One per model: network, ensemble (with two seeds or more), then baselines.
        verdict: "better", "undecided" or "worse"; "" without baselines.
        sentence: The verdict as a sentence; without baselines, how good the networks are.
        difference: How much better the network is than the best baseline (positive: better); NaN
            without baselines.
        difference_interval: Its paired interval over test rows or folds; NaN likewise.
        resampled: What the intervals are over beside seeds: "test rows", "folds", or "rows" for
            a kept model on further rows.
        called: What the rows are called: "rows", "series", "images".
    """

    task: str
    metric: Headline
    rows: int
    scores: tuple[Score, ...]
    verdict: str
    sentence: str
    difference: float
    difference_interval: Interval
    resampled: str = "test rows"
    called: str = "rows"

    @property
    def over(self) -> str:
        """What the intervals are over beside seeds, as it is told: "test series"."""
        return self.resampled.replace("rows", self.called)

    @property
    def numbers(self) -> NumberFormat:
        """Writes values of the headline metric."""
        return NumberFormat([score.value for score in self.scores], self.metric.name)

    @property
    def kept(self) -> Score:
        """The score of what is kept and predicts: the ensemble, or the only network."""
        return next((s for s in self.scores if s.role == "ensemble"), self.scores[0])

    @property
    def best_baseline(self) -> str:
        """Name of the baseline that the verdict compares with; "" without baselines.

        Between equal values the smaller log loss decides, where it is measured, then the order.
        """
        baselines = [score for score in self.scores if score.role == "baseline"]
        return _best(baselines, self.metric).name if baselines else ""


def evaluate(
    task: str,
    members: Sequence[np.ndarray],
    baselines: Mapping[str, np.ndarray],
    truth: np.ndarray,
    *,
    folds: Sequence[int] | None = None,
    test_share: float = 0.5,
    called: str = "rows",
) -> Evaluation:
    """Measure the networks and the baselines on the same test rows.

    The ensemble's prediction is the mean of the members' (numbers or probabilities). The verdict
    compares it with the baseline that is best on these rows (of equal accuracies, with the smaller
    log loss), which is the harder test: the interval of the paired difference over resampled rows
    must leave out 0. In a cross-validation it is the corrected interval over folds (Nadeau and
    Bengio 2003).

    Args:
        task: "regression", "binary" or "multiclass".
        members: Predictions of each network: numbers (rows,) or probabilities (rows, classes).
        baselines: The same for each baseline, by name; without any there is no verdict.
        truth: Numbers, or places of the classes, shape (rows,).
        folds: Number of rows of each fold, one after the other, in a cross-validation.
        test_share: Share of the test part of a fold, in (0, 1).
        called: What the rows are called: "rows", "series", "images".
    """
    metric = headline(task)
    predictions = {f"seed {i}": member for i, member in enumerate(members)}
    if len(members) > 1:
        predictions["ensemble"] = np.mean(members, axis=0)
    predictions |= baselines
    per_row = np.column_stack([metric.per_row(p, truth) for p in predictions.values()])
    values = metric.of_mean(per_row.mean(axis=0))
    # One set of resamples for all models, so that every comparison is paired.
    draws = metric.of_mean(bootstrap_means(per_row)) if folds is None else np.zeros((0, 0))
    by_fold = None
    if folds is not None:
        parts = np.split(per_row, np.cumsum(folds)[:-1])
        by_fold = np.stack([metric.of_mean(part.mean(axis=0)) for part in parts])
        values = by_fold.mean(axis=0)
    names, seeds = list(predictions), len(members)

    def rows_interval(*columns: int) -> Interval:
        """The interval of one model, or of the mean over several."""
        asked = list(columns)
        if by_fold is not None:
            found = _over_folds(by_fold[:, asked].mean(axis=1), test_share)
            return metric.within(found)
        # All right or all wrong: each resample is the same, and a bootstrap would be certain.
        if metric.name == "accuracy" and values[asked].min() == values[asked].max() in (0.0, 1.0):
            return proportion_interval(round(values[asked[0]] * len(truth)), len(truth))
        return percentile_interval(draws[:, asked].mean(axis=1))

    further = [further_metrics(task, p, truth) for p in predictions.values()]
    single = Score(
        "one network",
        "network",
        float(values[:seeds].mean()),
        student_interval(values[:seeds]),
        rows_interval(*range(seeds)),
        {name: float(np.mean([f[name] for f in further[:seeds]])) for name in further[0]},
        tuple(float(v) for v in values[:seeds]),
    )
    others = [
        Score(
            f"{seeds} networks together" if names[j] == "ensemble" else names[j],
            "ensemble" if names[j] == "ensemble" else "baseline",
            float(values[j]),
            None,
            rows_interval(j),
            further[j],
        )
        for j in range(seeds, len(names))
    ]
    resampled = "test rows" if folds is None else "folds"
    if not baselines:
        kept = (others or [single])[0]
        sentence = _alone(metric, seeds, kept, f"{len(truth)} {called}")
        nothing = Interval(math.nan, math.nan)
        return Evaluation(
            task, metric, len(truth), (single, *others), "", sentence, math.nan, nothing, resampled,
            called,
        )  # fmt: skip
    sign = -1.0 if metric.lower_is_better else 1.0
    best = names.index(_best([s for s in others if s.role == "baseline"], metric).name)
    ours = names.index("ensemble") if "ensemble" in names else 0
    difference = float(sign * (values[ours] - values[best]))
    if by_fold is None:
        interval = percentile_interval(sign * (draws[:, ours] - draws[:, best]))
    else:
        interval = _over_folds(sign * (by_fold[:, ours] - by_fold[:, best]), test_share)
    verdict = "better" if interval.low > 0 else "worse" if interval.high < 0 else "undecided"
    sentence = _sentence(
        metric,
        verdict,
        seeds,
        float(values[ours]),
        names[best],
        float(values[best]),
        difference,
        interval,
        len(truth),
        None if folds is None else len(folds),
        f"test {called}",
    )
    return Evaluation(
        task,
        metric,
        len(truth),
        (single, *others),
        verdict,
        sentence,
        difference,
        interval,
        resampled,
        called,
    )


def _best(baselines: Sequence[Score], metric: Headline) -> Score:
    def order(score: Score) -> tuple[float, float]:
        if metric.lower_is_better:
            return score.value, 0.0
        # Accuracies: over folds, equal ones may differ in the last digit.
        return -round(score.value, 12), score.further.get("log loss", 0.0)

    return min(baselines, key=order)


def _over_folds(values: np.ndarray, test_share: float) -> Interval:
    interval = corrected_interval(values, test_share)
    assert interval is not None  # a cross-validation has two folds or more
    return interval


def _alone(metric: Headline, seeds: int, kept: Score, rows: str) -> str:
    """What is said where there is nothing to compare with."""
    who = f"The {seeds} networks together have" if seeds > 1 else "The network has"
    show = NumberFormat([kept.value], metric.name)
    return (
        f"{who} {metric.name} {show(kept.value)} (95 % interval {show(kept.over_rows.low)} to "
        f"{show(kept.over_rows.high)} over the {rows})."
    )


def _sentence(
    metric: Headline,
    verdict: str,
    seeds: int,
    ours: float,
    baseline: str,
    theirs: float,
    difference: float,
    interval: Interval,
    rows: int,
    folds: int | None,
    called: str,
) -> str:
    who = f"The {seeds} networks together are" if seeds > 1 else "The network is"
    judged = {
        "better": f"better than the best baseline, {baseline}",
        "worse": f"worse than the best baseline, {baseline}",
        "undecided": f"not distinguishable from the best baseline, {baseline}",
    }[verdict]
    show = NumberFormat([ours, theirs], metric.name)
    compared = f"{who} {judged}: {metric.name} {show(ours)} against {show(theirs)}"
    if difference == 0 and interval.low == interval.high:  # no resample tells them apart
        if metric.name != "accuracy":
            return f"{compared} (the same on all {rows} {called})."
        hits = round(ours * rows)
        which = f"all {rows}" if hits == rows else f"the same {hits} of the {rows}"
        return f"{compared} (both are right on {which} {called})."
    # The difference of the numbers as they are shown, so that a reader finds it right.
    step = 0 if show.scientific else show.decimals
    shown = difference if show.scientific else round(ours, step) - round(theirs, step)
    shown = abs(shown) * (-1.0 if difference < 0 else 1.0)
    return (
        f"{compared} (gain {show(shown, sign=True)}, 95 % interval "
        f"{show(interval.low, sign=True)} to {show(interval.high, sign=True)} "
        f"over the {f'{rows} {called}' if folds is None else f'{folds} folds'})."
    )
