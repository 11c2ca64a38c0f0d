"""Less of series and images."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Num
from torch import Tensor

from profond.layers._checks import channels_last, sides
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class Cropping1D(Layer):
    """A series without its first and last steps.

    Args:
        cropping: Steps to leave out on each side, or `(before, after)`, >= 0.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`. Output: `(batch, time - before - after, channels)`.

    Raises:
        ValueError: If `cropping` is none of these, or at the call if nothing would be left.
    """

    def __init__(self, cropping: int | Sequence[int] = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        (self.cropping,) = sides(cropping, 1, "cropping")
        self.input_spec = InputSpec(ndim=3)

    def call(
        self, inputs: Num[Tensor, "batch time channels"]
    ) -> Num[Tensor, "batch steps channels"]:
        """The shorter series."""
        return _cropped(inputs, [self.cropping], self.name)


class Cropping2D(Layer):
    """Images without their edges.

    Args:
        cropping: Pixels to leave out on all sides; or two numbers, above and below, left and
            right; or `((top, bottom), (left, right))`; all >= 0.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output:
        `(batch, height - top - bottom, width - left - right, channels)`.

    Raises:
        ValueError: If an argument is none of these, or at the call if nothing would be left.
    """

    def __init__(
        self,
        cropping: int | Sequence[int | Sequence[int]] = (
            (0, 0),
            (0, 0),
        ),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.cropping = sides(cropping, 2, "cropping")
        self.data_format = channels_last(data_format)
        self.input_spec = InputSpec(ndim=4)

    def call(
        self, inputs: Num[Tensor, "batch height width channels"]
    ) -> Num[Tensor, "batch rows columns channels"]:
        """The smaller images."""
        return _cropped(inputs, self.cropping, self.name)


def _cropped(x: Tensor, cropping: Sequence[tuple[int, int]], layer: str) -> Tensor:
    """`x` without the edges of the axes from 1 on.

    Raises:
        ValueError: If nothing would be left.
    """
    for axis, (before, after) in enumerate(cropping, start=1):
        size = x.shape[axis] - before - after
        if size <= 0:
            raise ValueError(
                f"`cropping` of the layer {layer!r} must leave something of axis {axis}; received "
                f"cropping={before} + {after} there, for the size {x.shape[axis]}."
            )
        x = x.narrow(axis, before, size)
    return x.contiguous()
