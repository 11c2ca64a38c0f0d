"""Separable convolution: each channel by itself, then all channels at each place."""

from typing import Any

from jaxtyping import Float, Num
from torch import Tensor
from torch.nn import functional as F

from profond import constraints, initializers, regularizers
from profond.layers._activate import activate
from profond.layers._checks import positive_integer
from profond.layers.convolution._kernels import SlidingKernel, one_per_channel, torch_order


class _SeparableConv(SlidingKernel):
    """A depthwise convolution, and one of kernel size 1 behind it."""

    def __init__(
        self,
        dimensions: int,
        filters: int,
        kernel_size: Any,
        depth_multiplier: int,
        depthwise: tuple[Any, Any, Any],
        pointwise: tuple[Any, Any, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(dimensions, kernel_size, both=True, **kwargs)
        self.filters = positive_integer(filters, "filters")
        self.depth_multiplier = positive_integer(depth_multiplier, "depth_multiplier")
        self.depthwise_initializer = initializers.get(depthwise[0])
        self.depthwise_regularizer = regularizers.get(depthwise[1])
        self.depthwise_constraint = constraints.get(depthwise[2])
        self.pointwise_initializer = initializers.get(pointwise[0])
        self.pointwise_regularizer = regularizers.get(pointwise[1])
        self.pointwise_constraint = constraints.get(pointwise[2])

    def build(self, input_shape: Any) -> None:
        """Make both kernels and `bias` (filters,).

        `depthwise_kernel` is (*kernel_size, channels, depth_multiplier), `pointwise_kernel`
        (1, channels * depth_multiplier, filters), with another 1 for images.

        Raises:
            ValueError: If the input has other axes, or is smaller than the kernel.
        """
        channels, axes = self._channels(input_shape), self._dimensions
        self.depthwise_kernel = self._add_kernel(
            "depthwise_kernel",
            (*self.kernel_size, channels, self.depth_multiplier),
            (axes, axes + 1, *range(axes)),
            self.depthwise_initializer,
            (self.depthwise_regularizer, self.depthwise_constraint),
        )
        self.pointwise_kernel = self._add_kernel(
            "pointwise_kernel",
            (*(1,) * axes, channels * self.depth_multiplier, self.filters),
            (axes + 1, *range(axes + 1)),
            self.pointwise_initializer,
            (self.pointwise_regularizer, self.pointwise_constraint),
        )
        self.bias = self._add_bias(self.filters)

    def call(
        self, inputs: Num[Tensor, "batch *sizes channels"]
    ) -> Float[Tensor, "batch *outputs filters"]:
        """The activation of both convolutions."""
        kernel = self.depthwise_kernel
        if inputs.dtype is not kernel.dtype:  # whole numbers
            inputs = inputs.to(kernel.dtype)
        y = self._convolved(inputs, one_per_channel(kernel), None, inputs.shape[-1])
        y = F.conv2d(y, torch_order(self.pointwise_kernel), self.bias)
        return activate(self.activation, self._as_output(y))


class SeparableConv1D(_SeparableConv):
    r"""Convolution along time of each channel by itself, then of all channels at each step.

    $\varphi(z P + b)$, where $z$ is the output of `DepthwiseConv1D` without bias, and $P$, of shape
    (channels * depth_multiplier, filters), acts on each step. Far fewer weights than `Conv1D`.

    Args:
        filters: Number of channels of the output, > 0.
        kernel_size: How many time steps a kernel covers, > 0.
        strides: How many steps it moves at a time, > 0.
        padding: `"valid"`, only where the kernel fits in, or `"same"`, zeros around the series; see
            `Conv1D`.
        data_format: None or `"channels_last"`.
        dilation_rate: Distance in time of neighbours in the kernel, > 0.
        depth_multiplier: Number of kernels for each channel, > 0.
        activation: Name or function of $\varphi$; None is the identity.
        use_bias: Whether there is a $b$.
        depthwise_initializer: How the kernels begin.
        pointwise_initializer: How $P$ begins.
        bias_initializer: How $b$ begins.
        depthwise_regularizer: Penalty on the kernels.
        pointwise_regularizer: Penalty on $P$.
        bias_regularizer: Penalty on $b$.
        activity_regularizer: Penalty on the output.
        depthwise_constraint: Applied to the kernels after each step.
        pointwise_constraint: Applied to $P$ after each step.
        bias_constraint: Applied to $b$ after each step.
        **kwargs: `name`, `dtype`, `trainable`, `input_shape`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`. Output: `(batch, steps, filters)`. A mask ends here, with
        a warning, as in Keras.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            filters,
            kernel_size,
            depth_multiplier,
            (depthwise_initializer, depthwise_regularizer, depthwise_constraint),
            (pointwise_initializer, pointwise_regularizer, pointwise_constraint),
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


class SeparableConv2D(_SeparableConv):
    r"""Convolution over height and width of each channel by itself, then of all at each place.

    $\varphi(z P + b)$, where $z$ is the output of `DepthwiseConv2D` without bias, and $P$, of shape
    (channels * depth_multiplier, filters), acts on each pixel.

    Args:
        filters: Number of channels of the output, > 0.
        kernel_size: Height and width of a kernel, > 0; one number for both.
        strides: How far it moves at a time along each, > 0.
        padding: `"valid"`, only where the kernel fits in, or `"same"`, zeros around the image; see
            `Conv2D`.
        data_format: None or `"channels_last"`.
        dilation_rate: Distance of neighbours in the kernel, > 0.
        depth_multiplier: Number of kernels for each channel, > 0.
        activation: Name or function of $\varphi$; None is the identity.
        use_bias: Whether there is a $b$.
        depthwise_initializer: How the kernels begin.
        pointwise_initializer: How $P$ begins.
        bias_initializer: How $b$ begins.
        depthwise_regularizer: Penalty on the kernels.
        pointwise_regularizer: Penalty on $P$.
        bias_regularizer: Penalty on $b$.
        activity_regularizer: Penalty on the output.
        depthwise_constraint: Applied to the kernels after each step.
        pointwise_constraint: Applied to $P$ after each step.
        bias_constraint: Applied to $b$ after each step.
        **kwargs: `name`, `dtype`, `trainable`, `input_shape`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output: `(batch, rows, columns, filters)`.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            2,
            filters,
            kernel_size,
            depth_multiplier,
            (depthwise_initializer, depthwise_regularizer, depthwise_constraint),
            (pointwise_initializer, pointwise_regularizer, pointwise_constraint),
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


SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D
