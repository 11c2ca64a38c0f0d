"""What a convolutional network has learned to look for, and what it finds in a sample."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from profond.inspection._network import (
    as_array,
    convolutions,
    kind,
    layer_named,
    mask_of,
    outputs_of,
    samples,
)
from profond.models._leaves import leaf_layers


def learned_filters(model: Any, layer: str | None = None) -> np.ndarray:
    """The kernels of a convolution, as it learned them.

    Args:
        model: A built model.
        layer: Name of a convolution; by default the first, whose kernels lie on the data.

    Returns:
        (size, channels, filters) of series or (height, width, channels, filters) of images; of a
        separable convolution, the kernels of its first part.

    Raises:
        ValueError: If there is no convolution, or the layer is none.
    """
    found = convolutions(model)
    known = dict(found)
    name = found[0][0] if layer is None else layer
    if name not in known:
        one = layer_named(model, name)
        raise ValueError(
            f"`layer` must be a convolution; {name!r} is a {kind(one)}. Convolutions of the model "
            f"{model.name!r}: {', '.join(map(repr, known))}."
        )
    chosen = known[name]
    kernel = getattr(chosen, "depthwise_kernel", None)
    kernel = chosen.kernel if kernel is None else kernel
    return kernel.detach().float().cpu().numpy().copy()


def feature_maps(model: Any, x: Any, layers: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """The activation maps of a network's layers.

    Args:
        model: A built model.
        x: Samples, (batch, time, channels) or (batch, height, width, channels).
        layers: Names of layers, in a model inside with its name and a `/` before; by default all
            convolutions, each with its own activation if it has one.

    Returns:
        Name of the layer to (batch, steps, channels) or (batch, rows, columns, channels), in the
        order of `layers`; NaN in steps that are masked.

    Raises:
        ValueError: If there is no such layer, or one gives no maps.
    """
    tensor = samples(model, x)
    if layers is None:
        chosen = dict(convolutions(model))
    else:
        chosen = {name: layer_named(model, name) for name in layers}
    with torch.no_grad():
        found = outputs_of(model, chosen, tensor)
    for name in chosen:
        if name not in found or found[name].ndim not in (3, 4):
            shape = tuple(found[name].shape) if name in found else "nothing"
            known = [n for n, one in leaf_layers(model) if len(_shape_of(one)) in (3, 4)]
            raise ValueError(
                f"`layers` must give maps; {name!r} gives {shape}. Those that do: "
                f"{', '.join(map(repr, known))}."
            )
    return {name: as_array(found[name], mask_of(found[name])) for name in chosen}


def _shape_of(layer: Any) -> tuple[Any, ...]:
    try:
        return tuple(layer.output.shape)
    except (AttributeError, RuntimeError, ValueError):
        return ()
