"""The pictures of the report, as SVG text."""

import io
import warnings
from typing import Any

import numpy as np

from profond.experiment._result import TableResult

_BLUE, _ORANGE, _GREY, _INK = "#2563a8", "#d97706", "#8a94a3", "#1f2933"
_RC: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "profond",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _GREY,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
}
_MANY_POINTS = 2000
_MOST_CLASSES = 20


def learning_curves(result: TableResult) -> str:
    """Training and validation loss by epoch: one thin line per seed, the mean, kept epochs.

    The mean is drawn as long as all networks are training.
    """
    figure, axes = _figure(6.6, 3.2)
    kept = dict(zip(result.model.seeds, result.best_epochs, strict=True))
    for column, colour, label in (
        (
            "loss",
            _GREY,
            "training (with dropout)" if result.experiment.network.dropout else "training",
        ),
        ("val_loss", _BLUE, "inner validation"),
    ):
        curves = result.history.pivot(index="epoch", columns="seed", values=column)
        axes.plot(curves.index, curves.to_numpy(), color=colour, linewidth=0.7, alpha=0.35)
        mean = curves.dropna().mean(axis=1)
        axes.plot(mean.index, mean.to_numpy(), color=colour, linewidth=2, label=label)
        if column == "val_loss":
            best = [curves.loc[epoch, seed] for seed, epoch in kept.items()]
            axes.plot(
                list(kept.values()), best, "o", color=_ORANGE, markersize=5, label="epoch kept"
            )
    losses = result.history["val_loss"].to_numpy()
    if losses.max() > 20 * losses.min() > 0:
        axes.set_yscale("log")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.legend()
    return _svg(figure)


def comparison(result: TableResult) -> str:
    """Every model's number with its interval over test rows, and small dots for the seeds."""
    scores = result.evaluation.scores
    figure, axes = _figure(6.6, 0.45 * len(scores) + 0.9)
    for i, score in enumerate(scores):
        colour = _GREY if score.role == "baseline" else _BLUE
        axes.plot([score.over_rows.low, score.over_rows.high], [i, i], color=colour, linewidth=2)
        if score.per_seed and len(score.per_seed) > 1:
            heights = np.full(len(score.per_seed), i + 0.22)
            axes.plot(score.per_seed, heights, "o", color=_ORANGE, markersize=3.5, alpha=0.8)
        axes.plot(score.value, i, "o", color=colour, markersize=8)
    axes.set_yticks(range(len(scores)), [score.name for score in scores])
    axes.set_ylim(len(scores) - 0.5, -0.5)
    better = "lower" if result.evaluation.metric.lower_is_better else "higher"
    axes.set_xlabel(f"{result.evaluation.metric.name} on the test part ({better} is better)")
    axes.grid(axis="x", color="#e4e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    return _svg(figure)


def answers(result: TableResult) -> str:
    """Predicted against true numbers, or the confusion matrix, on the test part."""
    return _scatter(result) if result.model.task == "regression" else _confusion(result)


def _scatter(result: TableResult) -> str:
    truth, predicted = result.test.truth, result.test.predictions
    if len(truth) > _MANY_POINTS:
        chosen = np.random.default_rng(0).choice(len(truth), _MANY_POINTS, replace=False)
        truth, predicted = truth[chosen], predicted[chosen]
    figure, axes = _figure(4.2, 4.0)
    ends = [min(truth.min(), predicted.min()), max(truth.max(), predicted.max())]
    axes.plot(ends, ends, color=_GREY, linewidth=1)
    axes.scatter(truth, predicted, s=14, color=_BLUE, alpha=0.5, linewidth=0, rasterized=True)
    axes.set_xlabel(f"true {result.model.target.name}")
    axes.set_ylabel(f"predicted {result.model.target.name}")
    return _svg(figure)


def _confusion(result: TableResult) -> str:
    classes = result.model.classes
    truth, predicted = result.test.truth, result.test.predictions.argmax(axis=1)
    counts = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(counts, (truth, predicted), 1)
    size = min(1.2 + 0.55 * len(classes), 8.0)
    figure, axes = _figure(max(size + 1.0, 3.4), max(size, 2.6))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if len(classes) <= _MOST_CLASSES:
        for i in range(len(classes)):
            for j in range(len(classes)):
                colour = "white" if shares[i, j] > 0.5 else _INK
                axes.text(j, i, str(counts[i, j]), ha="center", va="center", color=colour)
        names = [str(c) if len(str(c)) <= 14 else str(c)[:13] + "…" for c in classes]
        slanted = {"rotation": 45, "ha": "right"} if max(map(len, names)) > 4 else {}
        axes.set_xticks(range(len(classes)), names, **slanted)
        axes.set_yticks(range(len(classes)), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    for spine in axes.spines.values():
        spine.set_visible(False)
    return _svg(figure)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_RC):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.add_subplot()


def _svg(figure: Any) -> str:
    from matplotlib import rc_context

    text = io.StringIO()
    with rc_context(_RC), warnings.catch_warnings():
        # The text stays text in the SVG, and the browser has the letters that our font lacks.
        warnings.filterwarnings("ignore", r"Glyph .* missing from")
        figure.savefig(text, format="svg", metadata={"Date": None}, dpi=150)
    svg = text.getvalue()
    return svg[svg.index("<svg") :]  # without the XML prologue, to stand inside HTML
