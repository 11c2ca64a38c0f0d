"""Images turned at random."""

from typing import Any

from torch import Tensor

from profond.layers._checks import one_of
from profond.layers.preprocessing._affine import rotation, warped
from profond.layers.preprocessing._images import (
    FILL_MODES,
    INTERPOLATIONS,
    RandomImageLayer,
    bounds,
    wide,
)


class RandomRotation(RandomImageLayer):
    """Images turned about their centre in training, each by another angle.

    Args:
        factor: Largest angle as a part of a full turn, in [0, 1], so that angles are drawn from
            [-factor, factor]; or (lower, upper) in [-1, 1]. Positive is counter-clockwise.
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
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = bounds(factor, "factor", -1.0, 1.0)
        self.fill_mode = one_of(fill_mode, "fill_mode", FILL_MODES)
        self.interpolation = one_of(interpolation, "interpolation", INTERPOLATIONS)
        self.fill_value = fill_value

    def _augmented(self, images: Tensor) -> Tensor:
        n, height, width, _ = images.shape
        turns = self._uniform((n,), *self.factor, images)
        return warped(
            wide(images),
            rotation(turns, height, width),
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            interpolation=self.interpolation,
        )
