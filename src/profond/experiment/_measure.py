"""A kept model on further rows whose target is known."""

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from profond.estimators._trained_model import TrainedModel
from profond.experiment._evaluation import Evaluation, evaluate
from profond.experiment._kinds import kind_named
from profond.experiment._known_rows import KnownRows, read_known_rows
from profond.experiment._result import plain_scores

_FEW = 50  # rows below which a measurement is said to be rough


def evaluate_model(
    model: TrainedModel,
    data: Any,
    *,
    target: str | None = None,
    reading: Mapping[str, Any] | None = None,
) -> Evaluation:
    """Measure a kept model on new rows with known target.

    The metrics are those of training, with bootstrap intervals over the rows; one network's mean
    over seeds has Student's interval too. Rows without a target are left out, and warned of.

    Args:
        model: The model, as from `load_model_folder`.
        data: A path, a bundled set, or the data themselves (a data frame, series, images), read
            as the training data were.
        target: The column with the truth; the model's own when None.
        reading: How the file is written, as `open_table` takes it, where it differs.

    Returns:
        The scores of one network and of all together; there are no baselines and no verdict.

    Raises:
        ValueError: If the target is absent or has no value, or holds a class that the model does
            not know, or a column of the model is missing.
        FileNotFoundError: If there is no such file.

    Warns:
        UserWarning: If the model was trained on the table, rows were left out, or are few.
    """
    return measure(model, read_known_rows(model, data, target, reading))


def measure(model: TrainedModel, rows: KnownRows) -> Evaluation:
    """`evaluate_model` for rows that were read."""
    warn_of_rows(rows)
    members = member_outputs(model, rows)
    found = evaluate(model.task, members, {}, rows.truth, called=kind_named(model.kind).rows)
    return replace(found, resampled="rows")


def member_outputs(model: TrainedModel, rows: KnownRows) -> list[np.ndarray]:
    """What each network says about the rows."""
    return model.outputs_of_each(model.encode(rows.inputs))


def warn_of_rows(rows: KnownRows) -> None:
    """Say that the model knows the rows, that some were left out, or that they are few."""
    if rows.learned_from:
        warnings.warn(
            f"{rows.source} is what the model was trained on: rows that it learned from "
            "say nothing about new ones, and make the numbers look better than they are.",
            stacklevel=3,
        )
    if rows.left_out:
        warnings.warn(
            f"{rows.left_out} row(s) without a target were left out; {len(rows.truth)} are "
            "measured on.",
            stacklevel=3,
        )
    if len(rows.truth) < _FEW:
        warnings.warn(
            f"There are only {len(rows.truth)} rows to measure on: the numbers are rough.",
            stacklevel=3,
        )


def plain_evaluation(evaluation: Evaluation, rows: KnownRows) -> dict[str, Any]:
    """An evaluation as plain values for JSON."""
    return {
        "data": rows.source,
        "task": evaluation.task,
        "metric": evaluation.metric.name,
        "lower_is_better": evaluation.metric.lower_is_better,
        "rows": evaluation.rows,
        "rows_without_target": rows.left_out,
        "scores": plain_scores(evaluation),
        "sentence": evaluation.sentence,
    }
