"""A functional model's graph as JSON-able data, in Keras 3's form, and back."""

from typing import Any

from profond import _tree
from profond._symbolic import FunctionOperation, KerasTensor, Node, symbolic_leaves
from profond.layers._layer import Layer
from profond.models._operations import function_config, function_from_config
from profond.saving import deserialize_keras_object, serialize_keras_object


def functional_config(model: Any) -> dict[str, Any]:
    """The layers, their calls, and where the model begins and ends."""
    calls = _calls(model)
    names = _names(model)

    def reference(tensor: KerasTensor) -> list[Any]:
        node = model._doors.get(id(tensor), tensor.node)
        return [names[id(node.operation)], calls[id(node.operation)].index(node), tensor.index]

    def end(tensor: KerasTensor) -> list[Any]:
        """Where the model begins or ends; Keras counts a model's calls from 1 there."""
        name, call, index = reference(tensor)
        node = model._doors.get(id(tensor), tensor.node)
        return [name, call + _first_call(node.operation), index]

    def described(value: Any) -> Any:
        """Arguments of a call: tuples become lists, tensors say where they come from."""
        if isinstance(value, KerasTensor):
            config = {
                "shape": list(value.shape),
                "dtype": value.dtype,
                "keras_history": reference(value),
            }
            return {"class_name": "__keras_tensor__", "config": config}
        if isinstance(value, dict):
            return {k: described(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [described(v) for v in value]
        if isinstance(value, slice):
            parts = {"start": value.start, "stop": value.stop, "step": value.step}
            return {"class_name": "__slice__", "config": described(parts)}
        if value is Ellipsis:
            return {"class_name": "__ellipsis__", "config": None}
        return serialize_keras_object(value)

    layers = []
    for operation in model._graph.operations:
        nodes = [node for node in calls[id(operation)] if node.inputs]
        if isinstance(operation, FunctionOperation):
            layer, args, kwargs = function_config(operation, nodes[0])
            layer["config"]["name"] = names[id(operation)]
            inbound = [{"args": described(args), "kwargs": described(kwargs)}]
        else:
            layer = serialize_keras_object(operation)
            inbound = [
                {"args": described(node.args), "kwargs": described(node.kwargs)} for node in nodes
            ]
        layers.append({**layer, "name": names[id(operation)], "inbound_nodes": inbound})
    return {
        "name": model.name,
        "trainable": model._trainable,
        "layers": layers,
        "input_layers": _tree.map_structure(end, model._inputs_struct),
        "output_layers": _tree.map_structure(end, model._outputs_struct),
    }


def functional_from_config(cls: Any, config: dict[str, Any], custom_objects: Any = None) -> Any:
    """The model that `functional_config` described.

    Raises:
        ValueError: If a layer is not known, or the calls lead nowhere.
    """
    graph = _Rebuilt(custom_objects)
    for layer in config["layers"]:
        graph.add(layer)
    graph.make_calls()
    return cls(
        inputs=graph.looked_up(config["input_layers"]),
        outputs=graph.looked_up(config["output_layers"]),
        name=config.get("name"),
        trainable=config.get("trainable", True),
    )


class _NotYet(Exception):
    """A tensor that a call needs is not made yet."""


class _Rebuilt:
    """A graph that is made again from its description.

    Args:
        custom_objects: Classes and functions by name, beside the registered ones.
    """

    def __init__(self, custom_objects: Any) -> None:
        self.custom_objects = custom_objects
        self.operations: dict[str, Any] = {}
        self.pending: dict[str, list[Any]] = {}  # calls to be made, by layer
        self.made: dict[str, list[list[Any]]] = {}  # outputs of each call made, by layer

    def add(self, layer: dict[str, Any]) -> None:
        """Make a layer, or find a function."""
        name = layer["name"]
        operation = function_from_config(layer, self.custom_objects)
        if operation is None:
            operation = deserialize_keras_object(layer, self.custom_objects)
        self.operations[name] = operation
        self.pending[name] = list(layer.get("inbound_nodes") or [])
        door = getattr(operation, "output_tensor", None)
        self.made[name] = [[door]] if door is not None else []

    def make_calls(self) -> None:
        """Make all calls, each when its tensors are there.

        Raises:
            ValueError: If the tensors of some calls never are.
        """
        progress = True
        while progress and any(self.pending.values()):
            progress = False
            for name, calls in self.pending.items():
                while calls and self._made(name, calls[0]):
                    calls.pop(0)
                    progress = True
        stuck = sorted(name for name, calls in self.pending.items() if calls)
        if stuck:
            raise ValueError(f"the description is broken: the calls of {stuck} lead nowhere.")

    def _made(self, name: str, call: Any) -> bool:
        """Make a call; False if a tensor is not there yet."""
        try:
            args, kwargs = self.filled(call["args"]), self.filled(call.get("kwargs") or {})
        except _NotYet:
            return False
        operation = self.operations[name]
        outputs = operation(*args, **kwargs)
        if not isinstance(operation, Layer):
            for tensor in symbolic_leaves(outputs):
                if tensor.node is not None:
                    tensor.node.operation.name = name
        self.made[name].append(_tree.flatten(outputs))
        return True

    def filled(self, value: Any) -> Any:
        """Arguments of a call, with the tensors in their places."""
        if isinstance(value, list):
            return [self.filled(v) for v in value]
        if not isinstance(value, dict):
            return value
        kind = value.get("class_name")
        if kind is None:
            return {k: self.filled(v) for k, v in value.items()}
        if kind == "__keras_tensor__":
            return self.tensor_at(value["config"]["keras_history"])
        if kind == "__slice__":
            return slice(*(self.filled(value["config"][part]) for part in _SLICE))
        if kind == "__ellipsis__":
            return Ellipsis
        if kind == "__tuple__":
            return tuple(self.filled(v) for v in value["items"])
        return deserialize_keras_object(value, self.custom_objects)

    def tensor_at(self, reference: list[Any]) -> KerasTensor:
        """The tensor that a layer's call put out.

        Raises:
            _NotYet: If that call was not made.
        """
        name, call, index = reference[:3]
        calls = self.made.get(name, [])
        if call >= len(calls):
            raise _NotYet
        return calls[call][index]

    def looked_up(self, structure: Any) -> Any:
        """The tensors that a structure of references points to."""
        if isinstance(structure, dict):
            if structure.get("class_name") == "__tuple__":
                return self.looked_up(structure["items"])
            return {k: self.looked_up(v) for k, v in structure.items()}
        if structure and isinstance(structure[0], str):
            name, call, index = structure[:3]
            return self.tensor_at([name, call - _first_call(self.operations.get(name)), index])
        return [self.looked_up(one) for one in structure]


_SLICE = ("start", "stop", "step")


def _first_call(operation: Any) -> int:
    """The number that Keras gives to the first call of an operation at a model's ends."""
    from profond.models._functional import Functional

    return 1 if isinstance(operation, Functional) else 0


def _calls(model: Any) -> dict[int, list[Node]]:
    """The nodes of each operation that are part of the model, in the order of the calls."""
    calls: dict[int, list[Node]] = {}
    for node in model._graph.nodes:
        calls.setdefault(id(node.operation), []).append(node)
    for operation in model._graph.operations:
        if isinstance(operation, Layer):
            order = {id(node): i for i, node in enumerate(operation._nodes)}
            calls[id(operation)].sort(key=lambda node: order.get(id(node), -1))  # noqa: B023
    return calls


def _names(model: Any) -> dict[int, str]:
    """A unique name for each operation."""
    names: dict[int, str] = {}
    taken = {op.name for op in model._graph.operations if isinstance(op, Layer)}
    for operation in model._graph.operations:
        name = operation.name
        if not isinstance(operation, Layer):
            count = 0
            while name in taken:
                count += 1
                name = f"{operation.name}_{count}"
            taken.add(name)
        names[id(operation)] = name
    return names
