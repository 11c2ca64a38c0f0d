"""Weights from a file into a model, and back to one that says what they need."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from profond._files import write_whole
from profond.architectures.pretrained._places import Place, places_of
from profond.architectures.pretrained._preprocessing import ImagePreprocessing
from profond.architectures.pretrained._report import LoadedWeights
from profond.architectures.pretrained._sources import BY_LAYER, Source, read_source

_SHOWN = 6  # layers in a message, at most


def load_pretrained(
    model: Any,
    path: str | os.PathLike[str],
    *,
    head: bool | None = None,
    member: int = 0,
) -> LoadedWeights:
    """Fill a model with the weights of one that was trained before.

    The file may be a kept model (its folder or a zip of it), safetensors (of `save_pretrained`,
    of `save_weights`, or under torch's names), a `state_dict` of torch (torchvision's ResNets:
    `conv1.weight`, `layer1.0.bn1.running_mean`, `fc.weight`; read with `weights_only=True`), or a
    `.keras` file. No code in it is run.

    Layers are found by name, those of a model inside another too. Where the names differ and the
    layers come one after the other in a single row, as many as in the file, they are taken in
    order. The head, the dense layer at the end, is left out if it has another number of outputs.
    Either all of this is done or nothing.

    Args:
        model: A built model.
        path: The file or folder.
        head: True requires the head to fit too, False leaves it out in any case; None loads it if
            it fits.
        member: Which network of a kept model, from 0.

    Returns:
        What was loaded and what not, and what the network's inputs are to be.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is of another network (the message names layers and shapes), of
            another kind, or damaged.
        ImportError: If a `.keras` file is given and h5py is not installed.
    """
    places = places_of(model)
    source = read_source(path, member, places)
    pairs, matched = _matched(model, places, source)
    left_out: dict[str, str] = {}
    problems: list[str] = []
    changes: list[tuple[Tensor, Tensor]] = []
    loaded: list[str] = []
    for place in places:
        name = pairs.get(place.name)
        if place.head and head is False:
            left_out[place.name] = "asked for with head=False"
            continue
        if name is None:
            left_out[place.name] = "the file has no such layer"
            continue
        given = source.of(name, place)
        wrong = _differences(place, given)
        if wrong and place.head and head is None and _other_outputs(place, given):
            there, here = given["kernel"].shape[-1], place.layer.kernel.shape[-1]
            left_out[place.name] = f"{there} outputs in the file, {here} in the model"
        elif wrong:
            problems.append(f"{place.name}: {', '.join(wrong)}{_explained(place, places, given)}")
        else:
            changes += [(weight, given[word]) for word, weight in place.weights.items()]
            loaded.append(place.name)
    if head and places[-1].name in left_out:
        problems.append(f"{places[-1].name}: {left_out[places[-1].name]}")
    if problems:
        raise ValueError(_do_not_fit(model, path, problems))
    _refuse_not_finite(path, [value for _, value in changes])
    with torch.no_grad():
        for weight, value in changes:
            weight.copy_(value)
    used = {pairs[name] for name in loaded}
    not_used = tuple(name for name in source.layers if name not in used)
    return LoadedWeights(
        source.kind, tuple(loaded), left_out, not_used, matched, source.preprocessing
    )


def save_pretrained(
    model: Any,
    path: str | os.PathLike[str],
    *,
    preprocessing: ImagePreprocessing | None = None,
) -> None:
    """Keep the weights of a model under its layers' names, with what its inputs are to be.

    Args:
        model: A built model.
        path: Name of the file, ending in `.safetensors`.
        preprocessing: How the images of its training were prepared.

    Raises:
        ValueError: If the name has another ending, or the model is not built.
    """
    from safetensors.torch import save

    if Path(path).suffix != ".safetensors":
        raise ValueError(f"`path` must end in '.safetensors'; received {str(path)!r}.")
    places = places_of(model)
    facts = {"format": "pt", "contents": BY_LAYER}
    facts["layers"] = json.dumps([place.name for place in places])
    if preprocessing is not None:
        facts["preprocessing"] = json.dumps(preprocessing.to_dict())
    tensors = {
        f"{place.name}.{name}": weight.detach().cpu().contiguous()
        for place in places
        for name, weight in place.weights.items()
    }
    write_whole(path, save(tensors, metadata=facts))


def _matched(model: Any, places: list[Place], source: Source) -> tuple[dict[str, str], str]:
    """The name in the file for the name of each layer here, and how they were found.

    Raises:
        ValueError: If the layers are not the same.
    """
    known = {_short(name, source.layers): name for name in source.layers}
    here = [place.name for place in places]
    names = {p.name: p.module if source.by_module else _short(p.name, here) for p in places}
    names = {name: known.get(there, there) for name, there in names.items()}
    missing = [p.name for p in places if names[p.name] not in source.layers and not p.head]
    unknown = [n for n in source.layers if n not in names.values() and n != source.head]
    if not missing and not unknown:
        return {name: there for name, there in names.items() if there in source.layers}, "by name"
    # Names that were counted in another session may agree here and there by chance.
    if len(source.layers) == len(places) and _in_a_row(model):
        return dict(zip(names, source.layers, strict=True)), "in order"
    problems = []
    if missing:
        problems.append(f"the file has no {_some(missing)}")
    if unknown:
        problems.append(f"the model has no {_some(unknown)}")
    raise ValueError(
        f"{source.kind} with {len(source.layers)} layers that have weights is of another network "
        f"than the model {model.name!r} with {len(places)}: {'; '.join(problems)}. Build the "
        "model as the file's was built; layers are found by their names."
    )


def _short(name: str, names: Iterable[str]) -> str:
    """A layer's own name, without those of the models around it, where no other has it too."""
    last = name.rpartition("/")[2]
    return last if sum(one.rpartition("/")[2] == last for one in names) == 1 else name


def _in_a_row(model: Any) -> bool:
    """Whether the layers come one after the other, so that their order says all."""
    inner = [layer for layer in model.layers if hasattr(layer, "layers")]
    return bool(model._in_a_row()) and all(_in_a_row(layer) for layer in inner)


def _differences(place: Place, given: dict[str, Tensor]) -> list[str]:
    """What does not fit, in words."""
    own = place.weights
    found = [
        f"`{name}` {tuple(weight.shape)} in the model, {tuple(given[name].shape)} in the file"
        for name, weight in own.items()
        if name in given and tuple(given[name].shape) != tuple(weight.shape)
    ]
    found += [f"no `{name}` in the file" for name in own if name not in given]
    return found + [f"no `{name}` in the model" for name in given if name not in own]


def _other_outputs(place: Place, given: dict[str, Tensor]) -> bool:
    """Whether a head differs in the number of its outputs alone."""
    kernel = given.get("kernel")
    if kernel is None or set(given) != set(place.weights):
        return False
    return tuple(kernel.shape[:-1]) == tuple(place.layer.kernel.shape[:-1])


def _explained(place: Place, places: list[Place], given: dict[str, Tensor]) -> str:
    """Why the first convolution may differ, and the way out."""
    kernel, own = given.get("kernel"), place.weights.get("kernel")
    if place is not places[0] or kernel is None or own is None or kernel.ndim != own.ndim:
        return ""
    if kernel.shape[:-2] != own.shape[:-2]:
        there, here = ("x".join(map(str, k.shape[:-2])) for k in (kernel, own))
        way = {"7x7": "large", "3x3": "small"}.get(there)
        build = f": build the network with stem={way!r}" if way else ""
        return (
            f" (the entrance has kernels of {there} in the file and of {here} in the model{build})"
        )
    if kernel.shape[-2] != own.shape[-2]:
        return (
            f" (images of {kernel.shape[-2]} channels in the file: give the model "
            f"`input_shape=(height, width, {kernel.shape[-2]})`, and repeat a grey channel)"
        )
    return ""


def _do_not_fit(model: Any, path: Any, problems: list[str]) -> str:
    more = len(problems) - _SHOWN
    return (
        f"the weights in {str(path)!r} do not fit the model {model.name!r}: "
        + "; ".join(problems[:_SHOWN])
        + (f"; and {more} more layers" if more > 0 else "")
        + ". Nothing was changed."
    )


def _refuse_not_finite(path: Any, values: list[Tensor]) -> None:
    if not all(bool(torch.isfinite(value).all()) for value in values):
        raise ValueError(f"the weights in {str(path)!r} hold values that are not finite.")


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(map(repr, names[:_SHOWN])) + (f" and {more} more" if more > 0 else "")
