"""Weights in safetensors files."""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from profond._files import write_whole
from profond._tensors import convert_to_numpy, convert_to_tensor
from profond.layers._layer import Layer

# Names in a file of what layers keep beside their weights, with the layer's number.
_OWN = "own_variables"


def named_weights(model: Any) -> dict[str, torch.Tensor]:
    """The weights by the names of their places in the model, which no session changes."""
    state = model.state_dict(keep_vars=True)
    return {name: tensor for name, tensor in state.items() if isinstance(tensor, torch.Tensor)}


def contents(model: Any) -> dict[str, torch.Tensor]:
    """The values of the weights by name; a weight that is used twice is written once."""
    written: dict[str, torch.Tensor] = {}
    seen: set[int] = set()
    for name, weight in named_weights(model).items():
        if id(weight) not in seen:
            seen.add(id(weight))
            written[name] = weight.detach().cpu().contiguous()
    return {**written, **_own_variables(model)}


def _own_variables(model: Any) -> dict[str, torch.Tensor]:
    """What layers with a `save_own_variables` of their own want to be kept."""
    kept: dict[str, torch.Tensor] = {}
    for place, layer in enumerate(model._flatten_layers()):
        if type(layer).save_own_variables is not Layer.save_own_variables:
            store: dict[str, Any] = {}
            layer.save_own_variables(store)
            for key, value in store.items():
                tensor = convert_to_tensor(value).detach().cpu()
                kept[f"{_OWN}.{place}.{key}"] = tensor.contiguous().clone()
    return kept


def _load_own_variables(model: Any, kept: dict[str, torch.Tensor], left_alone: set[int]) -> None:
    """Give layers back what `_own_variables` kept."""
    for place, layer in enumerate(model._flatten_layers()):
        prefix = f"{_OWN}.{place}."
        store = {
            name.removeprefix(prefix): convert_to_numpy(value)
            for name, value in kept.items()
            if name.startswith(prefix)
        }
        if store and id(layer) not in left_alone:
            layer.load_own_variables(store)


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write the weights of `model`, whole or not at all.

    Raises:
        ValueError: If the file exists and `overwrite` is False, or the model is not built.
    """
    from safetensors.torch import save

    path = Path(os.fspath(filepath))
    if not path.name.endswith((".safetensors", ".weights.h5")):
        raise ValueError(
            f"`filepath` must end in '.safetensors' (or '.weights.h5'); received {str(path)!r}."
        )
    if path.exists() and not overwrite:
        raise ValueError(f"{str(path)!r} exists; pass `overwrite=True` to replace it.")
    if not model.built:
        raise ValueError(
            f"the model {model.name!r} is not built and has no weights to save: call it on some "
            "data first."
        )
    write_whole(path, save(contents(model), metadata={"format": "pt"}))


def load_weights(
    model: Any,
    filepath: Any,
    skip_mismatch: bool = False,
    objects_to_skip: Sequence[Any] | None = None,
) -> None:
    """Read the weights of `model` from a file of `save_weights`."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = Path(os.fspath(filepath))
    refuse_other_formats(path, "weights file")
    try:
        values = load_file(path)
    except SafetensorError as error:
        raise ValueError(
            f"{str(path)!r} is not a whole safetensors file ({error}). It may be truncated, or "
            "written by another program."
        ) from None
    set_named(model, values, skip_mismatch, objects_to_skip)


def refuse_other_formats(path: Path, what: str) -> None:
    """Refuse what is no file, or one of Keras's in HDF5.

    Args:
        path: What is to be read.
        what: What it should be, for the message.

    Raises:
        FileNotFoundError: If it does not exist.
        ValueError: If it is a folder or in HDF5.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no {what} {str(path)!r}.")
    if path.is_dir():
        raise ValueError(f"{str(path)!r} is a folder; a {what} is required.")
    with path.open("rb") as file:
        if file.read(4) == b"\x89HDF":
            raise ValueError(
                f"{str(path)!r} is a file of Keras in the format HDF5, which cannot be read yet. "
                "Take the weights over in a process that has both libraries: "
                "`model.set_weights(keras_model.get_weights())`."
            )


def set_named(
    model: Any,
    values: dict[str, torch.Tensor],
    skip_mismatch: bool = False,
    objects_to_skip: Sequence[Any] | None = None,
) -> None:
    """Set the weights of `model` by name.

    Raises:
        ValueError: If one is missing, unknown or of another shape, unless `skip_mismatch`.
    """
    if not model.built:
        raise ValueError(
            f"the model {model.name!r} is not built and has no weights to load into: call it on "
            "some data first, or begin it with `profond.Input(shape=...)`."
        )
    left_alone = {
        id(w) for layer in objects_to_skip or () for w in [layer, *getattr(layer, "weights", ())]
    }
    kept = {name: value for name, value in values.items() if name.startswith(f"{_OWN}.")}
    values = {name: value for name, value in values.items() if name not in kept}
    own: dict[int, tuple[list[str], torch.Tensor]] = {}
    for name, weight in named_weights(model).items():
        own.setdefault(id(weight), ([], weight))[0].append(name)
    changes: list[tuple[torch.Tensor, torch.Tensor]] = []
    problems: list[str] = []
    used: set[str] = set()
    for names, weight in own.values():
        used.update(names)
        if id(weight) in left_alone:
            continue
        value = next((values[name] for name in names if name in values), None)
        if value is None:
            problems.append(f"{names[0]}: missing from the file")
        elif value.shape != weight.shape:
            problems.append(
                f"{names[0]}: {tuple(weight.shape)} in the model, {tuple(value.shape)} in the file"
            )
        else:
            changes.append((weight, value))
    problems += [f"{name}: not in the model" for name in sorted(set(values) - used)]
    if problems:
        message = (
            f"the weights do not fit the model {model.name!r}: "
            + "; ".join(problems[:8])
            + (f"; and {len(problems) - 8} more" if len(problems) > 8 else "")
        )
        if not skip_mismatch:
            raise ValueError(message + ". Pass `skip_mismatch=True` to load those that fit.")
        warnings.warn(message, stacklevel=3)
    with torch.no_grad():
        for weight, value in changes:
            weight.copy_(value)
    _load_own_variables(model, kept, left_alone)
