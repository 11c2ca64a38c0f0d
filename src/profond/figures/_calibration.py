"""Whether what is said to be 80 % likely happens in 80 % of the cases."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond.figures._answers import fixed, plain, read_probabilities
from profond.figures._canvas import (
    BLUE,
    INK,
    PAPER,
    SOFT,
    VERMILION,
    Language,
    beside,
    canvas,
    finish,
    speaker,
)
from profond.figures._checks import whole
from profond.figures._statistics import share_interval

_LEAST = 5  # rows of a bin
_DRAWS = 200  # of outcomes that the probabilities make
_WORK = 2e7


def calibration(
    truth: Any,
    probabilities: Any,
    *,
    classes: Any = None,
    bins: int = 10,
    seed: int = 0,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Observed shares by predicted probability, and how often each probability is predicted.

    Of two classes, how often the second is true against its probability; of several, how often
    the likeliest class is right against the probability it is given. The bins have equal counts
    (equal probabilities are never parted, and no bin has fewer than 5 rows unless all have);
    the bars are Wilson's 95 % intervals. The expected calibration error is

    $$ECE = \sum_b \frac{n_b}{n} \left| \bar y_b - \bar p_b \right|$$

    with these bins (Naeini et al. 2015 has bins of equal width; equal counts have less bias).
    It is above 0 by chance even for right probabilities. What it is then, at most in 95 % of
    cases, is found by drawing outcomes from the probabilities (Bröcker and Smith 2007) and stands
    beside it.

    Args:
        truth: A label per row.
        probabilities: Of each class, (rows, classes), or of the second of two, (rows,).
        classes: The labels in the order of the columns; by default those in `truth`, sorted.
        bins: At most so many bins, >= 1.
        seed: Of the drawing of outcomes.
        ax: Axes to draw on; a new figure by default. The histogram is placed under them.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: per bin `predicted` (mean), `observed`, `low`, `high`, `count`;
        `ece`; `ece_by_chance` (its 95 % quantile for right probabilities).

    Raises:
        TypeError: If the probabilities are not numbers, or `bins` is no whole number.
        ValueError: If they are no probabilities, do not fit the labels, or `bins` is below 1.
    """
    say = speaker(lang)
    places, table, known = read_probabilities(truth, probabilities, classes)
    bins, seed = whole(bins, "bins"), whole(seed, "seed", least=0)
    if len(known) == 2:
        said, happened = table[:, 1], places == 1
        name = plain(known[1])
        x = say(f"probability of class {name}", f"probabilité de la classe {name}")
        y = say(f"share of class {name}", f"part de la classe {name}")
    else:
        said, happened = table.max(axis=1), table.argmax(axis=1) == places
        x = say("probability of the likeliest class", "probabilité de la classe la plus probable")
        y = say("share where it is right", "part où elle est juste")
    order = np.argsort(said, kind="stable")
    said, happened = said[order], happened[order].astype(np.float64)
    starts = equal_counts(said, bins)
    count = np.diff(np.append(starts, len(said)))
    predicted = np.add.reduceat(said, starts) / count
    hits = np.add.reduceat(happened, starts)
    shares = [share_interval(int(h), int(n)) for h, n in zip(hits, count, strict=True)]
    observed, low, high = (np.array(part) for part in zip(*shares, strict=True))
    error = float(np.sum(abs(hits - predicted * count)) / len(said))
    chance = _by_chance(said, starts, predicted * count, seed)

    ax = canvas(ax, size=(5.2, 5.6))
    ax.plot(
        [0, 1],
        [0, 1],
        color=SOFT,
        linewidth=1,
        linestyle=(0, (4, 3)),
        label=say("perfectly calibrated", "calibration parfaite"),
    )
    bars = np.maximum([observed - low, high - observed], 0.0)
    ax.errorbar(
        predicted,
        observed,
        bars,
        fmt="o-",
        color=BLUE,
        linewidth=1.2,
        elinewidth=1.2,
        capsize=3,
        markersize=5,
        label=say("observed, 95% interval", "observé, intervalle à 95 %"),
    )
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    _histogram(ax, said, x, lang)
    ax.tick_params(labelbottom=False)
    return finish(
        ax,
        lang=lang,
        title=_words(error, chance, lang),
        y=y,
        legend=_corner(predicted, low, high),
        numbers={
            "predicted": predicted,
            "observed": observed,
            "low": low,
            "high": high,
            "count": count,
            "ece": error,
            "ece_by_chance": chance,
        },
    )


def equal_counts(values: np.ndarray, bins: int, least: int = _LEAST) -> np.ndarray:
    """Where each bin begins among sorted values: equal counts, equal values in one bin.

    Args:
        values: Sorted, (rows,).
        bins: At most so many.
        least: Rows of a bin, where there are so many at all.
    """
    bins = max(1, min(bins, len(values) // least))
    wanted = np.round(np.arange(bins) * len(values) / bins).astype(int)
    # To the first of its equals, so that ties stay together.
    starts = np.unique(np.searchsorted(values, values[wanted], side="left"))
    sizes = np.diff(np.append(starts, len(values)))
    small = np.flatnonzero(sizes < least)
    while small.size and len(starts) > 1:
        # A bin too small joins the next, the last one the one before.
        starts = np.delete(starts, min(small[0] + 1, len(starts) - 1))
        sizes = np.diff(np.append(starts, len(values)))
        small = np.flatnonzero(sizes < least)
    return starts


def _by_chance(said: np.ndarray, starts: np.ndarray, sums: np.ndarray, seed: int) -> float:
    """The 95 % quantile of the error when the probabilities are right."""
    generator = np.random.default_rng(seed)
    size = max(1, int(_WORK / _DRAWS // len(said)))
    errors = []
    for begin in range(0, _DRAWS, size):
        draws = min(size, _DRAWS - begin)
        outcomes = (generator.random((draws, len(said))) < said).astype(np.float64)
        hits = np.add.reduceat(outcomes, starts, axis=1)
        errors.append(abs(hits - sums).sum(axis=1) / len(said))
    return float(np.quantile(np.concatenate(errors), 0.95))


def _corner(predicted: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    """The corner off the diagonal with fewer points and bars in it."""
    above = np.sum((predicted < 0.75) & (high > 0.8))
    below = np.sum((predicted > 0.25) & (low < 0.2))
    return "upper left" if above <= below else "lower right"


def _words(error: float, chance: float, lang: Language) -> str:
    error_text, chance_text = fixed(error, lang), fixed(chance, lang)
    return speaker(lang)(
        f"ECE {error_text} (up to {chance_text} by chance)",
        f"ECE {error_text} (jusqu'à {chance_text} par hasard)",
    )


def _histogram(ax: Axes, said: np.ndarray, x: str, lang: Language) -> None:
    """How often each probability is predicted, under the axes."""
    below = beside(ax, below=0.85)
    below.hist(said, bins=20, range=(0.0, 1.0), color=BLUE, alpha=0.75)
    mean = float(said.mean())
    below.axvline(mean, color=VERMILION, linewidth=1.2)
    right = mean < 0.5
    below.annotate(
        speaker(lang)("mean ", "moyenne ") + fixed(mean, lang, 2),
        (mean, 0.93),
        xycoords=("data", "axes fraction"),
        xytext=(4 if right else -4, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="top",
        color=INK,
        fontsize=8,
        bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )
    below.set(xlim=ax.get_xlim())
    below.locator_params(axis="y", nbins=3, integer=True)
    finish(below, lang=lang, x=x, y=speaker(lang)("rows", "lignes"))
