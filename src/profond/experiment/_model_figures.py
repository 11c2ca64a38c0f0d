"""The pictures of a kept model, from what lies in its folder, and from rows with known target."""

import io
from typing import Any

import numpy as np
import pandas as pd

from profond.estimators._trained_model import TrainedModel
from profond.experiment._kinds import kind_named
from profond.experiment._known_rows import KnownRows
from profond.experiment._measure import member_outputs

_LEVEL = 0.9  # of the intervals drawn


def kept_figures(model: TrainedModel, history: bytes | None) -> dict[str, Any]:
    """The pictures that need no data, by name.

    Args:
        model: The model.
        history: Content of `history.csv`; None if the folder has none.

    Returns:
        `learning-curves` from the history, and `scores` from the metrics, where there are any.

    Raises:
        ValueError: If the history cannot be read.
    """
    from profond import figures

    found: dict[str, Any] = {}
    if history is not None:
        try:
            table = pd.read_csv(io.BytesIO(history))
            runs = [
                {name: part[name].tolist() for name in ("loss", "val_loss") if name in part}
                for _, part in table.groupby("seed")
            ]
            metrics = [
                name
                for name in ("loss", "val_loss")
                if name in table and bool(np.any(table[name].notna()))
            ]
        except (ValueError, KeyError) as error:
            raise ValueError(f"history.csv is truncated or damaged: {error}.") from error
        if runs and metrics:
            found["learning-curves"] = figures.learning_curves(runs, metrics=metrics)
    if model.metrics.get("scores"):
        found["scores"] = _scores(model.metrics)
    return found


def measured_figures(model: TrainedModel, rows: KnownRows) -> dict[str, Any]:
    """The pictures of a model on rows with known target, by name.

    Numbers: `predicted-against-true` (with 90 % intervals where the model has them) and
    `residuals`. Classes: `confusion-matrix`, `roc-curve`, `calibration`. Then those of the kind of
    data (`Kind.pictures`).
    """
    outputs = np.mean(member_outputs(model, rows), axis=0)
    return _of_every_kind(model, rows, outputs) | kind_named(model.kind).pictures(
        model, rows, outputs
    )


def _of_every_kind(model: TrainedModel, rows: KnownRows, outputs: np.ndarray) -> dict[str, Any]:
    from profond import figures

    if model.task == "regression":
        interval = None
        if model.residuals and all(len(residuals) for residuals in model.residuals):
            interval = model.interval(model.encode(rows.inputs), level=_LEVEL)
            if not np.isfinite(interval).all():
                interval = None
        name = model.target.name
        return {
            "predicted-against-true": figures.predicted_against_true(
                rows.truth, outputs, interval=interval, name=name
            ),
            "residuals": figures.residuals(rows.truth, outputs, name=name),
        }
    classes = [str(label) for label in model.classes]
    truth = [classes[place] for place in rows.truth]
    guessed = [classes[place] for place in outputs.argmax(axis=1)]
    found = {
        "confusion-matrix": figures.confusion_matrix(truth, guessed, classes=classes),
        "calibration": figures.calibration(truth, outputs, classes=classes),
    }
    if len(set(truth)) > 1:
        found["roc-curve"] = figures.roc_curve(truth, outputs, classes=classes)
    return found


def _scores(metrics: dict[str, Any]) -> Any:
    """Every model's number with its interval, as training measured them."""
    from matplotlib.figure import Figure

    scores = metrics["scores"]
    figure = Figure(figsize=(6.6, 0.45 * len(scores) + 1.0), layout="constrained")
    axes = figure.add_subplot()
    for i, score in enumerate(scores):
        colour = "#8a94a3" if score["role"] == "baseline" else "#2563a8"
        ends = next((v for k, v in score.items() if k.startswith("over_") and "seeds" not in k), [])
        if ends:
            axes.plot(ends, [i, i], color=colour, linewidth=2)
        axes.plot(score["value"], i, "o", color=colour, markersize=8)
    axes.set_yticks(range(len(scores)), [str(score["model"]) for score in scores])
    axes.set_ylim(len(scores) - 0.5, -0.5)
    better = "lower" if metrics["lower_is_better"] else "higher"
    axes.set_xlabel(f"{metrics['metric']} on the test part ({better} is better)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#e4e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    return figure
