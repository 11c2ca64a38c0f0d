"""Transposed convolution: the gradient of a convolution, as a layer that makes its input larger."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Float, Num
from torch import Tensor
from torch.nn import functional as F

from profond import constraints, initializers, regularizers
from profond.layers._activate import activate
from profond.layers._checks import positive_integer, whole_numbers
from profond.layers.convolution._kernels import SlidingKernel, torch_order


class _ConvTranspose(SlidingKernel):
    """Each input value puts its kernel into the output; where they overlap they add up."""

    def __init__(
        self,
        dimensions: int,
        filters: int,
        kernel_size: Any,
        output_padding: Any,
        kernel_initializer: Any,
        kernel_regularizer: Any,
        kernel_constraint: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(dimensions, kernel_size, **kwargs)
        self.filters = positive_integer(filters, "filters")
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = whole_numbers(
                output_padding, dimensions, "output_padding", least=0
            )
            if any(p >= s for p, s in zip(self.output_padding, self.strides, strict=True)):
                raise ValueError(
                    "`output_padding` must be below `strides` on each axis; received "
                    f"output_padding={self.output_padding}, strides={self.strides}."
                )
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)

    def _settle(self) -> None:
        """Work out what `call` needs of the arguments, which hold from now on."""
        super()._settle()
        more = self.output_padding or (None,) * self._dimensions
        self._cut = tuple(
            _cut_off(*one, self.padding) for one in zip(self._span, self.strides, more, strict=True)
        )
        ones = (0,) * (2 - self._dimensions)
        self._image_zeros = (*ones, *(before for before, _ in self._cut))
        # Torch cuts as much off at the end as at the beginning, unless it is told to add some;
        # what is too much is cut off here. oneDNN is twice as fast where the size is a multiple
        # of the stride.
        self._image_added = (
            *ones,
            *(
                -(span - 2 * before) % stride if after >= before else before - after
                for (before, after), span, stride in zip(
                    self._cut, self._span, self.strides, strict=True
                )
            ),
        )

    def build(self, input_shape: Any) -> None:
        """Make `kernel` (*kernel_size, filters, channels) and `bias` (filters,).

        Raises:
            ValueError: If the input has other axes, or is so small that nothing comes out.
        """
        channels = self._channels(input_shape)
        last = self._dimensions + 1
        self.kernel = self._add_kernel(
            "kernel",
            (*self.kernel_size, self.filters, channels),
            (last, *range(last)),
            self.kernel_initializer,
            (self.kernel_regularizer, self.kernel_constraint),
        )
        self.bias = self._add_bias(self.filters)

    def _check_sizes(self, shape: Sequence[int | None]) -> None:
        """Refuse an input of which nothing comes out."""
        for size, span, stride, (before, after) in zip(
            shape[1:-1], self._span, self.strides, self._cut, strict=True
        ):
            if size is not None and (size < 1 or (size - 1) * stride + span <= before + after):
                raise ValueError(
                    f"the input of the layer {self.name!r} must be so large that something comes "
                    f"out; received shape {tuple(shape)}, with kernel_size={self.kernel_size}, "
                    f"strides={self.strides}, padding={self.padding!r} and "
                    f"output_padding={self.output_padding}. Give output_padding=None, for an "
                    "output `strides` times as large."
                )

    def call(
        self, inputs: Num[Tensor, "batch *sizes channels"]
    ) -> Float[Tensor, "batch *outputs filters"]:
        """The activation of the transposed convolution."""
        kernel = self.kernel
        if inputs.dtype is not kernel.dtype:  # whole numbers
            inputs = inputs.to(kernel.dtype)
        shape = inputs.shape
        self._check_sizes(shape)
        y = F.conv_transpose2d(
            (inputs.unsqueeze(1) if len(shape) == 3 else inputs).permute(0, 3, 1, 2),
            torch_order(kernel),
            self.bias,
            self._image_strides,
            self._image_zeros,
            self._image_added,
            1,
            self._image_dilation,
        )
        y = self._as_output(y)
        for axis, (before, after) in enumerate(self._cut, start=1):
            size = (shape[axis] - 1) * self.strides[axis - 1] + self._span[axis - 1]
            if y.shape[axis] > size - before - after:
                y = y.narrow(axis, 0, size - before - after)
        return activate(self.activation, y)


def _cut_off(span: int, stride: int, more: int | None, padding: str) -> tuple[int, int]:
    """How much of the whole output, (size - 1) stride + span, falls away before and after.

    Where it is too small, a negative number after it, zeros are added at the end.

    Args:
        span: What the kernel covers.
        stride: Distance in the output of what neighbours in the input give.
        more: `output_padding`. Without it, `"valid"` leaves (size - 1) stride +
            max(span, stride) and `"same"` size * stride outputs; with it, `"valid"` (size - 1)
            stride + span + more and `"same"` (size - 1) stride + span % 2 + more (Keras).
        padding: `"valid"` or `"same"`.
    """
    if padding == "valid":
        return 0, -(max(span, stride) - span if more is None else more)
    off = span - stride if more is None else span - span % 2 - more
    before = max(off // 2, 0)
    return before, off - before


class Conv1DTranspose(_ConvTranspose):
    r"""Transposed convolution along time: the linear map of a `Conv1D`, transposed.

    $y_{t,c} = \varphi\big(\sum_{t',c'} f_{t - s t' + p,\, c,\, c'} x_{t',c'} + b_c\big)$ with
    stride $s$ and $p$ steps cut off: shape and connections are those of the gradient of a
    convolution with the same arguments.

    Args:
        filters: Number of channels of the output, > 0.
        kernel_size: How many time steps a kernel covers, > 0.
        strides: Distance in the output of neighbours in the input, > 0.
        padding: `"valid"`, all of the output, at least `strides` steps for each of the input, or
            `"same"`, time * strides steps.
        output_padding: Steps added at the end, from 0 to `strides` - 1: `"valid"` then gives
            (time - 1) strides + span + output_padding steps, `"same"`
            (time - 1) strides + span % 2 + output_padding, where span is what a kernel covers.
        data_format: None or `"channels_last"`.
        dilation_rate: Distance in time of neighbours in the kernel, > 0; 1 if `strides` is not.
        activation: Name or function of $\varphi$; None is the identity.
        use_bias: Whether there is a $b$.
        kernel_initializer: How the kernels begin.
        bias_initializer: How $b$ begins.
        kernel_regularizer: Penalty on the kernels.
        bias_regularizer: Penalty on $b$.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Applied to the kernels after each step.
        bias_constraint: Applied to $b$ after each step.
        **kwargs: `name`, `dtype`, `trainable`, `input_shape`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`. Output: `(batch, steps, filters)`. `kernel`:
        `(kernel_size, filters, channels)`. A mask ends here, with a warning, as in Keras.

    Raises:
        ValueError: If an argument is out of its range, or `strides` and `dilation_rate` are both
            above 1.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            filters,
            kernel_size,
            output_padding,
            kernel_initializer,
            kernel_regularizer,
            kernel_constraint,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer,
            bias_constraint=bias_constraint,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )


class Conv2DTranspose(_ConvTranspose):
    r"""Transposed convolution over height and width: as `Conv1DTranspose`, along each axis.

    Args:
        filters: Number of channels of the output, > 0.
        kernel_size: Height and width of a kernel, > 0; one number for both.
        strides: Distance in the output of neighbours in the input along each, > 0.
        padding: `"valid"`, all of the output, or `"same"`, size * strides along each axis.
        output_padding: Rows and columns added at the end, below `strides`; see `Conv1DTranspose`
            for the sizes.
        data_format: None or `"channels_last"`.
        dilation_rate: Distance of neighbours in the kernel, > 0; 1 if `strides` are not.
        activation: Name or function, on the output; None is the identity.
        use_bias: Whether a number is added to each channel.
        kernel_initializer: How the kernels begin.
        bias_initializer: How the bias begins.
        kernel_regularizer: Penalty on the kernels.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Applied to the kernels after each step.
        bias_constraint: Applied to the bias after each step.
        **kwargs: `name`, `dtype`, `trainable`, `input_shape`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output: `(batch, rows, columns, filters)`.
        `kernel`: `(*kernel_size, filters, channels)`.

    Raises:
        ValueError: If an argument is out of its range, or `strides` and `dilation_rate` are both
            above 1.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            2,
            filters,
            kernel_size,
            output_padding,
            kernel_initializer,
            kernel_regularizer,
            kernel_constraint,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            bias_initializer=bias_initializer,
            bias_regularizer=bias_regularizer,
            bias_constraint=bias_constraint,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )


Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose
