"""A model drawn as boxes and arrows, with matplotlib."""

import functools
import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from profond import _tree
from profond._files import write_whole
from profond._symbolic import FunctionOperation, KerasTensor, Node
from profond.layers._input_layer import InputLayer
from profond.layers._layer import Layer
from profond.models._functional import Functional
from profond.models._layout import Item, Layout, Point
from profond.models._sequential import Sequential

FORMATS = (".png", ".svg", ".pdf", ".jpg", ".jpeg")

# Sizes in points.
_FONT, _SMALL = 9.0, 7.5
_LINE = 12.0
_PAD = 7.0
_GAP, _ROW_GAP = 22.0, 30.0
_MARGIN = 12.0

# A picture with more pixels on a side is too large for most viewers (Agg stops at 2^16).
_MOST_PIXELS = 2**14

_INK, _SOFT, _PAPER = "#1f2328", "#6e7781", "#ffffff"
_FILL = {
    "input": "#d7efe6",
    "weights": "#d6e6f5",
    "frozen": "#e3e6ea",
    "plain": "#fdebd0",
    "function": "#f6dfeb",
    "model": "#f4f6f8",
}


@dataclass
class _Shown:
    """What the boxes say, and how the diagram lies."""

    shapes: bool
    dtype: bool
    names: bool
    activations: bool
    trainable: bool
    nested: bool
    horizontal: bool


@dataclass
class _Box:
    """A box with its text, or a frame around the boxes of a model inside."""

    title: str
    lines: list[str]
    kind: str
    inner: "_Diagram | None" = None
    x: float = 0.0  # of the left edge
    y: float = 0.0  # of the upper edge
    width: float = 0.0
    height: float = 0.0

    def measure(self) -> None:
        """Work out the size."""
        head = _LINE + len(self.lines) * (_LINE - 1)
        widths = [_text_width(self.title, _FONT, bold=True)]
        widths += [_text_width(line, _SMALL) for line in self.lines]
        self.width, self.height = max(widths) + 2 * _PAD, head + _PAD
        if self.inner is not None:
            self.width = max(self.width, self.inner.width + 2 * _PAD)
            self.height += self.inner.height + 2 * _PAD


@dataclass
class _Diagram:
    """Boxes and arrows, with their places once they are known."""

    boxes: list[_Box]
    arrows: list[tuple[int, int]]
    ways: list[list[Point]] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0

    def arrange(self, horizontal: bool) -> None:
        """Work out all places, those of the diagrams inside first."""
        for box in self.boxes:
            if box.inner is not None:
                box.inner.arrange(horizontal)
            box.measure()
        items = [
            Item(box.width, box.height) if horizontal else Item(box.height, box.width)
            for box in self.boxes
        ]
        layout = Layout(items, self.arrows, gap=_GAP, row_gap=_ROW_GAP)
        for box, item in zip(self.boxes, items, strict=True):
            x, y = (item.along, item.across) if horizontal else (item.across, item.along)
            box.x, box.y = x - box.width / 2, y - box.height / 2
        ways = [layout.way(i) for i in range(len(self.arrows))]
        self.ways = [[(b, a) if horizontal else (a, b) for a, b in way] for way in ways]
        size = (layout.length, layout.breadth)
        self.width, self.height = size if horizontal else (size[1], size[0])


def draw_model(
    model: Any,
    to_file: Any,
    *,
    show_shapes: bool,
    show_dtype: bool,
    show_layer_names: bool,
    rankdir: str,
    expand_nested: bool,
    dpi: int,
    show_layer_activations: bool,
    show_trainable: bool,
) -> Any:
    """Draw `model` and write it to a file (see `profond.utils.plot_model`)."""
    from matplotlib.figure import Figure

    if rankdir not in ("TB", "LR"):
        raise ValueError(
            f"`rankdir` must be 'TB' (from top to bottom) or 'LR' (from left to right); received "
            f"{rankdir!r}."
        )
    path = None if to_file is None else Path(os.fspath(to_file))
    if path is not None and path.suffix.lower() not in FORMATS:
        raise ValueError(
            f"`to_file` must end in one of {', '.join(FORMATS)}; received {str(path)!r}."
        )
    if not model.built:
        raise ValueError(
            f"the model {model.name!r} is not built, so there is nothing to draw: call it on some "
            "data, or `build(input_shape)`, first."
        )
    shown = _Shown(
        shapes=show_shapes,
        dtype=show_dtype,
        names=show_layer_names,
        activations=show_layer_activations,
        trainable=show_trainable,
        nested=expand_nested,
        horizontal=rankdir == "LR",
    )
    diagram = _diagram_of(model, shown)
    diagram.arrange(shown.horizontal)
    width, height = diagram.width + 2 * _MARGIN, diagram.height + 2 * _MARGIN
    figure = Figure(figsize=(width / 72, height / 72), dpi=dpi)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-_MARGIN, diagram.width + _MARGIN)
    axes.set_ylim(diagram.height + _MARGIN, -_MARGIN)
    axes.axis("off")
    _draw(axes, diagram, (0.0, 0.0), shown.horizontal)
    if path is not None:
        buffer = io.BytesIO()
        finest = int(_MOST_PIXELS * 72 / max(width, height))
        figure.savefig(buffer, format=path.suffix[1:].lower(), dpi=max(1, min(dpi, finest)))
        write_whole(path, buffer.getvalue())
    return figure


def _diagram_of(model: Any, shown: _Shown) -> _Diagram:
    """The boxes and arrows of a model."""
    if isinstance(model, Functional):
        return _diagram_of_calls(list(model._graph.nodes), model._doors, shown)
    if isinstance(model, Sequential):
        nodes = [tensor.node for tensor in model._tensors if tensor.node is not None]
        return _diagram_of_calls(nodes, {}, shown)
    # The way through a subclassed model is known to its `call` alone: boxes without arrows.
    return _Diagram([_box_of(layer, None, "", shown) for layer in model.layers], [])


def _diagram_of_calls(nodes: list[Node], doors: dict[int, Node], shown: _Shown) -> _Diagram:
    """A box for each call, and an arrow for each tensor that goes from one to another."""
    places = {id(node): place for place, node in enumerate(nodes)}
    calls: dict[int, int] = {}
    totals: dict[int, int] = {}
    for node in nodes:
        totals[id(node.operation)] = totals.get(id(node.operation), 0) + 1
    boxes, arrows = [], []
    for place, node in enumerate(nodes):
        key = id(node.operation)
        calls[key] = calls.get(key, 0) + 1
        call = f"call {calls[key]} of {totals[key]}" if totals[key] > 1 else ""
        boxes.append(_box_of(node.operation, node, call, shown))
        for tensor in node.inputs:
            parent = doors.get(id(tensor), tensor.node)
            if id(parent) in places and parent is not node:
                arrows.append((places[id(parent)], place))
    return _Diagram(boxes, arrows)


def _box_of(operation: Any, node: Node | None, call: str, shown: _Shown) -> _Box:
    """The box of a layer, function or model."""
    is_function = isinstance(operation, FunctionOperation)
    cls = operation.name_of_function if is_function else type(operation).__name__
    title = f"{operation.name} ({cls})" if shown.names else cls
    lines = [call] if call else []
    activation = getattr(operation, "activation", None)
    if shown.activations and activation is not None:
        from profond import activations

        lines.append(f"activation: {_name_of(activations.serialize(activation))}")
    if shown.dtype:
        lines.append(f"dtype: {_dtypes(operation, node)}")
    if shown.shapes and node is not None:
        if node.inputs:
            lines.append(f"in: {_shapes(node.inputs)}")
        lines.append(f"out: {_shapes(_tree.flatten(node.outputs))}")
    if shown.trainable and isinstance(operation, Layer) and operation.weights:
        lines.append("trainable" if operation.trainable_weights else "frozen")
    inner = None
    if shown.nested and isinstance(operation, Functional | Sequential) and operation.built:
        inner = _diagram_of(operation, shown)
    return _Box(title, lines, _kind(operation, is_function, inner is not None), inner)


def _name_of(description: Any) -> str:
    """The name in the description of an activation."""
    if isinstance(description, dict):
        inside = description.get("config")
        return inside if isinstance(inside, str) else str(description.get("class_name"))
    return str(description)


def _kind(operation: Any, is_function: bool, is_open: bool) -> str:
    """What sort of box, which is its colour."""
    if is_function:
        return "function"
    if is_open:
        return "model"
    if isinstance(operation, InputLayer):
        return "input"
    if not operation.weights:
        return "plain"
    return "weights" if operation.trainable_weights else "frozen"


def _shapes(tensors: list[Any]) -> str:
    return ", ".join(str(t.shape) for t in tensors if isinstance(t, KerasTensor))


def _dtypes(operation: Any, node: Node | None) -> str:
    """The type of what comes out, or else of the weights."""
    tensors = [] if node is None else _tree.flatten(node.outputs)
    found = {t.dtype: None for t in tensors if isinstance(t, KerasTensor)}
    return ", ".join(found) or getattr(operation, "dtype", "?")


@functools.cache
def _text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a text, in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    if not text.strip():
        return 0.0
    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    return float(TextPath((0, 0), text, size=size, prop=font).get_extents().width)


def _draw(axes: Any, diagram: _Diagram, corner: Point, horizontal: bool) -> None:
    """Draw a diagram with its upper left corner at `corner`."""
    from matplotlib.patches import FancyBboxPatch

    x0, y0 = corner
    for box in diagram.boxes:
        x, y = x0 + box.x, y0 + box.y
        axes.add_patch(
            FancyBboxPatch(
                (x + 3, y + 3),
                box.width - 6,
                box.height - 6,
                boxstyle="round,pad=3,rounding_size=4",
                facecolor=_FILL[box.kind],
                edgecolor=_SOFT,
                linewidth=0.8,
                linestyle="--" if box.inner is not None else "-",
            )
        )
        _write(axes, box, x, y)
        if box.inner is not None:
            left = x + (box.width - box.inner.width) / 2
            upper = y + box.height - box.inner.height - _PAD
            _draw(axes, box.inner, (left, upper), horizontal)
    for way in diagram.ways:
        _draw_arrow(axes, [(x + x0, y + y0) for x, y in way], horizontal)


def _write(axes: Any, box: _Box, x: float, y: float) -> None:
    """The text of a box."""
    middle, baseline = x + box.width / 2, y + _PAD / 2 + _LINE / 2
    style = {"ha": "center", "va": "center", "family": "DejaVu Sans", "parse_math": False}
    axes.text(middle, baseline, box.title, fontsize=_FONT, fontweight="bold", color=_INK, **style)
    for place, line in enumerate(box.lines, start=1):
        height = baseline + place * (_LINE - 1)
        axes.text(middle, height, line, fontsize=_SMALL, color=_INK, **style)


def _draw_arrow(axes: Any, points: list[Point], horizontal: bool) -> None:
    """A curve through the points, which leaves and arrives in the direction of the diagram."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Curve

    vertices, codes = [points[0]], [Curve.MOVETO]
    for (xa, ya), (xb, yb) in zip(points, points[1:], strict=False):
        if horizontal:
            bends = [((xa + xb) / 2, ya), ((xa + xb) / 2, yb)]
        else:
            bends = [(xa, (ya + yb) / 2), (xb, (ya + yb) / 2)]
        vertices += [*bends, (xb, yb)]
        codes += [Curve.CURVE4] * 3
    axes.add_patch(
        FancyArrowPatch(
            path=Curve(vertices, np.array(codes)),
            arrowstyle="-|>,head_length=5,head_width=2.5",
            facecolor=_INK,
            edgecolor=_INK,
            linewidth=0.9,
            shrinkA=0,
            shrinkB=0,
        )
    )
