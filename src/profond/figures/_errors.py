"""Predicted numbers beside the true ones: the points, and what is left over."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._answers import decimals_together, fixed, histogram_bars, percent, plain
from profond.figures._calibration import equal_counts
from profond.figures._canvas import (
    BLUE,
    INK,
    ORANGE,
    SOFT,
    VERMILION,
    Language,
    beside,
    canvas,
    figure_of,
    finish,
    speaker,
)
from profond.figures._checks import matrix, name_of, same_length, vector
from profond.figures._statistics import mean_interval

_POINTS = 5000  # of more, hexagons are drawn instead
_BARS = 300  # intervals drawn
_SHADES = LinearSegmentedColormap.from_list("hexagons", ["#d6e6f2", "#7db4dc", BLUE, "#00304d"])


def predicted_against_true(
    truth: ArrayLike,
    predicted: ArrayLike,
    *,
    interval: Any = None,
    name: str | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Predictions against the truth, on one scale, with the line where they are equal.

    More than 5000 points are drawn as hexagons, darker where they are many.

    Args:
        truth: A number per row.
        predicted: A number per row.
        interval: Lower and upper end per row: a pair of `(rows,)`, or `(rows, 2)`. Drawn as
            bars (of 300 rows at most, chosen by chance; none over hexagons); those that miss the
            truth differ.
        name: Of the target; by default that of a Series.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `rmse`, `mae`, `r2` (NaN where the truth is constant) and, with
        an interval, `coverage`, the share of rows whose truth is inside.

    Raises:
        TypeError: If the data are not numbers.
        ValueError: If they are empty, not finite, of different lengths, or the ends of an
            interval are the wrong way round.
    """
    say = speaker(lang)
    true, guessed = _both(truth, predicted)
    ends = None if interval is None else _ends(interval, len(true))
    ax = canvas(ax, size=(5.0, 4.8))
    shown = np.concatenate([true, guessed])
    low, high = float(shown.min()), float(shown.max())
    margin = 0.04 * (high - low) or 0.5 * max(abs(high), 1.0)
    limits = (low - margin, high + margin)
    ax.axline(
        (low, low),
        slope=1,
        color=INK,
        linewidth=1,
        linestyle=(0, (4, 3)),
        label=say("predicted = true", "prédit = vrai"),
        zorder=3,
    )
    found = _measures(true, guessed)
    if ends is not None:
        inside = (ends[:, 0] <= true) & (true <= ends[:, 1])
        found["coverage"] = float(inside.mean())
        share = percent(found["coverage"], lang)
        holds = say(
            f"interval ({share} hold the truth)", f"intervalle ({share} ont la vraie valeur)"
        )
        if len(true) <= _POINTS:
            misses = say("interval without the truth", "intervalle sans la vraie valeur")
            _bars(ax, true, ends, inside, holds, misses)
        else:
            ax.plot([], [], " ", label=holds)
    _points(ax, true, guessed, (*limits, *limits), lang)
    ax.set(xlim=limits, ylim=limits, aspect="equal", adjustable="box")
    ax.locator_params(nbins=5)
    target = plain(name or name_of(truth, ""), 30)
    return finish(
        ax,
        lang=lang,
        title=_summary(found, lang),
        x=say(f"true {target}", f"{target} (vrai)" if target else "valeur vraie").strip(),
        y=say(f"predicted {target}", f"{target} (prédit)" if target else "prédiction").strip(),
        legend="upper left",
        numbers=found,
    )


def residuals(
    truth: ArrayLike,
    predicted: ArrayLike,
    *,
    name: str | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """What is left over, truth - prediction, by prediction, and its distribution beside.

    The orange points are means of the residuals in up to 10 bins of equal counts, with Student's
    95 % interval: away from 0 they show what the model could still learn. More than 5000 points
    are drawn as hexagons.

    Args:
        truth: A number per row.
        predicted: A number per row.
        name: Of the target; by default that of a Series.
        ax: Axes to draw on; a new figure by default. The distribution is placed to their right.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `residuals` (rows,), their `mean`, `deviation` (divisor n - 1;
        NaN for one row) and `quantiles` (5, 25, 50, 75, 95 %); `bins`, one row each:
        prediction, mean residual, lower and upper end (NaN for fewer than two rows).

    Raises:
        TypeError: If the data are not numbers.
        ValueError: If they are empty, not finite, or of different lengths.
    """
    say = speaker(lang)
    true, guessed = _both(truth, predicted)
    left = true - guessed
    ax = canvas(ax, size=(6.4, 4.0))
    bottom, top = min(float(left.min()), 0.0), max(float(left.max()), 0.0)
    around = 0.06 * (top - bottom) or 1.0
    heights = (bottom - around, top + around)
    low, high = float(guessed.min()), float(guessed.max())
    margin = 0.04 * (high - low) or 0.5 * max(abs(high), 1.0)
    limits = (low - margin, high + margin)
    _points(ax, guessed, left, (*limits, *heights), lang)
    ax.axhline(0, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    bins = _bins(guessed, left)
    several = bins[np.isfinite(bins[:, 2])]
    if len(several):
        mean = several[:, 1]
        bars = np.maximum([mean - several[:, 2], several[:, 3] - mean], 0.0)
        ax.errorbar(
            several[:, 0],
            mean,
            bars,
            fmt="o-",
            color=VERMILION,
            linewidth=1.2,
            capsize=3,
            markersize=5,
            zorder=4,
            label=say("mean, 95% interval", "moyenne, intervalle à 95 %"),
        )
    ax.set(xlim=limits, ylim=heights)
    ax.locator_params(axis="x", nbins=6)
    side = beside(ax, right=1.0)
    side.hist(left, bins=histogram_bars(left, 50), color=BLUE, alpha=0.75, orientation="horizontal")
    side.axhline(0, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    side.set_ylim(heights)
    side.locator_params(axis="x", nbins=2, integer=True)
    side.tick_params(labelleft=False)
    finish(side, lang=lang, x=say("rows", "lignes"))
    target = plain(name or name_of(truth, ""), 30)
    return finish(
        ax,
        lang=lang,
        x=say(f"predicted {target}", f"{target} (prédit)" if target else "prédiction").strip(),
        y=say("true \N{MINUS SIGN} predicted", "vrai \N{MINUS SIGN} prédit"),
        legend="best" if len(several) else False,
        numbers={
            "residuals": left,
            "mean": float(left.mean()),
            "deviation": float(left.std(ddof=1)) if len(left) > 1 else float("nan"),
            "quantiles": np.quantile(left, [0.05, 0.25, 0.5, 0.75, 0.95]),
            "bins": bins,
        },
    )


def _both(truth: Any, predicted: Any) -> tuple[np.ndarray, np.ndarray]:
    true, guessed = vector(truth, "truth"), vector(predicted, "predicted")
    same_length(true, guessed, ("truth", "predicted"))
    return true, guessed


def _ends(interval: Any, rows: int) -> np.ndarray:
    """Lower and upper ends, (rows, 2)."""
    if isinstance(interval, tuple | list) and len(interval) == 2 and np.ndim(interval[0]) > 0:
        ends = np.column_stack([vector(end, "interval") for end in interval])
    else:
        ends = matrix(interval, "interval")
    if ends.shape != (rows, 2):
        raise ValueError(
            "`interval` must be a lower and an upper end per row, a pair of arrays or (rows, 2); "
            f"received shape {ends.shape} for {rows} rows."
        )
    wrong = np.flatnonzero(ends[:, 0] > ends[:, 1])
    if wrong.size:
        raise ValueError(
            "`interval` must have its lower end first; in row "
            f"{wrong[0]} it is {ends[wrong[0], 0]:g} to {ends[wrong[0], 1]:g}."
        )
    return ends


def _measures(true: np.ndarray, guessed: np.ndarray) -> dict[str, float]:
    left = true - guessed
    spread = float(np.sum((true - true.mean()) ** 2))
    return {
        "rmse": float(np.sqrt(np.mean(left**2))),
        "mae": float(np.mean(abs(left))),
        "r2": 1 - float(np.sum(left**2)) / spread if spread > 0 else float("nan"),
    }


def _summary(found: dict[str, float], lang: Language) -> str:
    """The measures in a line."""
    text = f"RMSE {decimals_together([found['rmse']], lang)[0]}"
    if np.isfinite(found["r2"]):
        text += f",  $R^2$ {fixed(found['r2'], lang, 2)}"
    return text


def _bars(
    ax: Axes, true: np.ndarray, ends: np.ndarray, inside: np.ndarray, holds: str, misses: str
) -> None:
    """Draw intervals, those that miss the truth in another colour."""
    chosen = np.arange(len(true))
    if len(true) > _BARS:
        chosen = np.random.default_rng(0).choice(len(true), _BARS, replace=False)
    for kind, colour, label in ((True, SOFT, holds), (False, ORANGE, misses)):
        rows = chosen[inside[chosen] == kind]
        if kind or len(rows):
            ax.vlines(
                true[rows], *ends[rows].T, color=colour, linewidth=0.9, alpha=0.6, label=label
            )


def _points(
    ax: Axes,
    x: np.ndarray,
    y: np.ndarray,
    extent: tuple[float, float, float, float],
    lang: Language,
) -> None:
    """Points; of very many, hexagons that count them, with their scale."""
    if len(x) <= _POINTS:
        alpha = 0.75 if len(x) < 200 else 0.45 if len(x) < 1500 else 0.25
        size = 22 if len(x) < 200 else 12 if len(x) < 1500 else 7
        ax.scatter(x, y, s=size, color=BLUE, alpha=alpha, linewidths=0, rasterized=len(x) > 1000)
        return
    drawn = ax.hexbin(
        x, y, gridsize=55, bins="log", mincnt=1, extent=extent, cmap=_SHADES, linewidths=0.1
    )
    drawn.set_rasterized(True)
    bar = figure_of(ax).colorbar(drawn, ax=ax, shrink=0.6, pad=0.02)
    bar.set_label(speaker(lang)("rows", "lignes"), color=INK)
    bar.outline.set_visible(False)  # type: ignore[operator]


def _bins(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Bins of equal counts: mean of x, mean of y and its interval, one row each."""
    order = np.argsort(x, kind="stable")
    starts = equal_counts(x[order], 10)
    lines = []
    for xs, ys in zip(np.split(x[order], starts[1:]), np.split(y[order], starts[1:]), strict=True):
        mean, low, high = mean_interval(ys)
        one = len(ys) < 2
        lines.append([xs.mean(), mean, np.nan if one else low, np.nan if one else high])
    return np.array(lines)
