"""Convolutional networks drawn as maps and vectors, layer by layer (notes, Fig. 6.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from profond.figures._canvas import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PAPER,
    SOFT,
    Language,
    canvas,
    finish,
    speaker,
)
from profond.figures._neurons import bare

Shape = tuple[int | None, ...]

_SIDE = 1.15  # inches of the largest map's side
_APART = 0.28  # inches between two drawings
_ROW = 10.0  # inches of a row, at most
_LETTER = 0.062  # inches of a character of the texts
_LINE = 0.15  # inches of a line of them


@dataclass(frozen=True)
class Stage:
    """A layer, and what comes out of it.

    Attributes:
        kind: The layer's class, "" for the input.
        details: Its kernel and activation, as one writes them.
        shape: Shape of its output without the batch.
        parameters: Number of its weights, and of those of the layers folded into it.
    """

    kind: str
    details: str
    shape: Shape
    parameters: int


def conv_network(model: Any, *, ax: Axes | None = None, lang: Language = "en") -> Figure:
    """A network drawn by the shapes of what its layers put out (notes, Fig. 6.2).

    Maps are drawn as sheets, as many as there are channels up to a dozen; a series' channels as
    strips; vectors as bars. Areas and heights grow with the sizes, but more slowly. Under each
    stands the layer that makes it, and the number of its parameters. Layers that leave the shape
    as it is (activations, normalisation, dropout) are told with the one before them.

    Args:
        model: A built profond model whose layers follow one another.
        ax: Axes to draw on; a new figure by default, of several rows for a long network.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `shapes` (input first), `parameters` of each (0 for the input),
        and their `total`.

    Raises:
        TypeError: If `model` is not a profond model.
        ValueError: If it is not built, has branches, or an output that cannot be drawn.
    """
    say = speaker(lang)
    stages = read_stages(model)
    largest = _largest(stages)
    texts = [_texts(stage, say) for stage in stages]
    drawn = [_extent(stage.shape, largest) for stage in stages]
    widths = [
        max(extent[0], *(_LETTER * len(line) for text in both for line in text.split("\n")))
        for extent, both in zip(drawn, texts, strict=True)
    ]
    rows = _rows(widths)
    lines = max(text.count("\n") + 1 for _, text in texts)
    high = max(extent[1] for extent in drawn) + _LINE * (lines + 1) + 0.4
    wide = max(sum(widths[i] + _APART for i in row) for row in rows)
    ax = canvas(ax, size=(max(wide, 3.0), high * len(rows)))
    for place, row in enumerate(rows):
        middle = -(high * place) - high / 2 + _LINE * lines / 2
        x = 0.0
        for index in row:
            centre = x + widths[index] / 2
            _draw_output(ax, centre, middle, stages[index].shape, largest)
            above, below = texts[index]
            height = drawn[index][1]
            ax.text(*(centre, middle + height / 2 + 0.06), above, ha="center", va="bottom", **_FONT)
            ax.text(*(centre, middle - height / 2 - 0.08), below, ha="center", va="top", **_FONT)
            if index + 1 < len(stages):
                _arrow(ax, x + widths[index], middle)
            x += widths[index] + _APART
    ax.set_xlim(-_APART / 2, wide - _APART / 2)
    ax.set_ylim(-high * len(rows), 0)
    bare(ax)
    found = {
        "shapes": [stage.shape for stage in stages],
        "parameters": [stage.parameters for stage in stages],
        "total": sum(stage.parameters for stage in stages),
    }
    return finish(ax, lang=lang, grid=False, numbers=found)


_FONT: dict[str, Any] = {"fontsize": 8, "color": INK, "linespacing": 1.25}


def read_stages(model: Any) -> list[Stage]:
    """The input and the layers that change the shape or the channels, in order.

    Raises:
        TypeError: If `model` is not a profond model.
        ValueError: If it is not built, or has branches.
    """
    from profond import layers as kinds
    from profond.models import Model

    if not isinstance(model, Model):
        raise TypeError(
            f"`model` must be a profond model; received {type(model).__name__}. "
            "`profond.models.Sequential([...])` makes one of layers."
        )
    if not model.built:
        raise ValueError(
            "`model` has no shapes yet; give it an Input first, or call it once on data."
        )
    stack = [layer for layer in model.layers if not isinstance(layer, kinds.InputLayer)]
    for before, layer in zip(stack, stack[1:], strict=False):
        if layer.input is not before.output:
            raise ValueError(
                f"layers must follow one another; {layer.name!r} does not take the output of "
                f"{before.name!r} alone. `profond.utils.plot_model` draws any model as boxes."
            )
    if isinstance(stack[0].input, list):
        raise ValueError(
            f"`model` must have one input; {stack[0].name!r} takes {len(stack[0].input)}. "
            "`profond.utils.plot_model` draws any model as boxes."
        )
    stages = [Stage("", "", tuple(stack[0].input.shape[1:]), 0)]
    for layer in stack:
        shape, counted = tuple(layer.output.shape[1:]), int(layer.count_params())
        aside = isinstance(layer, kinds.BatchNormalization | kinds.LayerNormalization)
        if len(stages) > 1 and shape == stages[-1].shape and (aside or not counted):
            last = stages[-1]
            said = _name(layer) if aside else _activation(layer)
            details = ", ".join(word for word in (last.details, said) if word)
            stages[-1] = Stage(last.kind, details, shape, last.parameters + counted)
        else:
            stages.append(Stage(type(layer).__name__, _details(layer), shape, counted))
    for stage in stages:
        if not 1 <= len(stage.shape) <= 3:
            raise ValueError(
                f"an output of shape {stage.shape} cannot be drawn; vectors, series (time, "
                "channels) and images (height, width, channels) can."
            )
    return stages


def _name(layer: Any) -> str:
    """A short name of a normalisation."""
    return {"BatchNormalization": "batch norm", "LayerNormalization": "layer norm"}[
        type(layer).__name__
    ]


def _activation(layer: Any) -> str:
    """The activation's name, "" for the identity and for layers without one."""
    function = getattr(layer, "activation", None)
    if function is not None:
        name = getattr(function, "__name__", type(function).__name__.lower())
        return "" if name == "linear" else name
    kind = type(layer).__name__
    return kind.lower() if kind in ("ReLU", "LeakyReLU", "Softmax", "Dropout") else ""


def _details(layer: Any) -> str:
    """Kernel or window, steps, and activation."""
    words = []
    for name in ("kernel_size", "pool_size"):
        size = getattr(layer, name, None)
        if size is not None:
            sizes = [str(n) for n in np.atleast_1d(size)]
            words.append("×".join(sizes) if len(sizes) > 1 else f"k = {sizes[0]}")
    moves = getattr(layer, "strides", None)
    if moves is not None and getattr(layer, "kernel_size", None) is not None:
        steps = np.atleast_1d(moves)
        if np.any(steps != 1):
            words.append("/" + "×".join(str(n) for n in np.unique(steps)))
    return ", ".join([*words, *([_activation(layer)] if _activation(layer) else [])])


def _texts(stage: Stage, say: Any) -> tuple[str, str]:
    """What stands above and under a drawing."""
    shape = "×".join("?" if n is None else str(n) for n in stage.shape)
    if not stage.kind:
        return shape, say("input", "entrée")
    kind = stage.kind.replace("Global", "Global\n").replace("Pooling", "Pooling")
    lines = [kind, *stage.details.split(", ")]
    if stage.parameters:
        counted = f"{stage.parameters:,}"
        lines.append(say(counted, counted.replace(",", "\N{NARROW NO-BREAK SPACE}")))
    return shape, "\n".join(line for line in lines if line)


def _largest(stages: Sequence[Stage]) -> float:
    """The longest side of any map."""
    sides = [n for stage in stages if len(stage.shape) > 1 for n in stage.shape[:-1] if n]
    return float(max(sides, default=1))


def _sheets(channels: int | None) -> int:
    """How many of the maps are drawn: up to six all, then ever fewer of them."""
    if channels is None or channels <= 6:
        return channels or 3
    return min(12, round(6 + 2 * np.log2(channels / 6)))


def _sides(shape: Shape, largest: float) -> tuple[float, float]:
    """Width and height of one map, strip or bar, in inches."""
    if len(shape) == 1:
        return 0.14, 0.18 * float(np.log2((shape[0] or 8) + 1))
    sides = [_SIDE * float(np.sqrt((n or largest) / largest)) for n in shape[:-1]]
    return (sides[1], sides[0]) if len(sides) == 2 else (sides[0], 0.11)


def _step(shape: Shape) -> tuple[float, float]:
    """From one map to the next, in inches."""
    return {1: (0.0, 0.0), 2: (0.0, -0.13), 3: (0.06, -0.06)}[len(shape)]


def _extent(shape: Shape, largest: float) -> tuple[float, float]:
    """Width and height of a whole drawing, in inches."""
    count = 1 if len(shape) == 1 else _sheets(shape[-1])
    (wide, high), (right, down) = _sides(shape, largest), _step(shape)
    return wide + (count - 1) * right, high - (count - 1) * down


def _rows(widths: Sequence[float]) -> list[list[int]]:
    """Which drawings stand in which row: as few rows as can be, of about one length."""
    whole = sum(widths) + _APART * len(widths)
    share = whole / np.ceil(whole / _ROW)
    rows: list[list[int]] = [[]]
    used = 0.0
    for index, width in enumerate(widths):
        # Past the share by less than half of it, a drawing still belongs to this row.
        if rows[-1] and used + width / 2 > share:
            rows.append([])
            used = 0.0
        rows[-1].append(index)
        used += width + _APART
    return rows


def _draw_output(ax: Axes, x: float, y: float, shape: Shape, largest: float) -> None:
    """The maps, strips or bar around a centre."""
    (wide, high), (right, down) = _sides(shape, largest), _step(shape)
    whole = _extent(shape, largest)
    count = 1 if len(shape) == 1 else _sheets(shape[-1])
    colour = {1: ORANGE, 2: GREEN, 3: BLUE}[len(shape)]
    left, top = x - whole[0] / 2, y + whole[1] / 2
    for index in range(count):
        corner = (left + index * right, top + index * down - high)
        for face in (PAPER, to_rgba(colour, 0.3)):  # opaque first: sheets hide those behind
            edge = SOFT if face == PAPER else INK
            ax.add_patch(
                Rectangle(corner, wide, high, facecolor=face, edgecolor=edge, linewidth=0.7)
            )


def _arrow(ax: Axes, right: float, y: float) -> None:
    """From a drawing towards the next one."""
    ax.annotate(
        "",
        (right + _APART - 0.06, y),
        xytext=(right + 0.06, y),
        arrowprops={"arrowstyle": "->", "color": SOFT, "linewidth": 1.0},
    )
