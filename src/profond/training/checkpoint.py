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
from profond.models._weights_file import contents, named_weights, set_named

_FORMAT = "profond-training-2"


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
        "arguments": arguments_of(model),
        "weights": contents(model),
        "trainable": _flags(model),
        "optimizer": model.optimizer.state_dict() if _is_built(model.optimizer) else {},
        "optimized": _optimized(model),
        "generators": generators_now(model, feed_of(model)),
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
        ValueError: If it belongs to a model of another shape, or another training.
    """
    state = read_state(path)
    check_state(state, model, f"the training state {str(path)!r}")
    put_back(state, model)
    return state["extra"]


def read_state(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What `save_state` wrote, for `put_back`.

    Raises:
        OSError: If the file is damaged or of another kind.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"there is no training state {str(path)!r}.")
    try:
        return state_from_bytes(Path(path).read_bytes())
    except ValueError as error:
        raise OSError(f"{str(path)!r}: {error}") from None


def check_state(state: dict[str, Any], model: Any, what: str) -> None:
    """Refuse a state that does not go on in `model` and its running `fit`, if there is one.

    Args:
        state: A state of `read_state`.
        model: The model, which is not changed.
        what: What the state is, for the message.

    Raises:
        ValueError: Naming all that is different.
    """
    kept, now = state["arguments"], arguments_of(model)
    different = [
        f"{name} was {kept[name]!r} and is {now[name]!r}"
        for name in kept
        if name in now and kept[name] != now[name] and name not in ("weights", "trainable")
    ]
    if kept["weights"] != now["weights"]:
        different.insert(0, _weights_differ(kept["weights"], now["weights"]))
    elif state["trainable"] != _flags(model) and kept.get("trainable") != now.get("trainable"):
        # A callback may have changed what learns since the beginning; both are then right.
        for weight, learned in zip(model.weights, state["trainable"], strict=True):
            if learned is not bool(weight.requires_grad):
                change = "learned and is frozen" if learned else "was frozen and learns"
                different.append(f"the weight {getattr(weight, 'path', '?')!r} {change}")
                break
    if different:
        raise ValueError(
            f"{what} belongs to another training: {'; '.join(different)}. Delete it to start "
            "anew, or go on with the model and the arguments of `fit` that it was made with."
        )


def put_back(state: dict[str, Any], model: Any, position: bool = True) -> None:
    """Put a state into `model` and its running `fit`, if there is one.

    Args:
        state: A state of `read_state` that fits.
        model: The model.
        position: Whether the data are moved to where they were, too.
    """
    set_named(model, state["weights"])
    for weight, flag in zip(model.weights, state["trainable"], strict=True):
        weight.requires_grad_(flag)
    if model.optimizer is not None and state["optimizer"]:
        weights = model.weights
        model.optimizer.build([weights[place] for place in state["optimized"]])
        model.optimizer.load_state_dict(state["optimizer"])
    set_generators(model, state["generators"], feed_of(model))
    run = model.__dict__.get("_run")
    if run is not None:
        run.kept_metrics = state["metrics"]
        if run.passes is not None and position:
            run.passes.go_to(state["position"])


def arguments_of(model: Any) -> dict[str, Any]:
    """What must be the same for a training to go on as if it had not stopped."""
    given = model.__dict__.get("_compile_arguments") or {}
    arguments = {
        "weights": {name: list(weight.shape) for name, weight in named_weights(model).items()},
        "random layers": len(layer_generators(model)),
        "optimizer": _described(model.optimizer),
        "loss": _described(given.get("loss")),
        "metrics": _described([given.get("metrics"), given.get("weighted_metrics")]),
    }
    run, feed = model.__dict__.get("_run"), feed_of(model)
    if run is not None and feed is not None:
        arguments |= {
            "trainable": run.flags_at_start,
            "batch_size": feed.batch_size,
            "the number of rows": feed.num_samples,
            "steps_per_epoch": run.passes.steps,
            "shuffle": feed.shuffle,
            "the data's own generators": len(feed.generators),
        }
    return arguments


def feed_of(model: Any) -> Any:
    """The data of the running `fit`, if there is one."""
    run = model.__dict__.get("_run")
    return None if run is None or run.passes is None else run.passes.feed


def _described(thing: Any) -> Any:
    """Names for losses, metrics and optimizers, in the structure they were given in."""
    if isinstance(thing, list | tuple):
        return [_described(one) for one in thing]
    if isinstance(thing, dict):
        return {str(key): _described(one) for key, one in thing.items()}
    if thing is None or isinstance(thing, str):
        return thing
    return getattr(thing, "__name__", type(thing).__name__)


def _flags(model: Any) -> list[bool]:
    """Which weights learn."""
    return [bool(weight.requires_grad) for weight in model.weights]


def _weights_differ(kept: dict[str, Any], now: dict[str, Any]) -> str:
    """The first difference between two models' weights, in words."""
    for name in [*kept, *now]:
        there, here = kept.get(name), now.get(name)
        if there != here:
            shapes = ("none" if one is None else f"of shape {tuple(one)}" for one in (there, here))
            was, is_now = shapes
            return f"the model's weight {name!r} was {was} and is {is_now}"
    return "the model's weights are in another order"


def _is_built(optimizer: Any) -> bool:
    """Whether there is an optimizer with a state of its own."""
    return optimizer is not None and optimizer.built


def _optimized(model: Any) -> list[int]:
    """The places of the weights that the optimizer was built for: some may be frozen by now."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    places = {id(weight): place for place, weight in enumerate(model.weights)}
    known = getattr(optimizer, "_trainable_variables", ()) if _is_built(optimizer) else ()
    return [places[id(weight)] for weight in known if id(weight) in places]


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


def generators_now(model: Any, feed: Any = None) -> dict[str, Any]:
    """The states of all random generators that a step, or the order of the data, draws from."""
    version, python_state, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state()  # noqa: NPY002
    states: dict[str, Any] = {
        "python": [version, list(python_state), gauss],
        "numpy": [name, keys.tolist(), int(position), int(has_gauss), float(cached)],  # type: ignore[union-attr]
        "torch": torch.get_rng_state(),
        "layers": [_state_of(generator) for generator in layer_generators(model)],
        "data": [_state_of(generator) for generator in getattr(feed, "generators", ())],
    }
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def set_generators(model: Any, states: dict[str, Any], feed: Any = None) -> None:
    """Put all random generators into the states of `generators_now`."""
    version, python_state, gauss = states["python"]
    random.setstate((version, tuple(python_state), gauss))
    name, keys, position, has_gauss, cached = states["numpy"]
    np.random.set_state(  # noqa: NPY002
        (name, np.array(keys, dtype=np.uint32), position, has_gauss, cached)
    )
    torch.set_rng_state(states["torch"])
    of_data = getattr(feed, "generators", None)
    for generators, kept in ((layer_generators(model), "layers"), (of_data, "data")):
        if generators is not None:
            for generator, state in zip(generators, states[kept], strict=True):
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
