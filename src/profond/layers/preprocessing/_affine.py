r"""Images under affine maps, each under its own, in one pass over the pixels.

A map is a matrix $M$ of shape (2, 3): the output at $(x, y)$ is the input at $M (x, y, 1)^T$, in
pixels, the first pixel's centre at (0, 0).
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

Maps = Float[Tensor, "batch 2 3"]

_PADDING = {"constant": "zeros", "nearest": "border", "reflect": "reflection", "wrap": "border"}


def about_the_centre(
    a: Tensor, b: Tensor, c: Tensor, d: Tensor, height: int, width: int
) -> Float[Tensor, "batch 2 3"]:
    r"""The maps $(a, b; c, d)$, of shape (batch,) each, that leave the images' centre in place."""
    cx, cy = (width - 1) / 2, (height - 1) / 2
    x_row = torch.stack([a, b, cx - a * cx - b * cy], -1)
    y_row = torch.stack([c, d, cy - c * cx - d * cy], -1)
    return torch.stack([x_row, y_row], 1)


def rotation(turns: Tensor, height: int, width: int) -> Float[Tensor, "batch 2 3"]:
    """Rotations by parts of a full turn, counter-clockwise."""
    angle = turns * (2 * torch.pi)
    cos, sin = angle.cos(), angle.sin()
    return about_the_centre(cos, -sin, sin, cos, height, width)


def zoom(y_scale: Tensor, x_scale: Tensor, height: int, width: int) -> Float[Tensor, "batch 2 3"]:
    """Zooms about the centre; 2 shows twice as much, so everything is half as large."""
    zero = torch.zeros_like(x_scale)
    return about_the_centre(x_scale, zero, zero, y_scale, height, width)


def translation(down: Tensor, right: Tensor) -> Float[Tensor, "batch 2 3"]:
    """Shifts by pixels."""
    one, zero = torch.ones_like(down), torch.zeros_like(down)
    return torch.stack(
        [torch.stack([one, zero, -right], -1), torch.stack([zero, one, -down], -1)], 1
    )


def composed(first: Tensor, second: Tensor) -> Float[Tensor, "batch 2 3"]:
    """The map of images that are warped by `first` and then by `second`."""
    # A point of the output is looked up in the second map, then in the first.
    linear = first[..., :2] @ second[..., :2]
    shift = first[..., :2] @ second[..., 2:] + first[..., 2:]
    return torch.cat([linear, shift], -1)


def warped(
    images: Float[Tensor, "batch height width channels"],
    maps: Float[Tensor, "batch 2 3"],
    *,
    fill_mode: str,
    fill_value: float,
    interpolation: str,
) -> Float[Tensor, "batch height width channels"]:
    """The images under their maps.

    Args:
        images: At least float32.
        maps: Where each output pixel is looked up.
        fill_mode: What is beyond the edge: "reflect" (d c b a | a b c d | d c b a), "constant"
            (`fill_value`), "wrap" (a b c d | a b c d | a b c d) or "nearest" (a a | a b c d | d d).
        fill_value: For "constant".
        interpolation: "bilinear" or "nearest".
    """
    height, width = images.shape[1:3]
    x = images.permute(0, 3, 1, 2)  # (n, h, w, c) -> (n, c, h, w), no copy
    if fill_mode == "constant" and fill_value:
        x = x - fill_value
    grid = _grid(_normalized(maps.to(images.dtype), height, width), height, width)
    if fill_mode == "wrap":
        x, grid = _wrapped(x, grid, height, width)
    # align_corners=False reflects about the outer edges of the outer pixels: d c b a | a b c d.
    out = functional.grid_sample(
        x, grid, mode=interpolation, padding_mode=_PADDING[fill_mode], align_corners=False
    )
    if fill_mode == "constant" and fill_value:
        out = out + fill_value
    return out.permute(0, 2, 3, 1)


def _normalized(maps: Tensor, height: int, width: int) -> Tensor:
    """Maps between coordinates in which the image is [-1, 1] x [-1, 1], edges included."""
    # x = ((X + 1) W - 1) / 2 in both frames, put into x' = a x + b y + t. Python's numbers, as
    # a tensor made from them would be a transfer to the device.
    (a, b, right), (c, d, down) = (row.unbind(-1) for row in maps.unbind(1))
    right = (a * (width - 1) + b * (height - 1) + 2 * right + 1) / width - 1
    down = (c * (width - 1) + d * (height - 1) + 2 * down + 1) / height - 1
    x_row = torch.stack([a, b * (height / width), right], -1)
    y_row = torch.stack([c * (width / height), d, down], -1)
    return torch.stack([x_row, y_row], 1)


def _grid(maps: Tensor, height: int, width: int) -> Tensor:
    """Where each pixel is looked up, (n, height, width, 2): `affine_grid`, in a third of the time.

    A map is a function of the column added to one of the row.
    """
    columns = (2 * torch.arange(width, dtype=maps.dtype, device=maps.device) + 1) / width - 1
    rows = (2 * torch.arange(height, dtype=maps.dtype, device=maps.device) + 1) / height - 1
    across = maps[:, None, :, 0] * columns[:, None]  # (n, width, 2)
    down = maps[:, None, :, 1] * rows[:, None] + maps[:, None, :, 2]  # (n, height, 2)
    return across[:, None] + down[:, :, None]


def _wrapped(x: Tensor, grid: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Images with their first row and column once more at the end, and a grid within them."""
    x = torch.cat([x, x[..., :1]], -1)
    x = torch.cat([x, x[..., :1, :]], -2)
    places = [
        # From 0 to the size, where it begins again.
        (2 * (((one + 1) * size - 1) / 2).remainder(size) + 1) / (size + 1) - 1
        for one, size in zip(grid.unbind(-1), (width, height), strict=True)
    ]
    return x, torch.stack(places, -1)
