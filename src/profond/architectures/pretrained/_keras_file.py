"""Weights in a file of Keras 3, `.keras`: a zip of JSON and HDF5, of which nothing is run."""

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from profond._naming import snake_case

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
_LARGEST_CONFIG = 64 << 20  # bytes
_INFLATED = 4  # times that what HDF5 holds may be larger than its file; Keras does not compress


def read_keras(archive: zipfile.ZipFile, path: str) -> dict[str, list[Tensor]]:
    """The weights of each layer that has some, by name, in the model's order.

    Only names are read of the configuration: no layer is made of it, so that nothing a file asks
    for is run.

    Raises:
        ImportError: If h5py is not installed.
        ValueError: If the file is damaged, or its HDF5 leads to other files.
    """
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            "Reading a .keras file needs h5py: pip install 'profond[keras]'."
        ) from error
    if archive.getinfo(CONFIG).file_size > _LARGEST_CONFIG:
        raise ValueError(f"{path}: {CONFIG} is larger than the description of a model can be.")
    config = json.loads(archive.read(CONFIG))
    content = archive.read(WEIGHTS)
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            room = _INFLATED * len(content) + (1 << 20)
            if sum(_sizes_in(h5py, file, path)) > room:
                raise ValueError(f"{path}: {WEIGHTS} would be many times its size in memory.")
            found = dict(_layers(file, config, ""))
    except (OSError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"{path} is a damaged file of Keras: {error}.") from error
    if not found:
        raise ValueError(f"{path} holds no weights of layers.")
    return found


def _sizes_in(h5py: Any, group: Any, path: str) -> Iterator[int]:
    """The bytes of each array, in all groups; what lies in another file is refused."""
    for name in group:
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise ValueError(f"{path}: {name!r} in {WEIGHTS} leads elsewhere; no model's does.")
        one = group[name]
        if isinstance(one, h5py.Group):
            yield from _sizes_in(h5py, one, path)
        elif one.external or one.is_virtual:
            raise ValueError(f"{path}: {name!r} in {WEIGHTS} lies in another file.")
        else:
            yield one.nbytes


def _layers(group: Any, config: dict[str, Any], prefix: str) -> Iterator[tuple[str, list[Tensor]]]:
    """The layers of a model, in the order of its description, and of the models in it.

    Keras names a layer's group after its class, with a running number.
    """
    counts: Counter[str] = Counter()
    for described in config["config"]["layers"]:
        kind = snake_case(described["class_name"])
        key = f"{kind}_{counts[kind]}" if counts[kind] else kind
        counts[kind] += 1
        name = str(described["config"]["name"])
        if key not in group.get("layers", {}):
            continue
        own = group["layers"][key]
        if "layers" in described["config"]:
            yield from _layers(own, described, f"{prefix}{name}/")
        elif len(own.get("vars", {})):
            stored = own["vars"]
            yield prefix + name, [torch.from_numpy(stored[i][()]) for i in _in_order(stored)]


def _in_order(stored: Any) -> list[str]:
    return sorted(stored, key=int)
