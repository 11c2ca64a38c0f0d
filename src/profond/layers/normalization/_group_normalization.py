"""Group normalization."""

from typing import Any

import torch
from jaxtyping import Bool, Num
from torch import Tensor

from profond import constraints, initializers, regularizers
from profond.layers._checks import axes_within, known_sizes, not_negative
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer
from profond.layers.normalization._precision import answered_in, computed_in


class GroupNormalization(Layer):
    r"""Each group of channels with mean 0 and variance 1 in each sample (Wu & He 2018, eq. 7).

    $y = \gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$ with $\mu$, $\sigma^2$ over the
    channels of a group and all places. One group is layer normalization over places and
    channels; as many as channels, instance normalization (Ulyanov et al. 2016).

    Args:
        groups: Number of groups, which divides that of the channels; -1 for one per channel.
        axis: The axis of the channels.
        epsilon: Added to the variance, >= 0.
        center: Whether there is a $\beta$.
        scale: Whether there is a $\gamma$.
        beta_initializer: How $\beta$ begins.
        gamma_initializer: How $\gamma$ begins.
        beta_regularizer: Penalty on $\beta$.
        gamma_regularizer: Penalty on $\gamma$.
        beta_constraint: Applied to $\beta$ after each step.
        gamma_constraint: Applied to $\gamma$ after each step.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: `(batch, ..., channels)`, the same; `mask`: `(batch, ...)`, True where
        a place counts in the statistics, if the channels are the last axis. (Keras counts masked
        places too.)

    Raises:
        ValueError: If `groups` is not a positive integer or -1, or does not divide the number
            of channels.
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if (
            isinstance(groups, bool)
            or not isinstance(groups, int)
            or (groups <= 0 and groups != -1)
        ):
            raise ValueError(
                "`groups` must be a positive integer, or -1 for one group per channel; "
                f"received {groups!r}."
            )
        self.groups = groups
        self.axis = int(axis)
        self.epsilon = not_negative(epsilon, "epsilon")
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.supports_masking = True
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        """Make `gamma` and `beta`, one value for each channel."""
        axes = axes_within(self.axis, input_shape, self.name)
        if axes == (0,):
            raise ValueError(
                f"`axis` of the layer {self.name!r} must not be that of the batch; "
                f"received axis={self.axis}."
            )
        (channels,) = shape = known_sizes(axes, input_shape, self.name)
        groups = channels if self.groups == -1 else self.groups
        if channels % groups:
            raise ValueError(
                f"`groups` of the layer {self.name!r} must divide the number of channels; "
                f"received groups={groups} and {channels} channels, in the input shape "
                f"{tuple(input_shape)}."
            )
        self._axis, self._groups = axes[0], groups
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                shape,
                self.gamma_initializer,
                autocast=False,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                name="gamma",
            )
        if self.center:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                autocast=False,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                name="beta",
            )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self._axis: channels})

    def call(
        self,
        inputs: Num[Tensor, " *shape"],
        mask: Bool[Tensor, " *places"] | None = None,
    ) -> Num[Tensor, " *shape"]:
        """The normalized input."""
        one = self.beta if self.gamma is None else self.gamma
        x = inputs.to(computed_in(inputs, one))
        gamma, beta = (
            None if weight is None else weight.to(x.dtype) for weight in (self.gamma, self.beta)
        )
        if mask is not None and mask.ndim == self._axis == x.ndim - 1:
            return self._over_counted(x, mask, gamma, beta).to(answered_in(self, one))
        # (B, ..., C) -> (B, C, ...), where torch's kernel wants the channels. Its backward (torch
        # 2.13, CPU, channels last) ends the process where the weights need a gradient and the
        # input does not, and knows no beta without gamma.
        channels_second = x.movedim(self._axis, 1)
        if not x.requires_grad and any(w is not None and w.requires_grad for w in (gamma, beta)):
            channels_second = channels_second.detach().requires_grad_()
        if gamma is None and beta is not None:
            gamma = torch.ones_like(beta)
        out = torch.group_norm(
            channels_second, self._groups, gamma, beta, self.epsilon, torch.backends.cudnn.enabled
        )
        return out.movedim(1, self._axis).to(answered_in(self, one))

    def _over_counted(self, x: Tensor, mask: Tensor, gamma: Any, beta: Any) -> Tensor:
        """The normalized `x`, channels last, by the statistics of the places that count."""
        # (B, ..., C) -> (B, places, groups, channels of a group)
        grouped = x.reshape(x.shape[0], -1, self._groups, x.shape[-1] // self._groups)
        counts = mask.bool().reshape(x.shape[0], -1, 1, 1)
        number = (counts.sum(1, keepdim=True) * grouped.shape[3]).clamp_min(1)
        mean = torch.where(counts, grouped, 0).sum((1, 3), keepdim=True) / number
        centred = torch.where(counts, grouped - mean, 0)
        variance = centred.square().sum((1, 3), keepdim=True) / number
        out = (centred * torch.rsqrt(variance + self.epsilon)).reshape(x.shape)
        if gamma is not None:
            out = out * gamma
        return out if beta is None else out + beta
