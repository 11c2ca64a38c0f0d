"""Pictures in files, as Pillow images and as arrays of shape (height, width, channels)."""

import io
import os
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from profond import config
from profond._lookup import choose

if TYPE_CHECKING:
    from PIL.Image import Image

_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}


def _channels_last(data_format: str | None) -> None:
    """Refuse any other order of axes."""
    if data_format not in (None, "channels_last"):
        raise ValueError(
            "`data_format` must be None or 'channels_last', (height, width, channels); received "
            f"{data_format!r}. Move the channel axis with `numpy.moveaxis`."
        )


def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> "Image":
    """A Pillow image of an array.

    Args:
        x: Numbers of shape (height, width, channels), with 1 (grey), 3 (RGB) or 4 (RGBA) channels.
        data_format: None or `"channels_last"`.
        scale: Whether the smallest number becomes 0 and the largest 255; otherwise they are taken
            as they are, in [0, 255] (grey ones above that give an image of 32-bit integers).
        dtype: Float type to compute in; `config.floatx()` if None.

    Raises:
        ValueError: If `x` has another shape.
    """
    from PIL import Image

    _channels_last(data_format)
    x = np.asarray(x, dtype=config.floatx() if dtype is None else dtype)
    if x.ndim != 3 or x.shape[2] not in (1, 3, 4):
        raise ValueError(
            "`x` must have the shape (height, width, channels) with 1, 3 or 4 channels; received "
            f"{x.shape}."
        )
    if scale:
        x = x - x.min()
        x = x / x.max() * 255 if x.max() else x
    if x.shape[2] == 1 and x.max() > 255:
        return Image.fromarray(x[:, :, 0].astype("int32"))
    pixels = np.clip(x, 0, 255).astype("uint8")
    return Image.fromarray(pixels[:, :, 0] if x.shape[2] == 1 else pixels)


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """The array of a Pillow image, of shape (height, width, channels).

    Args:
        img: Image.
        data_format: None or `"channels_last"`.
        dtype: Element type; `config.floatx()` if None.

    Raises:
        ValueError: If it is no picture: neither two nor three axes.
    """
    _channels_last(data_format)
    x = np.asarray(img, dtype=config.floatx() if dtype is None else dtype)
    if x.ndim == 2:
        x = x[:, :, None]
    if x.ndim != 3:
        raise ValueError(f"`img` must be one picture, of 2 or 3 axes; received shape {x.shape}.")
    return x


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> "Image":
    """A Pillow image from a file.

    Args:
        path: Path, or an `io.BytesIO`.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`.
        target_size: (height, width) to bring it to; None keeps its own.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos"`, `"box"` or
            `"hamming"`.
        keep_aspect_ratio: Whether to cut the middle out in the right proportions first, instead
            of stretching.

    Raises:
        ValueError: If `color_mode` or `interpolation` is unknown.
        TypeError: If `path` is neither a path nor an `io.BytesIO`.
    """
    from PIL import Image

    mode = choose(color_mode, _MODES, "color mode")
    methods = {method.name.lower(): method for method in Image.Resampling}
    resample = choose(interpolation, methods, "interpolation")
    if isinstance(path, str | bytes | os.PathLike):
        with open(path, "rb") as file:
            path = io.BytesIO(file.read())
    elif not isinstance(path, io.BytesIO):
        raise TypeError(f"`path` must be a path or an io.BytesIO; received {type(path).__name__}.")
    image = Image.open(path)
    deep_grey = mode == "L" and image.mode in ("I;16", "I")
    if image.mode != mode and not deep_grey:
        image = image.convert(mode)
    if target_size is None or image.size == (target_size[1], target_size[0]):
        return image
    box = _middle(image.size, target_size) if keep_aspect_ratio else None
    return image.resize((target_size[1], target_size[0]), resample, box=box)


def _middle(size: tuple[int, int], target_size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The box of the target's proportions in the middle of a picture of (width, height) `size`."""
    (width, height), (target_height, target_width) = size, target_size
    box_height = min(height, width * target_height // target_width)
    box_width = min(width, height * target_width // target_height)
    top, left = (height - box_height) // 2, (width - box_width) // 2
    return left, top, left + box_width, top + box_height


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array to a picture file.

    Args:
        path: Path, or an open binary file.
        x: Numbers of shape (height, width, channels).
        data_format: None or `"channels_last"`.
        file_format: `"png"`, `"jpeg"`, ...; by the name of the file if None.
        scale: As in `array_to_img`.
        **kwargs: Further arguments of Pillow's `Image.save` (`quality=90`).
    """
    if file_format is None and isinstance(path, str | os.PathLike):
        file_format = os.path.splitext(path)[1].removeprefix(".")
    if file_format and file_format.lower() == "jpg":
        file_format = "jpeg"
    image = array_to_img(x, data_format=data_format, scale=scale)
    if image.mode == "RGBA" and (file_format or "").lower() == "jpeg":
        warnings.warn(
            "JPEG has no transparency: the fourth channel is left out. Save a PNG to keep it.",
            stacklevel=2,
        )
        image = image.convert("RGB")
    image.save(path, format=file_format or None, **kwargs)
