"""One image file or stream through Pillow: what its header says, and its pixels as uint8."""

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

    Source = str | Path | bytes | Image

_GREY = ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N", "I")
_DEEP = ("I;16", "I;16L", "I;16B", "I;16N", "I")  # 16 bits; older Pillow opens 16-bit PNG as "I"
_TURNED = (5, 6, 7, 8)  # EXIF orientations by which width and height change places
_ORIENTATION = 0x0112  # number of the tag in EXIF
_TAIL = 65536  # bytes at the end of a JPEG file in which its end mark is looked for


@dataclass(frozen=True)
class Header:
    """What is known of an image before its pixels are decoded.

    Attributes:
        height: Rows, upright.
        width: Columns, upright.
        grey: Whether it has no colours.
        deep: Whether its pixels have 16 bits.
        frames: Pictures in the file: of an animation or a document, more than one.
    """

    height: int
    width: int
    grey: bool
    deep: bool = False
    frames: int = 1


def header_of(source: "Source") -> Header:
    """The header of an image, whose file is checked to be whole where that costs little.

    PNG files by their checksums, JPEG files by the mark at their end; others are decoded.

    Args:
        source: A path, the bytes of a file, or a Pillow image.

    Raises:
        ValueError: If it is no image, is truncated, or is of a kind that is not read; the
            message is a reason without the name.
    """
    from PIL import Image

    if isinstance(source, Image.Image):
        return _header(source)
    if not (len(source) if isinstance(source, bytes) else os.path.getsize(source)):
        raise ValueError("the file is empty (0 bytes)")
    try:
        with Image.open(_readable(source)) as image:
            header = _header(image)
            if image.format == "PNG" and image.mode != "P":  # its palette was asked for: decoded
                image.verify()
            elif image.format in ("JPEG", "MPO"):
                if not _jpeg_ends(source):
                    image.load()
            else:
                image.load()
            return header
    except Image.UnidentifiedImageError:
        raise ValueError("it is no image, or of a kind that Pillow does not read") from None
    except (OSError, SyntaxError, EOFError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(_reason(error)) from error


def pixels_of(
    source: "Source", channels: int, near: tuple[int, int] | None = None
) -> "tuple[Image, tuple[int, int]]":
    """The upright picture of a file as a Pillow image of mode L or RGB.

    Transparent pixels are laid on white, 16 bits are brought to 8 (65535 to 255), palettes
    resolved, EXIF's orientation applied; of several frames the first is taken.

    Args:
        source: A path, the bytes of a file, or a Pillow image.
        channels: 1 for grey, 3 for colours.
        near: (height, width) that the picture will be brought to. A much larger JPEG is decoded
            at a half, a quarter or an eighth of its size, never below twice this.

    Returns:
        The picture, and its full (height, width).

    Raises:
        ValueError: If it cannot be decoded; the message is a reason without the name.
    """
    from PIL import Image

    mode = "L" if channels == 1 else "RGB"
    try:
        if isinstance(source, Image.Image):
            return _decoded(source, mode, None)
        with Image.open(_readable(source)) as image:
            return _decoded(image, mode, near)
    except (OSError, SyntaxError, EOFError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(_reason(error)) from error


def _decoded(
    image: "Image", mode: str, near: tuple[int, int] | None
) -> "tuple[Image, tuple[int, int]]":
    orientation = image.getexif().get(_ORIENTATION, 1)
    turned = orientation in _TURNED
    width, height = image.size[::-1] if turned else image.size
    if near is not None and image.format in ("JPEG", "MPO"):
        wanted = near if turned else near[::-1]
        image.draft(mode, (2 * wanted[0], 2 * wanted[1]))
    return _upright(_in_mode(image, mode), orientation), (height, width)


def as_array(image: "Image") -> np.ndarray:
    """The pixels of an image of mode L or RGB, uint8 of shape (height, width, channels)."""
    pixels = np.asarray(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _readable(source: Any) -> Any:
    return io.BytesIO(source) if isinstance(source, bytes) else source


def _header(image: "Image") -> Header:
    mode = image.mode
    if mode == "F" or (mode == "I" and image.format not in ("PNG", "PPM", None)):
        raise ValueError(
            "its pixels are numbers of 32 bits, whose range is not known; bring them to 8 or 16 "
            "bits, or give them as an array"
        )
    width, height = image.size
    # Pillow would decode a whole PNG to look for a late EXIF chunk.
    told = image.format != "PNG" or "exif" in image.info
    if told and image.getexif().get(_ORIENTATION, 1) in _TURNED:
        width, height = height, width
    grey = mode in _GREY or (mode in ("P", "PA") and _grey_palette(image))
    # Cameras put a preview behind the picture (MPO): no second picture.
    frames = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
    return Header(height, width, grey, mode in _DEEP, frames)


def _grey_palette(image: "Image") -> bool:
    """Whether all colours of the palette are grey."""
    colours = np.array(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def _in_mode(image: "Image", mode: str) -> "Image":
    from PIL import Image

    if image.mode in _DEEP:
        deep = np.asarray(image).astype(np.uint32)
        image = Image.fromarray(((deep + 128) // 257).astype(np.uint8))
    elif image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("LA") if image.mode == "La" else image
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
        if mode == "L":
            # By way of RGB, so that grey with alpha stays the same grey.
            image = image.convert("RGB")
    elif image.mode == mode:
        image.load()
    return image if image.mode == mode else image.convert(mode)


def _upright(image: "Image", orientation: int) -> "Image":
    """The picture turned and mirrored as EXIF's orientation says."""
    from PIL import Image

    methods = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return image.transpose(methods[orientation]) if orientation in methods else image


def _jpeg_ends(source: Any) -> bool:
    """Whether the mark FF D9 stands near the end, so that the stream is not cut off."""
    if isinstance(source, bytes):
        return b"\xff\xd9" in source[-_TAIL:]
    with open(source, "rb") as file:
        file.seek(max(0, os.path.getsize(source) - _TAIL))
        return b"\xff\xd9" in file.read()


def _reason(error: BaseException) -> str:
    """What Pillow or the disk says, in one line."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = " ".join(str(error).split()) or type(error).__name__
    return text[0].lower() + text[1:].removesuffix(".")
