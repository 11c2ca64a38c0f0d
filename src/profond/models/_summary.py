"""The table of a model's layers, as the notes print it."""

import io
import math
import re
import shutil
from collections.abc import Callable, Iterable
from typing import Any

import torch

from profond import _tree
from profond._symbolic import FunctionOperation, KerasTensor, Node
from profond.layers._layer import Layer

_CHAIN = {"Layer (type)": 0.45, "Output Shape": 0.80, "Param #": 1.0}
_GRAPH = {"Layer (type)": 0.3, "Output Shape": 0.56, "Param #": 0.74, "Connected to": 1.0}


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: Any = None,
    print_fn: Callable[..., Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Print the layers, their output shapes and numbers of parameters (see `Model.summary`).

    Raises:
        ValueError: If a name of `layer_range` is no layer's, or the columns are too narrow.
    """
    text = summary_text(model, line_length, positions, expand_nested, show_trainable, layer_range)
    if print_fn is None:
        from profond.utils._console import write

        write(text)
    else:
        print_fn(text)


def summary_text(
    model: Any,
    line_length: int | None = None,
    positions: Any = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> str:
    """What `print_summary` prints."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Column, Table

    connected = _shows_connections(model)
    ends = dict(_GRAPH if connected else _CHAIN)
    if positions is not None:
        ends = dict(zip(ends, positions, strict=False))
    width = 108 if connected else 88
    if show_trainable:
        width += 12
        ends = {**{name: 0.9 * end for name, end in ends.items()}, "Trainable": 1.0}
    width = line_length or min(width, shutil.get_terminal_size().columns - 4)
    columns = [
        Column(header, width=size, justify=_JUSTIFY.get(header, "left"))
        for header, size in _widths(ends, width).items()
    ]
    table = Table(*columns, width=width, show_lines=True)
    for operation, depth, container in _rows(model, expand_nested, layer_range):
        cells = [
            "   " * depth + ("└ " if depth else "") + f"{operation.name} ({_kind(operation)})",
            _output_shape(operation, container),
            _parameters(operation),
        ]
        cells += [_connections(operation, model)] if connected else []
        cells += [_trainable(operation)] if show_trainable else []
        table.add_row(*(escape(cell) for cell in cells))
    buffer = io.StringIO()
    console = Console(file=buffer, width=width + 4, force_terminal=False, highlight=False)
    console.print(f'Model: "{escape(model.name)}"')
    console.print(table)
    for line in _totals(model):
        console.print(line)
    return buffer.getvalue()


def layer_rows(model: Any) -> list[tuple[str, str, str, str]]:
    """Class, activation, output shape and number of parameters of each layer, as text.

    Of a model inside the model, its layers follow it, set in.
    """
    rows = []
    for operation in _operations(model):
        shape = _output_shape(operation, model)
        rows.append((_kind(operation), _activation(operation), shape, _parameters(operation)))
        if hasattr(operation, "layers") and hasattr(type(operation), "output_shape"):
            inner = [row for row in layer_rows(operation) if row[0] != "InputLayer"]
            rows += [(f"   {row[0]}", *row[1:]) for row in inner]
    return rows


def _activation(operation: Any) -> str:
    """The name of a layer's activation; nothing where it has none."""
    function = getattr(operation, "activation", None)
    return getattr(function, "__name__", type(function).__name__) if function is not None else ""


_JUSTIFY: dict[str, Any] = {"Param #": "right", "Trainable": "center"}


def _widths(ends: dict[str, float], width: int) -> dict[str, int]:
    """The width of each column, from where it ends: a fraction of the line, or characters.

    Raises:
        ValueError: If a column is too narrow to hold anything.
    """
    relative = max(ends.values()) <= 1
    widths: dict[str, int] = {}
    for header, end in ends.items():
        size = int(end * width if relative else end) - sum(widths.values())
        if size < 4:
            raise ValueError(
                f"the column {header!r} of the summary would be {size} characters wide; give a "
                f"larger `line_length` (now {width}) or other `positions`."
            )
        widths[header] = size
    return widths


def _rows(model: Any, expand_nested: bool, layer_range: Any) -> list[tuple[Any, int, Any]]:
    """Layers and functions, how deep each is nested, and the model that it is in."""
    operations = _operations(model)
    if layer_range is not None:
        operations = _between(operations, layer_range)
    rows: list[tuple[Any, int, Any]] = []

    def walk(found: list[Any], container: Any, depth: int) -> None:
        for operation in found:
            rows.append((operation, depth, container))
            if expand_nested and getattr(operation, "layers", None):
                walk(operation.layers, operation, depth + 1)

    walk(operations, model, 0)
    return rows


def _between(operations: list[Any], layer_range: Any) -> list[Any]:
    """The operations from the first that a pattern fits to the last that another one does."""
    if not (
        isinstance(layer_range, list | tuple)
        and len(layer_range) == 2
        and all(isinstance(name, str) for name in layer_range)
    ):
        raise ValueError(
            f"`layer_range` must be two layer names (or patterns); received {layer_range!r}."
        )
    places = []
    for pattern in layer_range:
        fitting = [i for i, op in enumerate(operations) if re.match(pattern, op.name)]
        if not fitting:
            raise ValueError(
                f"`layer_range` must hold two layer names; {pattern!r} is not among "
                f"{[op.name for op in operations]}."
            )
        places.append(fitting)
    first, last = places
    if min(first) > max(last):
        first, last = last, first
    return operations[min(first) : max(last) + 1]


def _operations(model: Any) -> list[Any]:
    """What a model's table lists."""
    return model.operations if hasattr(model, "operations") else model.layers


def _kind(operation: Any) -> str:
    """The name of the class; of a function, the name with a capital."""
    if isinstance(operation, FunctionOperation):
        return operation.name_of_function.title().replace("_", "")
    return type(operation).__name__


def _node(operation: Any, model: Any) -> Node | None:
    """The last call of an operation in the model, or anywhere."""
    tensors = model.__dict__.get("_tensors") or ()
    graph = model.__dict__.get("_graph")
    calls = [t.node for t in tensors] if graph is None else graph.nodes
    inside = [node for node in calls if node is not None and node.operation is operation]
    nodes = inside or getattr(operation, "_nodes", ())
    return nodes[-1] if nodes else None


def _output_shape(operation: Any, model: Any) -> str:
    """The output's shape, as the notes print it; `?` where it is not known."""
    node = _node(operation, model)
    if node is not None:
        shapes = _tree.map_structure(lambda t: getattr(t, "shape", None), node.outputs)
    else:
        shapes = _inferred_shapes(operation)
    leaves = shapes if _is_structure(shapes) else [shapes]
    if len(leaves) == 1 and not isinstance(leaves, dict):
        return "?" if leaves[0] is None else str(leaves[0])
    return str(shapes)


def _is_structure(shapes: Any) -> bool:
    """Whether these are several shapes, not the sizes of one."""
    if isinstance(shapes, dict):
        return True
    return isinstance(shapes, list | tuple) and any(
        isinstance(one, list | tuple | dict) for one in shapes
    )


def _inferred_shapes(operation: Any) -> Any:
    """The output shapes of a layer that was built, but never called on a symbolic tensor."""
    built_for = getattr(operation, "get_build_config", dict)() or {}
    if len(built_for) != 1:
        return None
    shape = next(iter(built_for.values()))
    if not isinstance(shape, list | tuple) or not all(n is None or type(n) is int for n in shape):
        return None
    try:
        outputs = operation.compute_output_spec(KerasTensor((None, *shape[1:])))
    except (TypeError, ValueError, RuntimeError, IndexError, NotImplementedError):
        return None  # not a layer that can be called on one tensor of that shape
    return _tree.map_structure(lambda t: getattr(t, "shape", None), outputs)


def _parameters(operation: Any) -> str:
    """The number of parameters, with commas."""
    if not isinstance(operation, Layer):
        return "0"
    return f"{_count(operation.weights):,}" if operation.built else "0 (unbuilt)"


def _trainable(operation: Any) -> str:
    """Y or N for a layer with weights, - for one without."""
    if not isinstance(operation, Layer) or not operation.weights:
        return "-"
    return "Y" if operation.trainable else "N"


def _shows_connections(model: Any) -> bool:
    """Whether the graph is more than a chain, so that the table says what follows what."""
    graph = model.__dict__.get("_graph")
    if graph is None:
        return False
    calls = [node for node in graph.nodes if node.inputs]
    return (
        len(model._flat_inputs) > 1
        or any(len(node.inputs) > 1 for node in calls)
        or len({id(node.operation) for node in calls}) < len(calls)
        or len({id(t) for node in calls for t in node.inputs}) < len(calls)
    )


def _connections(operation: Any, model: Any) -> str:
    """What an operation takes its inputs from: name, number of the call, number of the output."""
    members = {id(node) for node in model._graph.nodes if node.operation is operation}
    calls = getattr(operation, "_nodes", None) or model._graph.nodes
    found = []
    for node in calls:
        if id(node) in members:
            for tensor in node.inputs:
                before = model._doors.get(id(tensor), tensor.node)
                place = getattr(before.operation, "_nodes", [before]).index(before)
                found.append(f"{before.operation.name}[{place}][{tensor.index}]")
    return ", ".join(found) or "-"


def _totals(model: Any) -> list[str]:
    """The lines below the table: numbers of parameters and the memory they take."""
    optimizer = getattr(model, "optimizer", None)
    state: list[Any] = []
    if optimizer is not None and model.compiled and optimizer.built:
        state = [v for v in optimizer.variables if hasattr(v, "shape")]
    lines = [
        _line("Total params", [*model.weights, *state]),
        _line("Trainable params", model.trainable_weights),
        _line("Non-trainable params", model.non_trainable_weights),
    ]
    return [*lines, _line("Optimizer params", state)] if state else lines


def _line(title: str, weights: Iterable[Any]) -> str:
    """`Total params: 283 (1.11 KB)`."""
    weights = list(weights)
    # An optimizer's count and rate are Python numbers: 4 bytes each, as Keras has them.
    size = sum(4 if w.ndim == 0 else w.numel() * w.element_size() for w in weights)
    return f" {title}: {_count(weights):,} ({readable_size(size)})"


def _count(weights: Iterable[torch.Tensor]) -> int:
    return sum(w.numel() for w in weights)


def readable_size(size: float) -> str:
    """A number of bytes as `1.11 KB`."""
    units = ("B", "KB", "MB", "GB", "TB", "PB")
    power = min(int(math.log(size, 1024)), len(units) - 1) if size else 0
    return f"{size / 1024**power:.2f} {units[power]}"
