"""Pictures of any size brought to one size."""

from typing import TYPE_CHECKING, Any

import numpy as np

from profond._lookup import choose

if TYPE_CHECKING:
    from PIL.Image import Image

HOW = ("fit", "crop", "stretch")
_INTERPOLATIONS = {
    "nearest": "NEAREST",
    "bilinear": "BILINEAR",
    "bicubic": "BICUBIC",
    "lanczos": "LANCZOS",
    "box": "BOX",
}


def checked_size(size: Any) -> tuple[int, int]:
    """`size` as (height, width); one number is a square.

    Raises:
        ValueError: If it is not one or two positive whole numbers.
    """
    pair = (size, size) if isinstance(size, int | np.integer) else size
    fit = isinstance(pair, tuple | list) and len(pair) == 2
    if not fit or any(
        isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1 for n in pair
    ):
        raise ValueError(
            f"`size` must be (height, width), two positive whole numbers; received {size!r}."
        )
    return int(pair[0]), int(pair[1])


def checked_choices(how: str, interpolation: str) -> None:
    """Refuse names that are not known.

    Raises:
        ValueError: With the names there are.
    """
    choose(how, dict.fromkeys(HOW), "way to resize")
    choose(interpolation, _INTERPOLATIONS, "interpolation")


def resized(
    image: "Image", full: tuple[int, int], size: tuple[int, int], how: str, interpolation: str
) -> "tuple[Image, tuple[int, int]]":
    """A picture brought to `size`, antialiased where it becomes smaller.

    Args:
        image: The picture, which may have been decoded below its full size.
        full: Its full (height, width), from which proportions are taken.
        size: (height, width) of the frame.
        how: "stretch" fills the frame and changes proportions; "crop" fills it with the middle
            of the picture; "fit" puts the whole picture into it.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos" or "box".

    Returns:
        The resized picture, smaller than the frame only for "fit", and where its (top, left)
        corner goes in the frame.
    """
    from PIL import Image

    method = Image.Resampling[_INTERPOLATIONS[interpolation]]
    (height, width), (rows, columns) = full, size
    box = None
    top, left = 0, 0
    if how == "crop":
        # The largest part of the frame's proportions in the middle, in pixels as decoded.
        part = min(height / rows, width / columns)
        across, down = image.size[0] / width, image.size[1] / height
        cut_width, cut_height = part * columns * across, part * rows * down
        x = max(0.0, (image.size[0] - cut_width) / 2)
        y = max(0.0, (image.size[1] - cut_height) / 2)
        box = (x, y, min(x + cut_width, image.size[0]), min(y + cut_height, image.size[1]))
    elif how == "fit":
        scale = min(rows / height, columns / width)
        inner = (max(1, round(height * scale)), max(1, round(width * scale)))
        inner = (min(inner[0], rows), min(inner[1], columns))
        top, left = (rows - inner[0]) // 2, (columns - inner[1]) // 2
        rows, columns = inner
    whole = (0.0, 0.0, float(image.size[0]), float(image.size[1]))
    if image.size == (columns, rows) and box in (None, whole):
        return image, (top, left)
    return image.resize((columns, rows), method, box=box), (top, left)


def resized_array(
    pixels: np.ndarray, size: tuple[int, int], how: str, interpolation: str, fill: float
) -> np.ndarray:
    """An array (height, width, channels) of any number of channels brought to `size`.

    uint8 stays uint8; floats are interpolated in float32.
    """
    from PIL import Image

    full = (pixels.shape[0], pixels.shape[1])
    if full == size:
        return pixels
    dtype = np.uint8 if pixels.dtype == np.uint8 else np.float32
    out = np.full((*size, pixels.shape[2]), fill, dtype)
    together = dtype == np.uint8 and pixels.shape[2] == 3
    parts = [pixels] if together else [pixels[..., c] for c in range(pixels.shape[2])]
    for channel, part in enumerate(parts):
        image = Image.fromarray(np.ascontiguousarray(part, dtype))
        image, (top, left) = resized(image, full, size, how, interpolation)
        small = np.asarray(image)
        place = out[top : top + small.shape[0], left : left + small.shape[1]]
        if together:
            place[...] = small
        else:
            place[..., channel] = small
    return out
