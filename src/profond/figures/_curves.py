"""Learning curves: mean and band over several trainings instead of one lucky run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond.figures._canvas import MARKERS, Language, canvas, finish, speaker, style
from profond.figures._checks import mapping, name_of, several
from profond.figures._runs import padded
from profond.figures._statistics import mean_band


def metric_name(metric: str, lang: Language) -> str:
    """How a metric of a History is called in a legend or on an axis."""
    words = {
        "loss": ("training loss", "perte d'entraînement"),
        "val_loss": ("validation loss", "perte de validation"),
        "accuracy": ("training accuracy", "exactitude d'entraînement"),
        "val_accuracy": ("validation accuracy", "exactitude de validation"),
        "clean_loss": (
            "training loss, all neurons on",
            "perte d'entraînement, tous neurones actifs",
        ),
        "noisy_loss": (
            "same moment, with dropout",
            "même instant, avec dropout",
        ),
    }
    english, french = words.get(metric, (metric, metric))
    return speaker(lang)(english, french)


def standardised_name(column: Any, otherwise: str, lang: Language) -> str:
    """The label of an axis with a standardised column on it."""
    return name_of(column, otherwise) + speaker(lang)(" (standardised)", " (centré-réduit)")


def learning_curves(
    histories: Any,
    *,
    metrics: Sequence[str] = ("loss", "val_loss"),
    log: bool = False,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Metrics epoch by epoch, mean and band (Student's t, 95 %) over trainings.

    Args:
        histories: What `fit` returned (or its `.history`), of one training or of several that
            differ by their seed; they may have ended at different epochs.
        metrics: Names of a History, a line each.
        log: Logarithmic vertical axis, geometric mean and band.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: by metric, `(trainings, epochs)`, NaN after a training's end.

    Raises:
        TypeError: If a history is none.
        ValueError: If a history lacks a metric, or there are none.
    """
    single = hasattr(histories, "history") or isinstance(histories, Mapping)
    runs = [histories] if single else several(histories, "histories")
    chosen = [metrics] if isinstance(metrics, str) else several(metrics, "metrics")
    found = {metric: padded(runs, metric) for metric in chosen}
    ax = canvas(ax)
    for index, (metric, values) in enumerate(found.items()):
        name, within = metric_name(metric, lang), possible(metric, values)
        draw_band(ax, values, index, name, log=log, within=within)
    if log:
        ax.set_yscale("log")
    losses = all("loss" in metric for metric in chosen)
    say = speaker(lang)
    return finish(
        ax,
        lang=lang,
        x=say("epochs", "epochs"),
        y=say("loss", "perte") if losses else None,
        legend=True,
        integer_x=True,
        numbers=found,
    )


def compare_curves(
    runs: Mapping[str, Any],
    *,
    metric: str = "val_loss",
    log: bool = False,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """One metric of several ways to train, mean and band over each one's trainings.

    Args:
        runs: Name to the histories of that way's trainings.
        metric: Name of a History.
        log: Logarithmic vertical axis, geometric mean and band.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: by name, `(trainings, epochs)`.

    Raises:
        TypeError: If `runs` is not a mapping, or a history is none.
        ValueError: If a history lacks the metric, or there are none.
    """
    mapping(runs, "runs", "names to histories")
    found = {}
    for name, histories in runs.items():
        single = hasattr(histories, "history") or isinstance(histories, Mapping)
        found[name] = padded([histories] if single else several(histories, "runs"), metric)
    ax = canvas(ax)
    for index, (name, values) in enumerate(found.items()):
        draw_band(ax, values, index, name, log=log, within=possible(metric, values))
    if log:
        ax.set_yscale("log")
    say = speaker(lang)
    return finish(
        ax,
        lang=lang,
        x=say("epochs", "epochs"),
        y=metric_name(metric, lang),
        legend=True,
        integer_x=True,
        numbers=found,
    )


def draw_band(
    ax: Axes,
    runs: np.ndarray,
    index: int,
    label: str,
    *,
    log: bool = False,
    x: Any = None,
    within: tuple[float, float] = (-np.inf, np.inf),
    marked: bool = False,
) -> None:
    """A line for the mean over runs and a band for its interval; epochs count from 1.

    Args:
        ax: Axes.
        runs: One run per row.
        index: Number of the line; chooses colour, dashes and marker.
        label: Its name in the legend.
        log: Geometric mean and band.
        x: Where the positions are; 1, 2, ... by default.
        within: Least and greatest value possible; the band is cut there.
        marked: Mark each position: for few of them, far apart.
    """
    mean, low, high = mean_band(runs, log=log, within=within)
    at = np.arange(1, len(mean) + 1) if x is None else np.asarray(x)
    drawn = style(index)
    marker = MARKERS[index % len(MARKERS)] if marked else ""
    ax.plot(at, mean, **drawn, linewidth=1.8, marker=marker, markersize=4.5, label=label)
    ax.fill_between(at, low, high, color=drawn["color"], alpha=0.18, linewidth=0)


def possible(metric: str, runs: np.ndarray) -> tuple[float, float]:
    """Least and greatest value that a metric can have, as far as its name and values tell."""
    if "acc" in metric:
        return (0.0, 1.0)
    # Some losses (a cosine similarity) go below 0; one that has done so has no floor there.
    floor = any(word in metric for word in ("loss", "error", "mse", "mae", "crossentropy"))
    return (0.0 if floor and not np.any(runs < 0) else -np.inf, np.inf)
