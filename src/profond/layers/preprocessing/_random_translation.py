"""Images shifted at random."""

from typing import Any

from torch import Tensor

from profond.layers._checks import one_of
from profond.layers.preprocessing._affine import translation, warped
from profond.layers.preprocessing._images import (
    FILL_MODES,
    INTERPOLATIONS,
    RandomImageLayer,
    bounds,
    wide,
)


class RandomTranslation(RandomImageLayer):
    """Images shifted in training, each by another distance.

    Args:
        height_factor: f, from which the shift is drawn in [-f, f], or (lower, upper), in [-1, 1],
            as a part of the height; positive is down.
        width_factor: The same as a part of the width; positive is to the right.
        fill_mode: What is beyond the edge: "reflect" (d c b a | a b c d | d c b a), "constant",
            "wrap" (a b c d | a b c d | a b c d) or "nearest" (a a | a b c d | d d).
        interpolation: "bilinear" or "nearest".
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        fill_value: Value beyond the edge for `fill_mode="constant"`.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input and output: `(batch, height, width, channels)` or `(height, width, channels)`.

    Raises:
        ValueError: If an argument is none of these.
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self._height = bounds(height_factor, "height_factor", -1.0, 1.0)
        self._width = bounds(width_factor, "width_factor", -1.0, 1.0)
        self.height_factor, self.width_factor = height_factor, width_factor
        self.fill_mode = one_of(fill_mode, "fill_mode", FILL_MODES)
        self.interpolation = one_of(interpolation, "interpolation", INTERPOLATIONS)
        self.fill_value = fill_value

    def _augmented(self, images: Tensor) -> Tensor:
        n, height, width, _ = images.shape
        down = self._uniform((n,), *self._height, images) * height
        right = self._uniform((n,), *self._width, images) * width
        return warped(
            wide(images),
            translation(down, right),
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            interpolation=self.interpolation,
        )
