"""The shape of an image, checked for the network that is to take it."""

from collections.abc import Sequence
from typing import Any


def image_shape(
    input_shape: Any, network: str, *, least: int, sizes_known: bool = False
) -> tuple[int | None, int | None, int]:
    """`input_shape` as `(height, width, channels)`.

    Args:
        input_shape: The shape of one image, without the batch.
        network: What the messages call the network.
        least: The smallest height and width that it can take, in pixels.
        sizes_known: Whether height and width may not be None.

    Raises:
        ValueError: If there are not three sizes, the channels are not known, or the image is
            smaller than `least`.
    """
    sizes = tuple(input_shape) if isinstance(input_shape, Sequence) else ()
    given = f"received input_shape={input_shape!r}"
    if isinstance(input_shape, str) or len(sizes) != 3:
        grey = f", such as {(*sizes, 1)}, of grey images" if len(sizes) == 2 else ""
        raise ValueError(
            f"`input_shape` of {network} must be (height, width, channels), without the batch; "
            f"{given}. The channels stand last: 3 of colour images, 1{grey}."
        )
    known = [size for size in sizes if size is not None]
    if any(isinstance(n, bool) or not hasattr(n, "__index__") or n < 1 for n in known):
        raise ValueError(
            f"`input_shape` of {network} must hold integers >= 1, or None for a height or width "
            f"that differs; {given}."
        )
    height, width, channels = (None if size is None else int(size) for size in sizes)
    if channels is None:
        raise ValueError(
            f"the number of channels of `input_shape` of {network} must be known; {given}."
        )
    if sizes_known and (height is None or width is None):
        raise ValueError(
            f"the height and width of `input_shape` of {network} must be known, as its dense "
            f"layers have a weight for each place in the image; {given}. Bring the images to one "
            "size, or take a network that ends in global average pooling, such as 'resnet20'."
        )
    if any(size is not None and size < least for size in (height, width)):
        raise ValueError(
            f"images for {network} must be at least {least} pixels high and wide; {given}. "
            "Enlarge the images, or give `Conv2D` and `Dense` layers of your own."
        )
    return height, width, channels
