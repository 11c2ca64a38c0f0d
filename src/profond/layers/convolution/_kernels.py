"""What layers with sliding kernels share: how the kernel lies and slides, bias, activation.

The way through torch, measured against its alternatives (float32, one thread of a CPU, forward and
backward):

- Data (batch, height, width, channels) are torch's `channels_last` memory with the axes in another
  order: `permute` on the way in and out, no copy.
- A kernel is one weight of Keras's shape whose memory is what torch wants, outputs first and
  channels last; its gradient comes back lying the same way, so that the optimizer takes it as it
  is.
- A series is an image of height 1, since torch has `channels_last` for images only. (16, 128, 128)
  through 128 filters of size 8: 7.3 ms so, 8.1 by `conv1d`, 10 by `conv1d` on channels first, 13
  as an image of width 1, 17 as a sum of 8 matrix products, 20 as one product of all windows. The
  last is ahead only where all of it takes less than 0.2 ms. On a processor with AVX-512 and
  without AMX (AMD EPYC, Zen 5) oneDNN's convolutions of 128 and 256 channels do 260 GFLOP/s a core
  forward and 250 to 265 for both gradients, the peak; torch's matrix products, which are MKL's, do
  115 there. The bias added by itself gains nothing: the sum for its gradient is 80 us cheaper
  than oneDNN's (25000 rows of 6), but another pass over the output costs as much.
"""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Num
from torch import Tensor
from torch.nn import functional as F

from profond import activations, constraints, initializers, regularizers
from profond._symbolic import may_be_unknown
from profond._weight import Weight
from profond.layers._checks import channels_last, positive_integer, whole_numbers
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class SlidingKernel(Layer):
    """A kernel that slides over one or two axes of the input.

    Args:
        dimensions: Number of axes that the kernel slides over, 1 or 2.
        kernel_size: Size of the kernel on each.
        strides: How far it moves at a time.
        padding: `"valid"`, `"same"` or, if `causal`, `"causal"`.
        data_format: None or `"channels_last"`.
        dilation_rate: Distance of neighbours in the kernel.
        activation: Name or function, on the output.
        use_bias: Whether a number is added to each channel.
        causal: Whether `"causal"` is a padding of this layer.
        both: Whether `strides` and `dilation_rate` may both be above 1.
        bias_initializer: How the bias begins.
        bias_regularizer: Penalty on it.
        bias_constraint: Applied to it after each step.
        **kwargs: Those of `Layer`.
    """

    def __init__(
        self,
        dimensions: int,
        kernel_size: Any,
        strides: Any,
        padding: Any,
        data_format: Any,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        *,
        causal: bool = False,
        both: bool = False,
        bias_initializer: Any,
        bias_regularizer: Any,
        bias_constraint: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._dimensions = dimensions
        self.kernel_size = whole_numbers(kernel_size, dimensions, "kernel_size")
        self.strides = whole_numbers(strides, dimensions, "strides")
        self.dilation_rate = whole_numbers(dilation_rate, dimensions, "dilation_rate")
        self.padding = _padding(padding, causal)
        self.data_format = channels_last(data_format)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_initializer = initializers.get(bias_initializer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.bias_constraint = constraints.get(bias_constraint)
        if not both and max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides` and `dilation_rate` must not both be above 1; received "
                f"strides={self.strides}, dilation_rate={self.dilation_rate}. Give one of them "
                "as 1, or use two layers."
            )

    # Weights

    def _settle(self) -> None:
        """Work out what `call` needs of the arguments, which hold from now on."""
        # What the kernel covers, with the gaps of dilation.
        self._span = tuple(
            (k - 1) * d + 1 for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)
        )
        self._least = self._span if self.padding == "valid" else (1,) * self._dimensions
        # For torch, where a series is an image.
        ones = (1,) * (2 - self._dimensions)
        self._image_strides = (*ones, *self.strides)
        self._image_dilation = (*ones, *self.dilation_rate)
        self._image_zeros = (0, 0) if self.padding == "valid" else None
        # The sizes of the last input that no copy had to be padded of, and the zeros for them.
        self._known_zeros: tuple[Any, tuple[int, ...]] | None = None

    def _channels(self, input_shape: Sequence[int | None]) -> int:
        """The number of channels of an input of `input_shape`, which is checked and kept.

        Raises:
            ValueError: If the number of axes is another, the channels are not known, or the kernel
                does not fit in.
        """
        shape, ndim = tuple(input_shape), self._dimensions + 2
        if len(shape) != ndim:
            axes = "(batch, time, channels)" if ndim == 3 else "(batch, height, width, channels)"
            missing = len(shape) == ndim - 1
            way = " If the axis of channels is missing, add it: `x[..., None]`." if missing else ""
            raise ValueError(
                f"the input of the layer {self.name!r} must have the {ndim} axes {axes}; received "
                f"shape {shape}.{way}"
            )
        if shape[-1] is None:
            raise ValueError(
                f"the layer {self.name!r} needs the number of channels, the last axis, to make its "
                f"weights; received the input shape {shape}. Give the model's input shape without "
                "None there."
            )
        self._settle()
        self._check_sizes(shape)
        self.input_spec = InputSpec(ndim=ndim, axes={-1: shape[-1]})
        return shape[-1]

    def _check_sizes(self, shape: Sequence[int | None]) -> None:
        """Refuse an input that the kernel does not fit in.

        Raises:
            ValueError: Naming layer, kernel and shape.
        """
        for size, least in zip(shape[1:-1], self._least, strict=True):
            if size is not None and size < least and not may_be_unknown(size):
                self._refuse_size(shape)

    def _refuse_size(self, shape: Sequence[int | None]) -> None:
        """Say that the input is too small."""
        if self.padding != "valid":
            raise ValueError(
                f"the input of the layer {self.name!r} must not be empty; received shape "
                f"{tuple(shape)}."
            )
        raise ValueError(
            f"the input of the layer {self.name!r} must be at least as large as its kernel, "
            f"{self._span} with kernel_size={self.kernel_size} and "
            f"dilation_rate={self.dilation_rate}; received shape {tuple(shape)}. Give a smaller "
            "`kernel_size`, or padding='same'."
        )

    def _add_kernel(
        self, name: str, shape: Sequence[int], memory: Sequence[int], begin: Any, more: Any
    ) -> Weight:
        """A weight of Keras's shape that lies in memory as torch wants it.

        Args:
            name: Its name.
            shape: Its shape.
            memory: The axes from the slowest to the quickest.
            begin: Initializer.
            more: Regularizer and constraint.
        """
        regularizer, constraint = more
        kernel = self.add_weight(
            tuple(shape), begin, regularizer=regularizer, constraint=constraint, name=name
        )
        back = [memory.index(axis) for axis in range(len(memory))]
        # `contiguous` would keep the strides of axes of size 1, which gradients have otherwise.
        stored = kernel.detach().permute(*memory).clone(memory_format=torch.contiguous_format)
        kernel.data = stored.permute(back)
        return kernel

    def _add_bias(self, size: int) -> Weight | None:
        """The bias, if there is one."""
        if not self.use_bias:
            return None
        return self.add_weight(
            (size,),
            self.bias_initializer,
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
            name="bias",
        )

    # The way through torch

    def _convolved(
        self,
        inputs: Num[Tensor, "batch *sizes channels"],
        kernel: Tensor,
        bias: Tensor | None,
        groups: int,
    ) -> Tensor:
        """Torch's convolution with a kernel in torch's order; images both ways.

        Args:
            inputs: The input.
            kernel: (outputs, channels / groups, height, width), in `channels_last` memory.
            bias: (outputs,), or None.
            groups: Number of groups.

        Returns:
            (batch, outputs, height, width), in `channels_last` memory.
        """
        shape, least = inputs.shape, self._least
        x, zeros = inputs, self._image_zeros
        fits = shape[1] >= least[0] and shape[-2] >= least[-1]
        if not fits:
            self._check_sizes(shape)
        if zeros is None or not fits:
            x, zeros = self._padded(inputs)
        if len(shape) == 3:
            x = x.unsqueeze(1)
        return F.conv2d(
            x.permute(0, 3, 1, 2),
            kernel,
            bias,
            self._image_strides,
            zeros,
            self._image_dilation,
            groups,
        )

    def _padded(self, x: Tensor) -> tuple[Tensor, tuple[int, ...]]:
        """The input, and how many zeros torch is to add on both sides of each axis of an image.

        Torch adds as many before as after; where Keras does not, the input is copied.
        """
        sizes = x.shape[1:-1]
        known = self._known_zeros
        if known is not None and known[0] == sizes:
            return x, known[1]
        sides = [
            _zeros_around(size, span, stride, self.padding)
            for size, span, stride in zip(sizes, self._span, self.strides, strict=True)
        ]
        zeros = [before if before == after else 0 for before, after in sides]
        around = (*(0,) * (2 - self._dimensions), *zeros)
        if any(before != after for before, after in sides):
            copied = [n for b, a in reversed(sides) for n in ((b, a) if b != a else (0, 0))]
            x = F.pad(x, [0, 0, *copied])
        elif self.built and type(x) is Tensor and not x.is_meta:
            self.__dict__["_known_zeros"] = (sizes, around)
        return x, around

    def _as_output(self, y: Tensor) -> Tensor:
        """Torch's image (batch, channels, height, width) as Keras's image or series."""
        y = y.permute(0, 2, 3, 1)
        return y.squeeze(1) if self._dimensions == 1 else y


def torch_order(kernel: Tensor) -> Tensor:
    """A kernel (*kernel_size, a, b) as torch's (b, a, height, width); a view."""
    return kernel.permute(3, 2, 0, 1) if kernel.ndim == 4 else kernel.permute(2, 1, 0).unsqueeze(2)


def one_per_channel(kernel: Tensor) -> Tensor:
    """A kernel (*kernel_size, a, b) as torch's (a * b, 1, height, width); a view of ours."""
    if kernel.ndim == 3:
        kernel = kernel.unsqueeze(0)
    height, width, channels, multiplier = kernel.shape
    return kernel.permute(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)


def _zeros_around(size: int, span: int, stride: int, padding: str) -> tuple[int, int]:
    """How many zeros come before and after an axis of `size`.

    With `"same"` there are ceil(size / stride) outputs; what their kernels need beyond the input is
    cut in half, the odd one after the end (Keras and TensorFlow).
    """
    if padding == "causal":
        return span - 1, 0
    if padding == "same":
        outputs = -(-size // stride)
        total = max(0, (outputs - 1) * stride + span - size)
        return total // 2, total - total // 2
    if size < span:  # a size that is not known, tried with one that is too small
        return 0, span
    return 0, 0


def _padding(value: Any, causal: bool) -> str:
    """`padding` in small letters.

    Raises:
        ValueError: If it is no padding.
    """
    allowed = ["valid", "same", "causal"] if causal else ["valid", "same"]
    word = value.lower() if isinstance(value, str) else value
    if word not in allowed:
        way = ""
        if word == "causal":
            way = " Only `Conv1D` has 'causal'."
        words = ", ".join(repr(word) for word in allowed)
        raise ValueError(f"`padding` must be one of {words}; received {value!r}.{way}")
    return word


def as_filters(value: Any, groups: Any) -> tuple[int, int]:
    """`filters` and `groups` as ints.

    Raises:
        ValueError: If they are not positive, or `groups` does not divide `filters`.
    """
    filters, groups = positive_integer(value, "filters"), positive_integer(groups, "groups")
    if filters % groups:
        raise ValueError(
            f"`groups` must divide `filters`; received groups={groups}, filters={filters}."
        )
    return filters, groups
