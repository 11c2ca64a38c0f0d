"""Images with a rectangle erased at random."""

from typing import Any

import torch
from torch import Tensor

from profond.layers._checks import is_number
from profond.layers.preprocessing._images import RandomImageLayer, bounds, value_bounds, wide
from profond.random import generator_for


class RandomErasing(RandomImageLayer):
    """Images with a rectangle covered in training (Zhong et al. 2017; cutout).

    Height and width of the rectangle are each the square root of a draw from `scale`, as a part
    of the image's, its place is drawn uniformly within the image: the form of Keras.

    Args:
        factor: Probability that an image is changed, in [0, 1], drawn for each image: (lower,
            upper), or f for (0, f), so that 1 changes half of them; (1, 1) changes all.
        scale: Range of the part of the area that is erased, in [0, 1].
        fill_value: What it is covered with: a number, one for each channel, or None for noise
            with the standard deviation `value_range[1]`; clipped to `value_range`.
        value_range: Smallest and largest value of a pixel.
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input and output: `(batch, height, width, channels)` or `(height, width, channels)`.

    Raises:
        ValueError: If an argument is none of these.
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = bounds(factor, "factor", 0.0, 1.0)
        self.scale = bounds(scale, "scale", 0.0, 1.0)
        numbers = fill_value if isinstance(fill_value, list | tuple) else [fill_value]
        if fill_value is not None and not (numbers and all(map(is_number, numbers))):
            raise ValueError(
                "`fill_value` must be a number, one for each channel, or None for noise; received "
                f"{fill_value!r}."
            )
        self.fill_value = fill_value
        self.value_range = value_bounds(value_range)

    def _augmented(self, images: Tensor) -> Tensor:
        n, height, width, channels = images.shape
        x = wide(images)
        sides = self._uniform((n, 2), *self.scale, images).sqrt()
        across = self._covered(sides[:, 0], width, images)
        down = self._covered(sides[:, 1], height, images)
        probability = self._uniform((n,), *self.factor, images)
        changed = self._uniform((n,), 0.0, 1.0, images) < probability
        covered = down[:, :, None] & across[:, None, :] & changed[:, None, None]
        return torch.where(covered[..., None], self._cover(x, channels), x)

    def _covered(self, part: Tensor, size: int, like: Tensor) -> Tensor:
        """Which pixels of an axis are covered in each image, (n, size)."""
        length = part * size
        start = self._uniform((len(part),), 0.0, 1.0, like) * (size - length)
        pixels = torch.arange(size, device=like.device, dtype=torch.float32)
        return (pixels >= start[:, None]) & (pixels < (start + length)[:, None])

    def _cover(self, x: Tensor, channels: int) -> Tensor:
        """What the rectangles are covered with."""
        if self.fill_value is None:
            generator = generator_for(self.seed_generator, x.device)
            noise = torch.randn(x.shape, generator=generator, device=x.device)
            cover = (noise * self.value_range[1]).to(x.dtype)
        else:
            cover = torch.as_tensor(self.fill_value, dtype=x.dtype, device=x.device)
            if cover.ndim and len(cover) != channels:
                raise ValueError(
                    f"`fill_value` must be a number or one for each of the {channels} channels; "
                    f"received {self.fill_value!r}."
                )
        return cover.clamp(*self.value_range)
