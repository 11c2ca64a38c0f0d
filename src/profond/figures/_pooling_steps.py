"""Pooling step by step, with numbers in the cells (notes, 6.2.2)."""

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond._tensors import to_array
from profond.figures._animation import Animation
from profond.figures._canvas import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Language,
    canvas,
    finish,
    speaker,
)
from profond.figures._checks import whole
from profond.figures._convolution_steps import grid, middle_step, sizes
from profond.figures._grid_cells import (
    Windows,
    cell,
    drawing_size,
    few_cells,
    frame,
    two,
    windows,
    written,
)
from profond.figures._neurons import bare

Kind = Literal["max", "average"]
_BETWEEN = 1.6  # cells between the grids
# Windows side by side differ: a row of colours, moved on by two in the next row.
_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY)


def pooling_step(
    values: ArrayLike,
    *,
    pool_size: int | tuple[int, int] = 2,
    strides: int | tuple[int, int] | None = None,
    kind: Kind = "max",
    step: int | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Pooling drawn cell by cell at one step (notes, 6.2.2).

    On the left the input's numbers, windows that do not overlap in colours; on the right the
    greatest of each window, or its mean, in the window's colour.

    Args:
        values: The input's numbers, (height, width), at most 24 by 24.
        pool_size: Height and width of the window.
        strides: Cells by which it moves on; by default its size, so that windows do not overlap.
        kind: "max" or "average".
        step: Which window, from 0, row by row; the output's cells up to it are filled. By default
            all are, and no window stands out.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `output`, `output_shape`, `steps`.

    Raises:
        TypeError: If the values are not numbers.
        ValueError: If the window fits nowhere, `kind` is unknown, or there is no such step.
    """
    speaker(lang)
    return _draw(ax, *_read(values, pool_size, strides, kind), kind, step, lang)


def pooling_animation(
    values: ArrayLike,
    *,
    pool_size: int | tuple[int, int] = 2,
    strides: int | tuple[int, int] | None = None,
    kind: Kind = "max",
    seconds: float = 0.9,
    lang: Language = "en",
) -> Animation:
    """The window goes from place to place, and the output fills (notes, 6.2.2).

    Args:
        values: The input's numbers, (height, width), at most 24 by 24.
        pool_size: Height and width of the window.
        strides: Cells by which it moves on; by default its size.
        kind: "max" or "average".
        seconds: Time that each step is seen.
        lang: "en" or "fr".

    Returns:
        The animation; `frame(i)` is a figure as `pooling_step` draws it.

    Raises:
        TypeError: If the values are not numbers.
        ValueError: If the window fits nowhere, or `kind` is unknown.
    """
    speaker(lang)
    told = _read(values, pool_size, strides, kind)
    count = told[0].count * told[1].count
    return Animation(
        lambda index: _draw(None, *told, kind, index, lang),
        frames=count,
        seconds=seconds,
        still=count - 1,
    )


def _read(
    values: ArrayLike, pool_size: Any, strides: Any, kind: str
) -> tuple[Windows, Windows, np.ndarray, np.ndarray]:
    """The windows along both axes, the input and the output."""
    from profond.layers import AveragePooling2D, MaxPooling2D

    if kind not in ("max", "average"):
        raise ValueError(f'`kind` must be "max" or "average"; received {kind!r}.')
    _, inputs = grid(values, "values")
    if inputs is None:
        raise ValueError(f"`values` must be numbers in rows and columns; received {values!r}.")
    few_cells(inputs.shape, "values")
    pool = two(pool_size, "pool_size")
    moves = pool if strides is None else two(strides, "strides")
    rows, columns = (
        windows(inputs.shape[i], pool[i], padding="valid", stride=moves[i]) for i in (0, 1)
    )
    layer = (MaxPooling2D if kind == "max" else AveragePooling2D)(
        pool, strides=moves, dtype="float64"
    )
    output = to_array(layer(inputs[None, :, :, None]))[0, :, :, 0]
    return rows, columns, inputs, output


def _draw(
    ax: Axes | None,
    rows: Windows,
    columns: Windows,
    inputs: np.ndarray,
    output: np.ndarray,
    kind: Kind,
    step: int | None,
    lang: Language,
) -> Figure:
    say = speaker(lang)
    steps = rows.count * columns.count
    if step is not None and whole(step, "step", least=0) >= steps:
        raise ValueError(f"`step` must be below {steps}, the windows; received {step}.")
    last = steps - 1 if step is None else step
    wide = columns.size + _BETWEEN + columns.count
    unit = min(0.46, 5.6 / wide)
    size = min(10.0, 22 * unit)
    ax = canvas(ax, size=drawing_size(wide, rows.size, unit, rows, columns))
    apart = rows.stride >= rows.kernel and columns.stride >= columns.kernel
    x0, y0 = columns.size + _BETWEEN, (rows.size - rows.count) / 2
    for i in range(rows.size):
        for j in range(columns.size):
            cell(ax, j, i)
            written(ax, j, i, inputs[i, j], lang, size=size)
    chosen = last if step is not None else middle_step(rows, columns)
    for index in range(steps):
        place = divmod(index, columns.count)
        colour = _COLOURS[(place[1] + 2 * place[0]) % len(_COLOURS)]
        if apart or index == chosen:
            for i in rows.covered(place[0]):
                for j in columns.covered(place[1]):
                    cell(ax, j, i, colour=colour, tint=0.35)
        done = index <= last
        shown = done and (apart or index == chosen)
        cell(ax, x0 + place[1], y0 + place[0], colour=colour if shown else None, tint=0.35)
        if done:
            written(ax, x0 + place[1], y0 + place[0], output[place], lang, size=size)
        if index == chosen and (step is not None or not apart):
            corner = columns.covered(place[1])[0], rows.covered(place[0])[0]
            frame(ax, *corner, columns.kernel, rows.kernel, colour)
            frame(ax, x0 + place[1], y0 + place[0], 1, 1, colour)
    word = say("maximum", "maximum") if kind == "max" else say("average", "moyenne")
    for at, text in ((columns.size / 2, say("input", "entrée")), (x0 + columns.count / 2, word)):
        ax.text(at, -0.25, text, ha="center", va="bottom", fontsize=10, color=INK)
    ax.set_xlim(-0.2, x0 + max(columns.count, 1.5) + 0.2)
    ax.set_ylim(rows.size + 0.2, -1.0)
    bare(ax)
    ax.text(
        0.5,
        -0.02,
        sizes(rows, columns, say),
        transform=ax.transAxes,
        ha="center",
        va="top",
        fontsize=9.5,
        color=INK,
    )
    found = {"output": output, "output_shape": output.shape, "steps": steps}
    return finish(ax, lang=lang, grid=False, numbers=found)
