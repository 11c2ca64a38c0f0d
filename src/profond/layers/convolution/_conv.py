"""Convolution of series and images."""

from typing import Any

import torch
from jaxtyping import Bool, Float, Num
from torch import Tensor

from profond import activations, constraints, initializers, regularizers
from profond.layers._activate import activate
from profond.layers._steps import only_counted, whole_windows
from profond.layers.convolution._kernels import SlidingKernel, as_filters, torch_order


class _Conv(SlidingKernel):
    """Kernels over all channels, or over those of their group."""

    def __init__(
        self,
        dimensions: int,
        filters: int,
        kernel_size: Any,
        groups: int,
        kernel_initializer: Any,
        kernel_regularizer: Any,
        kernel_constraint: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(dimensions, kernel_size, causal=dimensions == 1, **kwargs)
        self.filters, self.groups = as_filters(filters, groups)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` (*kernel_size, channels / groups, filters) and `bias` (filters,).

        Raises:
            ValueError: If the input has other axes, is smaller than the kernel, or `groups` does
                not divide its channels.
        """
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"`groups` of the layer {self.name!r} must divide the number of channels of its "
                f"input; received groups={self.groups} and the input shape {tuple(input_shape)}, "
                f"{channels} channels. Give a divisor of both {channels} and "
                f"filters={self.filters}."
            )
        last = self._dimensions + 1
        self.kernel = self._add_kernel(
            "kernel",
            (*self.kernel_size, channels // self.groups, self.filters),
            (last, *range(last)),
            self.kernel_initializer,
            (self.kernel_regularizer, self.kernel_constraint),
        )
        self.bias = self._add_bias(self.filters)

    def call(
        self, inputs: Num[Tensor, "batch *sizes channels"]
    ) -> Float[Tensor, "batch *outputs filters"]:
        """The activation of the convolution."""
        kernel = self.kernel
        if inputs.dtype is not kernel.dtype:  # whole numbers
            inputs = inputs.to(kernel.dtype)
        y = self._convolved(inputs, torch_order(kernel), self.bias, self.groups)
        if self.activation is activations.relu:
            return self._as_output(torch.relu_(y))  # nobody else has the sums: no copy
        return activate(self.activation, self._as_output(y))


class Conv1D(_Conv):
    r"""Convolution along time.

    $y_{t,c} = \varphi\big(\sum_k \sum_{c'} f^c_{k,c'} x_{s t + d k - p,\, c'} + b_c\big)$, with
    stride $s$, dilation $d$ and $p$ zeros before the series: equation 6.1 of the notes for one
    channel, where $k$ counts from the middle of the kernel. It commutes with shifts in time.

    Args:
        filters: Number of kernels, and of channels of the output, > 0.
        kernel_size: How many time steps a kernel covers, > 0.
        strides: How many steps it moves at a time, > 0.
        padding: `"valid"`, only where the kernel fits in; `"same"`, zeros around the series, so
            that there are ceil(time / strides) outputs (of an odd number of zeros, one more at the
            end); `"causal"`, zeros before it, so that no output depends on later steps.
        data_format: None or `"channels_last"`.
        dilation_rate: Distance in time of neighbours in the kernel, > 0; 1 if `strides` is not.
        groups: The channels are split into so many groups, and each kernel sees one of them. It
            divides the channels and `filters`.
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
        `(kernel_size, channels / groups, filters)`.

        `mask`: `(batch, time)`, True where a step counts. Steps that do not are 0 to the kernels,
        like what lies before and after a series, and the mask goes on to the output: with
        `"valid"` padding a window counts if its first and last step do, else if the step does
        that it stands on, the first of every `strides`. So no output that counts depends on how
        far a series is filled up at its end; with `"same"` padding this holds for `strides` of 1,
        as the zeros before the series depend on its length otherwise. (In Keras a mask ends here,
        with a warning, and what fills up is convolved.)

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
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
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
            groups,
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
        self.supports_masking = True

    def call(
        self,
        inputs: Num[Tensor, "batch time channels"],
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> Float[Tensor, "batch steps filters"]:
        """The activation of the convolution."""
        return super().call(inputs if mask is None else only_counted(inputs, mask))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """True at the outputs that count, (batch, steps); None without a mask."""
        del inputs
        if previous_mask is None:
            return None
        if self.padding != "valid":
            return previous_mask[:, :: self.strides[0]]
        return whole_windows(previous_mask, self._span[0], self.strides[0])


class Conv2D(_Conv):
    r"""Convolution over height and width.

    $y_{i,j,c} = \varphi\big(\sum_{k,l} \sum_{c'} f^c_{k,l,c'} x_{i+k, j+l, c'} + b_c\big)$:
    equation 6.3 of the notes, where $k$ and $l$ count from the middle of the kernel (6.2 without
    $b$ and $\varphi$). Strides, dilation and padding are as in `Conv1D`, along each axis.

    Args:
        filters: Number of kernels, and of channels of the output, > 0.
        kernel_size: Height and width of a kernel, > 0; one number for both.
        strides: How far it moves at a time along each, > 0.
        padding: `"valid"`, only where the kernel fits in, or `"same"`, zeros around the image, so
            that there are ceil(size / strides) outputs (of an odd number of zeros, one more at the
            end).
        data_format: None or `"channels_last"`.
        dilation_rate: Distance of neighbours in the kernel, > 0; 1 if `strides` are not.
        groups: The channels are split into so many groups, and each kernel sees one of them. It
            divides the channels and `filters`.
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
        Input: `(batch, height, width, channels)`. Output: `(batch, rows, columns, filters)`.
        `kernel`: `(*kernel_size, channels / groups, filters)`.

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
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        groups: int = 1,
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
            groups,
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


Convolution1D = Conv1D
Convolution2D = Conv2D
