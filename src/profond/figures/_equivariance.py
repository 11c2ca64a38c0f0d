"""A shifted input gives the same output, shifted: translation equivariance (notes, 6.1)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._activation_map import checked_filter
from profond.figures._animation import Animation
from profond.figures._canvas import (
    BLUE,
    INK,
    SOFT,
    VERMILION,
    Language,
    beside,
    canvas,
    finish,
    speaker,
)
from profond.figures._checks import vector, whole
from profond.figures._filters import along_time


@dataclass(frozen=True)
class _Line:
    """A series held at its first and last values beyond its ends, and its map.

    Attributes:
        values: The series with `most` values before and after, `(time + 2 most,)`.
        kernel: The filter, `(2 L + 1,)`.
        most: The largest shift, either way.
    """

    values: np.ndarray
    kernel: np.ndarray
    most: int

    def shifted(self, shift: int) -> np.ndarray:
        """The series `shift` steps later, as long as it was."""
        start = self.most - shift
        return self.values[start : start + len(self.values) - 2 * self.most]

    def map(self, shift: int) -> np.ndarray:
        """The map of the shifted series."""
        return along_time(self.shifted(shift), self.kernel)

    def shifted_map(self, shift: int) -> np.ndarray:
        """The shifted map: of the series before it was cut to its length."""
        whole_map = along_time(self.values, self.kernel)
        start = self.most - shift
        return whole_map[start : start + len(whole_map) - 2 * self.most]


def equivariance(
    series: ArrayLike,
    *,
    shift: int = 20,
    sigma: float = 2.0,
    kernel: ArrayLike | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""A series and its map, as they are and `shift` steps later (notes, 6.1).

    With $(T_s x)(t) = x(t - s)$: $(T_s x) * f = T_s (x * f)$. Beyond its ends the series keeps
    its first and its last value.

    Args:
        series: A number per time step.
        shift: Time steps by which the input is moved; to the left below 0.
        sigma: Standard deviation of the Gaussian filter, in time steps, > 0.
        kernel: Another filter, of odd length, in place of the Gaussian one.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `input` and `output`, `shifted_input` and `shifted_output`;
        `largest_difference` between the output of the shifted input and the shifted output.

    Raises:
        TypeError: If the series or filter does not hold numbers, or the shift is not whole.
        ValueError: If they are not finite, or the filter is longer than the series.
    """
    speaker(lang)
    xs = vector(series, "series")
    shift = _whole_shift(shift, len(xs))
    line = _line(xs, checked_filter(sigma, kernel, len(xs)), abs(shift))
    return _draw(canvas(ax, size=(5.4, 4.2)), line, shift, lang)


def equivariance_animation(
    series: ArrayLike,
    *,
    most: int | None = None,
    frames: int = 24,
    seconds: float = 0.15,
    sigma: float = 2.0,
    kernel: ArrayLike | None = None,
    lang: Language = "en",
) -> Animation:
    """The input moves to the right and back, and the output with it (notes, 6.1).

    Args:
        series: A number per time step.
        most: The largest shift; by default a third of the series.
        frames: Number of frames.
        seconds: Time that each frame is seen.
        sigma: Standard deviation of the Gaussian filter, in time steps, > 0.
        kernel: Another filter, of odd length, in place of the Gaussian one.
        lang: "en" or "fr".

    Returns:
        The animation; `frame(i)` is a figure as `equivariance` draws it.

    Raises:
        TypeError: If the series or the filter does not hold numbers.
        ValueError: If they are not finite, or the filter is longer than the series.
    """
    speaker(lang)
    xs = vector(series, "series")
    most = max(1, len(xs) // 3) if most is None else _whole_shift(most, len(xs))
    line = _line(xs, checked_filter(sigma, kernel, len(xs)), abs(most))
    turns = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(whole(frames, "frames")) / frames)
    shifts = np.round(most * turns).astype(int)

    def draw(index: int) -> Figure:
        return _draw(canvas(None, size=(5.4, 4.2)), line, int(shifts[index]), lang)

    return Animation(draw, frames=frames, seconds=seconds, still=frames // 2)


def _whole_shift(shift: Any, length: int) -> int:
    """A shift that leaves something of the series in sight."""
    if isinstance(shift, bool) or not isinstance(shift, int | np.integer):
        raise TypeError(f"the shift must be a whole number of time steps; received {shift!r}.")
    if abs(shift) >= length:
        raise ValueError(
            f"the shift must be smaller than the series, of {length} steps; received {shift}."
        )
    return int(shift)


def _line(series: np.ndarray, kernel: np.ndarray, most: int) -> _Line:
    return _Line(np.pad(series, most, mode="edge"), kernel, most)


def _draw(ax: Axes, line: _Line, shift: int, lang: Language) -> Figure:
    """The input above, the output below; in grey, those that are not shifted."""
    say = speaker(lang)
    before, after = line.shifted(0), line.shifted(shift)
    start, found, expected = line.map(0), line.map(shift), line.shifted_map(shift)
    half = len(line.kernel) // 2
    at = np.arange(len(found)) + half
    below = beside(ax, below=1.65)
    ax.plot(before, color=SOFT, linewidth=1, linestyle=(0, (4, 2)))
    ax.plot(after, color=BLUE, linewidth=1.6)
    below.plot(at, start, color=SOFT, linewidth=1, linestyle=(0, (4, 2)))
    below.plot(at, found, color=VERMILION, linewidth=1.8)
    for one, values in ((ax, line.values), (below, start)):
        low, high = float(values.min()), float(values.max())
        space = 0.08 * (high - low or 1.0)
        one.set_xlim(-0.02 * len(before), 1.02 * len(before) - 1)
        one.set_ylim(low - space, high + 2.5 * space)
    _arrow(ax, before, shift, 0)
    _arrow(below, start, shift, half)
    ax.tick_params(labelbottom=False)
    finish(
        below,
        lang=lang,
        x=say("time step $t$", "instant $t$"),
        y=say("output $x * f$", "sortie $x * f$"),
    )
    return finish(
        ax,
        lang=lang,
        title=say(f"input {shift} steps later", f"entrée décalée de {shift} pas").replace(
            "-", "\N{MINUS SIGN}"
        ),
        y=say("input $x$", "entrée $x$"),
        numbers={
            "input": before,
            "output": start,
            "shifted_input": after,
            "shifted_output": found,
            "largest_difference": float(np.abs(found - expected).max()),
        },
    )


def _arrow(ax: Axes, values: np.ndarray, shift: int, offset: int) -> None:
    """From the highest point before to where it is after, if that is in sight."""
    top = int(np.argmax(values))
    if shift and 0 <= top + shift < len(values):
        height = float(values[top])
        ax.annotate(
            "",
            (top + offset + shift, height),
            xytext=(top + offset, height),
            arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 1.2},
        )
