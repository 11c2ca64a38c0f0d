"""Images mirrored at random."""

from typing import Any

import torch
from torch import Tensor

from profond.layers._checks import one_of
from profond.layers.preprocessing._images import RandomImageLayer

MODES = ("horizontal", "vertical", "horizontal_and_vertical")


class RandomFlip(RandomImageLayer):
    """Images mirrored with probability 1/2 in training, each by itself.

    Args:
        mode: "horizontal" changes left and right, "vertical" top and bottom. With
            "horizontal_and_vertical" an image is mirrored both ways or not at all, as in Keras 3.
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input and output: `(batch, height, width, channels)` or `(height, width, channels)`.

    Raises:
        ValueError: If `mode` is another word.
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.mode = one_of(mode, "mode", MODES)

    def _augmented(self, images: Tensor) -> Tensor:
        flips = self._uniform((len(images), 1, 1, 1), 0.0, 1.0, images) <= 0.5
        axes = [axis for axis, word in ((2, "horizontal"), (1, "vertical")) if word in self.mode]
        return torch.where(flips, images.flip(axes), images)
