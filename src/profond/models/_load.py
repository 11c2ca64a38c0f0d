"""A model and its state of training in one file, and back."""

import io
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from profond._files import write_whole
from profond.models._weights_file import contents, refuse_other_formats, set_named

_WEIGHTS = "model.weights.safetensors"
_OPTIMIZER = "optimizer.safetensors"
_ASSETS = "assets"


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, include_optimizer: bool = True
) -> None:
    """Write a model to one file: architecture, weights, and state of training.

    The file is a zip of JSON and safetensors: reading it never runs code. (Keras itself reads
    the architecture in it, `config.json`, but keeps weights in another format.)

    Args:
        model: A built model.
        filepath: Name of the file, ending in `.keras`.
        overwrite: Whether an existing file is replaced.
        include_optimizer: Whether loss, metrics and the optimizer's state are kept.

    Raises:
        ValueError: If the name does not end in `.keras`, the file exists and is not to be
            replaced, or the model is not built.
    """
    from safetensors.torch import save

    from profond import __version__
    from profond.saving import serialize_keras_object

    path = Path(os.fspath(filepath))
    if path.suffix != ".keras":
        raise ValueError(
            f"`filepath` must end in '.keras'; received {str(path)!r}. For weights alone there is "
            "`save_weights('name.weights.safetensors')`."
        )
    if path.exists() and not overwrite:
        raise ValueError(f"{str(path)!r} exists; pass `overwrite=True` to replace it.")
    if not model.built:
        raise ValueError(f"the model {model.name!r} is not built: call it on some data first.")
    description = serialize_keras_object(model)
    optimizer_state: dict[str, Any] = {}
    if not include_optimizer:
        description.pop("compile_config", None)
    elif "compile_config" in description and getattr(model.optimizer, "built", False):
        optimizer_state = model.optimizer.state_dict()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"profond_version": __version__}))
        archive.writestr("config.json", json.dumps(description))
        archive.writestr(_WEIGHTS, save(contents(model)))
        if optimizer_state:
            from profond.training.checkpoint import state_bytes

            archive.writestr(_OPTIMIZER, state_bytes(optimizer_state))
        for place, layer in _with_assets(model, "save_assets"):
            with tempfile.TemporaryDirectory() as folder:
                layer.save_assets(folder)
                for file in sorted(Path(folder).rglob("*")):
                    if file.is_file():
                        inside = file.relative_to(folder).as_posix()
                        archive.write(file, f"{_ASSETS}/{place}/{inside}")
    write_whole(path, buffer.getvalue())


def load_model(
    filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """The model that `save_model` wrote.

    Args:
        filepath: Name of the file.
        custom_objects: Classes and functions by name, beside the registered ones.
        compile: Whether the loss, metrics and optimizer are taken up too.
        safe_mode: Accepted for Keras's sake; code in a file is never run.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, of another kind, or names classes that are not known.
    """
    from safetensors.torch import load

    from profond.saving import deserialize_keras_object

    path = Path(os.fspath(filepath))
    refuse_other_formats(path, "model file")
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if _WEIGHTS not in names:
                raise ValueError(
                    f"{str(path)!r} holds no {_WEIGHTS!r}: it was not written by profond "
                    f"(found {sorted(names)})."
                )
            description = json.loads(archive.read("config.json"))
            weights = load(archive.read(_WEIGHTS))
            optimizer = archive.read(_OPTIMIZER) if _OPTIMIZER in names else None
    except zipfile.BadZipFile:
        raise ValueError(
            f"{str(path)!r} is not a whole model file. It may be truncated, or of another kind."
        ) from None
    if not compile:
        description.pop("compile_config", None)
    model = deserialize_keras_object(description, custom_objects, safe_mode)
    set_named(model, weights)
    if optimizer is not None and model.compiled:
        from profond.training.checkpoint import state_from_bytes

        model.optimizer.build(model.trainable_weights)
        model.optimizer.load_state_dict(state_from_bytes(optimizer))
    for place, layer in _with_assets(model, "load_assets"):
        inside = [name for name in names if name.startswith(f"{_ASSETS}/{place}/")]
        if inside:
            with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
                archive.extractall(folder, inside)
                layer.load_assets(str(Path(folder, _ASSETS, str(place))))
    return model


def _with_assets(model: Any, method: str) -> list[tuple[int, Any]]:
    """The layers that keep files of their own (`save_assets`, `load_assets`), with numbers."""
    layers = enumerate(model._flatten_layers())
    return [(place, layer) for place, layer in layers if callable(getattr(layer, method, None))]


def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
    """The model that `to_json` described, with new weights."""
    from profond.saving import deserialize_keras_object

    return deserialize_keras_object(json.loads(json_string), custom_objects)
