"""A model as the Python code that builds it, layer by layer."""

import inspect
import keyword
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from profond import _tree
from profond._layout_of_code import Code, Group, call, lay_out
from profond._source import Source, is_default_name, literal
from profond._symbolic import FunctionOperation, KerasTensor, Node
from profond.layers._input_layer import InputLayer

_ENDLESS = 2**62  # the place of the last use of an output


def model_to_code(model: Any) -> str:
    """The Python code that builds a model of the same layers, with fresh weights.

    A `Sequential` model is written as a list of layers, a functional one as calls one after the
    other. Only arguments that differ from their defaults are written. Weights, what layers
    found with `adapt`, and `compile` are no part of it.

    Args:
        model: A `Sequential` or functional model whose layers are profond's own.

    Returns:
        Imports and statements; the last one makes the variable `model`.

    Raises:
        ValueError: If the model is of a class of the user's own, or one of its layers or
            functions is; the message names it.
    """
    source = Source()
    statements = model_statements(model, source)
    return f"{source.imports()}\n\n{statements}\n"


def model_statements(
    model: Any, source: Source, variable: str = "model", taken: Iterable[str] = ()
) -> str:
    """The statements that build a model, as `model_to_code`, without the imports.

    Args:
        model: The model.
        source: What writes objects, and takes note of the imports.
        variable: The name that the model gets.
        taken: Names that other variables may not get.
    """
    writer = _Writer(source, {variable, *taken}, _uses(model))
    writer.add(model, variable)
    return "\n".join(writer.lines)


class _Writer:
    """Writes the statements of a model and of those inside it.

    Args:
        source: What writes objects.
        taken: Names that variables may not get.
        uses: How often each layer is used, in all of the models, by its id.
    """

    def __init__(self, source: Source, taken: set[str], uses: Mapping[int, int]) -> None:
        self.source, self.taken, self.uses = source, taken, uses
        self.lines: list[str] = []
        self.made: dict[int, str] = {}  # variables of models and shared layers, by id

    def add(self, model: Any, variable: str) -> None:
        """Write the statements that make `variable`."""
        from profond.models import Functional, Model, Sequential

        # A class of the user's own has code that is not here.
        if isinstance(model, Sequential) and type(model) is Sequential:
            self._sequential(model, variable)
        elif isinstance(model, Functional) and type(model) in (Functional, Model):
            self._functional(model, variable)
        else:
            raise ValueError(
                f"`model` must be a Sequential or functional model; received {model!r} of the "
                f"class {type(model).__name__}, whose code is where it was written."
            )

    def _sequential(self, model: Any, variable: str) -> None:
        stack = [self._layer(layer) for layer in model._stack]
        items: list[tuple[str, Code]] = [
            ("", Group("[", [("", layer) for layer in stack], "]", tall=len(stack) > 1))
        ]
        items += self._options(model, "Sequential")
        name = self.source.use("profond.models", "Sequential")
        self._write(variable, Group(f"{name}(", items, ")"))
        if model._entry is not None and model._door is None:
            shape = self.source.value(tuple(model.input_shape))
            self.lines.append(lay_out(call(f"{variable}.build", shape)))

    def _functional(self, model: Any, variable: str) -> None:
        entrances = [model._doors[id(tensor)] for tensor in model._flat_inputs]
        doors = {id(node) for node in entrances}
        names = {
            id(tensor): self._input(node.operation, place, len(doors))
            for place, (tensor, node) in enumerate(zip(model._flat_inputs, entrances, strict=True))
        }
        nodes = [node for node in model._graph.nodes if id(node) not in doors]
        self._shared(nodes)
        last = _last_uses(nodes, model._flat_outputs)
        fixed = set(names.values())
        live: dict[int, str] = {}  # names in use, by the id of their tensor
        for place, node in enumerate(nodes):
            code = self._call(node, {**names, **live})
            dead = [t for t in node.inputs if id(t) in live and last[id(t)] <= place]
            free = list(dict.fromkeys(live[id(t)] for t in dead))
            for tensor in dead:
                live.pop(id(tensor), None)
            outputs = node.outputs
            made = [outputs] if isinstance(outputs, KerasTensor) else list(_flat(outputs, node))
            for tensor in made:
                only = len(model._flat_outputs) == 1 and tensor is model._flat_outputs[0]
                wanted = ["outputs"] if only and "outputs" not in self.taken else free
                live[id(tensor)] = (
                    wanted.pop(0) if wanted else self._fresh(fixed | set(live.values()))
                )
                last.setdefault(id(tensor), place)
            self._write(", ".join(live[id(tensor)] for tensor in made), code)
            for tensor in made:
                if last[id(tensor)] <= place:  # an output that nothing takes
                    live.pop(id(tensor))
        known = {**names, **live}
        ends = [
            self._structure(ends, known) for ends in (model._inputs_struct, model._outputs_struct)
        ]
        items = [("", end) for end in ends] + self._options(model, "Functional")
        name = self.source.use("profond.models", "Model")
        self._write(variable, Group(f"{name}(", items, ")"))

    def _options(self, model: Any, kind: str) -> list[tuple[str, Code]]:
        """Name and state of a model, where they are not the usual ones."""
        found: list[tuple[str, Code]] = []
        if not (is_default_name(model.name, kind) or is_default_name(model.name, "Model")):
            found.append(("name=", literal(model.name)))
        if not model._trainable:
            found.append(("trainable=", "False"))
        return found

    def _input(self, layer: InputLayer, place: int, count: int) -> str:
        variable = "inputs" if count == 1 else f"input_{place + 1}"
        if count > 1 and not is_default_name(layer.name, "InputLayer"):
            variable = _identifier(layer.name, variable)
        variable = self._unused(variable)
        self._write(variable, self._input_code(layer))
        return variable

    def _input_code(self, layer: InputLayer) -> Code:
        from profond.config import floatx

        name = self.source.use("profond.layers", "Input")
        batch, *shape = layer.batch_shape
        given: dict[str, Code] = {"shape": self.source.value(tuple(shape))}
        if batch is not None:
            given["batch_size"] = literal(batch)
        if layer.dtype != floatx():
            given["dtype"] = literal(layer.dtype)
        if not is_default_name(layer.name, "InputLayer"):
            given["name"] = literal(layer.name)
        if layer.optional:
            given["optional"] = "True"
        return call(name, after="", **given)

    def _shared(self, nodes: list[Node]) -> None:
        """Give a variable to each layer that is called more than once."""
        for node in nodes:
            if self.uses[id(node.operation)] > 1:
                self._layer(node.operation)

    def _layer(self, layer: Any) -> Code:
        """A layer: a call of its constructor, or the variable that holds it.

        Raises:
            ValueError: If it is of the user's own, or holds code.
        """
        from profond.models import Model

        if isinstance(layer, InputLayer):
            return self._input_code(layer)
        if id(layer) in self.made:
            return self.made[id(layer)]
        if isinstance(layer, Model):
            variable = self._unused(_identifier(layer.name, "block"))
            self.add(layer, variable)
            self.made[id(layer)] = variable
            return variable
        try:
            code = self.source.object(layer)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"The layer {layer.name!r} of the class {type(layer).__name__} cannot be written "
                f"as code: {error}"
            ) from error
        if self.uses[id(layer)] < 2:
            return code
        variable = self._unused(_identifier(layer.name, "layer"))
        self._write(variable, code)
        self.made[id(layer)] = variable
        return variable

    def _call(self, node: Node, known: dict[int, str]) -> Code:
        """The call of a layer or function on tensors that have names."""
        operation = node.operation
        arguments = [("", self._structure(value, known)) for value in node.args]
        arguments += [(f"{k}=", self._structure(v, known)) for k, v in node.kwargs.items()]
        if isinstance(operation, FunctionOperation):
            return Group(f"{self._function(operation)}(", arguments, ")")
        layer = self._layer(operation)
        inside = ", ".join(f"{name}{lay_out(code)}" for name, code in arguments)
        if isinstance(layer, str):
            return Group(f"{layer}(", arguments, ")")
        return Group(layer.opening, layer.items, f"{layer.closing}({inside})")

    def _function(self, operation: FunctionOperation) -> str:
        from profond import activations, ops

        name = operation.name_of_function
        for module in (ops, activations):
            found = getattr(module, name, None) if name in module.__all__ else None
            if found is not None and inspect.unwrap(found) is inspect.unwrap(operation.function):
                return f"{self.source.use('profond', module.__name__.rpartition('.')[2])}.{name}"
        raise ValueError(
            f"The function {name!r} in the model cannot be written as code: it is not one of "
            "profond.ops. Use one of these, or write the model by hand."
        )

    def _structure(self, value: Any, known: dict[int, str]) -> Code:
        """Arguments of a call: tensors by their names, other values as they are."""
        from profond.saving import serialize_keras_object

        if isinstance(value, KerasTensor):
            return known[id(value)]
        if isinstance(value, list | tuple):
            ends = "[]" if isinstance(value, list) else "()"
            return Group(ends[0], [("", self._structure(v, known)) for v in value], ends[1])
        if isinstance(value, dict):
            items = [(f"{literal(k)}: ", self._structure(v, known)) for k, v in value.items()]
            return Group("{", items, "}")
        if value is Ellipsis or isinstance(value, slice):
            return literal(value)
        return self.source.value(serialize_keras_object(value))

    def _write(self, variable: str, code: Code) -> None:
        self.lines.append(lay_out(code, before=f"{variable} = "))

    def _unused(self, name: str) -> str:
        """A variable's name that no other has."""
        found, count = name, 1
        while found in self.taken or found in self.source.names:
            count += 1
            found = f"{name}_{count}"
        self.taken.add(found)
        return found

    def _fresh(self, live: set[str]) -> str:
        """The first of x, h, z, x1, ... that is free."""
        count = 0
        while True:
            for letter in "xhz":
                name = f"{letter}{count or ''}"
                if name not in live and name not in self.taken:
                    return name
            count += 1


def _uses(model: Any) -> Counter[int]:
    """How often each layer is used in a model and in those inside it, by its id."""
    from profond.models import Functional, Sequential

    counts: Counter[int] = Counter()
    waiting, seen = [model], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:  # a model that is called twice holds its layers once
            continue
        seen.add(id(one))
        if isinstance(one, Sequential):
            inside = one._stack
        elif isinstance(one, Functional):
            inside = [node.operation for node in one._graph.nodes]
        else:
            continue
        counts.update(map(id, inside))
        waiting += inside
    return counts


def _last_uses(nodes: list[Node], outputs: Any) -> dict[int, int]:
    """The place of the last call that takes each tensor, by its id."""
    last: dict[int, int] = {}
    for place, node in enumerate(nodes):
        for tensor in node.inputs:
            last[id(tensor)] = place
    return {**last, **{id(tensor): _ENDLESS for tensor in outputs}}


def _flat(outputs: Any, node: Node) -> list[KerasTensor]:
    """The outputs of a call that has several.

    Raises:
        ValueError: If they are not in a plain list or tuple.
    """
    flat = list(outputs) if isinstance(outputs, list | tuple) else []
    if not flat or any(not isinstance(one, KerasTensor) for one in flat):
        raise ValueError(
            f"The outputs of {node.operation.name!r} cannot be written as code: they must be a "
            f"tensor or a list of tensors; received {len(_tree.flatten(outputs))} in a "
            f"{type(outputs).__name__}."
        )
    return flat


def _identifier(name: str, otherwise: str) -> str:
    return name if name.isidentifier() and not keyword.iskeyword(name) else otherwise
