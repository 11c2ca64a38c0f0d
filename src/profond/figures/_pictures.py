"""Images as figures take them: arrays or files, shown without a frame (notes, 6.2.1)."""

import os
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from profond.figures._canvas import INK
from profond.figures._checks import numeric


def image_array(image: Any, name: str = "image") -> np.ndarray:
    """An image as intensities from 0 to 1, `(height, width, channels)`.

    Args:
        image: An array (height, width) or (height, width, channels), of whole numbers 0 to 255 or
            of numbers from 0 to 1; a Pillow image; or the path of an image file.
        name: The argument's name.

    Raises:
        TypeError: If it does not hold numbers.
        ValueError: If it has another shape, or values outside the range.
    """
    if isinstance(image, str | os.PathLike):
        from PIL import Image

        with Image.open(image) as opened:
            image = np.asarray(opened.convert("RGB"))
    values = np.asarray(image) if hasattr(image, "__array_interface__") else image
    given = numeric(values, name)
    if given.ndim == 2:
        given = given[:, :, None]
    if given.ndim != 3:
        raise ValueError(
            f"`{name}` must have shape (height, width) or (height, width, channels); received "
            f"{given.shape}. Give one image, not a batch."
        )
    kind = getattr(values, "dtype", None)
    whole_numbers = given.max() > 1 or (kind is not None and "uint8" in str(kind))
    if given.min() < 0 or given.max() > 255:
        raise ValueError(
            f"`{name}` must be within 0 to 255, or 0 to 1; received {given.min():g} to "
            f"{given.max():g}. Rescale it first."
        )
    return given / 255 if whole_numbers else given


def show_image(ax: Axes, image: np.ndarray, title: str = "", *, grey: bool = False) -> None:
    """Draw an image on axes of their own, in grey from its least to its greatest value or as is.

    Args:
        ax: Axes.
        image: Shape (height, width), or (height, width, 3) with values from 0 to 1.
        title: What stands above.
        grey: Black is 0 and white 1, rather than the least and the greatest value.
    """
    limits: dict[str, Any] = {"vmin": 0.0, "vmax": 1.0} if grey else {}
    # Pixels as they are where they are few; enlarged without a blur, which would be taken for
    # what a filter has done.
    ax.imshow(image, cmap="gray", interpolation="nearest" if len(image) < 100 else None, **limits)
    ax.axis("off")
    if title:
        ax.set_title(title, fontsize=10, color=INK)
