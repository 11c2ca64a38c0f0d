"""Examples of time series, by class or by number."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from profond._tensors import to_array
from profond.figures._answers import plain
from profond.figures._canvas import (
    BLUE,
    INK,
    SOFT,
    Language,
    decimals,
    finish,
    keep_numbers,
    speaker,
    style,
)
from profond.figures._checks import whole

_ACROSS = 3
_MOST_CLASSES = 12  # panels
_BY_NUMBER = 9  # series, from the smallest number to the largest


def series_examples(
    series: Any,
    labels: Any = None,
    *,
    classes: Sequence[Any] | None = None,
    most: int = 12,
    channel: int = 0,
    name: str = "",
    lang: Language = "en",
) -> Figure:
    """Some series of each class, with the mean of all of the class.

    Labels that are no classes are numbers: then single series are shown, from the one with the
    smallest number to that with the largest.

    Args:
        series: Shape (n, time) or (n, time, channels), NaN where shorter series have ended.
        labels: A class or a number per series; None for one panel of all.
        classes: The classes in order; None for numbers (or no labels).
        most: Series drawn of each class, at most: the first ones.
        channel: Which channel, from 0.
        name: What the labels are called.
        lang: "en" or "fr".

    Returns:
        A figure of its own. `numbers`: `counts` (class to number of series), `means` (class to
        the mean series).

    Raises:
        ValueError: If the shapes do not fit, or there is no such channel.
    """
    say = speaker(lang)
    values = one_channel(series, channel)
    most = whole(most, "most")
    groups: dict[Any, np.ndarray]
    if labels is None:
        groups = {say("all series", "toutes les séries"): np.arange(len(values))}
    elif classes is None:
        return _by_number(values, np.asarray(labels, dtype=np.float64), name, lang)
    else:
        if len(labels) != len(values):
            raise ValueError(
                f"`labels` must have one entry per series; received {len(labels)} for "
                f"{len(values)} series."
            )
        given = np.array([str(one) for one in labels])
        groups = {str(one): np.flatnonzero(given == str(one)) for one in classes}
    shown = list(groups)[:_MOST_CLASSES]
    figure, panels = panels_for(len(shown), height=1.75)
    means: dict[Any, np.ndarray] = {}
    for i, (ax, group) in enumerate(zip(panels, shown, strict=True)):
        rows = groups[group]
        for row in rows[:most]:
            ax.plot(values[row], color=style(i)["color"], linewidth=0.7, alpha=0.45)
        title = plain(f"{name} {group}".strip() if labels is not None else group)
        if len(rows):
            counted = ~np.isnan(values[rows])
            total = np.where(counted, values[rows], 0).sum(0)
            with np.errstate(invalid="ignore"):
                means[group] = total / counted.sum(0)
            ax.plot(means[group], color=INK, linewidth=1.4)
        ax.set_title(f"{title} ({len(rows)})", fontsize="medium", color=INK)
        finish(ax, lang=lang)
    _share_steps(panels, say("step", "pas de temps"))
    left = len(groups) - len(shown)
    if left:
        figure.supxlabel(
            say(f"and {left} more classes", f"et {left} autres classes"), fontsize="small"
        )
    counts = {group: len(rows) for group, rows in groups.items()}
    keep_numbers(panels[0], {"counts": counts, "means": means})
    return figure


def series_in_panels(
    series: Any, titles: Sequence[str], *, channel: int = 0, lang: Language = "en"
) -> Figure:
    """Single series, each in a panel of its own with what is said about it.

    Args:
        series: Shape (n, time) or (n, time, channels), NaN where shorter series have ended.
        titles: What stands above each.
        channel: Which channel, from 0.
        lang: "en" or "fr".

    Returns:
        A figure of its own. `numbers`: `shown` (how many series).

    Raises:
        ValueError: If there is no series, not one title for each, or no such channel.
    """
    say = speaker(lang)
    values = one_channel(series, channel)
    if len(titles) != len(values):
        raise ValueError(
            f"`titles` must be one per series; received {len(titles)} for {len(values)} series."
        )
    figure, panels = panels_for(len(values), height=1.6)
    for i, (ax, title) in enumerate(zip(panels, titles, strict=True)):
        ax.plot(values[i], color=BLUE, linewidth=1.2)
        ax.set_title(plain(title, 60), fontsize="small", color=INK)
        finish(ax, lang=lang)
    _share_steps(panels, say("step", "pas de temps"))
    keep_numbers(panels[0], {"shown": len(values)})
    return figure


def one_channel(series: Any, channel: int) -> np.ndarray:
    """A channel of series, shape (n, time), float64.

    Raises:
        ValueError: If there are no series, or there is no such channel.
    """
    values = to_array(series).astype(np.float64)
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or not len(values):
        raise ValueError(
            "`series` must have the shape (n, time) or (n, time, channels), with at least one "
            f"series; received {to_array(series).shape}."
        )
    if not 0 <= channel < values.shape[2]:
        raise ValueError(
            f"`channel` must be from 0 to {values.shape[2] - 1}; received {channel!r}."
        )
    return values[:, :, channel]


def panels_for(count: int, *, height: float) -> tuple[Figure, list[Axes]]:
    """A figure with so many panels, a few beside each other.

    Args:
        count: How many.
        height: Of each, in inches.
    """
    across = min(_ACROSS, count)
    down = -(-count // across)
    figure = Figure(figsize=(2.6 * max(across, 2), height * down + 0.3), layout="constrained")
    grid = figure.subplots(down, across, squeeze=False, sharey=True)
    panels = list(grid.flat)
    for ax in panels[count:]:
        ax.set_visible(False)
    return figure, panels[:count]


def _share_steps(panels: Sequence[Axes], label: str) -> None:
    """Whole numbers on the axes of time, named once in each column."""
    for ax in panels:
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    for ax in panels[-_ACROSS:]:
        ax.set_xlabel(label, color=SOFT)


def _by_number(values: np.ndarray, labels: np.ndarray, name: str, lang: Language) -> Figure:
    say = speaker(lang)
    order = np.argsort(labels, kind="stable")
    count = min(_BY_NUMBER, len(order))
    chosen = order[np.linspace(0, len(order) - 1, count).round().astype(int)]
    called = name or say("number", "nombre")
    titles = [f"{called} = {decimals(float(labels[row]), lang)}" for row in chosen]
    return series_in_panels(values[chosen], titles, lang=lang)
