"""Models made of a graph of layers, from symbolic inputs to outputs."""

from collections import Counter
from typing import Any

import torch

from profond import _tree
from profond._naming import snake_case
from profond._symbolic import FunctionOperation, KerasTensor, Node
from profond.layers._input_layer import InputLayer
from profond.layers._layer import Layer
from profond.models._door import Door
from profond.models._graph import Graph, graph_between
from profond.models._model import Model, is_called_as
from profond.models._steps import Steps

# Attributes that are made of symbolic tensors.
_OF_GRAPH = (
    "_inputs_struct",
    "_outputs_struct",
    "_flat_inputs",
    "_flat_outputs",
    "_doors",
    "_graph",
    "_entries",
)


class Functional(Model):
    """A model from `inputs` to `outputs`, each a symbolic tensor, a list or a dict of them.

    Made by `Model(inputs, outputs)`. Layers may be shared and models nested; calls of
    `profond.ops` and operators between symbolic tensors are part of the model. A call with
    `training=False` in the graph, as of a base that is not to change, holds during `fit` too
    (Keras 3.15 puts the mode of `fit` in its place).

    Args:
        inputs: Where the model begins.
        outputs: Where it ends.
        name: Name of the model.
        trainable: Whether its weights are learned.

    Raises:
        ValueError: If the inputs or outputs are not symbolic tensors, or an output does not
            depend on the inputs alone.
    """

    _inputs_struct: Any
    _outputs_struct: Any
    _flat_inputs: tuple[KerasTensor, ...]
    _flat_outputs: tuple[KerasTensor, ...]
    _doors: dict[int, Node]
    _graph: Graph
    _entries: list[Door]
    _steps: Steps

    def __init__(
        self,
        inputs: Any,
        outputs: Any,
        name: str | None = None,
        trainable: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, trainable=True, **kwargs)
        if type(self).__init__ in (Functional.__init__, Model.__init__):
            # The graph describes the model; its tensors are not to be kept twice.
            object.__setattr__(self, "_arguments", ((), {}))
        inputs, outputs = _as_tensors(inputs, "inputs"), _as_tensors(outputs, "outputs")
        if isinstance(outputs, list | tuple) and len(outputs) == 1:
            outputs = outputs[0]  # one output is a tensor, in a list or not
        self._enter_graph(inputs, outputs)
        _check_names(self._graph.operations)
        self._register_operations(self._graph.operations)
        entrances = {id(node) for node in self._doors.values()}
        calls = [node for node in self._graph.nodes if id(node) not in entrances]
        self.__dict__["_steps"] = Steps(inputs, outputs, calls)
        self.supports_masking = True
        self.autocast = False
        self.built = True
        if not trainable:
            self.trainable = False

    def _enter_graph(self, inputs: Any, outputs: Any) -> None:
        """Take up the symbolic inputs and outputs, and the graph between them."""
        facts = self.__dict__  # past nn.Module's own way, which looks for modules everywhere
        facts["_inputs_struct"] = inputs
        facts["_outputs_struct"] = outputs
        facts["_flat_inputs"] = tuple(_tree.flatten(inputs))
        facts["_flat_outputs"] = tuple(_tree.flatten(outputs))
        doors = {id(tensor): _door(tensor) for tensor in self._flat_inputs}
        if len(doors) != len(self._flat_inputs):
            raise ValueError("each of the `inputs` may be given once.")
        facts["_doors"] = doors
        facts["_graph"] = graph_between(doors, list(self._flat_outputs))
        facts["_entries"] = [Door(node.operation.output_tensor) for node in doors.values()]

    def __getstate__(self) -> dict[str, Any]:
        """All but the symbolic tensors, each of which holds on to the whole graph."""
        state = super().__getstate__()
        for name in _OF_GRAPH:
            state.pop(name, None)
        state["_door_layers"] = [node.operation for node in self._doors.values()]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up a state of `__getstate__`, with the graph recorded anew."""
        doors = state.pop("_door_layers")
        super().__setstate__(state)
        self._enter_graph(*self._steps.recorded_again(doors))

    def _register_operations(self, operations: list[Any]) -> None:
        """Put the layers into torch's tree, under names that do not depend on the session."""
        counts: Counter[str] = Counter()
        for operation in operations:
            if isinstance(operation, Layer):
                kind = snake_case(type(operation).__name__)
                key = f"{kind}_{counts[kind]}" if counts[kind] else kind
                counts[kind] += 1
                self._modules[key] = operation

    @property
    def operations(self) -> list[Any]:
        """Layers and functions, in order."""
        return list(self._graph.operations)

    @property
    def layers(self) -> list[Layer]:
        """The layers, inputs included, in Keras's order."""
        return [op for op in self._graph.operations if isinstance(op, Layer)]

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs, as a list."""
        return list(self._flat_inputs)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs, as a list."""
        return list(self._flat_outputs)

    @property
    def input(self) -> Any:
        """The symbolic inputs, in the structure they were given in."""
        return self._inputs_struct

    @property
    def output(self) -> Any:
        """The symbolic outputs, in the structure they were given in."""
        return self._outputs_struct

    @property
    def input_shape(self) -> Any:
        """The shape of the input, or the structure of shapes."""
        return _tree.map_structure(lambda t: t.shape, self._inputs_struct)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or the structure of shapes."""
        return _tree.map_structure(lambda t: t.shape, self._outputs_struct)

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs: the keys under which data may be given."""
        if isinstance(self._inputs_struct, dict):
            return sorted(self._inputs_struct)
        return [entry.name for entry in self._entries]

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs: the keys for losses and metrics."""
        if isinstance(self._outputs_struct, dict):
            return sorted(self._outputs_struct)
        return [t.node.operation.name if t.node else t.name for t in self._flat_outputs]

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Run the graph."""
        del training  # known to the layers already
        if isinstance(inputs, torch.Tensor) and len(self._entries) == 1:
            flat = [self._entries[0].admit(inputs, self.name)]
        else:
            flat = self._matched_inputs(inputs)
        if mask is not None:
            for tensor, one in zip(flat, _tree.flatten(mask), strict=False):
                if one is not None:
                    tensor._keras_mask = one
        return self._steps.run(flat)

    def _in_a_row(self) -> tuple[Layer, ...]:
        """The layers, where calling them one after the other is all that a call does."""
        steps = self._steps
        if not is_called_as(type(self), Functional):
            return ()
        place, found = steps.entrances, []
        for step in steps.calls:
            if [step.single] != place or not isinstance(step.operation, Layer):
                return ()
            found.append(step.operation)
            place = step.places
        return tuple(found) if place == [steps.exit] else ()

    def _matched_inputs(self, inputs: Any) -> list[Any]:
        """The tensors for the model's inputs, in order, each of the shape and type declared.

        Raises:
            ValueError: If a name or a number of tensors does not fit.
        """
        names = self.input_names
        if isinstance(inputs, dict):
            # Data by the names of the inputs, whatever structure the model was made with.
            missing = [name for name in names if name not in inputs]
            if missing:
                raise ValueError(
                    f"the model {self.name!r} requires inputs named {names}; "
                    f"{missing} missing from {sorted(inputs)}."
                )
            flat = _tree.flatten([inputs[name] for name in names])
        else:
            flat = _tree.flatten(inputs)
        if len(flat) != len(self._flat_inputs):
            raise ValueError(
                f"the model {self.name!r} requires {len(self._flat_inputs)} input(s), {names}; "
                f"received {len(flat)}."
            )
        return [door.admit(x, self.name) for x, door in zip(flat, self._entries, strict=True)]

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Masks are attached by the layers as the graph runs."""
        del inputs, previous_mask
        return None

    def get_config(self) -> dict[str, Any]:
        """The graph as JSON-able data, in Keras's form."""
        if type(self).__init__ not in (Functional.__init__, Model.__init__):
            return super().get_config()
        from profond.models._config import functional_config

        return functional_config(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The model that `get_config` described."""
        if "layers" in config and "input_layers" in config:
            from profond.models._config import functional_from_config

            return functional_from_config(cls, config, custom_objects)
        return super().from_config(config)


def _as_tensors(tensors: Any, name: str) -> Any:
    """`tensors`, all of them symbolic.

    Raises:
        ValueError: If there are none, or one is something else.
    """
    leaves = _tree.flatten(tensors)
    wrong = [leaf for leaf in leaves if not isinstance(leaf, KerasTensor)]
    if wrong or not leaves:
        raise ValueError(
            f"`{name}` must be symbolic tensors, made by `profond.Input(shape=...)` and by layers "
            f"called on them; received {wrong[0] if wrong else tensors!r}."
        )
    return _tree.map_structure(lambda t: t, tensors)


def _door(tensor: KerasTensor) -> Node:
    """The input node for a tensor; for one in the middle of a graph, a new one."""
    if tensor.node is not None and isinstance(tensor.node.operation, InputLayer):
        return tensor.node
    layer = InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype)
    return layer._nodes[0]


def _check_names(operations: list[Any]) -> None:
    """Refuse two layers of one name, and give functions of one name another.

    Raises:
        ValueError: Naming the layers.
    """
    seen: dict[str, Any] = {}
    for operation in operations:
        if isinstance(operation, FunctionOperation):
            continue
        if operation.name in seen:
            raise ValueError(
                f"layer names must be unique in a model; {operation.name!r} names two layers. "
                "Pass `name=` to one of them."
            )
        seen[operation.name] = operation
