"""Images from arrays: one array, arrays of different sizes, Pillow images."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from profond.data._labels import as_labels, named_labels
from profond.data.images._encoded import encoded_pixels
from profond.data.images._image_set import ImageSet
from profond.data.images._sources import ArrayPixels

_MOST_CHANNELS = 4  # of an array that may have its channels first


def images_from_arrays(
    x: Any,
    y: Any = None,
    *,
    classes: Sequence[str] = (),
    part: Any = None,
    name: str = "",
) -> ImageSet:
    """A set of images from arrays, or from a list of Pillow images.

    Args:
        x: An array (n, height, width) or (n, height, width, channels), or a torch tensor; or a
            list of arrays (height, width[, channels]) of any sizes, or of Pillow images. Whole
            numbers in [0, 255] become uint8, other numbers float32 (float64 arrays are kept,
            and decoded to float32).
        y: Labels, one per image; of one column or one-hot columns, codes are made.
        classes: Names of the classes, if `y` holds their codes: labels then are names.
        part: "train", "test" or "validation" for each image.
        name: A short name of the set.

    Raises:
        ValueError: If there is no image, the shape is another, a value is NaN or infinite, or
            labels and parts do not fit.
        TypeError: If a value is of a type that is no number.
    """
    from PIL import Image

    labels = None if y is None else named_labels(_codes(as_labels(y)), classes)
    notes: tuple[str, ...] = ()
    if isinstance(x, list | tuple) and x and all(isinstance(one, Image.Image) for one in x):
        called = [f"image {i + 1}" for i in range(len(x))]
        pixels, _, notes = encoded_pixels(tuple(x), called, broken="error")
    else:
        pixels, notes = _pixels(x)
    return ImageSet(
        pixels,
        labels,
        None if part is None else np.asarray(part),
        name=name,
        classes=tuple(map(str, classes)),
        notes=notes,
    )


def _codes(labels: np.ndarray) -> np.ndarray:
    """Codes of one-hot rows; other labels as they are."""
    if labels.ndim == 2 and labels.dtype.kind in "iufb":
        one_hot = np.isin(labels, (0, 1)).all() and (labels.sum(1) == 1).all()
        return labels.argmax(1) if one_hot else labels
    return labels


def _pixels(x: Any) -> tuple[ArrayPixels, tuple[str, ...]]:
    if hasattr(x, "detach"):
        x = x.detach().cpu().numpy()
    if not isinstance(x, np.ndarray) or x.dtype == object:
        parts = [_array(one) for one in x]
        if not parts:
            raise ValueError("There must be at least one image; received none.")
        for i, one in enumerate(parts):
            if one.ndim not in (2, 3):
                raise ValueError(
                    "Each image of a list must be an array (height, width) or (height, width, "
                    f"channels); received the shape {one.shape} for image {i + 1}."
                )
        parts = [one[..., None] if one.ndim == 2 else one for one in parts]
        if len({one.shape for one in parts}) > 1:
            return _of_different_sizes(parts)
        x = np.stack(parts)
    array = _array(x)
    if array.ndim not in (3, 4):
        raise ValueError(
            "`x` must have the shape (images, height, width) or (images, height, width, "
            f"channels); received {array.shape}."
            + (" One image alone is given as `x[None]`." if array.ndim == 2 else "")
        )
    if array.ndim == 3 and array.shape[2] in (3, 4) and array.shape[1] > _MOST_CHANNELS:
        raise ValueError(
            f"`x` of the shape {array.shape} seems to be one image with colours, which is given as "
            "`x[None]`; grey images of this size are `x[..., None]`."
        )
    array = array[..., None] if array.ndim == 3 else array
    if 0 in array.shape:
        raise ValueError(
            f"There must be at least one image with a pixel; received the shape {array.shape}."
        )
    _check_channels_last(array.shape)
    array, note = _numbers(array, "x")
    return ArrayPixels(array), note


def _of_different_sizes(parts: list[np.ndarray]) -> tuple[ArrayPixels, tuple[str, ...]]:
    for i, one in enumerate(parts):
        if one.shape[2] != parts[0].shape[2]:
            raise ValueError(
                "All images must have the same number of channels; received "
                f"{parts[0].shape[2]} in image 1 and {one.shape[2]} in image {i + 1}."
            )
        if 0 in one.shape:
            raise ValueError(f"Image {i + 1} has no pixel: its shape is {one.shape}.")
    made = [_numbers(one, f"image {i + 1}") for i, one in enumerate(parts)]
    if all(one.dtype == np.uint8 for one, _ in made):
        return ArrayPixels(tuple(one for one, _ in made)), ()
    notes = tuple(dict.fromkeys(text for _, note in made for text in note))
    return ArrayPixels(tuple(one.astype(np.float32) for one, _ in made)), notes


def _array(x: Any) -> np.ndarray:
    if hasattr(x, "detach"):
        x = x.detach().cpu().numpy()
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"`x` must be an array or a list of arrays: {error}.") from error
    if array.dtype == object:
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError) as error:
            wrong = type(error)  # a TypeError for what is no number at all
            raise wrong(f"Images must hold numbers: {error}.") from error
    if array.dtype.kind not in "fiub":
        raise ValueError(f"Images must hold numbers; received an array of {array.dtype}.")
    return array


def _numbers(array: np.ndarray, called: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """uint8 where the numbers are whole and in [0, 255], else floats."""
    if array.dtype == np.uint8:
        return array, ()
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255), ("True is 255, False is 0.",)
    if array.dtype.kind in "iu":
        low, high = array.min(), array.max()
        if low >= 0 and high <= 255:
            return array.astype(np.uint8), ()
        note = f"Whole numbers from {low} to {high} are kept as float32, as they are."
        return array.astype(np.float32), (note,)
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    # A sum is finite only if all its values are.
    with np.errstate(over="ignore", invalid="ignore"):
        sums = array.reshape(len(array), -1).sum(1)
    for i in np.flatnonzero(~np.isfinite(sums)):
        if not np.isfinite(array[i]).all():
            where = f"image {i + 1}" if called == "x" else called
            raise ValueError(f"{where.capitalize()} holds NaN or an infinite value; replace it.")
    return array, ()


def _check_channels_last(shape: tuple[int, ...]) -> None:
    """Refuse (n, channels, height, width) where it is certain."""
    _, first, middle, last = shape
    if first in (1, 3) and last > _MOST_CHANNELS and middle > _MOST_CHANNELS:
        raise ValueError(
            "Channels must come last, (images, height, width, channels); received the shape "
            f"{shape}. Move them with `numpy.moveaxis(x, 1, -1)`."
        )
