"""The layers of a model that have weights, and what is to be known of each to fill it."""

from dataclasses import dataclass
from typing import Any

from profond.models._leaves import leaf_layers


@dataclass(frozen=True)
class Place:
    """A layer with weights.

    Attributes:
        name: The layer's name; of one in a model inside, that model's name before it and a `/`.
        module: Its place in torch's tree, as in the names of `state_dict()`.
        layer: The layer.
        flattened: (height, width, channels), or (time, channels), of what is flattened before a
            dense layer; None elsewhere.
        head: Whether it is the last, that gives the outputs.
    """

    name: str
    module: str
    layer: Any
    flattened: tuple[int, ...] | None = None
    head: bool = False

    @property
    def weights(self) -> dict[str, Any]:
        """The weights by name, in Keras's order; a name that comes again has a number."""
        found: dict[str, Any] = {}
        for weight in self.layer.weights:
            name, count = weight.name, 0
            while name in found:
                count += 1
                name = f"{weight.name}_{count}"
            found[name] = weight
        return found


def places_of(model: Any) -> list[Place]:
    """The layers of `model` that have weights, in order.

    Raises:
        ValueError: If the model is not built, or has no weights.
    """
    if not getattr(model, "built", False):
        raise ValueError(
            f"the model {model.name!r} is not built and has no weights to load into: call it on "
            "some data first, or begin it with `profond.Input(shape=...)`."
        )
    modules = {id(module): name for name, module in model.named_modules()}
    found: list[Place] = []
    flattened: tuple[int, ...] | None = None
    for name, layer in leaf_layers(model):
        kind = type(layer).__name__
        if kind == "Flatten":
            flattened = _sizes_before(layer)
        if layer.weights:
            of_dense = flattened if kind == "Dense" else None
            found.append(Place(name, modules[id(layer)], layer, of_dense))
            flattened = None
    if not found:
        raise ValueError(f"the model {model.name!r} has no weights.")
    last = found[-1]
    if type(last.layer).__name__ == "Dense":
        found[-1] = Place(last.name, last.module, last.layer, last.flattened, head=True)
    return found


def _sizes_before(flatten: Any) -> tuple[int, ...] | None:
    """The shape of what a `Flatten` takes, where it is more than one axis of known sizes."""
    try:
        sizes = tuple(flatten.input.shape[1:])
    except (AttributeError, RuntimeError, ValueError):
        return None
    return sizes if len(sizes) > 1 and None not in sizes else None
