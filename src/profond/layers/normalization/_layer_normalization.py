"""Layer normalization."""

import warnings
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Num
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import constraints, initializers, ops, regularizers
from profond.layers._checks import not_negative, whole_axes
from profond.layers._layer import Layer
from profond.layers.normalization._features import features_of
from profond.layers.normalization._precision import answered_in, computed_in


class LayerNormalization(Layer):
    r"""Each sample with mean 0 and variance 1 over its features (Ba et al. 2016, eq. 4).

    $y = \gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$ with $\mu$, $\sigma^2$ (divided
    by n) over `axis`: the same in training and after, whatever the batch.

    Args:
        axis: Axis of the features, or a list of axes.
        epsilon: Added to the variance, >= 0.
        center: Whether there is a $\beta$.
        scale: Whether there is a $\gamma$.
        beta_initializer: How $\beta$ begins.
        gamma_initializer: How $\gamma$ begins.
        beta_regularizer: Penalty on $\beta$.
        gamma_regularizer: Penalty on $\gamma$.
        beta_constraint: Applied to $\beta$ after each step.
        gamma_constraint: Applied to $\gamma$ after each step.
        rms_scaling: Whether $y = \gamma x / \sqrt{\sigma^2 + \epsilon}$ instead, without mean
            and $\beta$. An error that Keras keeps, with a warning: use `RMSNormalization`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: `(batch, ..., features)`, the same.

    Raises:
        ValueError: If `axis` is not made of integers or `epsilon` is negative.
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        *,
        rms_scaling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if rms_scaling:
            warnings.warn(
                "`rms_scaling=True` divides by the standard deviation, not by the root mean "
                "square, and is deprecated: use `RMSNormalization`.",
                stacklevel=3,
            )
        self.axis = whole_axes(axis)
        self.epsilon = not_negative(epsilon, "epsilon")
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.rms_scaling = rms_scaling
        self.supports_masking = True
        self.autocast = False

    def build(self, input_shape: Any) -> None:
        """Make `gamma` and `beta`, of the sizes of the axes."""
        self._axes, shape, self.input_spec = features_of(self.axis, input_shape, self.name)
        self._sizes = shape
        # One call of torch does it for the last axes.
        last = self._axes == tuple(range(-len(shape), 0))
        self._plain = last and self.dtype_policy.variable_dtype in ("float32", "float64")
        self.gamma = self.beta = None
        if self.scale or self.rms_scaling:
            self.gamma = self.add_weight(
                shape,
                self.gamma_initializer,
                autocast=False,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                name="gamma",
            )
        if self.center and not self.rms_scaling:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                autocast=False,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                name="beta",
            )

    def call(self, inputs: Num[Tensor, " *shape"]) -> Num[Tensor, " *shape"]:
        """The normalized input."""
        gamma, beta = self.gamma, self.beta
        weight = beta if gamma is None else gamma
        kept = self.dtype_policy.torch_variable_dtype if weight is None else weight.dtype
        if self._plain and inputs.dtype is kept and not self.rms_scaling:
            out = F.layer_norm(inputs, self._sizes, gamma, beta, self.epsilon)
            return out.to(answered_in(self, weight))
        x = inputs.to(computed_in(inputs, weight))
        if self.rms_scaling:
            out = self._rms_scaled(x)
        else:
            out = ops.layer_normalization(x, gamma, beta, self._axes, self.epsilon)
        return out.to(answered_in(self, weight))

    def _rms_scaled(self, x: Tensor) -> Tensor:
        """The input divided by its standard deviation."""
        variance = torch.var(x, self._axes, correction=0, keepdim=True)
        axes = {a % x.ndim for a in self._axes}
        sizes = [n if a in axes else 1 for a, n in enumerate(x.shape)]
        gamma = self.gamma.to(x.dtype).reshape(sizes)  # type: ignore[union-attr]
        return x * torch.rsqrt(variance + self.epsilon) * gamma
