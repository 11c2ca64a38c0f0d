"""Images brought to another size."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from profond.layers._checks import one_of, positive_integer
from profond.layers.preprocessing._images import ImageLayer

_MODES = {"bilinear": "bilinear", "nearest": "nearest-exact", "bicubic": "bicubic"}


class Resizing(ImageLayer):
    """Images in the size `height` x `width`; whole numbers stay whole numbers.

    Args:
        height: Height of the output.
        width: Width of the output.
        interpolation: "bilinear", "nearest" or "bicubic".
        crop_to_aspect_ratio: Whether the largest part of the right proportions is cut out first.
        pad_to_aspect_ratio: Whether the image gets a border first, so that it has the right
            proportions.
        fill_mode: "constant", the one there is.
        fill_value: Value of the border.
        antialias: Whether a smaller image is smoothed.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input: `(batch, any height, any width, channels)` or without the batch.
        Output: `(batch, height, width, channels)`.

    Raises:
        ValueError: If an argument is none of these, or both proportions are asked for.
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError(
                "`crop_to_aspect_ratio` and `pad_to_aspect_ratio` exclude each other; received "
                "both as True."
            )
        self.height = positive_integer(height, "height")
        self.width = positive_integer(width, "width")
        self.interpolation = one_of(interpolation, "interpolation", tuple(_MODES))
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = one_of(fill_mode, "fill_mode", ("constant",))
        self.fill_value = fill_value
        self.antialias = bool(antialias)

    def call(self, inputs: Any) -> Any:
        """The images in their new size."""
        if isinstance(inputs, dict):
            return {**inputs, "images": self.call(inputs["images"])}
        kept = self._compute if inputs.is_floating_point() else inputs.dtype
        x = self.as_floats(inputs.float() if not inputs.is_floating_point() else inputs)
        x = x.to(torch.promote_types(x.dtype, torch.float32))
        size = (self.height, self.width)
        if self.crop_to_aspect_ratio:
            x = largest_part(x, *size)
        elif self.pad_to_aspect_ratio:
            x = self._padded(x)
        out = resized(x, size, self.interpolation, self.antialias)
        if not kept.is_floating_point:
            limits = torch.iinfo(kept)
            out = out.round().clamp(limits.min, limits.max)
        out = out.to(kept)
        return out.squeeze(0) if inputs.ndim == 3 else out

    def _padded(self, x: Tensor) -> Tensor:
        """The images with a border that gives them the proportions of the output."""
        height, width = x.shape[1:3]
        down = (max(height, int(width * self.height / self.width)) - height) // 2
        across = (max(width, int(height * self.width / self.height)) - width) // 2
        return functional.pad(x, (0, 0, across, across, down, down), value=self.fill_value)


def resized(
    x: Tensor, size: tuple[int, int], interpolation: str = "bilinear", antialias: bool = False
) -> Tensor:
    """Images (n, h, w, c) of at least float32 brought to `size`."""
    smooth = interpolation != "nearest"
    antialias = antialias and smooth
    if antialias and size[1] == 1 < size[0]:
        # torch 2.13 resizes wrongly to a width of 1 with antialias; to a height of 1 it is right.
        turned = resized(x.transpose(1, 2), (1, size[0]), interpolation, True)
        return turned.transpose(1, 2)
    out = functional.interpolate(
        x.permute(0, 3, 1, 2),
        size=size,
        mode=_MODES[interpolation],
        align_corners=False if smooth else None,
        antialias=antialias,
    )
    return out.permute(0, 2, 3, 1)


def largest_part(x: Tensor, height: int, width: int) -> Tensor:
    """The largest part in the middle of images (n, h, w, c) with the proportions of a size."""
    rows, columns = x.shape[1:3]
    part_rows = max(min(rows, int(columns * height / width)), 1)
    part_columns = max(min(columns, int(rows * width / height)), 1)
    top, left = (rows - part_rows) // 2, (columns - part_columns) // 2
    return x[:, top : top + part_rows, left : left + part_columns]
