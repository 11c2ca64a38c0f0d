"""Layers to descriptions and back."""

from collections.abc import Mapping
from typing import Any

from profond import _families


def serialize(layer: Any) -> Any:
    """A JSON-able description of a layer."""
    return _families.serialize(layer)


def deserialize(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The layer that `serialize` described, without its weights.

    Args:
        config: The description.
        custom_objects: Classes and functions by name, beside the registered ones.

    Raises:
        ValueError: If it names a class that is not known.
    """
    from profond import layers

    table = {name: getattr(layers, name) for name in layers.__all__ if name[0].isupper()}
    return _families.from_config(config, table, custom_objects)
