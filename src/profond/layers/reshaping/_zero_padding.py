"""Zeros around series and images."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Num
from torch import Tensor
from torch.nn import functional as F

from profond.layers._checks import channels_last, sides
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class ZeroPadding1D(Layer):
    """Zeros before and after a series.

    Args:
        padding: Steps on each side, or `(before, after)`, >= 0.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`. Output: `(batch, before + time + after, channels)`.

    Raises:
        ValueError: If an argument is none of these.
    """

    def __init__(
        self,
        padding: int | Sequence[int] = 1,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        (self.padding,) = sides(padding, 1, "padding")
        self.data_format = channels_last(data_format)
        self.input_spec = InputSpec(ndim=3)

    def call(
        self, inputs: Num[Tensor, "batch time channels"]
    ) -> Num[Tensor, "batch steps channels"]:
        """The longer series."""
        return F.pad(inputs, (0, 0, *self.padding))


class ZeroPadding2D(Layer):
    """Zeros around images.

    Args:
        padding: Pixels on all sides; or two numbers, above and below, left and right; or
            `((top, bottom), (left, right))`; all >= 0.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output:
        `(batch, top + height + bottom, left + width + right, channels)`.

    Raises:
        ValueError: If an argument is none of these.
    """

    def __init__(
        self,
        padding: int | Sequence[int | Sequence[int]] = (1, 1),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.padding = sides(padding, 2, "padding")
        self.data_format = channels_last(data_format)
        self.input_spec = InputSpec(ndim=4)

    def call(
        self, inputs: Num[Tensor, "batch height width channels"]
    ) -> Num[Tensor, "batch rows columns channels"]:
        """The larger images."""
        height, width = self.padding
        return F.pad(inputs, (0, 0, *width, *height))  # torch begins with the last axis
