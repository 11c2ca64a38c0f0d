"""Small pictures side by side in one pair of axes: images, series, kernels."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from profond.figures._canvas import BLUE, GRID, INK, PALETTE, PAPER, SOFT, VERMILION

# From against (blue) through nothing (paper) to for (vermilion).
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ["#003f66", BLUE, "#8fc1e3", PAPER, "#f2b48c", VERMILION, "#7a3500"]
)
GREYS = LinearSegmentedColormap.from_list("greys", [INK, PAPER])


def cells(
    ax: Axes, count: int, across: int, *, gap: tuple[float, float] = (0.12, 0.12)
) -> list[Axes]:
    """Smaller axes in rows, inside `ax`, which is left bare.

    Args:
        ax: The axes.
        count: How many.
        across: How many in a row.
        gap: Space between them, as a share of the width and of the height of one.

    Returns:
        The axes, row by row from the top.
    """
    ax.axis("off")
    down = -(-count // across)
    width = 1 / (across + (across - 1) * gap[0])
    height = 1 / (down + (down - 1) * gap[1])
    found = []
    for place in range(count):
        row, column = divmod(place, across)
        left = column * width * (1 + gap[0])
        low = 1 - height - row * height * (1 + gap[1])
        found.append(ax.inset_axes((left, low, width, height)))
    return found


def draw_image(ax: Axes, image: np.ndarray) -> None:
    """Draw one image (height, width, 1 or 3 channels), without ticks.

    Whole numbers are from 0 to 255, others from 0 to 1. Those that go beyond, as standardised
    pixels do, are stretched to the range of the image.
    """
    shown = image[..., 0] if image.shape[-1] not in (3, 4) else image[..., :3]
    if shown.dtype.kind in "ui":
        shown = shown / 255.0
    shown = shown.astype(np.float64)
    if shown.min() < 0 or shown.max() > 1:
        shown = (shown - shown.min()) / (np.ptp(shown) or 1.0)
    ax.imshow(shown, cmap=GREYS, vmin=0.0, vmax=1.0, interpolation="nearest")
    without_ticks(ax)


def draw_signed(ax: Axes, values: np.ndarray, largest: float) -> None:
    """Draw numbers (height, width) from -`largest` to `largest` as a small image."""
    ax.imshow(values, cmap=SIGNED, vmin=-largest, vmax=largest, interpolation="nearest")
    without_ticks(ax)


def draw_series(ax: Axes, series: np.ndarray) -> None:
    """Draw one series (time, channels), a line for each channel, without ticks."""
    for channel, values in enumerate(series.T):
        ax.plot(values, color=PALETTE[channel % len(PALETTE)], linewidth=1.1)
    ax.margins(x=0.02)
    without_ticks(ax)


def without_ticks(ax: Axes) -> None:
    """Leave a thin frame and nothing beside it."""
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_color(GRID)
        spine.set_linewidth(0.6)


def caption(ax: Axes, text: str, *, size: float = 8.5, color: str = INK) -> None:
    """A line of text above a small picture."""
    ax.set_title(text, fontsize=size, color=color, pad=2.5)


def note(ax: Axes, text: str) -> None:
    """A line below all the small pictures."""
    ax.text(0.0, -0.03, text, transform=ax.transAxes, fontsize=8, color=SOFT, va="top")


def square(count: int, most: int) -> int:
    """How many small pictures in a row: about as many as rows."""
    return int(min(most, max(1, np.ceil(np.sqrt(count * 1.6)))))
