"""Neurons and connections, the strokes that drawings of networks are made of."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from profond.figures._canvas import BLUE, GRID, INK, PAPER, SOFT, VERMILION

POSITIVE, NEGATIVE = BLUE, VERMILION
OFF = "#a8b0b8"


def neuron(
    ax: Axes,
    x: float,
    y: float,
    *,
    radius: float,
    label: str = "",
    off: bool = False,
    edge: str = INK,
    size: float = 10,
) -> None:
    """Draw one neuron: a circle; grey with a dashed rim when it is switched off."""
    ax.add_patch(
        Circle(
            (x, y),
            radius,
            facecolor=OFF if off else PAPER,
            edgecolor=SOFT if off else edge,
            linestyle=(0, (3, 2)) if off else "-",
            linewidth=1.2,
            zorder=3,
        )
    )
    if label:
        ax.text(x, y, label, ha="center", va="center", fontsize=size, color=INK, zorder=4)


def connections(
    ax: Axes,
    starts: np.ndarray,
    ends: np.ndarray,
    weights: np.ndarray | None,
    *,
    scale: float,
    off: np.ndarray | None = None,
) -> None:
    """Draw all lines between two columns of neurons.

    Sign is colour (blue positive, vermilion negative), size is width and opacity.

    Args:
        ax: Axes.
        starts: Positions of the neurons on the left, `(n, 2)`.
        ends: Positions of the neurons on the right, `(m, 2)`.
        weights: Weights, `(n, m)`; None draws all lines alike.
        scale: The absolute weight that gets the widest line.
        off: Connections that carry nothing, `(n, m)` booleans.
    """
    segments, colours, widths = [], [], []
    for i, start in enumerate(starts):
        for j, end in enumerate(ends):
            segments.append([start, end])
            if off is not None and off[i, j]:
                colours.append(to_rgba(GRID, 0.8))
                widths.append(0.6)
            elif weights is None:
                colours.append(to_rgba(SOFT, 0.7))
                widths.append(0.8)
            else:
                part = min(1.0, abs(float(weights[i, j])) / scale) if scale > 0 else 0.0
                colours.append(
                    to_rgba(POSITIVE if weights[i, j] >= 0 else NEGATIVE, 0.35 + 0.65 * part)
                )
                widths.append(0.6 + 2.2 * part)
    ax.add_collection(LineCollection(segments, colors=colours, linewidths=widths, zorder=1))


def ellipsis(ax: Axes, x: float, y: float, *, gap: float) -> None:
    """Draw three dots, one above the other, for neurons left out."""
    for shift in (-gap, 0.0, gap):
        ax.add_patch(Circle((x, y + shift), gap * 0.22, color=SOFT, zorder=3))


def signs(weights: np.ndarray, say: Callable[[str, str], str]) -> list[tuple[str, str]]:
    """The colours of the signs that there are among the weights, and what they mean."""
    entries = []
    if np.any(weights >= 0):
        entries.append((POSITIVE, say("positive weight", "poids positif")))
    if np.any(weights < 0):
        entries.append((NEGATIVE, say("negative weight", "poids négatif")))
    return entries


def weight_legend(ax: Axes, entries: Sequence[tuple[str, str]], *, anchor: float = -0.02) -> None:
    """Say below the drawing which colour is which sign (and what grey means)."""
    handles = [
        Line2D([], [], color=colour, linewidth=2.2)
        if colour != OFF
        else Line2D([], [], marker="o", markersize=8, color=OFF, markeredgecolor=SOFT, linestyle="")
        for colour, _ in entries
    ]
    ax.legend(
        handles,
        [label for _, label in entries],
        loc="upper center",
        bbox_to_anchor=(0.5, anchor),
        ncol=len(entries),
        fontsize=9,
        frameon=False,
        labelcolor=INK,
        handlelength=1.4,
        columnspacing=1.2,
    )


def bare(ax: Axes) -> None:
    """Leave the drawing alone on its axes: no ticks, no frame, equal scales."""
    ax.set_aspect("equal")
    ax.axis("off")
