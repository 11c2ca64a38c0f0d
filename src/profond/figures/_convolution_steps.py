"""A convolution step by step: window, padding, strides, dilation (notes, 6.2.2 and Fig. 6.3)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from profond.figures._animation import Animation
from profond.figures._canvas import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    Language,
    canvas,
    decimals,
    finish,
    speaker,
)
from profond.figures._checks import numeric, whole
from profond.figures._filters import over_image
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

_BETWEEN = 1.6  # cells between the grids


@dataclass(frozen=True)
class Convolution:
    """What is drawn: the sizes, and the values if they are known.

    Attributes:
        rows: Places of the window downwards.
        columns: Places to the right.
        image: The input's values, (height, width), or None.
        kernel: The filter's, or None.
        output: The output's, or None.
    """

    rows: Windows
    columns: Windows
    image: np.ndarray | None
    kernel: np.ndarray | None
    output: np.ndarray | None

    @property
    def steps(self) -> int:
        """Places of the window."""
        return self.rows.count * self.columns.count


def convolution_step(
    image: ArrayLike | int | tuple[int, int] = 5,
    kernel: ArrayLike | int | tuple[int, int] = 3,
    *,
    padding: str = "valid",
    strides: int | tuple[int, int] = 1,
    dilation_rate: int | tuple[int, int] = 1,
    step: int | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""A convolution drawn cell by cell at one step (notes, 6.2.2 and Fig. 6.3).

    On the left the input, with the zeros that padding puts around it dashed, and the cells under
    the filter coloured; on the right the output, and the cell that they give. Under the drawing
    stands the arithmetic of the output's size, $\lfloor (n + p - e) / s \rfloor + 1$, with n
    cells, p zeros, an extent of $e = d (k - 1) + 1$ cells, steps s and dilation d (Dumoulin and
    Visin 2016, relationship 15).

    Args:
        image: The input's values, (height, width); or its size, to draw cells without numbers.
        kernel: The filter's values, written small in the cells that they multiply; or its size.
        padding: "valid" for none, "same" for zeros around the input.
        strides: Cells by which the filter moves on.
        dilation_rate: Distance between the input's cells that the filter takes.
        step: Which place of the filter, from 0, row by row; the output's cells up to it are
            filled. By default all are, and the filter stands at the middle one.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `input_shape`, `padded_shape`, `output_shape`, `steps`, and
        `output` where values are given.

    Raises:
        TypeError: If values or sizes are not numbers.
        ValueError: If the filter fits nowhere, there is no such step, or there are too many
            cells to draw.
    """
    speaker(lang)
    told = read_convolution(image, kernel, padding, strides, dilation_rate)
    return _draw(ax, told, step, lang)


def convolution_animation(
    image: ArrayLike | int | tuple[int, int] = 5,
    kernel: ArrayLike | int | tuple[int, int] = 3,
    *,
    padding: str = "valid",
    strides: int | tuple[int, int] = 1,
    dilation_rate: int | tuple[int, int] = 1,
    seconds: float = 0.6,
    lang: Language = "en",
) -> Animation:
    """The filter goes from place to place, and the output fills (notes, Fig. 6.3).

    Args:
        image: The input's values, (height, width), or its size.
        kernel: The filter's values, or its size.
        padding: "valid" for none, "same" for zeros around the input.
        strides: Cells by which the filter moves on.
        dilation_rate: Distance between the input's cells that the filter takes.
        seconds: Time that each step is seen.
        lang: "en" or "fr".

    Returns:
        The animation; `frame(i)` is a figure as `convolution_step` draws it.

    Raises:
        TypeError: If values or sizes are not numbers.
        ValueError: If the filter fits nowhere, or there are too many cells to draw.
    """
    speaker(lang)
    told = read_convolution(image, kernel, padding, strides, dilation_rate)
    return Animation(
        lambda index: _draw(None, told, index, lang),
        frames=told.steps,
        seconds=seconds,
        still=told.steps // 2,
    )


def read_convolution(
    image: Any, kernel: Any, padding: str, strides: Any, dilation_rate: Any
) -> Convolution:
    """What is asked for, worked out."""
    size, values = grid(image, "image")
    reach, weights = grid(kernel, "kernel")
    few_cells(size, "image")
    stride, dilation = two(strides, "strides"), two(dilation_rate, "dilation_rate")
    rows, columns = (
        windows(size[i], reach[i], padding=padding, stride=stride[i], dilation=dilation[i])
        for i in (0, 1)
    )
    output = None
    if values is not None and weights is not None:
        # The zeros are put by hand: the layer refuses strides together with dilation.
        zeros = [(one.before, one.after) for one in (rows, columns)]
        every = over_image(
            np.pad(values, zeros)[:, :, None], weights[:, :, None], dilation=dilation
        )
        output = every[:: stride[0], :: stride[1]]
    return Convolution(rows, columns, values, weights, output)


def grid(given: Any, name: str) -> tuple[tuple[int, int], np.ndarray | None]:
    """The size of a grid, and its values if they are given rather than the size.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If they have another shape.
    """
    if np.ndim(given) == 0 or (np.ndim(given) == 1 and isinstance(given, tuple)):
        return two(given, name), None
    values = numeric(given, name)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if values.ndim != 2:
        raise ValueError(
            f"`{name}` must have rows and columns, or be their numbers; received shape "
            f"{values.shape}. Give one channel."
        )
    return (values.shape[0], values.shape[1]), values


def _draw(ax: Axes | None, told: Convolution, step: int | None, lang: Language) -> Figure:
    say = speaker(lang)
    rows, columns = told.rows, told.columns
    chosen = middle_step(rows, columns) if step is None else whole(step, "step", least=0)
    if chosen >= told.steps:
        raise ValueError(f"`step` must be below {told.steps}, the places; received {step}.")
    last = told.steps - 1 if step is None else chosen
    place = divmod(chosen, columns.count)
    left = columns.size + columns.before + columns.after
    wide = left + _BETWEEN + columns.count
    high = max(rows.size + rows.before + rows.after, rows.count)
    unit = min(0.46, 5.6 / wide)
    ax = canvas(ax, size=drawing_size(wide, high, unit, rows, columns))
    _input(ax, told, place, lang, size=min(10.0, 24 * unit))
    # The output stands beside the middle of the input.
    x0 = columns.size + columns.after + _BETWEEN
    y0 = (rows.size + rows.after - rows.before - rows.count) / 2
    for index in range(told.steps):
        i, j = divmod(index, columns.count)
        done = index <= last
        cell(ax, x0 + j, y0 + i, colour=GREEN if done else None, tint=0.28)
        if done and told.output is not None:
            written(ax, x0 + j, y0 + i, told.output[i, j], lang, size=min(10.0, 24 * unit))
    frame(ax, x0 + place[1], y0 + place[0], 1, 1, GREEN)
    top = -rows.before - 0.25
    for at, text in (
        ((left / 2) - columns.before, say("input", "entrée")),
        (x0 + columns.count / 2, say("output", "sortie")),
    ):
        ax.text(at, top, text, ha="center", va="bottom", fontsize=10, color=INK)
    ax.set_xlim(-columns.before - 0.2, x0 + columns.count + 0.2)
    ax.set_ylim(high - rows.before + 0.2, -rows.before - 1.0)
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
    found: dict[str, Any] = {
        "input_shape": (rows.size, columns.size),
        "padded_shape": tuple(one.size + one.before + one.after for one in (rows, columns)),
        "output_shape": (rows.count, columns.count),
        "steps": told.steps,
    }
    if told.output is not None:
        found["output"] = told.output
    return finish(ax, lang=lang, grid=False, numbers=found)


def middle_step(rows: Windows, columns: Windows) -> int:
    """The place in the middle of the output."""
    return (rows.count // 2) * columns.count + columns.count // 2


def sizes(rows: Windows, columns: Windows, say: Any) -> str:
    """The arithmetic of the output's size, once where both axes have the same."""
    if rows == columns:
        return rows.arithmetic()
    return (
        f"{say('height', 'hauteur')}: {rows.arithmetic()}\n"
        f"{say('width', 'largeur')}: {columns.arithmetic()}"
    ).replace(":", say(":", "\N{NO-BREAK SPACE}:"))


def _input(
    ax: Axes, told: Convolution, place: tuple[int, int], lang: Language, *, size: float
) -> None:
    """The input with its zeros, and the cells under the filter."""
    rows, columns = told.rows, told.columns
    down, right = rows.covered(place[0]), columns.covered(place[1])
    for i in range(-rows.before, rows.size + rows.after):
        for j in range(-columns.before, columns.size + columns.after):
            inside = 0 <= i < rows.size and 0 <= j < columns.size
            under = i in down and j in right
            colour = ORANGE if under else (BLUE if inside else None)
            cell(ax, j, i, colour=colour, tint=0.5 if under else 0.22, dashed=not inside)
            if told.image is not None:
                value = told.image[i, j] if inside else 0.0
                written(ax, j, i, value, lang, size=size)
            if under and told.kernel is not None:
                weight = told.kernel[down.index(i), right.index(j)]
                text = "×" + decimals(round(float(weight), 6), lang, digits=2)
                ax.text(
                    *(j + 0.95, i + 0.93),
                    text,
                    ha="right",
                    va="bottom",
                    fontsize=0.66 * size,
                    color=INK,
                    zorder=4,
                )
    ax.add_patch(
        Rectangle(
            (0, 0),
            columns.size,
            rows.size,
            facecolor="none",
            edgecolor=INK,
            linewidth=1.2,
            zorder=3,
        )
    )
    width, height = right[-1] - right[0] + 1, down[-1] - down[0] + 1
    frame(ax, right[0], down[0], width, height, ORANGE)
