"""Windows that slide over time or space: how many there are, and torch's pooling over them.

Images (batch, height, width, channels) are torch's `channels_last` memory seen in another order,
so nothing is copied. A series is an image of height 1: torch's pooling in one dimension would
copy it to channels first.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Num
from torch import Tensor
from torch.nn import functional as F

from profond.layers._checks import channels_last, whole_numbers
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer
from profond.layers._steps import whole_windows

# Up to so many values, one call of torch's is faster than several: it works on many channels at
# once, but on few ones by one.
_FEW_VALUES, _FEW_CHANNELS = 2**14, 16


class WindowPooling(Layer):
    """One number for all of a window, for each channel."""

    def __init__(
        self,
        dimensions: int,
        pool_size: Any,
        strides: Any,
        padding: Any,
        data_format: Any,
        kwargs: dict[str, Any],
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = whole_numbers(pool_size, dimensions, "pool_size")
        self.strides = (
            self.pool_size if strides is None else whole_numbers(strides, dimensions, "strides")
        )
        self.padding = padding.lower() if isinstance(padding, str) else padding
        if self.padding not in ("valid", "same"):
            raise ValueError(f"`padding` must be 'valid' or 'same'; received {padding!r}.")
        self.data_format = channels_last(data_format)
        self.input_spec = InputSpec(ndim=dimensions + 2)

    def _pooled(
        self, pool: Callable[..., Tensor], inputs: Num[Tensor, "batch *sizes channels"]
    ) -> Num[Tensor, "batch *pooled channels"]:
        """`pool`, a function of torch in two dimensions, over the windows of the layer.

        Raises:
            ValueError: If there is no window.
        """
        shape = inputs.shape
        padded = self.padding == "same"
        if 0 in shape[1:-1] or (not padded and not _all_fit(self.pool_size, shape)):
            raise ValueError(
                f"the input of the layer {self.name!r} must be at least as large as its window, "
                f"pool_size={self.pool_size}; received shape {tuple(shape)}. Give a smaller "
                "`pool_size`, or padding='same'."
            )
        if len(shape) == 3:
            x, window, strides = inputs.unsqueeze(1), (1, *self.pool_size), (1, *self.strides)
        else:
            x, window, strides = inputs, self.pool_size, self.strides
        y = x.permute(0, 3, 1, 2)
        y = _with_padding(pool, y, window, strides) if padded else pool(y, window, strides)
        y = y.permute(0, 2, 3, 1).contiguous()
        return y.squeeze(1) if len(shape) == 3 else y


class SeriesPooling(WindowPooling):
    """Pooling over windows of time, in which only steps count that are not masked."""

    def __init__(
        self, pool_size: Any, strides: Any, padding: Any, data_format: Any, kwargs: dict[str, Any]
    ) -> None:
        super().__init__(1, pool_size, strides, padding, data_format, kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """True for the windows that count, (batch, windows); None without a mask."""
        del inputs
        if previous_mask is None:
            return None
        if self.padding == "same":
            return previous_mask[:, :: self.strides[0]]
        return whole_windows(previous_mask, self.pool_size[0], self.strides[0])


def _all_fit(window: Sequence[int], shape: Sequence[int]) -> bool:
    """Whether the window is no larger than the input, of `shape` (batch, ..., channels)."""
    return window[0] <= shape[1] and window[-1] <= shape[-2]


def _with_padding(
    pool: Callable[..., Tensor],
    x: Num[Tensor, "batch channels height width"],
    window: Sequence[int],
    strides: Sequence[int],
) -> Num[Tensor, "batch channels pooled_height pooled_width"]:
    """`pool` over windows that go beyond the input, without a padded copy of it.

    The last windows may go beyond the end (`ceil_mode`), as many as Keras has. Even windows with
    a stride of 1 begin half a window before the input, where torch has one window too many.
    """
    before, extra = [], []
    for n, k, s in zip(x.shape[2:], window, strides, strict=True):
        extra.append(int(s == 1 and k % 2 == 0))
        before.append(_before(n, k, s) + extra[-1])
    y = pool(x, window, strides, before, ceil_mode=True)
    return y[:, :, extra[0] :, extra[1] :] if any(extra) else y


def _before(size: int, window: int, stride: int) -> int:
    """How far the first window of `padding="same"` begins before the input.

    There are ceil(size / stride) windows; what they need beyond the input is cut in half, the odd
    one after the end (Keras and TensorFlow).
    """
    windows = -(-size // stride)
    return max(0, (windows - 1) * stride + window - size) // 2


def max_pool(
    x: Num[Tensor, "batch channels height width"],
    window: Sequence[int],
    strides: Sequence[int],
    padding: Sequence[int] = (0, 0),
    ceil_mode: bool = False,
) -> Num[Tensor, "batch channels pooled_height pooled_width"]:
    """The largest value of each window; the gradient goes to the first of equal ones."""
    if (
        x.device.type == "cpu"
        and not any(padding)
        and not ceil_mode
        and max(window) <= 4
        and x.numel() > _FEW_VALUES * (1 if x.shape[1] < _FEW_CHANNELS else 8)
        and not (torch.is_grad_enabled() and x.requires_grad)
    ):
        # Without a gradient nobody asks where the largest was: up to 10 times as fast. With one,
        # maxima that note which of two was larger take 0.9 of the time of torch's kernel at 6
        # channels of 28 x 28 and twice as long from 8 channels on.
        for axis in (2, 3):
            x = _max_along(x, axis, window[axis - 2], strides[axis - 2])
        return x
    return F.max_pool2d(x, window, strides, padding, ceil_mode=ceil_mode)  # type: ignore[arg-type]


def _max_along(x: Tensor, axis: int, window: int, stride: int) -> Tensor:
    """The largest value of the windows along one axis."""
    span = (x.shape[axis] - window) // stride * stride + 1  # the first value of each window
    y = x
    for start in range(window):
        part = x.narrow(axis, start, span)
        part = part[:, :, ::stride] if axis == 2 else part[..., ::stride]
        y = part if start == 0 else torch.maximum(y, part)
    return y


def average_pool(
    x: Num[Tensor, "batch channels height width"],
    window: Sequence[int],
    strides: Sequence[int],
    padding: Sequence[int] = (0, 0),
    ceil_mode: bool = False,
) -> Num[Tensor, "batch channels pooled_height pooled_width"]:
    """The mean of each window, of what lies inside the input."""
    return F.avg_pool2d(x, window, strides, padding, ceil_mode, count_include_pad=False)  # type: ignore[arg-type]
