"""Images in .npz files: arrays with or without a split, or JPEG streams."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from profond.data._labels import named_labels
from profond.data._npz import npz_arrays, split_arrays
from profond.data._parts import PART_NAMES
from profond.data.images._arrays import images_from_arrays
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
        x, y, part = split_arrays(arrays, _X, _Y)
        return images_from_arrays(x, y, classes=classes.tolist(), part=part, name=name)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


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
