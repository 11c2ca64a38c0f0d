"""An image summed up in one vector."""

from typing import Any

from jaxtyping import Num
from torch import Tensor

from profond.layers.pooling._global_pooling import GlobalPooling


class GlobalAveragePooling2D(GlobalPooling):
    """The mean over height and width, for each channel.

    Args:
        data_format: None or `"channels_last"`.
        keepdims: Whether height and width stay, of size 1.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output: `(batch, channels)`, or
        `(batch, 1, 1, channels)` with `keepdims`.

    Raises:
        ValueError: If `data_format` is another.
    """

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(2, data_format, keepdims, kwargs)

    def call(
        self, inputs: Num[Tensor, "batch height width channels"]
    ) -> Num[Tensor, " batch *channels"]:
        """The means."""
        return inputs.mean((1, 2), keepdim=self.keepdims)


class GlobalMaxPooling2D(GlobalPooling):
    """The maximum over height and width, for each channel.

    Args:
        data_format: None or `"channels_last"`.
        keepdims: Whether height and width stay, of size 1.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output: `(batch, channels)`, or
        `(batch, 1, 1, channels)` with `keepdims`.

    Raises:
        ValueError: If `data_format` is another.
    """

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(2, data_format, keepdims, kwargs)

    def call(
        self, inputs: Num[Tensor, "batch height width channels"]
    ) -> Num[Tensor, " batch *channels"]:
        """The maxima; their gradient is shared evenly among equal ones."""
        return inputs.amax((1, 2), keepdim=self.keepdims)


GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool2D = GlobalMaxPooling2D
