"""So many windows as are asked for, whatever the size of the input."""

from collections.abc import Callable, Sequence
from typing import Any

from jaxtyping import Num
from torch import Tensor
from torch.nn import functional as F

from profond.layers._checks import channels_last, whole_numbers
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class _AdaptivePooling(Layer):
    """One number for each of `output_size` windows, for each channel.

    Window i of m covers an axis of n places from floor(i n / m) to ceil((i + 1) n / m): windows
    differ by at most one place, overlap where m does not divide n, and repeat where m > n.
    """

    def __init__(
        self, dimensions: int, output_size: Any, data_format: Any, kwargs: dict[str, Any]
    ) -> None:
        super().__init__(**kwargs)
        self.output_size = whole_numbers(output_size, dimensions, "output_size")
        self.data_format = channels_last(data_format)
        self.input_spec = InputSpec(ndim=dimensions + 2)

    def _pooled(self, pool: Callable[..., Tensor], inputs: Tensor) -> Tensor:
        """`pool`, a function of torch in two dimensions; a series is an image of height 1.

        Raises:
            ValueError: If an axis of the input is of size 0.
        """
        if 0 in inputs.shape[1:-1]:
            raise ValueError(
                f"the input of the layer {self.name!r} must not be empty; received shape "
                f"{tuple(inputs.shape)}."
            )
        if len(self.output_size) == 1:
            y = pool(inputs.unsqueeze(1).permute(0, 3, 1, 2), (1, *self.output_size))
            return y.permute(0, 2, 3, 1).contiguous().squeeze(1)
        return pool(inputs.permute(0, 3, 1, 2), self.output_size).permute(0, 2, 3, 1).contiguous()


class AdaptiveAveragePooling1D(_AdaptivePooling):
    """The mean over each of `output_size` windows of time, for each channel.

    Window i of m covers the steps from floor(i n / m) to ceil((i + 1) n / m) of n.

    Args:
        output_size: Number of windows, > 0.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`. Output: `(batch, output_size, channels)`.

    Raises:
        ValueError: If an argument is none of these, or at the call if there are no steps.
    """

    def __init__(
        self, output_size: int | Sequence[int], data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(1, output_size, data_format, kwargs)

    def call(
        self, inputs: Num[Tensor, "batch time channels"]
    ) -> Num[Tensor, "batch windows channels"]:
        """The means."""
        return self._pooled(F.adaptive_avg_pool2d, inputs)


class AdaptiveAveragePooling2D(_AdaptivePooling):
    """The mean over each of `output_size` windows of an image, for each channel.

    Window i of m covers the rows from floor(i n / m) to ceil((i + 1) n / m) of n; columns alike.

    Args:
        output_size: Rows and columns of windows, > 0; one number for both.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output: `(batch, *output_size, channels)`.

    Raises:
        ValueError: If an argument is none of these, or at the call if the image is empty.
    """

    def __init__(
        self, output_size: int | Sequence[int], data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(2, output_size, data_format, kwargs)

    def call(
        self, inputs: Num[Tensor, "batch height width channels"]
    ) -> Num[Tensor, "batch rows columns channels"]:
        """The means."""
        return self._pooled(F.adaptive_avg_pool2d, inputs)


class AdaptiveMaxPooling1D(_AdaptivePooling):
    """The maximum over each of `output_size` windows of time, for each channel.

    Window i of m covers the steps from floor(i n / m) to ceil((i + 1) n / m) of n.

    Args:
        output_size: Number of windows, > 0.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`. Output: `(batch, output_size, channels)`.

    Raises:
        ValueError: If an argument is none of these, or at the call if there are no steps.
    """

    def __init__(
        self, output_size: int | Sequence[int], data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(1, output_size, data_format, kwargs)

    def call(
        self, inputs: Num[Tensor, "batch time channels"]
    ) -> Num[Tensor, "batch windows channels"]:
        """The maxima."""
        return self._pooled(F.adaptive_max_pool2d, inputs)


class AdaptiveMaxPooling2D(_AdaptivePooling):
    """The maximum over each of `output_size` windows of an image, for each channel.

    Window i of m covers the rows from floor(i n / m) to ceil((i + 1) n / m) of n; columns alike.

    Args:
        output_size: Rows and columns of windows, > 0; one number for both.
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output: `(batch, *output_size, channels)`.

    Raises:
        ValueError: If an argument is none of these, or at the call if the image is empty.
    """

    def __init__(
        self, output_size: int | Sequence[int], data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(2, output_size, data_format, kwargs)

    def call(
        self, inputs: Num[Tensor, "batch height width channels"]
    ) -> Num[Tensor, "batch rows columns channels"]:
        """The maxima."""
        return self._pooled(F.adaptive_max_pool2d, inputs)
