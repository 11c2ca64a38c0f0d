"""The whole state of a training, to and from one file.

Weights, optimizer, every random generator, the metrics of the running epoch, and what the
callbacks ask to keep: a training that goes on from it ends as if it had never stopped.
"""

import json
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch

from profond._files import write_whole
from profond.models._weights_file import contents, set_named

_FORMAT = "profond-training-1"


def save_state(path: str | os.PathLike[str], model: Any, extra: dict[str, Any]) -> None:
    """Write the state of the training of `model`, whole or not at all.

    Args:
        path: Name of the file.
        model: A compiled model, inside or outside of `fit`.
        extra: JSON values and tensors, nested, that are kept beside it.

    Raises:
        OSError: If the file cannot be written.
    """
    run = model.__dict__.get("_run")
    state = {
        "weights": contents(model),
        "trainable": [bool(w.requires_grad) for w in model.weights],
        "optimizer": model.optimizer.state_dict() if _is_built(model.optimizer) else {},
        "generators": generators_now(model),
        "position": run.passes.position() if run is not None and run.passes else None,
        "metrics": [
            torch.as_tensor(v.value if hasattr(v, "value") else v).detach().cpu()
            for metric in model.metrics
            for v in metric.variables
        ],
        "extra": extra,
    }
    write_whole(path, state_bytes(state))


def load_state(path: str | os.PathLike[str], model: Any) -> dict[str, Any]:
    """Put the state of `save_state` back; returns its `extra`.

    Raises:
        OSError: If the file is damaged or of another kind.
        ValueError: If it belongs to a model of another shape.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"there is no training state {str(path)!r}.")
    try:
        state = state_from_bytes(Path(path).read_bytes())
    except ValueError as error:
        raise OSError(f"{str(path)!r}: {error}") from None
    set_named(model, state["weights"])
    for weight, flag in zip(model.weights, state["trainable"], strict=True):
        weight.requires_grad_(flag)
    if model.optimizer is not None and state["optimizer"]:
        model.optimizer.build(model.trainable_weights)
        model.optimizer.load_state_dict(state["optimizer"])
    set_generators(model, state["generators"])
    run = model.__dict__.get("_run")
    if run is not None:
        run.kept_metrics = state["metrics"]
        if run.passes is not None:
            run.passes.go_to(state["position"])
    return state["extra"]


def _is_built(optimizer: Any) -> bool:
    """Whether there is an optimizer with a state of its own."""
    return optimizer is not None and optimizer.built


def state_bytes(state: Any) -> bytes:
    """JSON values and tensors, nested, as the content of one safetensors file."""
    from safetensors.torch import save

    tensors: dict[str, torch.Tensor] = {}
    skeleton = _without_tensors(state, tensors)
    return save(tensors, metadata={"format": _FORMAT, "state": json.dumps(skeleton)})


def state_from_bytes(content: bytes) -> Any:
    """What `state_bytes` wrote.

    Raises:
        ValueError: If the content is damaged or of another kind.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors = load(content)
        size = int.from_bytes(content[:8], "little")
        metadata = json.loads(content[8 : 8 + size]).get("__metadata__", {})
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"damaged, or not a training state ({error}).") from None
    if metadata.get("format") != _FORMAT:
        raise ValueError(
            f"not a training state of this version; found format {metadata.get('format')!r}."
        )
    return _with_tensors(json.loads(metadata["state"]), tensors)


def generators_now(model: Any) -> dict[str, Any]:
    """The states of all random generators that a step may draw from."""
    version, python_state, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state()  # noqa: NPY002
    states: dict[str, Any] = {
        "python": [version, list(python_state), gauss],
        "numpy": [name, keys.tolist(), int(position), int(has_gauss), float(cached)],  # type: ignore[union-attr]
        "torch": torch.get_rng_state(),
        "layers": [_state_of(generator) for generator in layer_generators(model)],
    }
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def set_generators(model: Any, states: dict[str, Any]) -> None:
    """Put all random generators into the states of `generators_now`."""
    version, python_state, gauss = states["python"]
    random.setstate((version, tuple(python_state), gauss))
    name, keys, position, has_gauss, cached = states["numpy"]
    np.random.set_state(  # noqa: NPY002
        (name, np.array(keys, dtype=np.uint32), position, has_gauss, cached)
    )
    torch.set_rng_state(states["torch"])
    for generator, state in zip(layer_generators(model), states["layers"], strict=True):
        _set_state_of(generator, state)
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(states["cuda"])


def layer_generators(model: Any) -> list[Any]:
    """The private generators of layers, in order."""
    from profond.random import SeedGenerator

    found: list[Any] = []
    for layer in model._flatten_layers():
        for value in layer.__dict__.values():
            if isinstance(value, SeedGenerator | torch.Generator) and value not in found:
                found.append(value)
    return found


def _state_of(generator: Any) -> torch.Tensor:
    """The state of a `SeedGenerator` or a torch generator."""
    return generator.get_state() if isinstance(generator, torch.Generator) else generator.state


def _set_state_of(generator: Any, state: torch.Tensor) -> None:
    """Put a generator into a state of `_state_of`."""
    if isinstance(generator, torch.Generator):
        generator.set_state(state)
    else:
        generator.state = state


def _without_tensors(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """`value` for JSON, each tensor replaced by its place in `tensors`."""
    if isinstance(value, torch.Tensor):
        key = f"t{len(tensors)}"
        tensors[key] = value.detach().cpu().contiguous().clone()
        return {"__tensor__": key}
    if isinstance(value, np.ndarray):
        return {"__array__": _without_tensors(torch.from_numpy(value.copy()), tensors)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(k): _without_tensors(v, tensors) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_tensors(v, tensors) for v in value]
    return value


def _with_tensors(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """The inverse of `_without_tensors`."""
    if isinstance(value, dict):
        if "__tensor__" in value:
            return tensors[value["__tensor__"]]
        if "__array__" in value:
            return _with_tensors(value["__array__"], tensors).numpy()
        return {k: _with_tensors(v, tensors) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_tensors(v, tensors) for v in value]
    return value
