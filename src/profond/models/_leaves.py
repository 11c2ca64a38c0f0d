"""The layers that compute, in a model and in the models inside it."""

from typing import Any


def leaf_layers(model: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """The layers of a model in its order, with those of models inside in their place.

    Args:
        model: The model.
        prefix: What stands before each name.

    Returns:
        Name and layer; the name of one in a model inside has that model's and a `/` before it.
    """
    found: list[tuple[str, Any]] = []
    for layer in model.layers:
        if hasattr(layer, "layers"):
            found += leaf_layers(layer, f"{prefix}{layer.name}/")
        else:
            found.append((prefix + layer.name, layer))
    return found
