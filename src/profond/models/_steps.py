"""The calls of a graph, ready to be run, copied and pickled: tensors are numbers here."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from profond import _tree
from profond._symbolic import KerasTensor, Node
from profond.layers._input_layer import InputLayer
from profond.layers._layer import Layer
from profond.models._overwriting import may_overwrite, rectified


@dataclass(frozen=True)
class Slot:
    """The place of a tensor among the values of a run."""

    place: int


@dataclass(frozen=True)
class Spec:
    """What is known of a tensor: enough to make its symbolic stand-in again."""

    shape: tuple[int | None, ...]
    dtype: str
    name: str

    def tensor(self) -> KerasTensor:
        """A new symbolic tensor."""
        return KerasTensor(self.shape, self.dtype, name=self.name)


class Step:
    """One call: which layer or function, on which slots, into which slots.

    Args:
        operation: What is called.
        args: Positional arguments, with a `Slot` for each tensor.
        kwargs: Keyword arguments, likewise.
        outputs: The structure of what comes out, likewise.
        producer: The layer whose output this one may overwrite, if any.
    """

    __slots__ = ("operation", "args", "kwargs", "outputs", "places", "producer", "single")

    def __init__(
        self, operation: Any, args: Any, kwargs: Any, outputs: Any, producer: Any = None
    ) -> None:
        self.operation = operation
        self.args = args
        self.kwargs = kwargs
        self.outputs = outputs
        self.producer = producer
        self.places = [leaf.place for leaf in _tree.flatten(outputs) if isinstance(leaf, Slot)]
        # One tensor and nothing else, the usual call, needs no walk through arguments.
        alone = len(args) == 1 and not kwargs and isinstance(args[0], Slot)
        self.single: int | None = args[0].place if alone else None

    def __reduce__(self) -> Any:
        return Step, (self.operation, self.args, self.kwargs, self.outputs, self.producer)

    def run(self, values: list[Any]) -> None:
        """Call the operation on the values known so far, and put its outputs among them."""
        if self.producer is not None:
            result = rectified(self.operation, self.producer, values[self.single])  # type: ignore[index]
        elif self.single is not None:
            result = self.operation(values[self.single])
        else:
            args, kwargs = filled((self.args, self.kwargs), values)
            result = self.operation(*args, **kwargs)
        self.keep(result, values)

    def keep(self, result: Any, values: list[Any]) -> None:
        """Put the outputs of the call among the values."""
        if isinstance(self.outputs, Slot):
            values[self.outputs.place] = result
            return
        leaves = _tree.flatten(result)
        for leaf, value in zip(_tree.flatten(self.outputs), leaves, strict=True):
            if isinstance(leaf, Slot):
                values[leaf.place] = value


def filled(tree: Any, values: list[Any]) -> Any:
    """`tree` with the values in the place of its slots."""
    return _tree.map_structure(
        lambda leaf: values[leaf.place] if isinstance(leaf, Slot) else leaf, tree
    )


class Steps:
    """The calls from a model's inputs to its outputs.

    Args:
        inputs: The symbolic inputs, in their structure.
        outputs: The symbolic outputs, in theirs.
        nodes: The calls, each after those that it depends on.
    """

    def __init__(self, inputs: Any, outputs: Any, nodes: list[Node]) -> None:
        self.specs: list[Spec] = []
        places: dict[int, int] = {}

        def place(tensor: KerasTensor) -> Slot:
            if id(tensor) not in places:
                places[id(tensor)] = len(self.specs)
                self.specs.append(Spec(tensor.shape, tensor.dtype, tensor.name))
            return Slot(places[id(tensor)])

        def placed(tree: Any) -> Any:
            return _tree.map_structure(
                lambda leaf: place(leaf) if isinstance(leaf, KerasTensor) else leaf, tree
            )

        self.inputs = placed(inputs)
        self.entrances: list[int] = [slot.place for slot in _tree.flatten(self.inputs)]
        self.calls = tuple(
            Step(node.operation, placed(node.args), placed(node.kwargs), placed(node.outputs))
            for node in nodes
        )
        self.outputs = placed(outputs)
        self.exit: int | None = self.outputs.place if isinstance(self.outputs, Slot) else None
        self._find_producers()

    def _find_producers(self) -> None:
        """Tell the steps that are alone in reading what they may overwrite."""
        readers = Counter(
            leaf.place
            for tree in (self.outputs, *((step.args, step.kwargs) for step in self.calls))
            for leaf in _tree.flatten(tree)
            if isinstance(leaf, Slot)
        )
        made = {step.outputs.place: step for step in self.calls if isinstance(step.outputs, Slot)}
        for step in self.calls:
            source = made.get(step.single) if step.single is not None else None
            if source is None or readers[step.single] > 1:  # type: ignore[index]
                continue
            inputs = len(_tree.flatten(source.args))
            if may_overwrite(step.operation, source.operation, inputs):
                step.producer = source.operation

    def run(self, flat_inputs: list[Any]) -> Any:
        """The outputs, in their structure, for the values of the flattened inputs."""
        values: list[Any] = [None] * len(self.specs)
        for place, value in zip(self.entrances, flat_inputs, strict=True):
            values[place] = value
        for step in self.calls:
            step.run(values)
        return values[self.exit] if self.exit is not None else filled(self.outputs, values)

    def again(
        self,
        doors: list[KerasTensor],
        call: Callable[[Step, tuple[Any, ...], dict[str, Any]], Any],
    ) -> tuple[Any, Any]:
        """Symbolic inputs and outputs of the same calls made anew.

        Args:
            doors: A symbolic tensor for each flattened input.
            call: Makes a call: gets the step and its symbolic arguments, answers with the
                symbolic outputs.
        """
        values: list[Any] = [None] * len(self.specs)
        for place, tensor in zip(self.entrances, doors, strict=True):
            values[place] = tensor
        for step in self.calls:
            args, kwargs = filled((step.args, step.kwargs), values)
            step.keep(call(step, args, kwargs), values)
        return filled(self.inputs, values), filled(self.outputs, values)

    def recorded_again(self, doors: list[InputLayer]) -> tuple[Any, Any]:
        """Symbolic inputs and outputs with the calls on record, for layers that were copied.

        Nothing is computed: shapes are those that were known before.
        """

        def record(step: Step, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            outputs = _tree.map_structure(
                lambda leaf: self.specs[leaf.place].tensor() if isinstance(leaf, Slot) else leaf,
                step.outputs,
            )
            node = Node(step.operation, args, kwargs, outputs)
            if isinstance(step.operation, Layer):
                step.operation._nodes.append(node)
            return outputs

        return self.again([door.output_tensor for door in doors], record)
