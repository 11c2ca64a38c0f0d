"""Files of weights, by what is in them and not by their names' endings; none is run as code."""

import json
import os
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from profond.architectures.pretrained import _keras_file, _torch_names
from profond.architectures.pretrained._places import Place, places_of
from profond.architectures.pretrained._preprocessing import IMAGENET, ImagePreprocessing

BY_LAYER = "profond weights by layer"  # the format that `save_pretrained` writes
_OWN_KERAS = "model.weights.safetensors"  # in a `.keras` file of ours
_IMAGENET_CLASSES = 1000
_BOMB = 200  # times that a file in a zip may be larger than its compressed form


@dataclass
class Source:
    """Weights in a file.

    Attributes:
        kind: What the file is, in words.
        layers: By layer: the tensors in order, by their names here, or by torch's words.
        torch: Whether the words and the layout are torch's.
        by_module: Whether the names are those of torch's tree of modules, not of layers.
        preprocessing: What the images were like, if the file says it.
    """

    kind: str
    layers: dict[str, list[Tensor] | dict[str, Tensor]]
    torch: bool = False
    by_module: bool = False
    preprocessing: ImagePreprocessing | None = None
    head: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.head = next(reversed(self.layers), None)

    def of(self, name: str, place: Place) -> dict[str, Tensor]:
        """The tensors of a layer by our names and in our layout, for a place in a model."""
        found = self.layers[name]
        if isinstance(found, list):
            names = list(place.weights)
            more = [f"weight {i}" for i in range(len(names), len(found))]
            return dict(zip([*names, *more], found, strict=False))
        if self.by_module:
            known = {id(weight): word for word, weight in place.weights.items()}
            own = place.layer.state_dict(keep_vars=True)
            words = {key: known[id(w)] for key, w in own.items() if id(w) in known}
            return {words.get(key, key): value for key, value in found.items()}
        return _torch_names.in_our_layout(place, found) if self.torch else found


def read_source(path: str | os.PathLike[str], member: int, places: list[Place]) -> Source:
    """The weights in a file or in the folder of a kept model.

    Args:
        path: The file or folder.
        member: Which network of a kept model.
        places: The layers of the model to be filled, of which the modules' names are taken where
            the file has such.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If it is none of the known kinds, or damaged.
    """
    source = _read(Path(path), member)
    if source.by_module:  # a layer's weights may be in modules inside it
        modules = {place.module for place in places}
        layers: dict[str, Any] = {}
        for module, tensors in source.layers.items():
            parts = module.split(".")
            outer = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
            layer = next((name for name in outer if name in modules), module)
            inside = module.removeprefix(layer).removeprefix(".")
            assert isinstance(tensors, dict)  # as `_by_module` makes them
            for word, value in tensors.items():
                layers.setdefault(layer, {})[f"{inside}.{word}" if inside else word] = value
        source = replace(source, layers=layers)
    return source


def _read(path: Path, member: int) -> Source:
    if not path.exists():
        raise FileNotFoundError(f"there is no file of weights {str(path)!r}.")
    if path.is_dir():
        return _kept_model(path, member)
    with path.open("rb") as file:
        begin = file.read(9)
    if zipfile.is_zipfile(path):
        return _archive(path, member)
    if begin[:4] == b"\x89HDF":
        raise ValueError(
            f"{str(path)!r} is HDF5 alone, whose layers have no names to go by. Keep the whole "
            "model in Keras, `model.save('name.keras')`, and give that file."
        )
    if begin[8:9] == b"{":
        return _safetensors(path)
    return _torch_file(path)


def _archive(path: Path, member: int) -> Source:
    """A zip: of Keras, of ours, of a kept model, or of torch."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        for info in archive.infolist():
            if info.file_size > _BOMB * info.compress_size + (1 << 20):
                raise ValueError(
                    f"{str(path)!r}: {info.filename!r} would be many times its compressed size."
                )
        if {_keras_file.CONFIG, _keras_file.WEIGHTS} <= names:
            try:
                return Source("a file of Keras", dict(_keras_file.read_keras(archive, str(path))))
            except (zipfile.BadZipFile, EOFError, json.JSONDecodeError) as error:
                raise ValueError(f"{str(path)!r} is a damaged file of Keras: {error}.") from error
        if _OWN_KERAS in names:
            return _by_module("a .keras file of profond", _tensors(archive.read(_OWN_KERAS), path))
    if any(name.endswith("/data.pkl") for name in names):
        return _torch_file(path)
    return _kept_model(path, member)


def _kept_model(path: Path, member: int) -> Source:
    """A kept model's folder, or a zip of it."""
    from profond.models import model_from_json
    from profond.saving._kept_files import MODEL_FILE, WEIGHTS_FILE, read_kept_file

    read = {name: read_kept_file(path, name) for name in (MODEL_FILE, WEIGHTS_FILE)}
    absent = [name for name, content in read.items() if content is None]
    if absent:
        raise ValueError(f"{str(path)!r} is not a kept model: {', '.join(absent)} is missing.")
    try:
        architecture = json.loads(read[MODEL_FILE] or b"")["architecture"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}/{MODEL_FILE} is truncated or damaged: {error}.") from error
    arrays = _tensors(read[WEIGHTS_FILE] or b"", path)
    network = model_from_json(json.dumps(architecture))
    count = len(network.weights)
    names = [f"network_{member}.weight_{i:03d}" for i in range(count)]
    if any(name not in arrays for name in names):
        known = len({name.split(".")[0] for name in arrays if name.startswith("network_")})
        raise ValueError(
            f"`member` must be the number of a network in {str(path)!r}, from 0 to {known - 1}; "
            f"received {member}."
        )
    values = {id(w): arrays[name] for w, name in zip(network.weights, names, strict=True)}
    layers: dict[str, Any] = {
        place.name: {name: values[id(w)] for name, w in place.weights.items()}
        for place in places_of(network)
    }
    kept = read_kept_file(path, "preprocessing.json")
    described = json.loads(kept) if kept else None
    images = described.get("image") if isinstance(described, dict) else None
    known = ImagePreprocessing.from_dict(images) if images else None
    return Source("a kept model", layers, preprocessing=known)


def _safetensors(path: Path) -> Source:
    """A file of safetensors: of `save_pretrained`, of `save_weights`, or under torch's names."""
    from safetensors import SafetensorError, safe_open

    kind = "a file of safetensors"
    try:
        with safe_open(path, framework="pt") as file:
            facts = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{str(path)!r} is truncated or damaged: {error}.") from error
    known = facts.get("preprocessing")
    preprocessing = ImagePreprocessing.from_dict(json.loads(known)) if known else None
    if facts.get("contents") == BY_LAYER:
        order = json.loads(facts["layers"])
        layers: dict[str, Any] = {name: {} for name in order}
        for name, value in state.items():
            layer, _, weight = name.rpartition(".")
            layers.setdefault(layer, {})[weight] = value
        return Source(kind, layers, preprocessing=preprocessing)
    if _torch_names.is_torch_naming(state):
        return _under_torch_names(kind, state, preprocessing)
    return _by_module(kind, state)


def _torch_file(path: Path) -> Source:
    """A `state_dict` that `torch.save` wrote; nothing but tensors is taken of it."""
    import pickle

    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise ValueError(
            f"{str(path)!r} is no file of weights that can be read safely: it holds objects that "
            "would run code, or is damaged. Keep the weights alone, in torch: "
            "`torch.save(model.state_dict(), path)`."
        ) from error
    for key in ("state_dict", "model_state_dict", "model"):  # of a training's checkpoint
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            state = state[key]
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise ValueError(
            f"{str(path)!r} holds no `state_dict`, a dict of tensors by name; it holds "
            f"{type(state).__name__}."
        )
    if not _torch_names.is_torch_naming(state):
        return _by_module("a state_dict of torch", dict(state))
    return _under_torch_names("a state_dict of torch", dict(state), None)


def _under_torch_names(
    kind: str, state: dict[str, Tensor], preprocessing: ImagePreprocessing | None
) -> Source:
    """Tensors under torch's names, with ImageNet's preprocessing where they are its classes."""
    layers = _torch_names.grouped(state)
    fc, conv = layers.get("fc", {}).get("weight"), layers.get("conv1", {}).get("weight")
    if preprocessing is None and fc is not None and conv is not None:
        colour = "layer1_0_conv1" in layers and conv.shape[1] == 3
        if colour and fc.shape[0] == _IMAGENET_CLASSES:
            preprocessing = IMAGENET
    return Source(kind, dict(layers), torch=True, preprocessing=preprocessing)


def _by_module(kind: str, state: dict[str, Tensor]) -> Source:
    """Tensors under the names of a `state_dict()` of ours."""
    layers: dict[str, Any] = {}
    for name, value in state.items():
        module, _, weight = name.rpartition(".")
        layers.setdefault(module, {})[weight] = value
    return Source(kind, layers, by_module=True)


def _tensors(content: bytes, path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(content)
    except SafetensorError as error:
        raise ValueError(
            f"the weights in {str(path)!r} are truncated or damaged: {error}."
        ) from error
