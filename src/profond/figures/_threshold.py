"""Every threshold at once: ROC curves, and precision by recall."""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond.figures._answers import fixed, from_to, plain, read_probabilities
from profond.figures._canvas import (
    BLUE,
    INK,
    PAPER,
    SOFT,
    Language,
    canvas,
    finish,
    speaker,
    style,
)
from profond.figures._checks import whole
from profond.figures._ranking import area_interval, resample, roc_interval
from profond.figures._statistics import Estimate

_NAMED = 6  # classes with a colour and a line in the legend
_POINTS = 500  # drawn of a curve


class _Curve(NamedTuple):
    label: Any
    x: np.ndarray
    y: np.ndarray
    area: Estimate
    base: float


def roc_curve(
    truth: Any,
    probabilities: Any,
    *,
    classes: Any = None,
    seed: int = 0,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Rate of true positives by rate of false positives, and the area under it (AUC).

    Of two classes one curve, for the second, with a 95 % band; of several, a curve per class
    against all others. A class that no row has, or all have, has no curve. Of more than 6
    classes the 6 with the smallest areas are named.

    The interval of an area is a bootstrap over rows, those of the class and the others resampled
    apart (1000 resamples, percentiles; with more than 20000 rows fewer and the normal limit). An
    area of 1 has the exact binomial interval of the pairs of rows that share none.

    Args:
        truth: A label per row.
        probabilities: Of each class, (rows, classes), or of the second of two, (rows,).
        classes: The labels in the order of the columns; by default those in `truth`, sorted.
        seed: Of the resampling.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `curves` (label to rates of false and of true positives), `auc`
        (label to `Estimate`), `macro_auc` (mean over the curves, NaN without any), `absent`
        (classes without a curve).

    Raises:
        TypeError: If the probabilities are not numbers.
        ValueError: If they are none, or do not fit the labels.
    """
    from sklearn import metrics

    say = speaker(lang)
    places, table, known = read_probabilities(truth, probabilities, classes)
    seed = whole(seed, "seed", least=0)
    grid = np.linspace(0, 1, 101)
    binary = len(known) == 2
    curves, band = [], np.empty(0)
    for i in _drawable(places, known):
        positive, scores = places == i, table[:, i]
        false, true, _ = metrics.roc_curve(positive, scores)
        value = float(metrics.roc_auc_score(positive, scores))
        drawn = resample(scores, positive, seed=seed, at=grid if binary else None)
        area = roc_interval(value, drawn.roc, int(positive.sum()), int((~positive).sum()))
        curves.append(_Curve(known[i], false, true, area, 0.5))
        band = drawn.band
    ax = canvas(ax, size=(5.2, 4.6))
    ax.plot([0, 1], [0, 1], color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
    if len(band) and np.ptp(band, axis=0).max() > 0:
        low, high = np.quantile(band, [0.025, 0.975], axis=0)
        ax.fill_between(grid, low, high, color=BLUE, alpha=0.15, linewidth=0)
    absent = _absent(known, curves, binary)
    _draw(ax, curves, binary, "AUC", lang)
    _without(ax, absent, lang)
    _square(ax)
    positive_name = plain(known[1]) if binary else ""
    return finish(
        ax,
        lang=lang,
        title=say(f"class {positive_name}", f"classe {positive_name}") if binary else None,
        x=say("rate of false positives", "taux de faux positifs"),
        y=say("rate of true positives", "taux de vrais positifs"),
        legend="lower right" if curves else False,
        numbers={
            "curves": {curve.label: (curve.x, curve.y) for curve in curves},
            "auc": {curve.label: curve.area for curve in curves},
            "macro_auc": _mean([curve.area.mean for curve in curves]),
            "absent": absent,
        },
    )


def precision_recall_curve(
    truth: Any,
    probabilities: Any,
    *,
    classes: Any = None,
    seed: int = 0,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Precision by recall, the average precision, and what guessing would give.

    $AP = \sum_n (R_n - R_{n-1}) P_n$ over falling thresholds, without interpolation. The dashed
    line is the share of the class among the rows: the precision of guessing, at any recall. Which
    curves there are, and the bootstrap of the interval, are as in `roc_curve`; where every
    resample is alike (all rows ranked right) there is no interval.

    Args:
        truth: A label per row.
        probabilities: Of each class, (rows, classes), or of the second of two, (rows,).
        classes: The labels in the order of the columns; by default those in `truth`, sorted.
        seed: Of the resampling.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `curves` (label to recalls and precisions), `average_precision`
        (label to `Estimate`, its ends NaN where there is no interval), `base_rate` (label to
        share), `absent` (classes without a curve).

    Raises:
        TypeError: If the probabilities are not numbers.
        ValueError: If they are none, or do not fit the labels.
    """
    from sklearn import metrics

    say = speaker(lang)
    places, table, known = read_probabilities(truth, probabilities, classes)
    seed = whole(seed, "seed", least=0)
    binary = len(known) == 2
    curves = []
    for i in _drawable(places, known):
        positive, scores = places == i, table[:, i]
        precision, recall, _ = metrics.precision_recall_curve(positive, scores)
        value = float(metrics.average_precision_score(positive, scores))
        area = area_interval(value, resample(scores, positive, seed=seed).precision)
        curves.append(_Curve(known[i], recall, precision, area, float(positive.mean())))
    ax = canvas(ax, size=(5.2, 4.6))
    absent = _absent(known, curves, binary)
    _draw(ax, curves, binary, say("AP", "PM"), lang, steps=True)
    if binary and curves:
        base = fixed(curves[0].base, lang)
        ax.axhline(
            curves[0].base,
            color=SOFT,
            linewidth=1.2,
            linestyle=(0, (4, 3)),
            label=say(f"guessing: {base}", f"au hasard : {base}"),
        )
    _without(ax, absent, lang)
    _square(ax)
    positive_name = plain(known[1]) if binary else ""
    return finish(
        ax,
        lang=lang,
        title=say(f"class {positive_name}", f"classe {positive_name}") if binary else None,
        x=say("recall", "rappel"),
        y=say("precision", "précision"),
        legend="lower left" if curves else False,
        numbers={
            "curves": {curve.label: (curve.x, curve.y) for curve in curves},
            "average_precision": {curve.label: curve.area for curve in curves},
            "base_rate": {curve.label: curve.base for curve in curves},
            "absent": absent,
        },
    )


def _drawable(places: np.ndarray, known: list[Any]) -> list[int]:
    """The classes that some rows have and others have not; of two, the second."""
    asked = [1] if len(known) == 2 else range(len(known))
    return [i for i in asked if 0 < np.count_nonzero(places == i) < len(places)]


def _absent(known: list[Any], curves: list[_Curve], binary: bool) -> list[Any]:
    drawn = {curve.label for curve in curves}
    return [label for label in (known[1:] if binary else known) if label not in drawn]


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def _draw(
    ax: Axes,
    curves: list[_Curve],
    binary: bool,
    measure: str,
    lang: Language,
    *,
    steps: bool = False,
) -> None:
    say = speaker(lang)
    colon = say(": ", " : ")
    lowest = sorted(range(len(curves)), key=lambda i: curves[i].area.mean)
    named = sorted(lowest if len(curves) <= _NAMED else lowest[:_NAMED])
    how: dict[str, Any] = {"drawstyle": "steps-post"} if steps else {}
    others = [i for i in range(len(curves)) if i not in set(named)]
    for i in others:
        x, y = _thinned(curves[i].x, curves[i].y)
        ax.plot(x, y, color=SOFT, linewidth=0.7, alpha=0.5, **how)
    for turn, i in enumerate(named):
        curve = curves[i]
        name = "" if binary else plain(curve.label, 20) + colon
        label = f"{name}{measure} {fixed(curve.area.mean, lang)}"
        if np.isfinite(curve.area.low):
            label += f" ({from_to(curve.area.low, curve.area.high, lang)})"
        x, y = _thinned(curve.x, curve.y)
        ax.plot(x, y, **style(turn), linewidth=2, label=label, **how)
    if others:
        least = fixed(min(curves[i].area.mean for i in others), lang)
        label = say(
            f"the other {len(others)}: {measure} {least} and more",
            f"les {len(others)} autres : {measure} {least} et plus",
        )
        ax.plot([], [], color=SOFT, linewidth=0.9, label=label)


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As many points as can be seen, at even steps along the curve."""
    if len(x) <= _POINTS:
        return x, y
    along = np.concatenate([[0.0], np.cumsum(abs(np.diff(x)) + abs(np.diff(y)))])
    chosen = np.searchsorted(along, np.linspace(0, along[-1], _POINTS)).clip(0, len(x) - 1)
    chosen = np.unique(np.concatenate([[0], chosen, [len(x) - 1]]))
    return x[chosen], y[chosen]


def _without(ax: Axes, absent: list[Any], lang: Language) -> None:
    """Say which classes have no curve, and why: in the legend, or in the place of the curve."""
    if not absent:
        return
    names = ", ".join(plain(label, 14) for label in absent[:2])
    names += f" + {len(absent) - 2}" if len(absent) > 2 else ""
    say = speaker(lang)
    if ax.get_legend_handles_labels()[0]:
        text = say(f"no curve: {names}", f"sans courbe : {names}")
        ax.plot([], [], " ", label=text)
        return
    text = say(
        f"no curve: {names} is the class\nof no row, or of all",
        f"pas de courbe : {names} est la classe\nd'aucune ligne, ou de toutes",
    )
    ax.text(
        0.5,
        0.5,
        text,
        transform=ax.transAxes,
        ha="center",
        va="center",
        color=INK,
        bbox={"facecolor": PAPER, "edgecolor": "none"},
    )


def _square(ax: Axes) -> None:
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.03))
