"""The files of a kept model, in a folder or a zip, read without leaving it."""

import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

_LARGEST_TEXT = 64 << 20  # bytes of a file other than the weights
_BOMB = 200  # times that a file may be larger than its compressed form
_SMALL = 1 << 20  # bytes below which that does not matter
WEIGHTS_FILE = "weights.safetensors"
MODEL_FILE = "model.json"


def read_kept_file(path: str | os.PathLike[str], name: str) -> bytes | None:
    """Content of a file of a kept model; None if there is no such file.

    Args:
        path: The model's folder, or a zip of it.
        name: Name of the file, without a path.

    Raises:
        ValueError: If the file is a link out of the folder, larger than such a file can be, or
            damaged.
    """
    path = Path(path)
    if path.is_file():
        with _archive(path) as archive:
            info = _infos(archive, path).get(name)
            if info is None:
                return None
            _refuse_large(path, name, info.file_size, max(1, info.compress_size))
            return archive.read(info)
    file = path / name
    if not file.is_file():
        if file.is_symlink():
            raise ValueError(f"{path}/{name} is a link that leads nowhere; put the file there.")
        return None
    _refuse_link_out(path, file)
    _refuse_large(path, name, file.stat().st_size)
    return file.read_bytes()


def files_of(path: str | os.PathLike[str]) -> dict[str, int]:
    """Name and size in bytes of each file of a kept model, in a folder or a zip."""
    path = Path(path)
    if path.is_file():
        with _archive(path) as archive:
            found = {name: info.file_size for name, info in _infos(archive, path).items()}
    else:
        found = {file.name: file.lstat().st_size for file in path.iterdir() if file.is_file()}
    return dict(sorted(found.items()))


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
        raise ValueError(f"{path} is a truncated or damaged zip: {error}.") from error
    except RuntimeError as error:  # a password
        raise ValueError(f"{path} cannot be read: {error}.") from error


def _infos(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """The files beside `model.json`, by name.

    They are read by name and never unpacked; an archive that could write outside, were it
    unpacked, was not made by zipping a model's folder, and is refused.
    """
    infos = [info for info in archive.infolist() if not info.is_dir()]
    for info in infos:
        parts = PurePosixPath(info.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
            raise ValueError(
                f"{path} is not a zip of a kept model: {info.filename!r} in it leads out of the "
                "folder."
            )
        if stat.S_ISLNK(info.external_attr >> 16):
            raise ValueError(
                f"{path} is not a zip of a kept model: {info.filename!r} in it is a link, not a "
                "file."
            )
    folders = {PurePosixPath(i.filename).parent for i in infos if _name(i) == MODEL_FILE}
    if len(folders) > 1:
        shown = ", ".join(sorted(str(folder) for folder in folders))
        raise ValueError(f"{path} holds several kept models ({shown}); zip one of them.")
    beside = [info for info in infos if PurePosixPath(info.filename).parent in folders]
    return {_name(info): info for info in beside}


def _name(info: zipfile.ZipInfo) -> str:
    return PurePosixPath(info.filename).name


def _refuse_link_out(folder: Path, file: Path) -> None:
    if not file.resolve().is_relative_to(folder.resolve()):
        raise ValueError(
            f"{file} is a link out of the folder, to {file.resolve()}: a kept model holds its own "
            "files. Copy the file into the folder if you trust it."
        )


def _refuse_large(path: Path, name: str, size: int, packed: int | None = None) -> None:
    if name != WEIGHTS_FILE and size > _LARGEST_TEXT:
        raise ValueError(
            f"{path}/{name} has {size >> 20} MB, more than a kept model's "
            f"({_LARGEST_TEXT >> 20} MB at most): it is damaged, or not one."
        )
    if packed is not None and size > _SMALL and size > _BOMB * packed:
        raise ValueError(
            f"{path}/{name} would be {size // packed} times its compressed size; no file of a "
            "kept model is."
        )
