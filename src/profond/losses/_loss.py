"""`Loss`, the base class, and the wrapper that makes one of a function."""

from collections.abc import Callable
from typing import Any, ClassVar, Self

import torch

from profond._dtypes import torch_dtype
from profond._naming import snake_case, unique_name
from profond._policy import DTypePolicy
from profond._tensors import convert_to_tensor
from profond._tree import is_branch, map_structure
from profond.config import floatx
from profond.losses._reduction import AVERAGES, check_reduction, reduce, weigh_and_reduce
from profond.losses._shapes import squeeze_or_expand


class Loss:
    """A number to minimise, from targets and predictions.

    Subclasses define `call(y_true, y_pred)`, which returns one loss per sample; weights,
    masks and the reduction are applied around it.

    Args:
        name: Name in logs; made from the class's by default.
        reduction: What becomes of the losses of a batch. "sum_over_batch_size" and "mean":
            their sum divided by their number; "sum": their sum; "mean_with_sample_weight":
            their weighted sum divided by the sum of the weights; "none" or None: nothing.
        dtype: Element type of the computation. None: `config.floatx()`, and float64 for
            predictions that are float64 tensors (Keras makes float32 of them).
    """

    # Whether targets are class numbers: they are then not made floats, which hold integers
    # up to 2^24 only in float32 (and up to 256 in bfloat16).
    _labels_are_integers: ClassVar[bool] = False
    # Whether each row has a loss of its own, so that the losses of batches add up to that of all
    # rows, however they are divided.
    _is_of_rows: ClassVar[bool] = True

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.reduction = check_reduction(reduction)
        self._given_dtype = dtype
        self._dtype = DTypePolicy.of(dtype or floatx()).compute_dtype
        self._torch_dtype = torch_dtype(self._dtype)
        self._averages = reduction in AVERAGES

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # A class with a `call` of its own must not inherit a shortcut around it.
        if "call" in cls.__dict__ and "_mean" not in cls.__dict__:
            cls._mean = Loss._mean

    @property
    def dtype(self) -> str:
        """Name of the element type of the computation, `"float32"`."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> torch.Tensor:
        """The reduced loss of a batch.

        Args:
            y_true: Targets: array-like, or a list, tuple or dict of such.
            y_pred: Predictions, in the same structure. A mask that travels with them
                (`_keras_mask`) leaves out its False entries.
            sample_weight: One weight per sample, or per loss value; None weighs all alike.

        Returns:
            A scalar; with reduction None, the losses one by one.

        Raises:
            ValueError: If shapes do not fit.
        """
        mask = getattr(y_pred, "_keras_mask", None)
        y_true, y_pred = self._prepare(y_true, y_pred)
        if sample_weight is None and mask is None and self._averages:
            both = isinstance(y_true, torch.Tensor) and isinstance(y_pred, torch.Tensor)
            mean = self._mean(y_true, y_pred) if both and y_pred.numel() else None
            if mean is not None:
                return mean
        losses = self.call(y_true, y_pred)
        if losses is None:
            raise TypeError(
                f"the loss {self.name!r} must return a tensor, one loss per sample; received None. "
                "Is there a `return`?"
            )
        if not isinstance(losses, torch.Tensor) or not losses.dtype.is_floating_point:
            losses = convert_to_tensor(losses, self._torch_dtype)
        computed_mask = getattr(losses, "_keras_mask", None)
        if computed_mask is not None:
            mask = computed_mask if mask is None else mask & computed_mask
        if sample_weight is None and mask is None:
            return reduce(losses, self.reduction)
        return weigh_and_reduce(losses, self.reduction, sample_weight, mask)

    def call(self, y_true: Any, y_pred: Any) -> torch.Tensor:
        """The losses one by one; to be defined by subclasses.

        Args:
            y_true: Targets, as tensors of the loss's dtype.
            y_pred: Predictions, likewise.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `call(y_true, y_pred)`.")

    def _mean(self, y_true: torch.Tensor, y_pred: torch.Tensor) -> torch.Tensor | None:
        """The mean loss of the batch in one fused kernel, where there is one, else None."""
        del y_true, y_pred
        return None

    def _prepare(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """Targets and predictions as tensors of the loss's dtype on one device."""
        if is_branch(y_pred) and not _is_plain(y_pred):
            y_pred = map_structure(self._to_float, y_pred)
        else:
            y_pred = self._to_float(y_pred)
        first = y_pred if isinstance(y_pred, torch.Tensor) else None
        if is_branch(y_true) and not _is_plain(y_true):
            return map_structure(lambda x: self._to_target(x, None), y_true), y_pred
        return self._to_target(y_true, first), y_pred

    def _to_float(self, y_pred: Any) -> torch.Tensor:
        """Predictions in the loss's dtype, with what they carry."""
        if not isinstance(y_pred, torch.Tensor):
            return convert_to_tensor(y_pred, self._torch_dtype)
        dtype = y_pred.dtype
        if dtype is self._torch_dtype:
            return y_pred
        if dtype is torch.float64 and self._given_dtype is None:
            return y_pred
        converted = y_pred.to(self._torch_dtype)
        logits = getattr(y_pred, "_keras_logits", None)
        if logits is not None:
            converted._keras_logits = logits.to(self._torch_dtype)  # type: ignore[attr-defined]
            converted._keras_activation = getattr(y_pred, "_keras_activation", None)  # type: ignore[attr-defined]
        return converted

    def _to_target(self, y_true: Any, y_pred: torch.Tensor | None) -> torch.Tensor:
        """Targets in the dtype and on the device of the predictions."""
        dtype = self._torch_dtype if y_pred is None else y_pred.dtype
        if not isinstance(y_true, torch.Tensor):
            y_true = convert_to_tensor(y_true)
        if not self._labels_are_integers and y_true.dtype is not dtype:
            y_true = y_true.to(dtype)
        if y_pred is not None and y_true.device != y_pred.device:
            y_true = y_true.to(y_pred.device)
        return y_true

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same loss."""
        config: dict[str, Any] = {"name": self.name, "reduction": self.reduction}
        if self._given_dtype is not None:
            config["dtype"] = self._dtype
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The loss that `get_config` described."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _is_plain(x: Any) -> bool:
    """Whether a list or tuple is one array written out: numbers, nested or not."""
    while isinstance(x, list | tuple) and x:
        x = x[0]
    return isinstance(x, bool | int | float)


class LossFunctionWrapper(Loss):
    """A loss from a function `fn(y_true, y_pred, **kwargs)`.

    A last axis of size 1 that only one of targets and predictions has is mended first
    (n targets against predictions of shape (n, 1)), leaf by leaf in nested structures.

    Args:
        fn: Returns one loss per sample.
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
        **kwargs: Further arguments of `fn`, kept in the configuration.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> torch.Tensor:
        """The losses one by one, by the function."""
        if isinstance(y_true, torch.Tensor) and isinstance(y_pred, torch.Tensor):
            if y_true.ndim != y_pred.ndim:
                y_true, y_pred = squeeze_or_expand(y_true, y_pred)
        elif is_branch(y_true):
            pairs: list[tuple[torch.Tensor, torch.Tensor]] = []
            map_structure(lambda t, p: pairs.append(squeeze_or_expand(t, p)), y_true, y_pred)
            trues, preds = iter([t for t, _ in pairs]), iter([p for _, p in pairs])
            y_true = map_structure(lambda _: next(trues), y_true)
            y_pred = map_structure(lambda _: next(preds), y_pred)
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same loss, the function by its name."""
        from profond.saving import serialize_keras_object

        config = super().get_config()
        config["fn"] = serialize_keras_object(self.fn)
        config.update(serialize_keras_object(self._fn_kwargs))
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The loss that `get_config` described."""
        if "fn" in config:
            from profond.saving import deserialize_keras_object

            config = deserialize_keras_object(config)
        return cls(**config)


class BuiltinLoss(LossFunctionWrapper):
    """A loss of this package: one of its functions, and the function's arguments by name.

    The arguments are attributes too, and make up the configuration with those of `Loss`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None,
        name: str | None,
        dtype: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(fn, reduction=reduction, name=name, dtype=dtype, **kwargs)
        vars(self).update(kwargs)

    def call(self, y_true: Any, y_pred: Any) -> torch.Tensor:
        """The losses one by one; the function itself sees to the shapes."""
        return self.fn(y_true, y_pred, **self._fn_kwargs)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same loss."""
        return {**Loss.get_config(self), **self._fn_kwargs}
