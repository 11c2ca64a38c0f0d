"""Images with more or less contrast at random."""

from typing import Any

from torch import Tensor

from profond.layers.preprocessing._images import RandomImageLayer, bounds, value_bounds, wide


class RandomContrast(RandomImageLayer):
    r"""Images with another contrast in training, each by another factor $c$.

    $(x - m) c + m$, clipped to `value_range`, with the mean $m$ of each channel of each image.

    Args:
        factor: Two numbers (lower, upper) in [0, 1]: $c$ is drawn from [1 - lower, 1 + upper]. One
            number stands for both. (Keras documents this, but takes one number f as (0, f).)
        value_range: Smallest and largest value of a pixel.
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
        low, high = bounds(factor, "factor", 0.0, 1.0)
        self.factor = (low, high) if isinstance(factor, list | tuple) else (high, high)
        self.value_range = value_bounds(value_range)

    def _augmented(self, images: Tensor) -> Tensor:
        low, high = 1.0 - self.factor[0], 1.0 + self.factor[1]
        contrast = self._uniform((len(images), 1, 1, 1), low, high, images)
        x = wide(images)
        mean = x.mean((1, 2), keepdim=True)
        return ((x - mean) * contrast + mean).clamp(*self.value_range)
