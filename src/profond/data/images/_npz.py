"""Images in .npz files: arrays with or without a split, or JPEG streams."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from profond.data._parts import PART_NAMES
from profond.data.images._arrays import images_from_arrays, named_labels
from profond.data.images._encoded import encoded_pixels
from profond.data.images._image_set import ImageSet
from profond.data.images._sources import Streams

_X = ("x", "images", "data", "pixels")
_Y = ("y", "labels", "label", "targets", "target")


def read_npz(path: str | Path, *, broken: str = "skip") -> ImageSet:
    """Images from a `.npz` file.

    Known are arrays `x` and `y` (also `images`, `labels`, ...); with a split `x_train`,
    `y_train`, `x_test`, `y_test` (also `train_images`, `val_images`, ...); and encoded images
    one after the other, `train_jpeg` (bytes) with `train_offsets` (n + 1 places in it) and
    `train_labels`. `classes` names the classes of codes.

    Args:
        path: The file. Objects in it are not loaded, as that would run code from it.
        broken: "skip" leaves out encoded images that cannot be read, "error" refuses them.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no `.npz` file, or holds none of these.
    """
    path = Path(path)
    arrays = npz_arrays(path)
    classes = arrays.pop("classes", np.array([]))
    name = path.name.split(".")[0]
    streams = {key: value for key, value in arrays.items() if key.endswith("jpeg")}
    try:
        if streams:
            return _from_streams(arrays, list(streams), classes, name, broken)
        x, y, part = split_arrays(arrays, path.name, _X, _Y)
        return images_from_arrays(x, y, classes=classes.tolist(), part=part, name=name)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def npz_arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of a `.npz` file, by their names in small letters.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no `.npz` file, is damaged, or holds objects.
    """
    import zipfile
    import zlib

    if not path.is_file():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {key.lower(): file[key] for key in file.files}
    except ValueError as error:
        if "allow_pickle" in str(error) or "Object arrays" in str(error):
            raise ValueError(
                f"{path.name} holds Python objects, which are not loaded, as that could run code "
                "from the file; save arrays of numbers and of text."
            ) from error
        raise ValueError(f"{path.name} is no .npz file: {error}") from error
    except (AttributeError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path.name} is no .npz file, or is damaged: {error}.") from error


def split_arrays(
    arrays: Mapping[str, np.ndarray], file: str, xs: tuple[str, ...], ys: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Inputs, labels and parts from arrays whose names say what they are.

    Args:
        arrays: By their names in small letters.
        file: What messages call the file.
        xs: Names of inputs.
        ys: Names of labels.

    Returns:
        All inputs, all labels or None, and the part of each row or None.

    Raises:
        ValueError: If there are no inputs, or a part has labels and another none.
    """
    del file
    inputs, labels = _by_part(arrays, xs), _by_part(arrays, ys)
    if not inputs:
        raise ValueError(
            f"there must be an array {xs[0]!r}, or {xs[0] + '_train'!r} and {xs[0] + '_test'!r}; "
            f"it holds {', '.join(sorted(arrays)) or 'nothing'}."
        )
    if labels and set(labels) != set(inputs):
        raise ValueError(
            f"inputs and labels must have the same parts; received inputs {sorted(inputs)} and "
            f"labels {sorted(labels)}."
        )
    shapes = {one.shape[1:] for one in inputs.values()}
    if len(shapes) > 1:
        raise ValueError(f"the inputs of all parts must have the same shape; received {shapes}.")
    x = np.concatenate(list(inputs.values()))
    y = None
    if labels:
        for part, one in inputs.items():
            if len(labels[part]) != len(one):
                raise ValueError(
                    f"there must be one label for each input; received {len(one)} inputs and "
                    f"{len(labels[part])} labels{' in ' + part if part else ''}."
                )
        y = np.concatenate([labels[part] for part in inputs])
    split = list(inputs) != [""]
    part = np.repeat(list(inputs), [len(one) for one in inputs.values()]) if split else None
    return x, y, part


def _by_part(arrays: Mapping[str, np.ndarray], names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The arrays of one kind by part, "" if there is no split."""
    found: dict[str, np.ndarray] = {}
    for name in names:
        if name in arrays:
            return {"": arrays[name]}
        for mark, part in PART_NAMES.items():
            for key in (f"{name}_{mark}", f"{mark}_{name}"):
                if key in arrays:
                    found.setdefault(part, arrays[key])
        if found:
            return found
    return found


def _from_streams(
    arrays: Mapping[str, np.ndarray], keys: list[str], classes: Any, name: str, broken: str
) -> ImageSet:
    """A set of encoded images, `PART_jpeg` or `jpeg`."""
    data, begins, ends, labels, parts = [], [], [], [], []
    total = 0
    for key in keys:
        begin = key.removesuffix("jpeg")
        offsets = arrays.get(f"{begin}offsets")
        if offsets is None or offsets.ndim != 1 or offsets.dtype.kind not in "iu":
            raise ValueError(f"{key!r} needs {begin + 'offsets'!r}, the n + 1 places of images.")
        offsets = offsets.astype(np.int64)
        stream = arrays[key]
        if (np.diff(offsets) < 0).any() or offsets[0] < 0 or offsets[-1] > len(stream):
            raise ValueError(
                f"{begin + 'offsets'!r} must grow from 0 to the {len(stream)} bytes of {key!r}."
            )
        data.append(stream.astype(np.uint8, copy=False))
        begins.append(offsets[:-1] + total)
        ends.append(offsets[1:] + total)
        total += len(stream)
        labels.append(arrays.get(f"{begin}labels"))
        parts += [PART_NAMES.get(begin.strip("_"), "")] * (len(offsets) - 1)
    files = Streams(np.concatenate(data), np.concatenate(begins), np.concatenate(ends))
    called = [f"image {i + 1}" for i in range(len(files))]
    pixels, rows, notes = encoded_pixels(files, called, broken=broken)
    y = None
    if all(one is not None for one in labels):
        y = named_labels(np.concatenate(labels), classes)[rows]
    return ImageSet(
        pixels,
        y,
        np.array(parts)[rows] if all(parts) else None,
        name=name,
        classes=tuple(map(str, classes)),
        notes=notes,
    )
