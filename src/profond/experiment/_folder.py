"""A kept model: JSON, safetensors and text in a folder, written whole or not at all."""

import glob
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from profond._exchange import exchange
from profond._progress import Progress
from profond.estimators._trained_model import TrainedModel
from profond.experiment._folder_checks import (
    check_members,
    check_target,
    check_weights,
    refuse_not_finite,
    refuse_other_tensors,
)
from profond.experiment._kind import Kind
from profond.experiment._kinds import described_by, kind_named, kind_of
from profond.experiment._layer_names import counted_anew
from profond.experiment._result import RunResult
from profond.saving._kept_files import MODEL_FILE, WEIGHTS_FILE, read_kept_file

_FORMAT = "profond {kind} model"
FORMAT_VERSION = 3
_NEEDED = (MODEL_FILE, WEIGHTS_FILE, "preprocessing.json", "experiment.toml")
_WRITTEN = (  # by a run; any other file in a model's folder is its owner's
    *_NEEDED,
    "metrics.json",
    "history.csv",
    "report.html",
    "README.md",
    "interrupted.safetensors",
)
_MAKE_ONE = "`profond train` makes one."
# Layers that hold a user's code: no kept model has them, so that none can come in by this door.
_HOLD_CODE = {"Lambda", "TorchModuleWrapper"}
_MODELS = {"Sequential", "Functional"}


def model_files(model: TrainedModel) -> dict[str, bytes]:
    """The files that make a model, by name."""
    import tomli_w
    from safetensors.numpy import save

    from profond import __version__
    from profond.data._target import target_to_dict

    description = {
        "format": _FORMAT.format(kind=model.kind),
        "format_version": FORMAT_VERSION,
        "profond": __version__,
        "task": model.task,
        "target": target_to_dict(model.target),
        "seeds": model.seeds,
        "temperatures": model.temperatures,
        "architecture": _architecture(model),
    }
    arrays = {
        f"network_{i}.weight_{j:03d}": np.ascontiguousarray(weight)
        for i, network in enumerate(model.networks)
        for j, weight in enumerate(network.get_weights())
    }
    for i, residuals in enumerate(model.residuals):
        arrays[f"network_{i}.residuals"] = np.ascontiguousarray(residuals)
    return {
        MODEL_FILE: _json(description),
        "weights.safetensors": save(arrays, metadata={"format": "pt"}),
        "preprocessing.json": _json(model.preprocessor.to_dict()),
        "experiment.toml": tomli_w.dumps(model.experiment).encode(),
        "metrics.json": _json(model.metrics),
    }


def _architecture(model: TrainedModel) -> dict[str, Any]:
    """The first network's description, that of its beginning.

    A network that was trained in this process has the last step size of its schedule, one that a
    stopped run left has the first.
    """
    described = counted_anew(json.loads(model.networks[0].to_json()))
    first = model.experiment.get("training", {}).get("learning_rate")
    optimizer = (described.get("compile_config") or {}).get("optimizer", {}).get("config", {})
    if first is not None and isinstance(optimizer.get("learning_rate"), float):
        optimizer["learning_rate"] = first
    return described


def result_files(result: RunResult, progress: Progress | None = None) -> dict[str, bytes]:
    """The files of a model and of the run that made it, by name.

    Args:
        result: The run.
        progress: Where to show that the report is being written.
    """
    import tomli_w

    from profond.experiment.report import report_html

    sections = result.experiment.to_sections()
    sections["data"] = {**sections["data"], "name": result.name, "source": result.source}
    return {
        **model_files(result.model),
        "experiment.toml": tomli_w.dumps(sections).encode(),
        "history.csv": result.history.to_csv(index=False, lineterminator="\n").encode(),
        "report.html": report_html(result, progress=progress).encode(),
        "README.md": kind_of(result.experiment).card(result).encode(),
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=True) + "\n").encode()


def check_folder(folder: str | os.PathLike[str]) -> Path:
    """The folder as a path without links, after a check that a model can be kept there.

    Raises:
        ValueError: If something else than a kept model is there, or a folder that cannot be moved.
        OSError: If the place cannot be written to.
    """
    path = without_link(folder)
    if path.exists():
        if not path.is_dir():
            raise ValueError(f"{path} is a file; give a folder for the model.")
        if path.resolve() in (here := Path.cwd().resolve(), *here.parents) or os.path.ismount(path):
            raise ValueError(
                f"{folder} cannot hold a model: a model's folder is put in place as a whole, and "
                "this one is in use (you are in it, or a disk is mounted there). Give a folder "
                f"inside it, like {Path(folder) / 'model'}."
            )
        if any(path.iterdir()) and not (path / MODEL_FILE).is_file():
            raise ValueError(
                f"{path} exists and is not a kept model; it is left alone. Give another folder."
            )
    parent = path.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=parent):
            pass
    except OSError as error:
        raise OSError(
            f"The model cannot be kept in {path}: {error.strerror or error}. "
            "Give another folder (--out)."
        ) from error
    return path


def without_link(folder: str | os.PathLike[str]) -> Path:
    """The folder that a symbolic link leads to; other paths as they are, to be shown."""
    path = Path(folder)
    return path.resolve() if path.is_symlink() else path


def holds_model(folder: str | os.PathLike[str]) -> bool:
    """Whether a model is kept in the folder, whole or not."""
    return (Path(folder) / MODEL_FILE).is_file()


def write_folder(folder: str | os.PathLike[str], files: Mapping[str, bytes]) -> None:
    """Write files to a folder that appears whole or not at all.

    They are written beside it under another name; an older folder is moved away when all of
    them are on the disk, and removed when the new one is in its place. Files in the older folder
    that no run writes are moved to the new one.

    Args:
        folder: The folder; its parents are made.
        files: Content by file name.

    Raises:
        ValueError: If the folder exists and is not a kept model.
        OSError: If it cannot be written; an older folder is then as it was.
    """
    path = check_folder(folder)
    parent = path.absolute().parent
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.new-", dir=parent))
    try:
        try:
            for name, content in files.items():
                with (fresh / name).open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
        except OSError as error:
            raise OSError(
                f"The model cannot be kept in {path}: {error.strerror or error}. "
                "What was there before is unchanged."
            ) from error
        try:
            fresh.chmod(0o755)
            _put_in_place(fresh, path)
        except OSError as error:
            raise OSError(
                f"The model cannot be put in the place of {path}: {error.strerror or error}. "
                "What was there before is unchanged; give another folder (--out)."
            ) from error
    finally:
        if fresh.exists():  # in it is what was not put in place, or the older model
            _clear(fresh, path)


def _put_in_place(fresh: Path, path: Path) -> None:
    if not path.exists():
        fresh.rename(path)
        return
    if exchange(fresh, path):  # there is a whole model at every moment
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old-", dir=path.absolute().parent))
    try:
        path.replace(old)  # onto the empty folder just made
    except BaseException:
        old.rmdir()
        raise
    try:
        fresh.rename(path)
    except BaseException:  # Ctrl-C too must not leave the place empty
        old.rename(path)
        raise
    _clear(old, path)


def _clear(left: Path, path: Path) -> None:
    """Remove a folder of a model, after a move of what no run has written to the one in use."""
    if path.exists():
        for own in [file for file in left.iterdir() if file.name not in _WRITTEN]:
            if not (path / own.name).exists():
                own.rename(path / own.name)
    shutil.rmtree(left, ignore_errors=True)


def tidy_folder(folder: str | os.PathLike[str]) -> None:
    """Put right what a process left that was killed while it wrote a folder.

    An older model that it had moved away, and had not replaced, is moved back; files that no run
    writes are moved to the folder; what it had begun to write is removed. For a folder that no
    other process writes at this time.
    """
    path = without_link(folder)
    name, parent = glob.escape(path.name), path.absolute().parent
    moved = sorted(parent.glob(f".{name}.old-????????"))
    if not path.exists():
        for old in moved:
            if holds_model(old):
                old.rename(path)
                break
    for left in [*moved, *parent.glob(f".{name}.new-????????")]:
        if left.is_dir():
            _clear(left, path)


def load_model_folder(folder: str | os.PathLike[str]) -> Any:
    """Load a kept model.

    Only JSON, TOML and safetensors are read, and only layers of ours that hold no code are built:
    nothing in the folder is run as code.

    Args:
        folder: The folder, or a zip archive of it.

    Returns:
        The model: `predict`, `predict_proba`, `predict_frame`.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If it is not a kept model, is not whole, or was written by a newer version.
    """
    from profond.data import target_from_dict

    path = Path(folder)
    files = _read_files(path)
    description = _read_json(files[MODEL_FILE], path, MODEL_FILE)
    kind = _kind(description)
    if kind is None:
        raise ValueError(f"{path} is not a kept model: {MODEL_FILE} is not one.")
    version = description.get("format_version")
    if isinstance(version, int) and version < FORMAT_VERSION:
        raise ValueError(
            f"{path} was written by an older profond (format {version}; this one reads format "
            f"{FORMAT_VERSION}). Train it again; {path}/report.html ends with the command."
        )
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise ValueError(
            f"{path} was written by a newer profond (format {version}; this one reads format "
            f"{FORMAT_VERSION}). Update profond: pip install -U profond."
        )
    try:
        preprocessing = _read_json(files["preprocessing.json"], path, "preprocessing.json")
        refuse_not_finite(description, MODEL_FILE)
        refuse_not_finite(preprocessing, "preprocessing.json")
        target = target_from_dict(description["target"])
        check_target(target)
        preprocessor = kind.read_preprocessor(preprocessing)
        experiment = _read_experiment(files["experiment.toml"])
        arrays = _read_arrays(files[WEIGHTS_FILE])
        seeds = [int(seed) for seed in description["seeds"]]
        temperatures = [float(t) for t in description["temperatures"]]
        networks = _read_networks(description["architecture"], arrays, len(seeds))
        taken, given = networks[0].input_shape[1:], preprocessor.layout.shape
        if taken != given:
            raise ValueError(
                f"the network takes inputs of shape {taken} and the preprocessing gives {given}"
            )
        if networks[0].output_shape[-1] != target.outputs:
            raise ValueError(
                f"the network gives {networks[0].output_shape[-1]} output(s) and the target needs "
                f"{target.outputs}"
            )
        if str(description["task"]) != target.task:
            raise ValueError(f"the task is {description['task']}, the target's {target.task}")
        metrics = _read_json(files.get("metrics.json", b"{}"), path, "metrics.json")
        if not isinstance(metrics, dict):
            raise ValueError("metrics.json holds no metrics")
        return kind.model(
            target,
            preprocessor,
            networks,
            seeds=seeds,
            temperatures=temperatures,
            residuals=check_members(target, seeds, temperatures, arrays),
            experiment=experiment,
            metrics=metrics,
        )
    except (
        KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError,
        RuntimeError, MemoryError,
    ) as error:  # fmt: skip
        said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"The model in {path} is damaged: {said.rstrip('.')}.") from error


def _kind(description: Any) -> Kind | None:
    """The kind of data of a kept model; None if it is none."""
    found = re.fullmatch(
        r"profond (\w+) model",
        str(description.get("format") if isinstance(description, dict) else None),
    )
    try:
        return None if found is None else kind_named(found.group(1))
    except ValueError:
        return None


def _read_files(path: Path) -> dict[str, bytes]:
    if not path.exists():
        raise FileNotFoundError(
            f"There is no model folder {str(path)!r}. {_models_in(path.parent) or _MAKE_ONE}"
        )
    if path.is_file() and not zipfile.is_zipfile(path):
        raise ValueError(
            f"{path} is not a kept model: it is neither a folder nor a zip of one. {_MAKE_ONE}"
        )
    read = {name: read_kept_file(path, name) for name in (*_NEEDED, "metrics.json")}
    found = {name: content for name, content in read.items() if content is not None}
    if MODEL_FILE not in found:
        raise ValueError(f"{path} is not a kept model. {_models_in(path) or _MAKE_ONE}")
    absent = [name for name in _NEEDED if name not in found]
    if absent:
        raise ValueError(f"{path} is not a whole kept model: {', '.join(absent)} is missing.")
    return found


def _models_in(folder: Path) -> str:
    """The kept models in a folder, in a sentence; empty if there are none."""
    found = sorted(file.parent for file in folder.glob(f"*/{MODEL_FILE}"))
    where = "here" if folder == Path() else f"in {folder}"
    return f"Kept models {where}: {', '.join(path.name for path in found)}." if found else ""


def _read_json(content: bytes, path: Path, name: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}/{name} is truncated or damaged: {error}.") from error


def _read_experiment(content: bytes) -> dict[str, Any]:
    """The sections of the description, after a check of what is in them."""
    import tomllib

    try:
        sections = tomllib.loads(content.decode())
        described_by(sections)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"experiment.toml: {error}") from error
    return sections


def _read_arrays(content: bytes) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(content)
    except (SafetensorError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"weights.safetensors is truncated or damaged ({error})") from error


def _read_networks(architecture: Any, weights: Mapping[str, np.ndarray], members: int) -> list[Any]:
    from profond.models import model_from_json

    _refuse_other_layers(architecture)
    networks = []
    known = {f"network_{i}.residuals" for i in range(members)}
    for i in range(members):
        network = model_from_json(json.dumps(architecture))
        names = [f"network_{i}.weight_{j:03d}" for j in range(len(network.get_weights()))]
        given = [weights[name] for name in names]
        check_weights(network, given, names)
        network.set_weights(given)
        networks.append(network)
        known.update(names)
    if not networks:
        raise ValueError("it holds no network")
    refuse_other_tensors(weights, known)
    return networks


def _refuse_other_layers(architecture: Any) -> None:
    """Refuse every layer but our own, and those of ours that hold code."""
    from profond import layers

    known = (set(layers.__all__) | _MODELS) - _HOLD_CODE
    names = {architecture["class_name"], *_layer_names(architecture["config"])}
    strange = sorted(str(name) for name in names if name not in known)
    if strange:
        raise ValueError(f"{MODEL_FILE} asks for {', '.join(strange)}, which no kept model has")


def _layer_names(config: Any) -> Iterator[str]:
    """The classes of all layers and models in a description, however deep they are."""
    if isinstance(config, list):
        for one in config:
            yield from _layer_names(one)
    elif isinstance(config, dict):
        # Initializers, regularizers and policies are found by name among our own.
        if ".layers" in str(config.get("module")) or "build_config" in config:
            yield config.get("class_name", "")
        elif config.get("class_name") in _HOLD_CODE:
            yield config["class_name"]
        for one in config.values():
            yield from _layer_names(one)
