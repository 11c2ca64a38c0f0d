"""Whether a path or a name most likely means images."""

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from profond.data._text import decode, decompress
from profond.data.images._folder import SUFFIXES
from profond.data.images._idx import find_idx
from profond.data.images._image_set import ImageSet
from profond.data.images._known import KNOWN

_MOST_FILES = 2000  # of a folder that are looked at


def holds_images(source: Any) -> bool:
    """Whether `source` most likely means images, without opening all of it.

    An `ImageSet`, a known name ("digits"), an image file, IDX files, a folder with images at any
    depth, a `.npz` file with encoded images or arrays of pixels, a CSV file whose first row names
    an image.

    Args:
        source: A path or anything else.
    """
    if isinstance(source, ImageSet):
        return True
    if not isinstance(source, str | os.PathLike):
        return False
    path = Path(source)
    if not path.exists():
        return str(source) in KNOWN
    if path.is_dir():
        return bool(find_idx(path)) or _folder_holds(path)
    suffix = path.suffix.lower()
    if suffix in SUFFIXES or "idx3" in path.name:
        return True
    if suffix == ".npz":
        return _npz_holds(path)
    return suffix in (".csv", ".tsv", ".txt") and _table_names(path)


def _folder_holds(folder: Path) -> bool:
    for count, (_, folders, files) in enumerate(os.walk(folder)):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        if any(Path(one).suffix.lower() in SUFFIXES for one in files[:_MOST_FILES]):
            return True
        if count >= _MOST_FILES:
            break
    return False


def _npz_holds(path: Path) -> bool:
    """Whether an array is of encoded images, of four axes, or of three and uint8."""
    try:
        with zipfile.ZipFile(path) as file:
            for name in file.namelist():
                if name.removesuffix(".npy").endswith("jpeg"):
                    return True
                with file.open(name) as array:
                    version = np.lib.format.read_magic(array)  # pyright: ignore[reportArgumentType]
                    read = (
                        np.lib.format.read_array_header_1_0
                        if version == (1, 0)
                        else np.lib.format.read_array_header_2_0
                    )
                    shape, _, dtype = read(array)  # pyright: ignore[reportArgumentType]
                if len(shape) == 4 or (len(shape) == 3 and dtype == np.uint8):
                    return True
    except (OSError, ValueError, zipfile.BadZipFile):
        return False
    return False


def _table_names(path: Path) -> bool:
    """Whether a row of a text names an image file."""
    try:
        with path.open("rb") as file:
            text, _ = decode(decompress(file.read(65536), path.name), path.name)
    except (OSError, ValueError):
        return False
    lines = [line for line in text.split("\n") if line.strip()][:2]
    fields = [
        [field.strip().strip('"') for field in line.replace("\t", ",").replace(";", ",").split(",")]
        for line in lines
    ]
    return any(Path(field).suffix.lower() in SUFFIXES for row in fields for field in row)
