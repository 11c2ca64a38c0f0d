"""Activations by their names, and their names again."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import _families
from profond.activations import _functions as own
from profond.ops import _activation as plain

_FUNCTIONS: tuple[Callable[..., Any], ...] = (
    plain.celu,
    plain.elu,
    own.exponential,
    own.gelu,
    plain.glu,
    plain.hard_shrink,
    plain.hard_sigmoid,
    plain.hard_silu,
    plain.hard_tanh,
    plain.leaky_relu,
    own.linear,
    plain.log_sigmoid,
    plain.log_softmax,
    plain.mish,
    own.relu,
    plain.relu6,
    plain.selu,
    own.sigmoid,
    plain.silu,
    plain.soft_shrink,
    own.softmax,
    plain.softplus,
    plain.softsign,
    plain.sparse_plus,
    plain.sparse_sigmoid,
    plain.sparsemax,
    plain.squareplus,
    own.tanh,
    plain.tanh_shrink,
    plain.threshold,
)
_BY_NAME: dict[str, Callable[..., Any]] = {
    **{function.__name__: function for function in _FUNCTIONS},
    "swish": plain.silu,
    "hard_swish": plain.hard_silu,
}
_NAMES = {function: function.__name__ for function in _FUNCTIONS}

# For tensors of floats and default options, the function of torch that does the same.
_KERNELS: dict[Callable[..., Any], Callable[[Tensor], Tensor]] = {
    own.exponential: torch.exp,
    own.gelu: F.gelu,
    plain.hard_sigmoid: F.hardsigmoid,
    plain.hard_silu: F.hardswish,
    plain.log_sigmoid: F.logsigmoid,
    plain.mish: F.mish,
    own.relu: torch.relu,
    plain.relu6: F.relu6,
    plain.selu: torch.selu,
    own.sigmoid: torch.sigmoid,
    plain.silu: F.silu,
    own.tanh: torch.tanh,
}
# torch's own functions have a name in a saved model too.
_NAMES_OF_TORCH = {kernel: function.__name__ for function, kernel in _KERNELS.items()} | {
    F.relu: "relu",
    F.sigmoid: "sigmoid",
    F.tanh: "tanh",
    F.selu: "selu",
}


def get(identifier: Any) -> Callable[..., Any]:
    """The activation that `identifier` means.

    Args:
        identifier: None (the identity), a name (`"relu"`), a configuration, or a callable, which
            comes back as it is; of a class, an instance.

    Raises:
        ValueError: If there is no such name; the message has the nearest one.
        TypeError: If it is none of these.
    """
    if identifier is None:
        return own.linear
    if isinstance(identifier, Mapping):
        return deserialize(identifier)
    return _families.interpret(identifier, _BY_NAME, "activation")


def serialize(activation: Callable[..., Any]) -> Any:
    """The name of a built-in activation, else a configuration that `deserialize` reads.

    Args:
        activation: A function of this module, of torch where it is one of them, a function or
            class registered with `register_keras_serializable`, or a layer.

    Raises:
        TypeError: If it is a lambda, or an object without `get_config`.
    """
    try:
        name = _NAMES.get(activation) or _NAMES_OF_TORCH.get(activation)
    except TypeError:  # not hashable, so not a function
        name = None
    return name or _families.serialize(activation)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The activation that `serialize` described.

    Args:
        config: A name or a configuration.
        custom_objects: Own functions and classes by name, which come first.

    Raises:
        ValueError: If the name is unknown.
    """
    if isinstance(config, str):
        if custom_objects and config in custom_objects:
            return custom_objects[config]
        return _families.find(config, _BY_NAME, "activation")
    name = config.get("config")
    if config.get("class_name") == "function" and not (custom_objects and name in custom_objects):
        if config.get("registered_name") in (None, name) and name in _BY_NAME:
            return _BY_NAME[name]
    return _families.from_config(config, {}, custom_objects)


def kernel(activation: Callable[..., Any]) -> Callable[[Tensor], Tensor]:
    """The cheapest callable that does the same to a tensor of floats.

    For layers that call their activation in a loop, as recurrent ones do: torch's own function,
    which knows neither options nor arrays and does not keep the logits.

    Args:
        activation: What `get` returned.
    """
    return _KERNELS.get(activation, activation)
