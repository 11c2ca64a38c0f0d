"""A model of the same architecture with weights of its own."""

from collections.abc import Callable
from typing import Any

from profond import _tree
from profond._symbolic import FunctionOperation, KerasTensor, operation
from profond.layers._input_layer import InputLayer
from profond.layers._layer import Layer
from profond.models._functional import Functional
from profond.models._model import Model
from profond.models._sequential import Sequential
from profond.models._steps import Step


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Any:
    """A new model like `model`, its layers made anew and its weights initialised anew.

    Args:
        model: The model.
        input_tensors: Symbolic inputs of the new model; new ones by default.
        clone_function: Makes the new layer for each old one; from its configuration by default.
        call_function: Calls each new layer of a functional model, as
            `call_function(layer, *args, **kwargs)`.
        recursive: Whether `clone_function` gets the layers inside nested models too.

    Returns:
        The new model.

    Raises:
        ValueError: If a subclassed model is to be cloned with a `clone_function`, or
            `input_tensors` are not as many as the model has inputs.
    """

    def copy(layer: Layer) -> Layer:
        if recursive and isinstance(layer, Sequential | Functional):
            return clone_model(layer, None, clone_function, call_function, recursive=True)
        if clone_function is None or isinstance(layer, InputLayer):
            return type(layer).from_config(layer.get_config())
        return clone_function(layer)

    if isinstance(model, Sequential):
        new = _clone_sequential(model, input_tensors, copy)
    elif isinstance(model, Functional):
        new = _clone_functional(model, input_tensors, copy, call_function)
    else:
        if clone_function is not None:
            raise ValueError(
                f"the subclassed model {model.name!r} is cloned from its configuration: "
                "`clone_function` must be None."
            )
        return type(model).from_config(model.get_config())
    if not model._trainable:
        new.trainable = False
    return new


def _clone_sequential(model: Any, input_tensors: Any, copy: Callable[[Layer], Layer]) -> Any:
    """The stack of `model` with new layers."""
    layers: list[Any] = [copy(layer) for layer in model._stack]
    if input_tensors is not None:
        doors = _tree.flatten(input_tensors)
        _check_doors(doors, 1, model)
        layers = [*doors, *(layer for layer in layers if not isinstance(layer, InputLayer))]
    new = type(model)(layers, name=model.name)
    if model.built and not new.built:
        new.build(model.input_shape)
    return new


def _check_doors(doors: list[Any], count: int, model: Any) -> None:
    """Refuse symbolic inputs that are not as many as the model's.

    Raises:
        ValueError: With both numbers.
    """
    if len(doors) != count or not all(isinstance(door, KerasTensor) for door in doors):
        raise ValueError(
            f"`input_tensors` must be {count} symbolic tensor(s), as the model {model.name!r} has "
            f"inputs; received {doors!r}."
        )


def _clone_functional(
    model: Any, input_tensors: Any, copy: Callable[[Layer], Layer], call: Any
) -> Any:
    """The graph of `model` walked with new layers."""
    if input_tensors is None:
        doors = [copy(node.operation).output for node in model._doors.values()]
    else:
        doors = _tree.flatten(input_tensors)
        _check_doors(doors, len(model.inputs), model)
    copies: dict[int, Any] = {}

    def called(step: Step, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        old = step.operation
        if isinstance(old, FunctionOperation):
            return operation(old.function)(*args, **kwargs)
        if id(old) not in copies:
            copies[id(old)] = copy(old)
        if call is None:
            return copies[id(old)](*args, **kwargs)
        return call(copies[id(old)], *args, **kwargs)

    inputs, outputs = model._steps.again(doors, called)
    plain = type(model).__init__ in (Functional.__init__, Model.__init__)
    return (type(model) if plain else Functional)(inputs, outputs, name=model.name)
