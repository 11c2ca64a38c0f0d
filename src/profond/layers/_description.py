"""How a layer is described for a file: the arguments of its constructor, by name."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

Given = tuple[tuple[Any, ...], dict[str, Any]]


def described_arguments(cls: type, given: Given) -> dict[str, Any]:
    """The arguments given to the constructor of `cls`, and the defaults of the others.

    Args:
        cls: A class of layers.
        given: Positional and keyword arguments.

    Returns:
        Values for JSON, by name.

    Raises:
        TypeError: If the constructor takes positional arguments of any number.
    """
    from profond.saving import serialize_keras_object

    args, kwargs = given
    signature = inspect.signature(cls)
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    flat: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            flat.update(value)
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            if value:
                raise TypeError(
                    f"{cls.__name__} takes positional arguments of any number, which cannot be "
                    "described. Define its `get_config`."
                )
        else:
            flat[name] = value
    if cls.__module__.startswith("profond.") and "activation" in flat:
        flat["activation"] = flat["activation"] or "linear"  # as Keras writes it
    described = {name: serialize_keras_object(value) for name, value in flat.items()}
    return {k: v for k, v in described.items() if not (k in ("name", "dtype") and v is None)}


def with_changes(layer: Any, described: dict[str, Any]) -> dict[str, Any]:
    """The description with the attributes that got another value since: `layer.rate = 0.1`."""
    from profond.saving import serialize_keras_object

    own = vars(layer)
    changed = {
        name: serialize_keras_object(own[name])
        for name, value in own.get("_as_made", {}).items()
        if name in described and name in own and own[name] is not value
    }
    return {**described, **changed}


def arguments_from(cls: type, base: type, config: dict[str, Any]) -> dict[str, Any]:
    """The arguments that `config` describes, for the constructor of `cls`.

    Keras's files name features that are not here (quantization) as not in use: what is None
    and not known to a built-in class is left out.

    Args:
        cls: A class of layers.
        base: `Layer`, whose arguments all classes take.
        config: What `get_config` returned.
    """
    from profond.saving import deserialize_keras_object

    known = {*inspect.signature(cls).parameters, *inspect.signature(base.__init__).parameters}
    own = not cls.__module__.startswith("profond.")
    return {
        key: deserialize_keras_object(value) if _is_description(value) else value
        for key, value in config.items()
        if value is not None or key in known or own
    }


def noting_arguments(cls: type, init: Callable[..., None]) -> Callable[..., None]:
    """The constructor of a built-in class, which remembers its arguments.

    A user's subclass that defines `get_config` finds them in `super().get_config()`.
    """
    names = list(inspect.signature(init).parameters)[1:]

    @functools.wraps(init)
    def noting(self: Any, *args: Any, **kwargs: Any) -> None:
        # The outermost built-in class is the first to come here, and the last to leave.
        own = self.__dict__
        own.setdefault("_builtin_arguments", (cls, (args, kwargs)))
        init(self, *args, **kwargs)
        own["_as_made"] = {name: own[name] for name in names if name in own}

    return noting


def _is_description(value: Any) -> bool:
    """Whether `value` is, or holds, what `serialize_keras_object` makes of an object."""
    if isinstance(value, dict):
        return ("class_name" in value and ("config" in value or "items" in value)) or any(
            _is_description(v) for v in value.values()
        )
    return isinstance(value, list | tuple) and any(_is_description(v) for v in value)
