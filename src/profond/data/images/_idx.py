"""Images in IDX files, the form of MNIST: a few numbers, then the bytes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from profond.data._text import decompress
from profond.data.images._arrays import images_from_arrays
from profond.data.images._image_set import ImageSet

# Third byte of the file: the type of the values, which stand big end first.
_TYPES = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
_PAIRS = (("train", "train"), ("t10k", "test"), ("test", "test"))


def read_idx(
    images: str | Path, labels: str | Path | None = None, *, classes: Sequence[str] = ()
) -> ImageSet:
    """Images and labels from IDX files, compressed (gzip) or not.

    Args:
        images: The file of the images (`train-images-idx3-ubyte.gz`), or the folder of both
            parts under the names of MNIST, which then are the parts of the set.
        labels: The file of the labels; None takes the one beside `images` whose name has
            `labels` and `idx1` for `images` and `idx3`, if it is there.
        classes: Names of the classes.

    Returns:
        The images; labels are codes, or names where `classes` names them.

    Raises:
        FileNotFoundError: If a file is not there.
        ValueError: If a file is no IDX file, is truncated, or has more or fewer labels than
            there are images.
    """
    path = Path(images)
    if path.is_dir():
        return _read_folder(path, classes)
    x = idx_array(path)
    if x.ndim not in (3, 4):
        raise ValueError(
            f"{path.name} must hold images, (images, height, width); it holds an array of the "
            f"shape {x.shape}." + (" It seems to be the file of the labels." * (x.ndim == 1))
        )
    beside = labels_beside(path)
    if labels is None and beside != path and beside.is_file():
        labels = beside
    y = None if labels is None else idx_array(labels)
    if y is not None and y.shape != (len(x),):
        raise ValueError(
            f"{Path(str(labels)).name} must hold one label for each of the {len(x)} images of "
            f"{path.name}; it holds an array of the shape {y.shape}."
        )
    return images_from_arrays(x, y, classes=classes, name=path.name.split("-")[0].split(".")[0])


def labels_beside(images: Path) -> Path:
    """Where the labels of a file of images are expected."""
    name = images.name.replace("images", "labels").replace("idx3", "idx1")
    return images.with_name(name)


def idx_array(path: str | Path) -> np.ndarray:
    """The array of an IDX file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no IDX file, or has more or fewer values than it says.
    """
    path = Path(path)
    raw = decompress(path.read_bytes(), path.name)
    if not is_idx(raw):
        raise ValueError(
            f"{path.name} is no IDX file: it must begin with two zeros, a type and a number of "
            f"axes; received {raw[:4].hex(' ') or 'nothing'}."
        )
    dtype, axes = _TYPES[raw[2]], raw[3]
    shape = tuple(np.frombuffer(raw, ">u4", count=axes, offset=4).tolist())
    expected = int(np.prod(shape)) * dtype.itemsize
    received = len(raw) - 4 - 4 * axes
    if received != expected:
        raise ValueError(
            f"{path.name} must hold {expected} bytes after its header, for the shape {shape}; "
            f"received {received}. Copy or download the file again."
        )
    values = np.frombuffer(raw, dtype, offset=4 + 4 * axes).reshape(shape)
    return values.astype(dtype.newbyteorder("="))


def is_idx(raw: bytes) -> bool:
    """Whether bytes begin like an IDX file with all its header."""
    return (
        len(raw) >= 4
        and raw[:2] == b"\0\0"
        and raw[2] in _TYPES
        and raw[3] > 0
        and len(raw) >= 4 + 4 * raw[3]
    )


def find_idx(folder: Path) -> dict[str, Path]:
    """The files of images in a folder under MNIST's names, by their part."""
    found: dict[str, Path] = {}
    for begin, part in _PAIRS:
        for end in ("-images-idx3-ubyte.gz", "-images-idx3-ubyte", "-images.idx3-ubyte"):
            file = folder / (begin + end)
            if file.is_file():
                found.setdefault(part, file)
    return found


def _read_folder(folder: Path, classes: Sequence[str]) -> ImageSet:
    found = find_idx(folder)
    if not found:
        raise FileNotFoundError(
            f"There is no file train-images-idx3-ubyte(.gz) or t10k-images-idx3-ubyte(.gz) in "
            f"{str(folder)!r}."
        )
    sets: list[Any] = [read_idx(file) for file in found.values()]
    labelled = all(one.labels is not None for one in sets)
    return images_from_arrays(
        np.concatenate([one.pixels.values for one in sets]),
        np.concatenate([one.labels for one in sets]) if labelled else None,
        classes=classes,
        part=np.repeat(list(found), [len(one) for one in sets]) if len(sets) > 1 else None,
        name=folder.resolve().name,
    )
