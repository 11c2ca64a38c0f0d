"""The largest value of each window."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Bool, Num
from torch import Tensor

from profond.layers._steps import only_counted
from profond.layers.pooling._windows import SeriesPooling, WindowPooling, max_pool


class MaxPooling1D(SeriesPooling):
    """The maximum over windows of time, for each channel.

    Where values are equal, the gradient goes to the first of them.

    Args:
        pool_size: Steps in a window, > 0.
        strides: Steps from one window to the next, > 0; `pool_size` by default.
        padding: `"valid"`: windows lie inside the input; `"same"`: they go beyond it, as far on
            both sides (one step more after the end), and what is beyond does not count.
        data_format: None or `"channels_last"`.
        name: Name, unique in a model.
        **kwargs: `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`. Output: `(batch, windows, channels)`, where windows are
        `floor((n - pool_size) / strides) + 1` of n steps with `"valid"` padding, and
        `ceil(n / strides)` with `"same"`.

        `mask`: `(batch, time)`, True where a step counts. Others are left out of their windows,
        and the mask goes on to the output: with `"valid"` padding a window counts if its first
        and last step do, else if the step does that it stands on, the first of every `strides`.
        What does not count is 0. (In Keras a mask ends here, with a warning.)

    Raises:
        ValueError: If an argument is none of these, or at the call if a window does not fit
            into the input.
    """

    def __init__(
        self,
        pool_size: int | Sequence[int] = 2,
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["name"] = name
        super().__init__(pool_size, strides, padding, data_format, kwargs)

    def call(
        self,
        inputs: Num[Tensor, "batch time channels"],
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> Num[Tensor, "batch windows channels"]:
        """The maxima."""
        if mask is None:
            return self._pooled(max_pool, inputs)
        highest = self._pooled(max_pool, only_counted(inputs, mask, -torch.inf))
        return only_counted(highest, self.compute_mask(inputs, mask))


class MaxPooling2D(WindowPooling):
    """The maximum over windows of an image, for each channel.

    Where values are equal, the gradient goes to the first of them.

    Args:
        pool_size: Height and width of a window, > 0; one number for both.
        strides: Steps from one window to the next, down and to the right, > 0; `pool_size` by
            default.
        padding: `"valid"`: windows lie inside the input; `"same"`: they go beyond it, as far on
            both sides (one step more after the end), and what is beyond does not count.
        data_format: None or `"channels_last"`.
        name: Name, unique in a model.
        **kwargs: `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output: `(batch, rows, columns, channels)`;
        there are `floor((n - pool_size) / strides) + 1` of a size n with `"valid"` padding, and
        `ceil(n / strides)` with `"same"`.

    Raises:
        ValueError: If an argument is none of these, or at the call if a window does not fit
            into the input.
    """

    def __init__(
        self,
        pool_size: int | Sequence[int] = (2, 2),
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["name"] = name
        super().__init__(2, pool_size, strides, padding, data_format, kwargs)

    def call(
        self, inputs: Num[Tensor, "batch height width channels"]
    ) -> Num[Tensor, "batch rows columns channels"]:
        """The maxima."""
        return self._pooled(max_pool, inputs)


MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
