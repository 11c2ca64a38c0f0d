"""Images changed at random in training, as they might have been taken otherwise."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from profond.layers import Layer


class RandomAffine(Layer):
    """Images turned, enlarged and shifted a little, each by numbers of its own.

    Args:
        degrees: Largest angle, to both sides.
        scale: Largest change of the size, as a share.
        shift: Largest shift, in pixels.
        **kwargs: `name`, `dtype`.
    """

    def __init__(self, degrees: float, scale: float, shift: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.degrees, self.scale, self.shift = degrees, scale, shift

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """The images, changed in training only."""
        if not training:
            return inputs
        x = inputs.permute(0, 3, 1, 2)
        turn, size, down, right = torch.rand(4, len(x), 1, device=x.device) * 2 - 1
        turn, size = turn * math.radians(self.degrees), 1 + size * self.scale
        cos, sin = size * turn.cos(), size * turn.sin()
        # A shift by one pixel is 2 / width in the units of the grid, from -1 to 1.
        down, right = down * self.shift * 2 / x.shape[2], right * self.shift * 2 / x.shape[3]
        matrix = torch.stack([torch.cat([cos, -sin, right], 1), torch.cat([sin, cos, down], 1)], 1)
        grid = F.affine_grid(matrix, list(x.shape), align_corners=False)
        return F.grid_sample(x, grid.to(x), align_corners=False).permute(0, 2, 3, 1)


class RandomCropAndFlip(Layer):
    """Images shifted by whole pixels, zeros coming in, and half of them mirrored.

    He et al. (2016, 4.2): 4 pixels of zeros on each side, a random crop of the old size, and a
    random horizontal flip.

    Args:
        pixels: Largest shift.
        **kwargs: `name`, `dtype`.
    """

    def __init__(self, pixels: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pixels = pixels

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """The images, changed in training only."""
        if not training:
            return inputs
        count, height, width, _ = inputs.shape
        p = self.pixels
        larger = F.pad(inputs, (0, 0, p, p, p, p))
        down, right = torch.randint(2 * p + 1, (2, count, 1), device=inputs.device)
        rows = down + torch.arange(height, device=inputs.device)
        columns = right + torch.arange(width, device=inputs.device)
        mirrored = torch.rand(count, 1, device=inputs.device) < 0.5
        columns = torch.where(mirrored, columns.flip(1), columns)
        images = torch.arange(count, device=inputs.device)[:, None, None]
        return larger[images, rows[:, :, None], columns[:, None, :]]
