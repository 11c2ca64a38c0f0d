"""Means and sums over all samples seen, and the mean of any function of a batch."""

import math
from collections.abc import Callable
from typing import Any, ClassVar, Self

import torch

from profond._tensors import convert_to_tensor
from profond.losses._reduction import divide_no_nan, mask_to_weights
from profond.losses._shapes import squeeze_or_expand
from profond.metrics._metric import Metric


def weighted_by_sample(
    values: torch.Tensor, weights: torch.Tensor, *, average: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Values times weights and weights, one of each per sample, as Keras pairs them.

    Axes of the values beyond those of the weights are averaged (or summed) before the product;
    axes of the weights beyond the first, after it.

    Raises:
        ValueError: If the weights do not fit the values.
    """
    shapes = tuple(weights.shape), tuple(values.shape)
    values, weights = squeeze_or_expand(values, weights)
    if values.ndim > weights.ndim:
        values = _over_axes_from(values, weights.ndim, average)
    fits = values.ndim == weights.ndim and all(
        n in (1, size) for n, size in zip(weights.shape, values.shape, strict=True)
    )
    if not fits:
        raise ValueError(
            f"`sample_weight` (or mask) of shape {shapes[0]} does not fit the values, of shape "
            f"{shapes[1]}: give one weight per sample, shape {shapes[1][:1]}, or one per value."
        )
    weights = weights.expand_as(values)
    values = values * weights
    return _over_axes_from(values, 1, average), _over_axes_from(weights, 1, average)


def _over_axes_from(x: torch.Tensor, first: int, average: bool) -> torch.Tensor:
    """The mean or sum over all axes from the given one."""
    axes = tuple(range(first, x.ndim))
    if not axes:
        return x
    return x.mean(axes) if average else x.sum(axes)


class Sum(Metric):
    """Sum of all values seen, each times its weight.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values to the sum.

        Args:
            values: Array-like of any shape.
            sample_weight: Weights that fit them: one per sample or per value.

        Raises:
            ValueError: If the weights do not fit.
        """
        values = convert_to_tensor(values).detach()
        self._follow(values)
        if sample_weight is not None:
            weights = convert_to_tensor(sample_weight).to(values.device, self._torch_dtype)
            values = values.to(self._torch_dtype)
            values, _ = weighted_by_sample(values, weights, average=False)
        self.total.add_(values.sum(dtype=self._torch_dtype))

    def result(self) -> torch.Tensor:
        """The sum, a scalar."""
        return self.total.detach().clone()


class Mean(Metric):
    """Weighted mean of all values seen; 0 before the first.

    The values of a batch of shape (batch, ...) count once per sample, as the mean over the
    sample's other axes.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add values to the mean.

        Args:
            values: A number, or array-like of shape (batch, ...).
            sample_weight: Weights that fit them: one per sample or per value.

        Raises:
            ValueError: If the weights do not fit.
        """
        mask = getattr(values, "_keras_mask", None)
        values = convert_to_tensor(values)
        if values.requires_grad:
            values = values.detach()
        if values.device != self.total.device:
            self.to(values.device)
        if sample_weight is None:
            self._add(values)
        elif values.ndim == 0 and isinstance(sample_weight, int | float):
            self.total.add_(values, alpha=sample_weight)
            self.count.add_(sample_weight)
        else:
            self._add_weighted(values, sample_weight, mask)

    def _add(self, values: torch.Tensor) -> None:
        """Add values that all weigh the same."""
        if values.ndim == 0:
            self.total.add_(values)
            self.count.add_(1)
            return
        samples = values.shape[0]
        each = math.prod(values.shape[1:])
        total = values.sum(dtype=self._torch_dtype)
        self.total.add_(total if each == 1 else total / max(each, 1))
        self.count.add_(samples)

    def _add_weighted(self, values: torch.Tensor, sample_weight: Any, mask: Any) -> None:
        """Add values with weights, and the mask that the values carry."""
        weights = convert_to_tensor(sample_weight).to(values.device, self._torch_dtype)
        if mask is not None:
            weights = mask_to_weights(mask, weights, self._torch_dtype, "sum")
        values = values.to(self._torch_dtype)
        values, weights = weighted_by_sample(values, weights.detach(), average=True)
        self.total.add_(values.sum())
        self.count.add_(weights.sum())

    def result(self) -> torch.Tensor:
        """The mean, a scalar."""
        return divide_no_nan(self.total, self.count)


class MeanMetricWrapper(Mean):
    """Mean over samples of a function `fn(y_true, y_pred, **kwargs)`.

    A mask that travels with the predictions (`_keras_mask`) leaves out its False entries.

    Args:
        fn: Returns one value per sample (and time step).
        name: Name in logs; made from the class's by default.
        dtype: Element type of the state; None is `config.floatx()`.
        **kwargs: Further arguments of `fn`, kept in the configuration.
    """

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._fn = fn
        self._fn_kwargs = kwargs
        if _is_loss(fn):
            self._direction = "down"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Add a batch to the mean.

        Args:
            y_true: Targets, array-like.
            y_pred: Predictions, array-like.
            sample_weight: One weight per sample, or per value of the function.

        Raises:
            ValueError: If shapes do not fit.
        """
        with torch.no_grad():
            values = self._fn(y_true, y_pred, **self._fn_kwargs)
            mask = getattr(y_pred, "_keras_mask", None)
            if mask is not None:
                if sample_weight is not None:
                    sample_weight = convert_to_tensor(sample_weight).to(self._torch_dtype)
                sample_weight = mask_to_weights(mask, sample_weight, self._torch_dtype, "sum")
            super().update_state(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric, the function by its name."""
        from profond.saving import serialize_keras_object

        return {
            **super().get_config(),
            "fn": serialize_keras_object(self._fn),
            **serialize_keras_object(self._fn_kwargs),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The metric that `get_config` described."""
        if "fn" in config:
            from profond.saving import deserialize_keras_object

            config = deserialize_keras_object(config)
        return cls(**config)


class BuiltinMean(MeanMetricWrapper):
    """A mean of this package: one of its functions, and the function's arguments by name.

    The arguments are attributes too, and make up the configuration with name and dtype.
    """

    # Whether each row of (batch, classes) gives 0 or 1: sums of these are exact in any order.
    _counts_rows: ClassVar[bool] = False

    def __init__(self, fn: Callable[..., Any], name: str | None, dtype: Any, **kwargs: Any) -> None:
        super().__init__(fn, name=name, dtype=dtype, **kwargs)
        vars(self).update(kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return {**Metric.get_config(self), **self._fn_kwargs}


def _is_loss(fn: Any) -> bool:
    """Whether `fn` is a loss of this package, so better when smaller."""
    from profond import losses

    if isinstance(fn, losses.Loss):
        return type(fn).__module__.startswith("profond.losses")
    return getattr(fn, "__module__", "").startswith("profond.losses")
