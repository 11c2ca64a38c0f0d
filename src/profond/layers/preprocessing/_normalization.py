"""Standardisation with the mean and variance of the training data."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Num
from torch import Tensor

from profond import config
from profond._tensors import convert_to_tensor, to_array
from profond.layers._checks import axes_within, known_sizes, whole_axes
from profond.layers._layer import Layer
from profond.layers.preprocessing._batches import batches_of


class Normalization(Layer):
    r"""$(x - \mu) / \sigma$: each feature with mean 0 and variance 1 (notes, 4.5).

    $\mu$ and $\sigma^2$ (divided by n) come from `adapt(data)`, once, before training; they
    are not learned. A $\sigma$ of 0 counts as `config.epsilon()`.

    Args:
        axis: The axis, or axes, of the features, each with its own mean and variance; None for
            one mean and variance of all.
        mean: Mean, or the means, in the place of `adapt`.
        variance: Variance, or the variances.
        invert: Whether to compute $x \sigma + \mu$ instead, the way back.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, ..., features)`, whole numbers too. Output: the same, in the type of the
        layer.

    Raises:
        ValueError: If one of `mean` and `variance` is given without the other or has another
            shape, or a variance is negative.
    """

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if (mean is None) != (variance is None):
            raise ValueError(
                "`mean` and `variance` must be given together, or neither; received "
                f"mean={mean!r}, variance={variance!r}."
            )
        axes = [] if axis is None or axis in ([], ()) else whole_axes(axis)
        self.axis = (axes,) if isinstance(axes, int) else tuple(axes)
        self.input_mean = None if mean is None else np.asarray(to_array(mean), dtype=np.float64)
        self.input_variance = (
            None if variance is None else np.asarray(to_array(variance), dtype=np.float64)
        )
        self._check_given()
        self.invert = invert
        self.supports_masking = True
        # What is far from 0 loses digits in half precision before its mean is taken off.
        self.autocast = False

    def _check_given(self) -> None:
        """Refuse means and variances that do not go together.

        Raises:
            ValueError: Naming what is wrong.
        """
        mean, variance = self.input_mean, self.input_variance
        if mean is None or variance is None:
            return
        if mean.shape != variance.shape:
            raise ValueError(
                "`mean` and `variance` must have the same shape; received "
                f"{mean.shape} and {variance.shape}."
            )
        if mean.ndim > len(self.axis):
            raise ValueError(
                f"`mean` must have at most as many axes as `axis` names, {len(self.axis)}; "
                f"received the shape {mean.shape} for axis={self.axis}."
            )
        if (variance < 0).any():
            raise ValueError(f"`variance` must be >= 0; received {variance.tolist()}.")

    def build(self, input_shape: Any) -> None:
        """Make the weights `mean`, `variance` and `count`, none of them learned."""
        axes = axes_within(self.axis, input_shape, self.name)
        shape = known_sizes(axes, input_shape, self.name)
        self._kept = axes
        self._reduced = tuple(a for a in range(len(input_shape)) if a not in axes)
        self._along = tuple(n if a in axes else 1 for a, n in enumerate(input_shape))
        self._given = None
        if self.input_mean is not None and self.input_variance is not None:
            self._given = self._broadcast(self.input_mean), self._broadcast(self.input_variance)
            return
        options: dict[str, Any] = {"trainable": False, "autocast": False}
        self.adapt_mean = self.add_weight(shape, "zeros", name="mean", **options)
        self.adapt_variance = self.add_weight(shape, "ones", name="variance", **options)
        self.count = self.add_weight((), "zeros", dtype="int32", name="count", trainable=False)

    @property
    def mean(self) -> Tensor | None:
        """The means, in a shape that broadcasts to the input; None before `build`."""
        return self._statistics()[0]

    @property
    def variance(self) -> Tensor | None:
        """The variances, in a shape that broadcasts to the input; None before `build`."""
        return self._statistics()[1]

    def _statistics(self) -> tuple[Any, Any]:
        """Means and variances that broadcast to the input."""
        if not self.built:
            return None, None
        if self._given is not None:
            return self._given
        return self.adapt_mean.reshape(self._along), self.adapt_variance.reshape(self._along)

    def _broadcast(self, given: np.ndarray) -> Tensor:
        """What the constructor was given, for the last of the kept axes, over all of them."""
        sizes = iter(((1,) * len(self._kept) + given.shape)[-len(self._kept) :])
        shape = [next(sizes) if a in self._kept else 1 for a in range(len(self._along))]
        return convert_to_tensor(given.reshape(shape), self.variable_dtype).expand(self._along)

    def adapt(self, data: Any) -> None:
        """Take mean and variance from data; what an earlier call took is forgotten.

        Args:
            data: An array, tensor or DataFrame of all samples; or an iterable of batches
                (DataLoader, PyDataset, list, generator), of whose tuples the first member is
                taken.

        Raises:
            ValueError: If there are no samples, mean and variance were given, or the shape is
                not that of the input.
        """
        if self.input_mean is not None:
            raise ValueError(
                f"the layer {self.name!r} was made with `mean` and `variance`; it has nothing to "
                "adapt."
            )
        total = _Moments()
        for batch in batches_of(data):
            if not self.built:
                self.build((None, *batch.shape[1:]))
            sizes = {a: self._along[a] for a in self._kept}
            if batch.ndim != len(self._along) or any(batch.shape[a] != n for a, n in sizes.items()):
                raise ValueError(
                    f"the layer {self.name!r} was built for {len(self._along)} axes, of which "
                    f"those kept have the sizes {sizes}; `adapt` received the shape {batch.shape}."
                )
            total.add(batch, self._reduced)
        if total.count == 0:
            raise ValueError("`data` must hold at least one sample; received none.")
        self.adapt_mean.assign(total.mean)
        self.adapt_variance.assign(total.variance)

    def call(self, inputs: Num[Tensor, " *shape"]) -> Float[Tensor, " *shape"]:
        """The standardised input, or with `invert` the way back."""
        wide = torch.promote_types(self._compute, torch.float32)
        x, mean, variance = (
            t.to(dtype=wide, device=inputs.device) for t in (inputs, *self._statistics())
        )
        deviation = variance.sqrt().clamp_min(config.epsilon())
        out = torch.addcmul(mean, x, deviation) if self.invert else (x - mean) / deviation
        return out.to(self._compute)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer, with lists in the place of arrays."""
        config = super().get_config()
        for name, given in (("mean", self.input_mean), ("variance", self.input_variance)):
            config[name] = None if given is None else given.tolist()
        config["axis"] = list(self.axis)
        return config


class _Moments:
    """Mean and variance of batches that come one after the other, in float64.

    Each batch is joined by the formula of Chan et al. (1983), which does not lose digits as
    the mean of squares less the square of the mean does.
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean: Any = 0.0
        self.variance: Any = 0.0

    def add(self, batch: np.ndarray, axes: tuple[int, ...]) -> None:
        """Join a batch, whose `axes` are summed over."""
        count = int(np.prod([batch.shape[a] for a in axes])) if batch.size else 0
        if count == 0:
            return
        mean = batch.mean(axis=axes, dtype=np.float64)
        variance = batch.var(axis=axes, dtype=np.float64)
        share = count / (self.count + count)
        step = mean - self.mean
        self.variance = (
            self.variance * (1 - share) + variance * share + step**2 * share * (1 - share)
        )
        self.mean = self.mean + step * share
        self.count += count
