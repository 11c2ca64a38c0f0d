"""Batch normalization, in Keras's form."""

from typing import Any

import torch
from jaxtyping import Bool, Num
from torch import Tensor

from profond import config, constraints, initializers, regularizers
from profond.layers._checks import axes_within, known_sizes, not_negative, rate_below_one
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer
from profond.layers.normalization._precision import answered_in, computed_in
from profond.layers.normalization._renormalization import Renormalization


class BatchNormalization(Layer):
    r"""Each feature with mean 0 and variance 1 over the batch (Ioffe & Szegedy 2015, alg. 1).

    $y = \gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$. In training $\mu$ and
    $\sigma^2$ (divided by n) are those of the batch, and the moving averages follow them:
    `moving_mean` becomes `moving_mean` * `momentum` + $\mu$ * (1 - `momentum`), and so does
    `moving_variance`. Outside training the moving averages are used, and in a layer that is
    frozen (`trainable = False`) in training too.

    (torch's own layer counts the momentum the other way round, and its moving variance divides
    by n - 1.)

    Args:
        axis: The axis of the features.
        momentum: Weight of the past in the moving averages, in [0, 1].
        epsilon: Added to the variance, >= 0.
        center: Whether there is a $\beta$.
        scale: Whether there is a $\gamma$.
        beta_initializer: How $\beta$ begins.
        gamma_initializer: How $\gamma$ begins.
        moving_mean_initializer: How the moving mean begins.
        moving_variance_initializer: How the moving variance begins.
        beta_regularizer: Penalty on $\beta$.
        gamma_regularizer: Penalty on $\gamma$.
        beta_constraint: Applied to $\beta$ after each step.
        gamma_constraint: Applied to $\gamma$ after each step.
        renorm: Whether to normalize by slowly moving statistics in training too, corrected so
            that the values are as if it did (Ioffe 2017, batch renormalization).
        renorm_clipping: `{"rmax": ..., "rmin": ..., "dmax": ...}`, bounds of the correction.
        renorm_momentum: Weight of the past in the statistics of `renorm`.
        synchronized: Accepted for Keras's sake; only False.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: `(batch, ..., features)`, the same; `mask`: `(batch, ...)`, True where
        a value counts in the statistics.

    Raises:
        ValueError: If an argument is out of range, or `synchronized` is True.
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if synchronized:
            raise ValueError(
                "`synchronized` must be False: statistics are those of one process; received True."
            )
        self.axis = int(axis)
        self.momentum = rate_below_one(momentum, "momentum")
        self.epsilon = not_negative(epsilon, "epsilon")
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.renorm = renorm
        self._renormalization = (
            Renormalization(renorm_clipping, renorm_momentum, self.momentum, self.epsilon)
            if renorm
            else None
        )
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make `gamma`, `beta` and the moving averages, one value for each feature."""
        axes = axes_within(self.axis, input_shape, self.name)
        self._axis = axes[0]
        # Whether there is no half precision, so that nothing has to be converted.
        policy = self.dtype_policy
        self._plain = policy.compute_dtype == policy.variable_dtype in ("float32", "float64")
        shape = known_sizes(axes, input_shape, self.name)

        def weight(name: str, initializer: Any, **options: Any) -> Any:
            return self.add_weight(shape, initializer, autocast=False, name=name, **options)

        self.gamma = self.beta = None
        if self.scale:
            self.gamma = weight(
                "gamma",
                self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        if self.center:
            self.beta = weight(
                "beta",
                self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )
        mean, variance = self.moving_mean_initializer, self.moving_variance_initializer
        self.moving_mean = weight("moving_mean", mean, trainable=False)
        self.moving_variance = weight("moving_variance", variance, trainable=False)
        if self._renormalization is not None:
            deviation = self.moving_variance.detach().sqrt()
            self.moving_stddev = weight(
                "moving_stddev", lambda shape, dtype: deviation.to(dtype), trainable=False
            )
            self.renorm_mean = weight("renorm_mean", mean, trainable=False)
            self.renorm_stddev = weight(
                "renorm_stddev", lambda shape, dtype: deviation.to(dtype), trainable=False
            )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self._axis: shape[0]})

    def call(
        self,
        inputs: Num[Tensor, " *shape"],
        training: bool | None = None,
        mask: Bool[Tensor, " *steps"] | None = None,
    ) -> Num[Tensor, " *shape"]:
        """The normalized input.

        Raises:
            ValueError: If the mask has not one axis less than the input.
        """
        if mask is not None and mask.ndim != inputs.ndim - 1:
            raise ValueError(
                f"`mask` of the layer {self.name!r} must have the axes of the input but the last; "
                f"received the mask's shape {tuple(mask.shape)} and the input's "
                f"{tuple(inputs.shape)}."
            )
        kept = self.moving_mean
        if inputs.dtype is self._compute and self._plain and inputs.dtype is kept.dtype:
            return self._normalized(inputs, self.gamma, self.beta, training, mask)
        wide = computed_in(inputs, kept)
        gamma, beta = (
            None if weight is None else weight.to(wide) for weight in (self.gamma, self.beta)
        )
        # Torch's kernel takes half precision beside weights of float32, in which it sums: two
        # copies less.
        as_it_is = (
            inputs.dtype in (torch.bfloat16, torch.float16)
            and wide is kept.dtype
            and mask is None
            and self._renormalization is None
            and inputs.numel() > inputs.shape[self._axis]
        )
        x = inputs if as_it_is else inputs.to(wide)
        answer = inputs.dtype if self._in_half else answered_in(self, kept)
        return self._normalized(x, gamma, beta, training, mask).to(answer)

    def _normalized(
        self, x: Tensor, gamma: Any, beta: Any, training: bool | None, mask: Tensor | None
    ) -> Tensor:
        """The normalized `x`, in its type; in training the moving averages move on."""
        moving_mean, moving_variance = self.moving_mean, self.moving_variance
        wide = computed_in(x, moving_mean)
        if not (training and self.trainable):
            mean, variance = moving_mean.to(wide), moving_variance.to(wide)
            if torch.is_grad_enabled():
                # The averages may move on before the gradient is computed from these.
                mean, variance = mean.clone(), variance.clone()
            return self._batch_norm(x, mean, variance, gamma, beta, False)
        n = x.numel() // x.shape[self._axis]
        share = 1.0 - self.momentum
        plain = mask is None and self._renormalization is None and n > 1
        if plain and wide is moving_mean.dtype:
            # Each `data` by itself: autograd, which keeps the averages with the input, must not
            # hear that they move on. In training it does not look at them.
            past = moving_variance.data * self.momentum
            mean, variance = moving_mean.data, moving_variance.data
            out = self._batch_norm(x, mean, variance, gamma, beta, True, share)
            # Torch has added the variance that divides by n - 1. With v the old average:
            # momentum v + share (n - 1) / n s^2 = (1 - 1 / n) (new average) + momentum v / n.
            moving_variance.data.lerp_(past, 1 / n)
            return out
        mean, variance = self._moments(x, mask)
        if self._renormalization is not None:
            gamma, beta = self._renormalization.correct(self, mean, variance, gamma, beta)
            return self._scaled(x, mean, variance, gamma, beta)
        out = self._scaled(x, mean, variance, gamma, beta)
        moving_mean.lerp_(mean.detach().to(moving_mean.dtype), share)
        moving_variance.lerp_(variance.detach().to(moving_mean.dtype), share)
        return out

    def _batch_norm(
        self,
        x: Tensor,
        mean: Tensor,
        variance: Tensor,
        gamma: Any,
        beta: Any,
        training: bool,
        share: float = 0.0,
    ) -> Tensor:
        """The kernel of torch; in training a share of what `x` has goes into the statistics."""
        # It wants the features on axis 1. A series is flattened, which needs no copy; an image
        # with moved axes is in the channels_last memory format.
        axis = self._axis
        series = axis == 2 and x.ndim == 3
        if series:
            features_second = x.reshape(-1, x.shape[-1])
        else:
            features_second = x if axis == 1 else x.movedim(axis, 1)
        out = torch.batch_norm(
            features_second,
            gamma,
            beta,
            mean,
            variance,
            training,
            share,
            self.epsilon,
            torch.backends.cudnn.enabled,
        )
        if series:
            return out.reshape(x.shape)
        return out if axis == 1 else out.movedim(1, axis)

    def _moments(self, x: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean and variance of each feature, over the values that count."""
        dims = [a for a in range(x.ndim) if a != self._axis]
        if mask is None:
            variance, mean = torch.var_mean(x, dims, correction=0)
            return mean, variance
        counts = mask.bool().unsqueeze(-1).expand_as(x)
        weight = counts.sum(dims, keepdim=True, dtype=x.dtype) + config.epsilon()
        mean = torch.where(counts, x, 0).sum(dims, keepdim=True) / weight
        variance = torch.where(counts, x - mean, 0).square().sum(dims, keepdim=True) / weight
        return mean.reshape(-1), variance.reshape(-1)

    def _scaled(self, x: Tensor, mean: Tensor, variance: Tensor, gamma: Any, beta: Any) -> Tensor:
        """(x - mean) / sqrt(variance + epsilon) * gamma + beta, along the axis of the features."""
        along = [-1 if a == self._axis else 1 for a in range(x.ndim)]
        factor = torch.rsqrt(variance + self.epsilon)
        if gamma is not None:
            factor = factor * gamma
        centred = x - mean.reshape(along)
        if beta is None:
            return centred * factor.reshape(along)
        return torch.addcmul(beta.reshape(along), centred, factor.reshape(along))
