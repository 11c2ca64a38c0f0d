"""The picture of what a model predicts for each value of a column."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter, date2num
from matplotlib.figure import Figure

from profond.figures._answers import class_list, grouped, plain, plain_apart
from profond.figures._canvas import (
    INK,
    MARKERS,
    SOFT,
    Language,
    canvas,
    finish,
    speaker,
    style,
)
from profond.figures._curves import draw_band
from profond.figures._dependence import Dependence
from profond.figures._statistics import mean_band

_NAMED = 6  # outputs drawn at once


def partial_dependence(
    dependence: Dependence,
    *,
    classes: Any = None,
    name: str | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """The mean prediction by the value of a column: a line, or a point per level.

    The band is Student's 95 % interval over networks: how far the answer depends on the training
    run. Short strokes at the bottom are the deciles of the column: between the outer ones lie
    80 % of the rows. Thin grey lines are single rows (with one output only).

    Of two classes the second is drawn, of more than 6 the 6 that change most.

    Args:
        dependence: What `partial_dependence_of` gave.
        classes: The labels, where the predictions are probabilities (rows, classes).
        name: Of what is predicted, for the axis.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `grid`, `outputs` (places of the outputs drawn), `mean`, `low` and
        `high` (outputs drawn, points).

    Raises:
        TypeError: If `dependence` is none.
        ValueError: If there are not as many classes as outputs.
    """
    say = speaker(lang)
    if not isinstance(dependence, Dependence):
        raise TypeError(
            f"`dependence` must come from partial_dependence_of; received "
            f"{type(dependence).__name__}."
        )
    count = dependence.means.shape[2]
    labels = None if classes is None else class_list(classes)
    if labels is not None and len(labels) not in (count, count + (count == 1)):
        raise ValueError(
            f"`classes` must be as many as the outputs, {count}; received {len(labels)}."
        )
    shown = _shown(dependence.means)
    at, ticks = _positions(dependence, lang)
    ax = canvas(ax, size=(5.2, 3.6))
    levels = dependence.kind == "category"
    if len(shown) == 1:
        for curve in dependence.individual[:, :, shown[0]]:
            ax.plot(at, curve, color=SOFT, linewidth=0.6, alpha=0.35)
    within = (0.0, 1.0) if labels is not None else (-np.inf, np.inf)
    bands = []
    for turn, output in enumerate(shown):
        runs = dependence.means[:, :, output]
        band = mean_band(runs, within=within)
        bands.append(band)
        label = plain(labels[output] if labels is not None else output + 1, 20)
        if levels:
            aside = 0.12 * (turn - (len(shown) - 1) / 2)
            mean, low, high = band
            bars = np.maximum([mean - low, high - mean], 0.0)
            ax.errorbar(
                at + aside,
                mean,
                bars,
                fmt=MARKERS[turn],
                color=style(turn)["color"],
                capsize=3,
                markersize=6,
                label=label,
            )
        else:
            few = len(at) <= 12
            draw_band(ax, runs, turn, label, x=at, within=within, marked=few)
    if ticks is not None:
        slanted: dict[str, Any] = {}
        if max(len(text.split("\n")[0]) for text in ticks) * len(ticks) > 44:
            slanted = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
            ticks = [text.replace("\n", " ") for text in ticks]
        ax.set_xticks(at, ticks, fontsize=9, **slanted)
        ax.set_xlim(-0.6, len(at) - 0.4)
    elif len(dependence.deciles):
        marks = _as_numbers(dependence.deciles)
        ax.plot(
            marks, np.full(len(marks), 0.0), "|", color=INK, markersize=9, clip_on=False,
            transform=ax.get_xaxis_transform(),
        )  # fmt: skip
    if dependence.kind == "number" and len(at) <= 8 and np.all(at == np.round(at)):
        ax.set_xticks(at)
    if dependence.kind == "date":
        _date_ticks(ax, at)
    drawn_class = labels is not None and len(shown) == 1
    named = plain(labels[-1]) if labels is not None and drawn_class else ""
    what = name or (
        say(f"probability of class {named}", f"probabilité de la classe {named}")
        if drawn_class
        else say("probability", "probabilité")
        if labels is not None
        else say("mean prediction", "prédiction moyenne")
    )
    if not levels:
        ax.margins(y=0.08)
    mean, low, high = (np.array(part) for part in zip(*bands, strict=True))
    return finish(
        ax,
        lang=lang,
        x=plain(dependence.column, 40),
        y=plain(what, 44),
        legend=len(shown) > 1,
        numbers={
            "grid": dependence.grid,
            "outputs": shown,
            "mean": mean,
            "low": low,
            "high": high,
        },
    )


def _shown(means: np.ndarray) -> list[int]:
    """The outputs to draw: of two the second, of many those that change most."""
    count = means.shape[2]
    if count <= 2:
        return [count - 1]
    if count <= _NAMED:
        return list(range(count))
    change = np.ptp(means.mean(axis=0), axis=0)
    return sorted(np.argsort(-change, kind="stable")[:_NAMED].tolist())


def _positions(dependence: Dependence, lang: Language) -> tuple[np.ndarray, list[str] | None]:
    """Where the values are drawn, and for levels what stands there."""
    if dependence.kind == "category":
        ticks = [
            f"{level}\n({grouped(int(count), lang)})"
            for level, count in zip(
                plain_apart(dependence.grid, 16), dependence.counts, strict=True
            )
        ]
        return np.arange(len(ticks)), ticks
    return _as_numbers(dependence.grid), None


def _as_numbers(values: np.ndarray) -> np.ndarray:
    return np.asarray(date2num(values)) if values.dtype.kind == "M" else values


def _date_ticks(ax: Axes, at: np.ndarray) -> None:
    """Dates written as the standard does (2020-12-31), the same in every language."""
    date_axis(ax, float(at.min()), float(at.max()))


def date_axis(ax: Axes, low: float, high: float, *, ticks: int = 5) -> None:
    """Ticks at dates in ISO 8601, as fine as the span asks.

    Args:
        ax: Axes whose horizontal positions are matplotlib's days.
        low: The first day drawn.
        high: The last.
        ticks: At most about so many.
    """
    days = high - low
    finest = [(365 * 6, "%Y"), (150, "%Y-%m"), (3, "%Y-%m-%d")]
    written = next((form for least, form in finest if days > least), "%m-%d %H:%M")
    ax.xaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=ticks))
    ax.xaxis.set_major_formatter(DateFormatter(written))
