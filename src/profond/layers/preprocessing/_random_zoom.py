"""Images enlarged and made smaller at random."""

from typing import Any

from torch import Tensor

from profond.layers._checks import one_of
from profond.layers.preprocessing._affine import warped, zoom
from profond.layers.preprocessing._images import (
    FILL_MODES,
    INTERPOLATIONS,
    RandomImageLayer,
    bounds,
    wide,
)


class RandomZoom(RandomImageLayer):
    """Images zoomed about their centre in training, each by another factor.

    Args:
        height_factor: f, from which the zoom is drawn in [-f, f], or (lower, upper), in (-1, 1]:
            0.2 shows 20 % more, so that all is smaller; -0.2 shows 20 % less.
        width_factor: The same for the width; None keeps proportions.
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
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self._height = bounds(height_factor, "height_factor", -1.0, 1.0, open_low=True)
        self._width = None
        if width_factor is not None:
            self._width = bounds(width_factor, "width_factor", -1.0, 1.0, open_low=True)
        self.height_factor, self.width_factor = height_factor, width_factor
        self.fill_mode = one_of(fill_mode, "fill_mode", FILL_MODES)
        self.interpolation = one_of(interpolation, "interpolation", INTERPOLATIONS)
        self.fill_value = fill_value

    def _augmented(self, images: Tensor) -> Tensor:
        n, height, width, _ = images.shape
        y_scale = x_scale = 1.0 + self._uniform((n,), *self._height, images)
        if self._width is not None:
            x_scale = 1.0 + self._uniform((n,), *self._width, images)
        return warped(
            wide(images),
            zoom(y_scale, x_scale, height, width),
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            interpolation=self.interpolation,
        )
