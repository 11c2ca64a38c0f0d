"""What all families of named objects share: by name, by configuration, to a configuration."""

import inspect
from collections.abc import Mapping
from typing import Any

from profond._lookup import unknown


def find(name: str, table: Mapping[str, Any], kind: str) -> Any:
    """The entry of `table` called `name`, else what a user registered under that name.

    Raises:
        ValueError: If there is neither; the message has the nearest name and all names.
    """
    if name in table:
        return table[name]
    from profond.saving import get_registered_object

    registered = get_registered_object(name)
    if registered is None:
        raise ValueError(unknown(name, table, kind))
    return registered


def from_config(
    config: Mapping[str, Any],
    table: Mapping[str, Any],
    custom_objects: Mapping[str, Any] | None = None,
) -> Any:
    """The object that `config` describes, in Keras's JSON form or without its `module`.

    Args:
        config: `{"class_name": ..., "config": {...}}`, perhaps with `"module"` and
            `"registered_name"`.
        table: The family's own classes by name; anything else is looked for among the
            registered and custom objects.
        custom_objects: Classes and functions by name, which come first.
    """
    name, module = str(config.get("class_name")), config.get("module") or "keras"
    ours = name in table and module.split(".")[0] in ("keras", "profond")
    if not ours or (custom_objects and name in custom_objects):
        from profond.saving import deserialize_keras_object

        return deserialize_keras_object(dict(config), custom_objects=custom_objects)  # type: ignore[arg-type]
    return table[name].from_config(dict(config.get("config") or {}))


def decode(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The arguments in a configuration, with the objects, tuples and arrays it describes."""
    from profond.saving import deserialize_keras_object

    return {k: deserialize_keras_object(v, custom_objects) for k, v in config.items()}


def serialize(obj: Any) -> Any:
    """Keras's JSON form of `obj`."""
    from profond.saving import serialize_keras_object

    return serialize_keras_object(obj)


def interpret(
    identifier: Any,
    table: Mapping[str, Any],
    kind: str,
    custom_objects: Mapping[str, Any] | None = None,
) -> Any:
    """The callable that `identifier` means: a name, a configuration, a class or a callable.

    Raises:
        ValueError: If a name is unknown.
        TypeError: If it is none of these.
    """
    if identifier is None:
        return None
    if isinstance(identifier, Mapping):
        found = from_config(identifier, table, custom_objects)
    elif isinstance(identifier, str):
        found = find(identifier, table, kind)
    else:
        found = identifier
    if inspect.isclass(found):
        found = found()
    if not callable(found):
        raise TypeError(
            f"{kind} must be a name, a configuration dict, a callable or None; "
            f"received {identifier!r} of type {type(identifier).__name__}."
        )
    return found
