"""Functions in a model's graph as JSON-able data, in Keras 3's form, and back.

Keras has a class for each function, `Add` for `ops.add`: its tensors are arguments of the call,
its options (an axis) are those of the class. Here a function stays one, and the division is
made when it is described.
"""

import functools
import importlib
import inspect
from collections.abc import Mapping
from typing import Any

from profond._symbolic import FunctionOperation, Node, is_symbolic
from profond.saving import (
    get_registered_name,
    get_registered_object,
    serialize_keras_object,
)

# Parameters that are operands, given in the call even where they are plain numbers.
_OPERANDS = frozenset(
    "a array b condition data elements indices inputs key operands pred predictions q "
    "segment_ids sorted_sequence start_indices target targets updates values x x1 x2 xs y".split()
)

# Where Keras keeps the classes of the functions that are not in its `ops.numpy`.
_ELSEWHERE = {
    "math": (
        "cdist erf erfc erfinv in_top_k logdet logsumexp rsqrt segment_max segment_min "
        "segment_prod segment_sum top_k"
    ).split(),
    "core": (
        "cast cond convert_to_tensor fori_loop map saturate_cast scan scatter scatter_update "
        "slice slice_update stop_gradient switch unstack vectorized_map while_loop"
    ).split(),
}

_Table = Mapping[str, Any] | None


def function_config(operation: FunctionOperation, node: Node) -> tuple[dict[str, Any], Any, Any]:
    """The description of a function in a graph, and the arguments of its call.

    Returns:
        Description without name and calls; positional and keyword arguments of the call.

    Raises:
        TypeError: If a file cannot name the function.
    """
    function = operation.function
    where = _module_in_keras(operation, node)
    if where is None:
        description = {
            "module": None,
            "class_name": "function",
            "config": {"name": operation.name},
            "registered_name": _own_name(function),
        }
        return description, node.args, node.kwargs
    name = function.__name__
    args, options = _divided(function, node)
    class_name = "GetItem" if name == "getitem" else name.title().replace("_", "")
    description = {
        "module": f"keras.src.ops.{where}",
        "class_name": class_name,
        "config": {"name": operation.name, **serialize_keras_object(options)},
        "registered_name": class_name,
    }
    return description, args, {}


def function_from_config(description: Mapping[str, Any], custom_objects: _Table) -> Any:
    """The function that a description of a graph names, with its options filled in.

    Returns:
        A function of the call's arguments; None if the description is of a layer.

    Raises:
        ValueError: If the function is not known.
    """
    from profond.saving import deserialize_keras_object

    module = str(description.get("module") or "")
    name = str(description["class_name"])
    if name == "function":
        return _own_function(str(description["registered_name"]), custom_objects)
    if not module.startswith("keras.src.ops"):
        return None
    ops = importlib.import_module("profond.ops")
    known = {key.replace("_", ""): key for key in ops.__all__}
    key = known.get(name.lower())
    if key is None:
        from profond._lookup import unknown

        raise ValueError(unknown(name, ops.__all__, "function in the description of a model"))
    options = {k: v for k, v in description["config"].items() if k != "name"}
    options = deserialize_keras_object(options, custom_objects)
    function = getattr(ops, key)
    if key == "getitem":
        return lambda x, place: function(x, tuple(place) if isinstance(place, list) else place)
    return functools.partial(function, **options) if options else function


def _module_in_keras(operation: FunctionOperation, node: Node) -> str | None:
    """The last part of the module of Keras that has the function's class; None without one."""
    from profond import activations, ops

    name = operation.name_of_function
    if name not in ops.__all__:
        return None
    if inspect.unwrap(getattr(ops, name)) is not inspect.unwrap(operation.function):
        # `activations.relu` without its options is `ops.relu`.
        activation = getattr(activations, name, None)
        same = inspect.unwrap(activation) is inspect.unwrap(operation.function)  # type: ignore[arg-type]
        if activation is None or not same or len(node.args) > 1 or node.kwargs:
            return None
    for namespace, names in _ELSEWHERE.items():
        if name in names:
            return namespace
    if name in ops.numpy.__all__ or name == "getitem":
        return "numpy"
    return "nn" if name in ops.nn.__all__ else "linalg"


def _own_name(function: Any) -> str:
    """The name under which a file may call a function that Keras has no class for.

    Raises:
        TypeError: If there is none.
    """
    from profond import activations

    name = getattr(function, "__name__", "")
    if name in activations.__all__:
        if inspect.unwrap(getattr(activations, name)) is inspect.unwrap(function):
            return f"activations.{name}"
    registered = get_registered_name(function)
    if get_registered_object(registered) is not function:
        raise TypeError(
            f"the function {name!r} in the graph cannot be saved; use one of `profond.ops`, put "
            "it into a layer, or register it with `register_keras_serializable`."
        )
    return registered


def _own_function(name: str, custom_objects: _Table) -> Any:
    """The function of a name made by `_own_name`.

    Raises:
        ValueError: If there is none.
    """
    from profond import activations

    short = name.removeprefix("activations.")
    if short != name and short in activations.__all__:
        return getattr(activations, short)
    found = get_registered_object(name, custom_objects)
    if found is None:
        raise ValueError(
            f"Unknown function {name!r} in the description of a model. Register it before "
            "loading, or pass `custom_objects={...}`."
        )
    return found


def _divided(function: Any, node: Node) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Operands in order, and options by name, of a call."""
    bound = inspect.signature(function).bind(*node.args, **node.kwargs)
    operands: list[Any] = []
    options: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        if name in _OPERANDS or is_symbolic(value):
            operands.append(value)
        else:
            options[name] = value
    return tuple(operands), options
