"""A series, a filter, and the activation map (notes, 6.1)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import (
    BLUE,
    GREEN,
    SOFT,
    VERMILION,
    Language,
    beside,
    canvas,
    decimals,
    finish,
    speaker,
)
from profond.figures._checks import name_of, vector
from profond.figures._filters import along_time, gaussian


def activation_map(
    series: ArrayLike,
    *,
    sigma: float = 2.0,
    kernel: ArrayLike | None = None,
    padding: str = "valid",
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""A filter slid along a series, and the activation map that it gives (notes, equation 6.1).

    $(x * f)(t) = \sum_{k=-L}^{L} f_k x_{t+k}$. A Gaussian filter takes a mean of the neighbours
    that weighs the near ones more: the map is a smoother series.

    Args:
        series: A number per time step.
        sigma: Standard deviation of the Gaussian filter, in time steps, > 0.
        kernel: Another filter, of odd length $2 L + 1$, in place of the Gaussian one.
        padding: "valid" computes the map where the filter fits in; "same" everywhere, with zeros
            around the series.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `filter` (2 L + 1), `map`, `at` (the time steps of the map).

    Raises:
        TypeError: If the series or the filter does not hold numbers.
        ValueError: If they are not finite, the filter is of even length, or longer than the
            series.
    """
    say = speaker(lang)
    xs = vector(series, "series")
    weights = checked_filter(sigma, kernel, len(xs))
    if padding not in ("valid", "same"):
        raise ValueError(f'`padding` must be "valid" or "same"; received {padding!r}.')
    found = along_time(xs, weights, padding)
    half = len(weights) // 2
    at = np.arange(len(found)) + (half if padding == "valid" else 0)
    ax = canvas(ax, size=(5.8, 3.2))
    ax.plot(xs, color=BLUE, linewidth=1.1, label=say("series $x$", "série $x$"))
    ax.plot(at, found, color=VERMILION, linewidth=2, label=say("map $x * f$", "carte $x * f$"))
    small = beside(ax, right=1.25)
    steps = np.arange(-half, half + 1)
    small.vlines(steps, 0, weights, color=GREEN, linewidth=1.2)
    small.plot(steps, weights, "o", color=GREEN, markersize=3)
    small.axhline(0, color=SOFT, linewidth=0.8)
    small.yaxis.tick_right()
    small.locator_params(axis="y", nbins=4)
    small.set_xticks([-half, 0, half] if half else [0])
    title = say("filter $f$", "filtre $f$")
    if kernel is None:
        title += rf", $\sigma$ = {decimals(sigma, lang)}"
    finish(small, lang=lang, title=title, x="$k$", grid=False)
    small.title.set_fontsize(10)
    small.spines["right"].set_visible(True)
    small.spines["right"].set_color(SOFT)
    small.spines["left"].set_visible(False)
    return finish(
        ax,
        lang=lang,
        x=say("time step $t$", "instant $t$"),
        y=name_of(series, ""),
        legend="below",
        numbers={"filter": weights, "map": found, "at": at},
    )


def checked_filter(sigma: float, kernel: ArrayLike | None, length: int) -> np.ndarray:
    """The filter to slide along a series of this length.

    Raises:
        TypeError: If it does not hold numbers.
        ValueError: If it is of even length, longer than the series, or not finite.
    """
    weights = gaussian(sigma) if kernel is None else vector(kernel, "kernel")
    if len(weights) % 2 == 0:
        raise ValueError(
            f"`kernel` must be of odd length, 2 L + 1; received {len(weights)}. Add a 0 at an end."
        )
    if len(weights) > length:
        way = "a smaller `sigma`" if kernel is None else "a shorter `kernel`"
        raise ValueError(
            f"the filter has {len(weights)} values and the series {length}: it fits nowhere. Take "
            f"{way}."
        )
    return weights
