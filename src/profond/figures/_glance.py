"""Every column of a table at a glance: what it holds, and what is missing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from profond.figures._answers import grouped, histogram_bars, percent, plain, plain_apart
from profond.figures._canvas import (
    BLUE,
    GREEN,
    GRID,
    INK,
    PURPLE,
    SOFT,
    VERMILION,
    Language,
    decimals,
    finish,
    keep_numbers,
    speaker,
)
from profond.figures._checks import whole
from profond.figures._frames import column_places, data_frame, kind_of
from profond.figures._partial import date_axis

if TYPE_CHECKING:
    import pandas as pd

_ACROSS = 4
_LEVELS = 6  # levels of a category with a bar
_FAR = 5.0  # widths of the middle 98 % beyond which values are counted, not drawn


def columns_at_a_glance(
    frame: Any,
    *,
    profile: Any = None,
    columns: Iterable[Any] | None = None,
    most: int = 24,
    lang: Language = "en",
) -> Figure:
    """A small picture of every column: histogram, most frequent levels, or dates.

    What is missing is said in the title of each and drawn as a strip along its top. A number
    column with few values far out is drawn without them, and they are counted.

    Args:
        frame: The table (pandas or polars).
        profile: What is known of the columns: a table with `column` and `kind` ("number",
            "category", "boolean", "date"), such as the `profile` of a run. By default the kind
            follows from the dtype.
        columns: Names of the columns to draw, in this order; by default all.
        most: At most so many are drawn, the first ones; a note says how many there are.
        lang: "en" or "fr".

    Returns:
        A figure of its own. `numbers`: `missing` (column to share), `kinds` (column to kind),
        `left_out` (how many columns are not drawn).

    Raises:
        TypeError: If `frame` is no table.
        ValueError: If it has no rows or no such columns, or `profile` lacks its columns.
    """
    say = speaker(lang)
    table = data_frame(frame)
    known = _known_kinds(profile)
    places = column_places(table, columns)
    shown = places[: whole(most, "most")]
    across = min(_ACROSS, len(shown))
    down = -(-len(shown) // across)
    figure = Figure(figsize=(2.75 * max(across, 2), 1.95 * down + 0.3), layout="constrained")
    missing: dict[Any, float] = {}
    kinds: dict[Any, str] = {}
    first: Axes | None = None
    for i, place in enumerate(shown):
        column = table.iloc[:, place]
        name = table.columns[place]
        ax = figure.add_subplot(down, across, i + 1)
        first = first or ax
        kind = _kind(column, known.get(str(name)))
        share = float(column.isna().mean())
        missing[name], kinds[name] = share, kind
        present = column.dropna()
        if present.empty:
            _words(ax, say("no values", "aucune valeur"))
        elif kind == "number":
            _numbers(ax, present.to_numpy(np.float64), lang)
        elif kind == "date":
            _dates(ax, present)
        else:
            _categories(ax, present, lang)
        finish(ax, lang=lang, grid=False)
        ax.tick_params(labelsize=7.5, length=2)
        ax.set_title(
            plain(name, 26 if share == 0 else 15),
            fontsize=9.5,
            color=INK,
            loc="left",
            fontweight="bold",
        )
        _missing(ax, share, lang)
    left = len(places) - len(shown)
    if left:
        note = say(
            f"{len(shown)} of {grouped(len(places), lang)} columns are shown.",
            f"{len(shown)} colonnes sur {grouped(len(places), lang)} sont montrées.",
        )
        figure.supxlabel(note, fontsize=9, color=SOFT)
    assert first is not None  # there is at least one column
    keep_numbers(first, {"missing": missing, "kinds": kinds, "left_out": left})
    return figure


def _known_kinds(profile: Any) -> dict[str, str]:
    if profile is None:
        return {}
    table = data_frame(profile, "profile")
    absent = [name for name in ("column", "kind") if name not in table.columns]
    if absent:
        raise ValueError(f"`profile` must have the columns column, kind; {absent} not found.")
    return dict(zip(map(str, table["column"]), map(str, table["kind"]), strict=True))


def _kind(column: "pd.Series", said: str | None) -> str:
    """The kind that is said, where the values allow it; else the dtype's."""
    own = kind_of(column)
    # Numbers may be categories; text is not a number because somebody says so.
    return "category" if said in ("category", "boolean") else own


def _numbers(ax: Axes, values: np.ndarray, lang: Language) -> None:
    say = speaker(lang)
    finite = values[np.isfinite(values)]
    if not len(finite):
        _words(ax, say("no finite value", "aucune valeur finie"))
        return
    if finite.min() == finite.max():
        _words(ax, say("always ", "toujours ") + decimals(float(finite[0]), lang, digits=6))
        return
    low, high = np.quantile(finite, [0.01, 0.99])
    width = (high - low) or np.ptp(finite)
    inside = finite[(finite >= low - _FAR * width) & (finite <= high + _FAR * width)]
    different = np.unique(inside)
    if len(different) <= 12 and np.all(different == np.round(different)):
        at, counts = np.unique(inside, return_counts=True)
        gap = float(np.diff(at).min()) if len(at) > 1 else 1.0
        ax.bar(at, counts, width=0.8 * gap, color=BLUE, alpha=0.8)
        if len(at) <= 6:
            ax.set_xticks(at)
    else:
        ax.hist(inside, bins=histogram_bars(inside, 30), color=BLUE, alpha=0.8)
    ax.locator_params(axis="y", nbins=3, integer=True)
    if len(different) > 6:
        ax.locator_params(axis="x", nbins=4)
    far = len(values) - len(inside)
    if far:
        count = grouped(far, lang)
        _corner(ax, say(f"{count} far out", f"{count} très loin"))


def _dates(ax: Axes, present: "pd.Series") -> None:
    if present.dt.tz is not None:
        present = present.dt.tz_convert("UTC").dt.tz_localize(None)
    days = np.asarray(date2num(present.to_numpy("datetime64[ns]")), dtype=np.float64)
    if days.min() == days.max():
        _words(ax, present.iloc[0].strftime("%Y-%m-%d"))
        return
    ax.hist(days, bins=histogram_bars(days, 30), color=PURPLE, alpha=0.85)
    date_axis(ax, float(days.min()), float(days.max()), ticks=3)
    ax.locator_params(axis="y", nbins=3, integer=True)


def _categories(ax: Axes, present: "pd.Series", lang: Language) -> None:
    say = speaker(lang)
    counts = {str(level): int(n) for level, n in present.astype(str).value_counts().items()}
    if len(counts) == len(present) > _LEVELS:
        example = plain(next(iter(counts)), 22)
        every = say("all different", "toutes différentes")
        _words(ax, f"{every},\n" + say("such as ", "par ex. ") + example)
        return
    order = sorted(counts, key=lambda level: (-counts[level], level))
    # One more level takes the place that "1 other" would.
    most = _LEVELS + 1 if len(order) == _LEVELS + 1 else _LEVELS
    shown, rest = order[:most], order[most:]
    sizes = [counts[level] for level in shown]
    names = plain_apart(shown, 14)
    colours = [GREEN] * len(shown)
    if rest:
        sizes.append(sum(counts[level] for level in rest))
        number = grouped(len(rest), lang)
        names.append(say(f"{number} others", f"{number} autres"))
        colours.append(SOFT)
    at = np.arange(len(sizes))
    ax.barh(at, sizes, color=colours, alpha=0.8, height=0.75)
    ax.set_yticks(at, names)
    ax.set_ylim(max(len(sizes), 3) - 0.4, -0.6)
    ax.locator_params(axis="x", nbins=3, integer=True)


def _words(ax: Axes, text: str) -> None:
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=INK, fontsize=9)
    ax.set_xticks([])
    ax.set_yticks([])


def _corner(ax: Axes, text: str) -> None:
    ax.text(0.98, 0.93, text, transform=ax.transAxes, ha="right", va="top", color=INK, fontsize=7.5)


def _missing(ax: Axes, share: float, lang: Language) -> None:
    """The missing share as a strip along the top, and in words when there is any."""
    if share == 0:
        return
    text = speaker(lang)("missing ", "manque ") + percent(share, lang)
    ax.set_title(text, fontsize=8, color=VERMILION, loc="right")
    strip = ax.inset_axes((0.0, 1.0, 1.0, 0.03))
    strip.barh([0], [1.0], color=GRID, height=1)
    strip.barh([0], [share], color=VERMILION, height=1)
    strip.set(xlim=(0, 1), ylim=(-0.5, 0.5))
    strip.axis("off")
