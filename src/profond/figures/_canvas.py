"""What every figure shares: where it is drawn, its colours, its words, its numbers.

Figures are made with `matplotlib.figure.Figure`, never with pyplot: nothing global changes, no
window opens, and a figure that nobody keeps is freed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterSciNotation, MaxNLocator, ScalarFormatter
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

Language = Literal["en", "fr"]

# Okabe and Ito (2008), Color Universal Design: told apart with any colour vision. Yellow and
# black are left out (too pale on paper, taken by the ink); the order keeps neighbours far apart.
BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#e69f00",
    "#cc79a7",
    "#56b4e9",
)
PALETTE = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY)
INK, SOFT, GRID, PAPER = "#1f2328", "#6e7781", "#d0d7de", "#ffffff"
# With the colour, lines differ by their dashes: legible in a grey print.
DASHES = (
    "-",
    (0, (5, 2)),
    (0, (1, 1.3)),
    (0, (9, 2, 1.3, 2, 1.3, 2)),
    (0, (3, 1.3, 1, 1.3)),
    (0, (13, 4)),
)
MARKERS = "os^Dv<"

_GAP = 0.2  # inches between axes and those beside them

_NUMBERS: WeakKeyDictionary[Axes, dict[str, Any]] = WeakKeyDictionary()


def canvas(ax: Axes | None, *, size: tuple[float, float] = (5.0, 3.5)) -> Axes:
    """The axes to draw on: those given, or the only ones of a new figure.

    Args:
        ax: The caller's axes, or None.
        size: Width and height of a new figure, in inches.

    Returns:
        The axes.

    Raises:
        TypeError: If `ax` is neither None nor a matplotlib `Axes`.
    """
    if ax is None:
        return Figure(figsize=size, layout="constrained").add_subplot()
    if not isinstance(ax, Axes):
        raise TypeError(
            f"`ax` must be a matplotlib Axes or None; received {type(ax).__name__}. "
            "Pass one of the axes of `figure.subplots()`, or leave it out for a new figure."
        )
    return ax


def speaker(lang: Language) -> Callable[[str, str], str]:
    """A function that takes a text in English and in French and gives the one of `lang`.

    Raises:
        ValueError: If `lang` is neither "en" nor "fr".
    """
    if lang not in ("en", "fr"):
        raise ValueError(f'`lang` must be "en" or "fr"; received {lang!r}.')
    if lang == "en":
        return lambda en, fr: en
    return lambda en, fr: fr.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def style(index: int) -> dict[str, Any]:
    """Colour and dashes of the line of this number: no two of the first 36 have both alike."""
    turn = index // len(PALETTE)
    return {
        "color": PALETTE[index % len(PALETTE)],
        "linestyle": DASHES[(index + turn) % len(DASHES)],
    }


class _Grouped(ScalarFormatter):
    """Tick labels with thousands apart: 300,000, and in French 300 000 with decimal commas."""

    def __init__(self, lang: Language) -> None:
        super().__init__(useOffset=False)
        self._lang = lang

    def get_offset(self) -> str:
        power = super().get_offset().removeprefix("1e")
        return rf"$\times\,10^{{{power}}}$" if power else ""

    def __call__(self, x: float, pos: int | None = None) -> str:
        text = super().__call__(x, pos)
        sign, digits = (text[0], text[1:]) if text[:1] in "-\N{MINUS SIGN}" else ("", text)
        if digits.isdigit() and len(digits) > 4:
            text = sign + f"{int(digits):,}"
            return text.replace(",", "\N{NARROW NO-BREAK SPACE}") if self._lang == "fr" else text
        return text.replace(".", ",") if self._lang == "fr" else text


class _Powers(LogFormatterSciNotation):
    """Tick labels of a logarithmic axis, with a decimal comma in French."""

    def __init__(self, lang: Language, base: float, *, between: bool) -> None:
        super().__init__(base, labelOnlyBase=not between)
        self._lang = lang

    def __call__(self, x: float, pos: int | None = None) -> str:
        text = super().__call__(x, pos)
        return text.replace(".", "{,}") if self._lang == "fr" else text


class _Counts(MaxNLocator):
    """Ticks at whole numbers, from the first that was drawn on: epochs begin at 1."""

    def __init__(self) -> None:
        super().__init__(integer=True)

    def tick_values(self, vmin: float, vmax: float) -> list[float]:
        ticks = list(super().tick_values(vmin, vmax))
        first = float(self.axis.axes.dataLim.x0)  # type: ignore[union-attr]
        if not np.isfinite(first):
            return ticks
        # The first one takes the place of those before it and of one too near to it.
        apart = 0.5 * (ticks[1] - ticks[0]) if len(ticks) > 1 else 0.0
        return [first, *(tick for tick in ticks if tick > first + apart)]


def finish(
    ax: Axes,
    *,
    lang: Language,
    title: str | None = None,
    x: str | None = None,
    y: str | None = None,
    legend: str | bool = False,
    grid: bool = True,
    integer_x: bool = False,
    numbers: Mapping[str, Any] | None = None,
) -> Figure:
    """Label the axes, keep the numbers behind them, and give the figure that holds them.

    Args:
        ax: The axes, drawn.
        lang: Language of the tick labels (decimal comma and spaces in French).
        title: Title.
        x: Label of the horizontal axis.
        y: Label of the vertical axis.
        legend: Whether to draw a legend, or where: a place of matplotlib's, or "below" the axes,
            where it hides nothing.
        grid: Whether to draw grid lines.
        integer_x: Whether the horizontal axis counts (epochs, steps): ticks at whole numbers.
        numbers: What `numbers` gives back for these axes.

    Returns:
        The figure the axes are in.
    """
    if title:
        ax.set_title(title, fontsize=11, color=INK)
    if x:
        ax.set_xlabel(x, color=INK)
    if y:
        ax.set_ylabel(y, color=INK)
    ax.spines[["top", "right"]].set_visible(False)
    for spine in ax.spines.values():
        spine.set_color(SOFT)
    ax.tick_params(colors=INK)
    ax.set_facecolor("none")
    if grid:
        ax.grid(True, color=GRID, linewidth=0.6)
        ax.set_axisbelow(True)
    if integer_x:
        ax.xaxis.set_major_locator(_Counts())
    for axis in (ax.xaxis, ax.yaxis):
        _format_ticks(axis, lang)
    if legend:
        where: dict[str, Any] = {"loc": legend if isinstance(legend, str) else "best"}
        if legend == "below":
            # As far below in inches whatever the height: beneath the ticks and their label.
            down = ScaledTranslation(0, -0.45, figure_of(ax).dpi_scale_trans)
            where = {
                "loc": "upper center",
                "bbox_to_anchor": (0.5, 0.0),
                "bbox_transform": ax.transAxes + down,
                "ncols": 2,
            }
        drawn = ax.legend(
            **where,
            fontsize=9,
            frameon=True,
            framealpha=0.85,
            facecolor=PAPER,
            edgecolor="none",
            labelcolor=INK,
            handlelength=2.8,  # long enough to tell the dashes
        )
        drawn.set_zorder(10)
    _NUMBERS[ax] = dict(numbers or {})
    return figure_of(ax)


def _format_ticks(axis: Axis, lang: Language) -> None:
    """Tick labels as the language writes numbers, where they are still matplotlib's own."""
    if type(axis.get_major_formatter()) is ScalarFormatter:
        axis.set_major_formatter(_Grouped(lang))
    for minor in (False, True):
        formatter = axis.get_minor_formatter() if minor else axis.get_major_formatter()
        if type(formatter) is LogFormatterSciNotation:
            base = axis.get_transform().base  # type: ignore[attr-defined]
            made = _Powers(lang, base, between=not formatter.labelOnlyBase)
            (axis.set_minor_formatter if minor else axis.set_major_formatter)(made)


def beside(ax: Axes, *, below: float | None = None, right: float | None = None) -> Axes:
    """Smaller axes along an edge of `ax`, part of them: they move together.

    Their size across the edge is in inches: a share of `ax` would change while the layout is
    made, and the labels be cut.

    Args:
        ax: The axes.
        below: Height of axes under the lower edge.
        right: Width of axes along the right edge; one of the two is given.

    Returns:
        The new axes.
    """
    inches = figure_of(ax).dpi_scale_trans
    if below is not None:
        lower = inches + ScaledTranslation(0, 0, ax.transAxes)  # pyright: ignore[reportArgumentType]  # any affine will do
        across = blended_transform_factory(ax.transAxes, lower)
        return ax.inset_axes((0.0, -below - _GAP, 1.0, below), transform=across)
    outer = inches + ScaledTranslation(1, 0, ax.transAxes)  # pyright: ignore[reportArgumentType]  # any affine will do
    along = blended_transform_factory(outer, ax.transAxes)
    return ax.inset_axes((_GAP, 0.0, right or 0.0, 1.0), transform=along)


def keep_numbers(ax: Axes, found: Mapping[str, Any]) -> None:
    """Make `found` the numbers behind the axes."""
    _NUMBERS[ax] = dict(found)


def figure_of(ax: Axes) -> Figure:
    """The figure at the root of `ax`, through subfigures if there are any."""
    figure = ax.figure
    while not isinstance(figure, Figure):
        figure = figure.figure
    return figure


def numbers(drawn: Figure | Axes) -> dict[str, Any]:
    """The numbers behind a picture that `profond.figures` drew.

    Args:
        drawn: A figure returned by a function of `profond.figures`, or the axes given to one.

    Returns:
        Name to number or array; the function's docstring lists the names. For a figure with
        several axes, those of the later axes prevail.

    Raises:
        TypeError: If `drawn` is neither a Figure nor an Axes.
    """
    if isinstance(drawn, Axes):
        return dict(_NUMBERS.get(drawn, {}))
    if not isinstance(drawn, Figure):
        raise TypeError(f"a Figure or Axes is required; received {type(drawn).__name__}.")
    found: dict[str, Any] = {}
    for ax in drawn.axes:
        found |= _NUMBERS.get(ax, {})
    return found


def decimals(value: float, lang: Language, *, digits: int = 3) -> str:
    """A number for a label: `digits` significant digits, decimal comma in French, true minus."""
    if value != 0 and not 1e-3 <= abs(value) < 1e5 and np.isfinite(value):
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        power = f"10^{{{int(exponent)}}}"
        dot = "{,}" if lang == "fr" else "."
        lead = "" if mantissa == "1" else mantissa.replace(".", dot) + r"\times "
        return f"${lead}{power}$"
    text = f"{value:.{digits}g}"
    if "e" in text:
        text = f"{value:.0f}"
    text = text.replace("-", "\N{MINUS SIGN}")
    return text.replace(".", ",") if lang == "fr" else text


def labels_apart(values: Sequence[float], lang: Language) -> list[str]:
    """Numbers for labels: `decimals` with as few digits, from 3 on, as tell them apart."""

    def written(digits: int) -> list[str]:
        return [decimals(value, lang, digits=digits) for value in values]

    enough = (d for d in range(3, 17) if len(set(written(d))) == len(set(values)))
    return written(next(enough, 17))
