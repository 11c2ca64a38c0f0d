"""Depthwise convolution: each channel has kernels of its own."""

from typing import Any

from jaxtyping import Float, Num
from torch import Tensor

from profond import constraints, initializers, regularizers
from profond.layers._activate import activate
from profond.layers._checks import positive_integer
from profond.layers.convolution._kernels import SlidingKernel, one_per_channel


class _DepthwiseConv(SlidingKernel):
    """Kernels that each see one channel."""

    def __init__(
        self,
        dimensions: int,
        kernel_size: Any,
        depth_multiplier: int,
        depthwise_initializer: Any,
        depthwise_regularizer: Any,
        depthwise_constraint: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(dimensions, kernel_size, both=True, **kwargs)
        self.depth_multiplier = positive_integer(depth_multiplier, "depth_multiplier")
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` (*kernel_size, channels, depth_multiplier) and `bias`, one per output.

        Raises:
            ValueError: If the input has other axes, or is smaller than the kernel.
        """
        channels, axes = self._channels(input_shape), self._dimensions
        self.kernel = self._add_kernel(
            "kernel",
            (*self.kernel_size, channels, self.depth_multiplier),
            (axes, axes + 1, *range(axes)),
            self.depthwise_initializer,
            (self.depthwise_regularizer, self.depthwise_constraint),
        )
        self.bias = self._add_bias(channels * self.depth_multiplier)

    def call(
        self, inputs: Num[Tensor, "batch *sizes channels"]
    ) -> Float[Tensor, "batch *outputs multiplied"]:
        """The activation of the convolution."""
        kernel = self.kernel
        if inputs.dtype is not kernel.dtype:  # whole numbers
            inputs = inputs.to(kernel.dtype)
        y = self._convolved(inputs, one_per_channel(kernel), self.bias, inputs.shape[-1])
        return activate(self.activation, self._as_output(y))


class DepthwiseConv1D(_DepthwiseConv):
    r"""Convolution along time of each channel by itself.

    Output channel $c m + j$ is channel $c$ convolved with its kernel $j$ of $m$
    (`depth_multiplier`), plus a bias, through $\varphi$.

    Args:
        kernel_size: How many time steps a kernel covers, > 0.
        strides: How many steps it moves at a time, > 0.
        padding: `"valid"`, only where the kernel fits in, or `"same"`, zeros around the series; see
            `Conv1D`.
        depth_multiplier: Number of kernels for each channel, > 0.
        data_format: None or `"channels_last"`.
        dilation_rate: Distance in time of neighbours in the kernel, > 0.
        activation: Name or function of $\varphi$; None is the identity.
        use_bias: Whether a number is added to each channel.
        depthwise_initializer: How the kernels begin.
        bias_initializer: How the bias begins.
        depthwise_regularizer: Penalty on the kernels.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the output.
        depthwise_constraint: Applied to the kernels after each step.
        bias_constraint: Applied to the bias after each step.
        **kwargs: `name`, `dtype`, `trainable`, `input_shape`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`. Output: `(batch, steps, channels * depth_multiplier)`.
        `kernel`: `(kernel_size, channels, depth_multiplier)`. A mask ends here, with a warning,
        as in Keras.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            1,
            kernel_size,
            depth_multiplier,
            depthwise_initializer,
            depthwise_regularizer,
            depthwise_constraint,
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


class DepthwiseConv2D(_DepthwiseConv):
    r"""Convolution over height and width of each channel by itself.

    Output channel $c m + j$ is channel $c$ convolved with its kernel $j$ of $m$
    (`depth_multiplier`), plus a bias, through $\varphi$.

    Args:
        kernel_size: Height and width of a kernel, > 0; one number for both.
        strides: How far it moves at a time along each, > 0.
        padding: `"valid"`, only where the kernel fits in, or `"same"`, zeros around the image; see
            `Conv2D`.
        depth_multiplier: Number of kernels for each channel, > 0.
        data_format: None or `"channels_last"`.
        dilation_rate: Distance of neighbours in the kernel, > 0.
        activation: Name or function of $\varphi$; None is the identity.
        use_bias: Whether a number is added to each channel.
        depthwise_initializer: How the kernels begin.
        bias_initializer: How the bias begins.
        depthwise_regularizer: Penalty on the kernels.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the output.
        depthwise_constraint: Applied to the kernels after each step.
        bias_constraint: Applied to the bias after each step.
        **kwargs: `name`, `dtype`, `trainable`, `input_shape`, as in `Layer`.

    Shape:
        Input: `(batch, height, width, channels)`. Output: `(batch, rows, columns,
        channels * depth_multiplier)`. `kernel`: `(*kernel_size, channels, depth_multiplier)`.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            2,
            kernel_size,
            depth_multiplier,
            depthwise_initializer,
            depthwise_regularizer,
            depthwise_constraint,
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
