"""Kept models against each other on the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from profond._number_format import NumberFormat
from profond.data import ClassTarget
from profond.estimators import TableModel
from profond.experiment._intervals import (
    Interval,
    bootstrap_means,
    percentile_interval,
    proportion_interval,
)
from profond.experiment._kinds import kind_named
from profond.experiment._known_rows import KnownRows, read_known_rows
from profond.experiment._measure import warn_of_rows
from profond.experiment._metrics import Headline, further_metrics, headline

_DRAWS = 10_000  # of the bootstrap: p-values down to 0.0002
_SURE = 0.05


@dataclass(frozen=True)
class ModelScore:
    """One model's number.

    Attributes:
        name: Of the model.
        networks: How many networks predict together.
        value: The headline metric.
        over_rows: Its bootstrap interval over rows.
        further: Other metrics by name.
    """

    name: str
    networks: int
    value: float
    over_rows: Interval
    further: dict[str, float]


@dataclass(frozen=True)
class ModelDifference:
    """How much worse a model is than the best one, on the same rows.

    Attributes:
        name: Of the model.
        loss: By how much it is worse (>= 0), in the unit of the metric.
        over_rows: Paired bootstrap interval over rows.
        p_value: Two-sided, of the same bootstrap, corrected by Holm (1979) for several models.
    """

    name: str
    loss: float
    over_rows: Interval
    p_value: float

    @property
    def is_sure(self) -> bool:
        """Whether the difference is more than the choice of rows explains."""
        return self.p_value < _SURE


@dataclass(frozen=True)
class ModelComparison:
    """Models on the same rows.

    Attributes:
        metric: What they are compared by.
        rows: Number of rows.
        called: What they are called: "rows", "series", "images".
        scores: One per model, in the order given.
        best: Name of the model with the best number on these rows.
        differences: Of each other model to the best.
        sentence: The result in words.
    """

    metric: Headline
    rows: int
    called: str
    scores: tuple[ModelScore, ...]
    best: str
    differences: tuple[ModelDifference, ...]
    sentence: str


def compare_models(
    models: Mapping[str, TableModel],
    data: Any,
    *,
    target: str | None = None,
    reading: Mapping[str, Any] | None = None,
) -> ModelComparison:
    """Compare kept models on the same rows.

    Each model's networks predict together. The rows are resampled for all models at once, so that
    differences are paired: rows that are hard for every model do not blur them. The best model
    is found on the same rows, so a sure difference between close models is a little too sure;
    the correction for their number (Holm 1979) allows for several being compared with it. How
    much another training of the same model would differ is not in these intervals.

    Args:
        models: Two or more models of the same target, by name; their columns may differ.
        data: A path, a bundled set, or a data frame with the columns of all of them and the target.
        target: The column with the truth; the models' own when None.
        reading: How the file is written, as `open_table` takes it, where it differs.

    Raises:
        ValueError: If there is a single model, they predict different things, or the table does
            not fit one of them.
        FileNotFoundError: If there is no such file.

    Warns:
        UserWarning: If a model was trained on the table, rows were left out, or are few.
    """
    rows = {
        name: read_known_rows(m, data, target, reading) for name, m in same_target(models).items()
    }
    return compare_on(models, rows)


def compare_on(models: Mapping[str, TableModel], rows: Mapping[str, KnownRows]) -> ModelComparison:
    """`compare_models` for rows that each model has read."""
    first = next(iter(rows.values()))
    for name, own in rows.items():
        if not np.array_equal(own.places, first.places):
            raise ValueError(
                f"The models read the table in different ways: {len(first.places)} and, for "
                f"{name}, {len(own.places)} rows with a target. Say how it is written "
                "(--separator, --header), and which column is the target (--target)."
            )
    learned_from = any(own.learned_from for own in rows.values())
    warn_of_rows(replace(first, learned_from=learned_from))
    task = next(iter(models.values())).task
    metric = headline(task)
    outputs = {name: m.outputs(m.encode(rows[name].inputs)) for name, m in models.items()}
    per_row = np.column_stack([metric.per_row(outputs[name], rows[name].truth) for name in models])
    values = metric.of_mean(per_row.mean(axis=0))
    draws = metric.of_mean(bootstrap_means(per_row, draws=_DRAWS))
    scores = tuple(
        ModelScore(
            name,
            len(model.networks),
            float(values[k]),
            _interval(metric, draws[:, k], per_row[:, k]),
            further_metrics(task, outputs[name], rows[name].truth),
        )
        for k, (name, model) in enumerate(models.items())
    )
    sign = 1.0 if metric.lower_is_better else -1.0
    best = int((sign * values).argmin())
    others = [k for k in range(len(scores)) if k != best]
    losses = [sign * (draws[:, k] - draws[:, best]) for k in others]
    same = [bool(np.array_equal(per_row[:, k], per_row[:, best])) for k in others]
    p_values = _holm([1.0 if s else _p_value(d) for s, d in zip(same, losses, strict=True)])
    differences = tuple(
        ModelDifference(
            scores[k].name, float(sign * (values[k] - values[best])), percentile_interval(d), p
        )
        for k, d, p in zip(others, losses, p_values, strict=True)
    )
    called = kind_named(next(iter(models.values())).kind).rows
    sentence = _sentence(metric, scores[best], differences, f"{len(per_row)} {called}", called)
    return ModelComparison(
        metric, len(per_row), called, scores, scores[best].name, differences, sentence
    )


def same_target(models: Mapping[str, TableModel]) -> Mapping[str, TableModel]:
    """The models, after a check that they predict the same."""
    if len(models) < 2:
        raise ValueError(f"At least two models are needed to compare; received {len(models)}.")
    (first_name, first), *others = models.items()
    for name, model in others:
        if _goal(model) != _goal(first):
            raise ValueError(
                f"The models predict different things: {first_name} {_in_words(first)}, {name} "
                f"{_in_words(model)}. Compare models of the same target."
            )
    return models


def _goal(model: TableModel) -> tuple[Any, ...]:
    classes = model.classes if isinstance(model.target, ClassTarget) else ()
    kind = "number" if model.task == "regression" else "class"
    return model.target.name.casefold(), kind, {str(label) for label in classes}


def _in_words(model: TableModel) -> str:
    if model.task == "regression":
        return f"the number {model.target.name!r}"
    return f"{model.target.name!r}, one of {', '.join(map(repr, model.classes))}"


def _interval(metric: Headline, draws: np.ndarray, per_row: np.ndarray) -> Interval:
    # All right or all wrong: each resample is the same, and a bootstrap would be certain.
    if metric.name == "accuracy" and per_row.min() == per_row.max():
        return proportion_interval(round(per_row.sum()), len(per_row))
    return percentile_interval(draws)


def _p_value(losses: np.ndarray) -> float:
    """Two-sided: twice the share of resamples on the other side of 0, never quite 0."""
    beyond = min((losses <= 0).sum(), (losses >= 0).sum())
    return float(min(1.0, 2 * (beyond + 1) / (len(losses) + 1)))


def _holm(p_values: list[float]) -> list[float]:
    """p-values corrected for their number (Holm 1979): step down, never falling, at most 1."""
    corrected, running = list(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = running
    return corrected


def _sentence(
    metric: Headline,
    best: ModelScore,
    differences: tuple[ModelDifference, ...],
    rows: str,
    called: str,
) -> str:
    show = NumberFormat([best.value, *(d.loss for d in differences)], metric.name)
    parts = []
    for one in differences:
        ends = f"95 % interval {show(one.over_rows.low)} to {show(one.over_rows.high)}"
        if one.loss == 0 and one.p_value == 1:
            parts.append(f"{one.name} is as good on these {called}")
            continue
        p = "p < 0.001" if one.p_value < 0.001 else f"p = {one.p_value:.2g}"
        how = f"by {metric.name} {show(one.loss)} ({ends}; {p})"
        if one.is_sure:
            parts.append(f"{one.name} is worse {how}")
        else:
            parts.append(f"{one.name} is not distinguishable from it: worse {how}")
    return f"{best.name} has the best {metric.name} on {rows}, {show(best.value)}. " + " ".join(
        f"{part}." for part in parts
    )


def plain_comparison(found: ModelComparison, rows: KnownRows) -> dict[str, Any]:
    """A comparison as plain values for JSON."""
    return {
        "data": rows.source,
        "metric": found.metric.name,
        "lower_is_better": found.metric.lower_is_better,
        "rows": found.rows,
        "rows_without_target": rows.left_out,
        "scores": [
            {
                "model": score.name,
                "networks": score.networks,
                "value": score.value,
                "over_rows_95": [score.over_rows.low, score.over_rows.high],
                **score.further,
            }
            for score in found.scores
        ],
        "best": found.best,
        "differences_to_best": [
            {
                "model": one.name,
                "worse_by": one.loss,
                "over_rows_95": [one.over_rows.low, one.over_rows.high],
                "p_value": one.p_value,
            }
            for one in found.differences
        ],
        "sentence": found.sentence,
    }
