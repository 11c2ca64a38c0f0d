"""Grids of cells with numbers, and windows over them: what drawings of convolutions are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from profond.figures._canvas import INK, SOFT, Language, decimals
from profond.figures._checks import whole

MOST_CELLS = 24  # rows or columns whose cells can still be told apart


@dataclass(frozen=True)
class Windows:
    r"""Where a window stands along one axis, with the zeros around.

    $o = \lfloor (n + p - d (k - 1) - 1) / s \rfloor + 1$ (Dumoulin and Visin 2016, relationship
    15, with p the zeros of both ends together).

    Attributes:
        size: Cells of the input, n.
        kernel: Cells of the window, k.
        stride: Steps of the window, s.
        dilation: Distance between its cells, d.
        before: Zeros before the input.
        after: Zeros after it.
        count: Places of the window, o.
    """

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int
    count: int

    def covered(self, place: int) -> list[int]:
        """The cells under the window at one place, from 0 at the input's first cell."""
        start = place * self.stride - self.before
        return [start + j * self.dilation for j in range(self.kernel)]

    def arithmetic(self) -> str:
        """The output's size worked out."""
        minus = "\N{MINUS SIGN}"
        extent = self.dilation * (self.kernel - 1) + 1
        zeros = self.before + self.after
        padded = f"{self.size} + {zeros}" if zeros else str(self.size)
        return f"⌊({padded} {minus} {extent}) / {self.stride}⌋ + 1 = {self.count}"


def windows(size: int, kernel: int, *, padding: str, stride: int, dilation: int = 1) -> Windows:
    """The places of a window along an axis, as Keras's "valid" and "same" have them.

    With "same" there are ⌈n / s⌉ of them; of the zeros that takes, the odd one comes last.

    Raises:
        ValueError: If the window fits nowhere, or there is no such padding.
    """
    extent = dilation * (kernel - 1) + 1
    if padding == "same":
        count = -(-size // stride)
        zeros = max((count - 1) * stride + extent - size, 0)
        return Windows(size, kernel, stride, dilation, zeros // 2, zeros - zeros // 2, count)
    if padding != "valid":
        raise ValueError(f'`padding` must be "valid" or "same"; received {padding!r}.')
    if extent > size:
        raise ValueError(
            f"the window takes {extent} cells and the input has {size}: it fits nowhere. Take a "
            'smaller one, or padding="same".'
        )
    return Windows(size, kernel, stride, dilation, 0, 0, (size - extent) // stride + 1)


def drawing_size(
    wide: float, high: float, unit: float, rows: Windows, columns: Windows
) -> tuple[float, float]:
    """Inches of a drawing of so many cells, with words above and the arithmetic below."""
    lines = 1 if rows == columns else 2
    return max(wide * unit + 0.2, 3.4), (high + 1.2) * unit + 0.2 + 0.17 * lines


def two(value: Any, name: str) -> tuple[int, int]:
    """One whole number for both axes, or one for each.

    Raises:
        TypeError: If they are not whole numbers.
        ValueError: If they are not two, or one is below 1.
    """
    if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str):
        if len(value) != 2:
            raise ValueError(f"`{name}` must be one whole number or two; received {value!r}.")
        return whole(value[0], name), whole(value[1], name)
    one = whole(value, name)
    return one, one


def few_cells(shape: tuple[int, ...], name: str) -> None:
    """Refuse a grid whose cells would be too small to see.

    Raises:
        ValueError: If it has too many rows or columns.
    """
    if max(shape) > MOST_CELLS:
        raise ValueError(
            f"`{name}` must have at most {MOST_CELLS} rows and columns, to be drawn cell by cell; "
            f"received {shape[0]}×{shape[1]}. Give a part of it."
        )


def cell(
    ax: Axes,
    x: float,
    y: float,
    *,
    colour: str | None = None,
    tint: float = 0.0,
    dashed: bool = False,
) -> None:
    """One cell, with its upper left corner at x, y; y goes down."""
    ax.add_patch(
        Rectangle(
            (x, y),
            1,
            1,
            facecolor="none" if colour is None else to_rgba(colour, tint),
            edgecolor=SOFT,
            linestyle=(0, (2, 2)) if dashed else "-",
            linewidth=0.7,
            zorder=1 if dashed else 2,
        )
    )


def frame(ax: Axes, x: float, y: float, width: float, height: float, colour: str) -> None:
    """A thick frame around some cells."""
    ax.add_patch(
        Rectangle(
            (x, y), width, height, facecolor="none", edgecolor=colour, linewidth=2.2, zorder=5
        )
    )


def written(ax: Axes, x: float, y: float, value: float, lang: Language, *, size: float) -> None:
    """A number in the cell at x, y."""
    text = decimals(round(float(value), 6), lang)
    ax.text(x + 0.5, y + 0.5, text, ha="center", va="center", fontsize=size, color=INK, zorder=4)
