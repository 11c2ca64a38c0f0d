"""A part of images at random."""

from typing import Any

import torch
from torch import Tensor

from profond.layers._checks import positive_integer
from profond.layers.preprocessing._center_crop import middle
from profond.layers.preprocessing._images import RandomImageLayer


class RandomCrop(RandomImageLayer):
    """A part of `height` x `width` pixels, in training at another place in each image.

    Outside training it is the middle. Of images that are smaller, it is the largest part of these
    proportions, enlarged. (Keras 3.15 takes one place for the whole batch, and outside training
    leaves the images in their size, although its documentation says otherwise.)

    Args:
        height: Height of the output.
        width: Width of the output.
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        data_format: None or `"channels_last"`.
        name: Name of the layer.
        **kwargs: `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input: `(batch, any height, any width, channels)` or without the batch.
        Output: `(batch, height, width, channels)`.

    Raises:
        ValueError: If `height` or `width` is not a positive integer.
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, name=name, **kwargs)
        self.height = positive_integer(height, "height")
        self.width = positive_integer(width, "width")

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """A part of the images."""
        if isinstance(inputs, dict):
            return {**inputs, "images": self.call(inputs["images"], training=training)}
        x = self.as_floats(inputs)
        smaller = x.shape[1] < self.height or x.shape[2] < self.width
        if training and not smaller:
            out = self._augmented(x)
        else:
            out = middle(x, self.height, self.width)
        return out.squeeze(0) if inputs.ndim == 3 else out

    def _augmented(self, images: Tensor) -> Tensor:
        n, height, width, _ = images.shape
        rows = self._places(height - self.height, self.height, images)
        columns = self._places(width - self.width, self.width, images)
        batch = torch.arange(n, device=images.device)
        return images[batch[:, None, None], rows[:, :, None], columns[:, None, :]]

    def _places(self, free: int, size: int, like: Tensor) -> Tensor:
        """Rows or columns of each image, (n, size), from a first that may be 0 to `free`."""
        first = self._uniform((len(like), 1), 0.0, free + 1.0, like).long().clamp(max=free)
        return first + torch.arange(size, device=like.device)
