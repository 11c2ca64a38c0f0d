"""Images made brighter or darker at random."""

from typing import Any

from torch import Tensor

from profond.layers.preprocessing._images import RandomImageLayer, bounds, value_bounds, wide


class RandomBrightness(RandomImageLayer):
    """Images with a number added to all pixels in training, another for each image.

    Args:
        factor: f, from which the number is drawn in [-f, f], or (lower, upper), in [-1, 1], as a
            part of `value_range`: -1 makes an image black, 1 white.
        value_range: Smallest and largest value of a pixel, to which the result is clipped.
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input and output: `(batch, height, width, channels)` or `(height, width, channels)`.

    Raises:
        ValueError: If `factor` or `value_range` is none of these.
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.factor = bounds(factor, "factor", -1.0, 1.0)
        self.value_range = value_bounds(value_range)

    def _augmented(self, images: Tensor) -> Tensor:
        low, high = self.value_range
        more = self._uniform((len(images), 1, 1, 1), *self.factor, images) * (high - low)
        return (wide(images) + more).clamp(low, high)
