"""Models that are a stack of layers."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from torch import nn

from profond import _tree
from profond._naming import snake_case
from profond._symbolic import KerasTensor, Node
from profond.layers._input_layer import InputLayer
from profond.layers._layer import Layer
from profond.models._door import Door
from profond.models._model import Model, is_called_as
from profond.models._overwriting import may_overwrite, rectified
from profond.models._steps import Spec


class Sequential(Model):
    """Layers one after the other, each with one input and one output.

    Built at once if it begins with `Input(shape)` or the first layer has an `input_shape`,
    else at the first call.

    Args:
        layers: The layers.
        trainable: Whether the weights are learned.
        name: Name of the model.
    """

    _stack: list[Layer]
    _chain: tuple[Layer, ...]
    _calls: tuple[tuple[Layer, Layer | None], ...]
    _entry: InputLayer | None
    _door: Door | None
    _tensors: list[KerasTensor]

    def __init__(
        self,
        layers: Iterable[Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.supports_masking = True
        self.autocast = False
        self.__dict__.update(
            _stack=[],  # as given: an input perhaps, then the layers
            _entry=None,  # the input layer, given or made, once the shape is known
            _door=None,  # what checks the input; None if no shape was declared
            _tensors=[],  # symbolic: the input, then each layer's output
        )
        for layer in layers or ():
            self.add(layer, rebuild=False)
        self._grow()
        if not trainable:
            self.trainable = False

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer on top.

        Args:
            layer: A layer, a model, a torch module, or what `Input` returns.
            rebuild: Whether to work out the shapes now.

        Raises:
            ValueError: If it is none of these, or its name is taken, or an input comes late, or it
                is this model.
        """
        if isinstance(layer, KerasTensor) and layer.node is not None:
            layer = layer.node.operation
        stack: list[Layer] = self._stack
        if not isinstance(layer, Layer):
            if not isinstance(layer, nn.Module):
                raise ValueError(
                    "only layers can be added to a Sequential model; received "
                    f"{layer!r} of type {type(layer).__name__}."
                )
            from profond.layers import TorchModuleWrapper

            layer = TorchModuleWrapper(layer)
        if layer is self:
            raise ValueError(f"the model {self.name!r} cannot be a layer of itself.")
        if isinstance(layer, InputLayer) and stack:
            raise ValueError(
                f"the input must come first; the model {self.name!r} has {len(stack)} layer(s)."
            )
        if any(layer.name == other.name for other in stack):
            raise ValueError(
                f"layer names must be unique in a model; {layer.name!r} is taken in "
                f"{self.name!r}. Pass `name=` to one of them."
            )
        before = list(stack)
        if not stack and not isinstance(layer, InputLayer):
            entry = _entry_for(layer)
            if entry is not None:
                stack.append(entry)
        stack.append(layer)
        try:
            self._grow(infer=rebuild)
        except Exception:
            stack[:] = before  # a layer that does not fit is not kept
            self._grow(infer=False)
            raise

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the top layer off and return it.

        Args:
            rebuild: Accepted for Keras's sake: nothing has to be worked out again.

        Raises:
            ValueError: If there is none.
        """
        del rebuild
        if not self.layers:
            raise ValueError(f"the model {self.name!r} has no layer to take off.")
        layer = self._stack.pop()
        self._grow(infer=False)
        return layer

    def _grow(self, infer: bool = True) -> None:
        """Name the layers for torch, and send the symbolic input through the new ones."""
        layers = self.layers
        for name in self.__dict__.get("_chain_names", ()):
            self._modules.pop(name, None)
        counts: Counter[str] = Counter()
        names = []
        for layer in layers:
            kind = snake_case(type(layer).__name__)
            names.append(f"{kind}_{counts[kind]}" if counts[kind] else kind)
            counts[kind] += 1
            self._modules[names[-1]] = layer
            self._place(layer)
        facts = self.__dict__
        facts["_chain"] = tuple(layers)
        # Each layer, with the one whose output it may overwrite.
        facts["_calls"] = tuple(
            (layer, before if may_overwrite(layer, before) else None)
            for before, layer in zip([None, *layers], layers, strict=False)
        )
        facts["_chain_names"] = tuple(names)
        del self._tensors[len(layers) + 1 :]
        if self._entry is None and self._stack and isinstance(self._stack[0], InputLayer):
            self._enter(self._stack[0])
        if infer and self._entry is not None:
            for layer in layers[len(self._tensors) - 1 :]:
                self._tensors.append(self._output_of(layer, self._tensors[-1]))
        self.built = self._entry is not None and len(self._tensors) == len(layers) + 1

    def _enter(self, entry: InputLayer, declared: bool = True) -> None:
        """Take `entry` as the input; only a declared one is held against later data."""
        facts = self.__dict__
        facts["_entry"] = entry
        facts["_door"] = Door(entry.output_tensor) if declared else None
        self._tensors[:] = [entry.output_tensor]

    @staticmethod
    def _output_of(layer: Layer, tensor: KerasTensor) -> KerasTensor:
        """The symbolic output of a layer, which is built for it.

        Raises:
            ValueError: If it has several.
        """
        output = layer(tensor)
        if not isinstance(output, KerasTensor):
            if output is None:
                raise ValueError(
                    f"`call` of the layer {layer.name!r} must return the output; it returned None. "
                    "Is there a `return`?"
                )
            raise ValueError(
                f"each layer of a Sequential model must have one output; {layer.name!r} has "
                f"{len(_tree.flatten(output))}. Use `Model(inputs, outputs)`."
            )
        return output

    def __getstate__(self) -> dict[str, Any]:
        """All but the symbolic tensors, of which shapes and names are kept."""
        state = super().__getstate__()
        state["_tensors"] = [Spec(t.shape, t.dtype, t.name) for t in self._tensors]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up a state of `__getstate__`, with the calls recorded anew."""
        specs = state["_tensors"]
        super().__setstate__(state)
        tensors = [self._entry.output_tensor] if self._entry is not None else []
        for layer, spec in zip(self._chain, specs[1:], strict=False):
            output = spec.tensor()
            layer._nodes.append(Node(layer, (tensors[-1],), {}, output))
            tensors.append(output)
        self.__dict__["_tensors"] = tensors

    def build(self, input_shape: Any = None) -> None:
        """Make the weights, for inputs of `input_shape`, batch first."""
        if self.built:
            return
        if input_shape is None:
            raise ValueError(
                f"the model {self.name!r} has no input shape: begin it with "
                "`profond.Input(shape=...)` or give `build(input_shape)`."
            )
        if isinstance(input_shape, dict):
            raise ValueError("a Sequential model takes one input; use `Model(inputs, outputs)`.")
        if self._entry is None:
            dtype = self._chain[0].compute_dtype if self._chain else None
            shape = (None, *tuple(input_shape)[1:])
            self._enter(InputLayer(batch_shape=shape, dtype=dtype), declared=False)
        self._grow()

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the input."""
        stack = self._stack
        return stack[1:] if stack and isinstance(stack[0], InputLayer) else list(stack)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic input, in a list."""
        return self._known()[:1]

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic output, in a list."""
        return self._known()[-1:]

    @property
    def input(self) -> KerasTensor:
        """The symbolic input."""
        return self._known()[0]

    @property
    def output(self) -> KerasTensor:
        """The symbolic output."""
        return self._known()[-1]

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """The shape of the input, batch first."""
        return self._known()[0].shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape of the output, batch first."""
        return self._known()[-1].shape

    def _known(self) -> list[KerasTensor]:
        if not self._tensors:
            raise AttributeError(
                f"the model {self.name!r} is not built, so its input and output are not known. "
                "Begin it with `profond.Input(shape=...)`, or call it on some data."
            )
        return self._tensors

    @property
    def input_names(self) -> list[str]:
        """The name of the input, in a list."""
        return [self._tensors[0].name] if self._tensors else []

    @property
    def output_names(self) -> list[str]:
        """The name of the last layer, in a list: losses, metrics and targets may go by it."""
        return [layer.name for layer in self.layers[-1:]]

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The layers, one after the other."""
        del training  # known to the layers already
        if not hasattr(inputs, "shape"):
            inputs = self.only(inputs)
        if mask is not None:
            inputs._keras_mask = mask
        if self._door is not None:
            inputs = self._door.admit(inputs, self.name)
        for layer, producer in self._calls:
            inputs = layer(inputs) if producer is None else rectified(layer, producer, inputs)
        return inputs

    def _in_a_row(self) -> tuple[Layer, ...]:
        """The layers, where calling them one after the other is all that a call does."""
        return self._chain if is_called_as(type(self), Sequential) else ()

    def _ensure_built(self, bound: dict[str, Any]) -> None:
        """Build for the first input's shape."""
        if not self.built:
            self.build(tuple(self.only(bound.get("inputs")).shape))

    def only(self, inputs: Any) -> Any:
        """The one tensor in a structure of inputs.

        Raises:
            ValueError: If there is none, or several.
        """
        leaves = _tree.flatten(inputs)
        if len(leaves) != 1 or not hasattr(leaves[0], "shape"):
            raise ValueError(
                f"the model {self.name!r} takes one input, a tensor; received "
                f"{type(inputs).__name__} of {len(leaves)}. Use `Model(inputs, outputs)` for "
                "several."
            )
        return leaves[0]

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Masks are attached by the layers."""
        del inputs, previous_mask
        return None

    def get_config(self) -> dict[str, Any]:
        """Name, layers and input shape, in Keras's form."""
        from profond.saving import serialize_keras_object

        config = {
            "name": self.name,
            "trainable": self._trainable,
            "dtype": self.dtype_policy.name,
            "layers": [serialize_keras_object(layer) for layer in self._stack],
        }
        if self._tensors:
            config["build_input_shape"] = self._tensors[0].shape
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "Sequential":
        """The model that `get_config` described."""
        from profond.saving import deserialize_keras_object

        layers = [deserialize_keras_object(one, custom_objects) for one in config["layers"]]
        model = cls(layers, name=config.get("name"), trainable=config.get("trainable", True))
        shape = config.get("build_input_shape")
        if not model.built and isinstance(shape, list | tuple):
            model.build(tuple(shape))
        return model


def _entry_for(layer: Layer) -> InputLayer | None:
    """The input that a first layer declares: `input_shape=`, or a model's own input."""
    shape = layer._input_shape_argument
    if shape is not None:
        return InputLayer(shape=shape)
    if isinstance(layer, Model) and layer.built and hasattr(type(layer), "inputs"):
        tensors: list[KerasTensor] = layer.inputs  # type: ignore[assignment]
        if len(tensors) == 1:
            return InputLayer(batch_shape=tensors[0].shape, dtype=tensors[0].dtype)
    return None
