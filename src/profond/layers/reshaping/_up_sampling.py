"""More time steps or pixels, made from those that are there."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Num
from torch import Tensor
from torch.nn import functional as F

from profond.layers._checks import channels_last, one_of, positive_integer, whole_numbers
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class UpSampling1D(Layer):
    """Each time step `size` times.

    Args:
        size: How often, > 0.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`. Output: `(batch, size * time, channels)`.

    Raises:
        ValueError: If `size` is not a positive integer.
    """

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = positive_integer(size, "size")
        self.input_spec = InputSpec(ndim=3)

    def call(
        self, inputs: Num[Tensor, "batch time channels"]
    ) -> Num[Tensor, "batch steps channels"]:
        """The input, each step repeated."""
        x = inputs.unsqueeze(2)
        return x.expand(-1, -1, self.size, -1).flatten(1, 2)


class UpSampling2D(Layer):
    """Images `size` times as high and wide.

    Args:
        size: Factors of height and width, > 0; one number for both.
        data_format: None or `"channels_last"`.
        interpolation: `"nearest"`, which repeats pixels; `"bilinear"` or `"bicubic"`, between the
            centres of pixels (`align_corners=False` in torch). Keras's `"lanczos3"` and
            `"lanczos5"` are not there, nor are they in Keras on torch.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output:
        `(batch, size[0] * height, size[1] * width, channels)`.

    Raises:
        ValueError: If an argument is none of these.
    """

    def __init__(
        self,
        size: int | Sequence[int] = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.size = whole_numbers(size, 2, "size")
        self.data_format = channels_last(data_format)
        word = interpolation.lower() if isinstance(interpolation, str) else interpolation
        self.interpolation = one_of(word, "interpolation", ("nearest", "bilinear", "bicubic"))
        self.input_spec = InputSpec(ndim=4)

    def call(
        self, inputs: Num[Tensor, "batch height width channels"]
    ) -> Num[Tensor, "batch rows columns channels"]:
        """The larger images."""
        down, right = self.size
        if self.interpolation == "nearest":
            x = inputs.unsqueeze(3).unsqueeze(2)  # (n, h, 1, w, 1, c)
            return x.expand(-1, -1, down, -1, right, -1).flatten(3, 4).flatten(1, 2)
        sizes = (inputs.shape[1] * down, inputs.shape[2] * right)
        y = F.interpolate(inputs.permute(0, 3, 1, 2), sizes, mode=self.interpolation)
        return y.permute(0, 2, 3, 1).contiguous()
