"""The middle of images."""

from typing import Any

import torch
from torch import Tensor

from profond.layers._checks import positive_integer
from profond.layers.preprocessing._images import ImageLayer
from profond.layers.preprocessing._resizing import largest_part, resized


class CenterCrop(ImageLayer):
    """The middle of images, `height` x `width` pixels.

    Of images that are smaller, the largest part of these proportions, enlarged.

    Args:
        height: Height of the output.
        width: Width of the output.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input: `(batch, any height, any width, channels)` or without the batch.
        Output: `(batch, height, width, channels)`.

    Raises:
        ValueError: If `height` or `width` is not a positive integer.
    """

    def __init__(
        self, height: int, width: int, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height = positive_integer(height, "height")
        self.width = positive_integer(width, "width")

    def call(self, inputs: Any) -> Any:
        """The middle of the images."""
        if isinstance(inputs, dict):
            return {**inputs, "images": self.call(inputs["images"])}
        out = middle(self.as_floats(inputs), self.height, self.width)
        return out.squeeze(0) if inputs.ndim == 3 else out


def middle(x: Tensor, height: int, width: int) -> Tensor:
    """The middle of images (n, h, w, c) in a size, enlarged if they are smaller."""
    rows, columns = x.shape[1] - height, x.shape[2] - width
    if rows >= 0 and columns >= 0:
        top, left = rows // 2, columns // 2
        return x[:, top : top + height, left : left + width]
    part = largest_part(x, height, width)
    wide = part.to(torch.promote_types(part.dtype, torch.float32))
    return resized(wide, (height, width)).to(x.dtype)
