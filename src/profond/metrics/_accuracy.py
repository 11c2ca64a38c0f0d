"""Accuracies: the share of predictions that are right."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from profond._dtypes import torch_dtype
from profond._tensors import convert_to_tensor
from profond.config import floatx
from profond.losses._labels import check_labels, known_class_numbers
from profond.losses._shapes import squeeze_or_expand, unequal_shapes
from profond.metrics._mean import BuiltinMean


def _tensors(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Both as tensors on the device of the predictions, types as they are."""
    y_pred, y_true = convert_to_tensor(y_pred), convert_to_tensor(y_true)
    if y_true.device != y_pred.device:
        y_true = y_true.to(y_pred.device)
    return y_true, y_pred


def _pair(y_true: Any, y_pred: Any, name: str) -> tuple[Tensor, Tensor]:
    """Both as tensors of one shape."""
    y_true, y_pred = _tensors(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        shapes = y_true.shape, y_pred.shape
        y_true, y_pred = squeeze_or_expand(y_true, y_pred)
        if y_true.shape != y_pred.shape:
            raise ValueError(unequal_shapes(name, *shapes))
    return y_true, y_pred


def _one_hot_pair(y_true: Any, y_pred: Any, name: str) -> tuple[Tensor, Tensor]:
    """Both as tensors with one value per class."""
    y_true, y_pred = _tensors(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        hint = None
        if y_true.ndim < y_pred.ndim or y_true.shape[-1] == 1:
            hint = f"If the targets are class numbers, use 'sparse_{name}'."
        raise ValueError(unequal_shapes(name, y_true.shape, y_pred.shape, hint))
    return y_true, y_pred


def _label_pair(y_true: Any, y_pred: Any, name: str) -> tuple[Tensor, Tensor]:
    """Class numbers, and predictions with an axis of classes more."""
    y_true, y_pred = _tensors(y_true, y_pred)
    labels = y_true
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        labels = y_true.squeeze(-1)
    if labels.shape != y_pred.shape[:-1]:
        hint = ""
        if y_true.shape == y_pred.shape:
            hint = f" If the targets are one-hot, use '{name.replace('sparse_', '')}'."
        raise ValueError(
            f"{name} needs one class number per prediction: y_true of shape "
            f"{tuple(y_pred.shape[:-1])} for y_pred of shape {tuple(y_pred.shape)}; received "
            f"y_true of shape {tuple(y_true.shape)}.{hint}"
        )
    return labels, y_pred


def _as_float(matches: Tensor) -> Tensor:
    return matches.to(torch_dtype(floatx()))


def accuracy(y_true: Any, y_pred: Any) -> Float[Tensor, " *shape"]:
    """1 where prediction and target are equal, else 0.

    Args:
        y_true: Targets.
        y_pred: Predictions, of the same shape: classes themselves, not probabilities.

    Returns:
        Ones and zeros in their shape.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = _pair(y_true, y_pred, "accuracy")
    return _as_float(y_true == y_pred)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Float[Tensor, " *shape"]:
    """1 where the prediction is on the target's side of the threshold, else 0.

    Args:
        y_true: Targets 0 or 1.
        y_pred: Probabilities, or scores, of the same shape.
        threshold: Predictions above it are 1.

    Returns:
        Ones and zeros in their shape.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = _pair(y_true, y_pred, "binary_accuracy")
    return _as_float((y_pred > threshold) == y_true)


def categorical_accuracy(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    """1 where the largest prediction is that of the true class, else 0.

    Args:
        y_true: One-hot labels, shape (..., classes).
        y_pred: Probabilities, or scores, of the same shape.

    Returns:
        Ones and zeros, shape (...).

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = _one_hot_pair(y_true, y_pred, "categorical_accuracy")
    labels = known_class_numbers(y_true)
    return _as_float((y_true.argmax(-1) if labels is None else labels) == y_pred.argmax(-1))


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Float[Tensor, " *batch"]:
    """1 where the largest prediction is that of the true class, else 0.

    Args:
        y_true: Class numbers 0, 1, ..., shape (...) or (..., 1).
        y_pred: Probabilities, or scores, shape (..., classes).

    Returns:
        Ones and zeros, shape (...).

    Raises:
        ValueError: If the shapes do not fit.
    """
    labels, y_pred = _label_pair(y_true, y_pred, "sparse_categorical_accuracy")
    return _as_float(y_pred.argmax(-1) == labels)


def _in_top_k(labels: Tensor, y_pred: Tensor, k: int) -> Tensor:
    """Whether the label's prediction is among the k largest; ties count as among them."""
    if k < 1:
        raise ValueError(f"`k` must be an integer >= 1, the number of guesses; received {k!r}.")
    labels = labels.to(torch.int64)
    try:
        own = y_pred.gather(-1, labels.unsqueeze(-1)).squeeze(-1)
    except (IndexError, RuntimeError):
        check_labels(labels, y_pred.shape[-1], name="y_true")
        raise
    least = y_pred.topk(min(k, y_pred.shape[-1]), sorted=False).values.amin(-1)
    return _as_float(own >= least)


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Float[Tensor, " *batch"]:
    """1 where the true class is among the `k` largest predictions, else 0.

    Args:
        y_true: One-hot labels, shape (..., classes).
        y_pred: Probabilities, or scores, of the same shape.
        k: Number of guesses, >= 1.

    Returns:
        Ones and zeros, shape (...).

    Raises:
        ValueError: If the shapes differ or `k` is not positive.
    """
    y_true, y_pred = _one_hot_pair(y_true, y_pred, "top_k_categorical_accuracy")
    return _in_top_k(y_true.argmax(-1), y_pred, k)


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Float[Tensor, " *batch"]:
    """1 where the true class is among the `k` largest predictions, else 0.

    Args:
        y_true: Class numbers 0, 1, ..., shape (...) or (..., 1).
        y_pred: Probabilities, or scores, shape (..., classes); with `from_sorted_ids`, class
            numbers, the best guess first.
        k: Number of guesses, >= 1.
        from_sorted_ids: Whether `y_pred` holds class numbers.

    Returns:
        Ones and zeros, shape (...).

    Raises:
        ValueError: If the shapes do not fit, `k` is not positive, or (on the CPU) a label is
            out of range.
    """
    labels, y_pred = _label_pair(y_true, y_pred, "sparse_top_k_categorical_accuracy")
    if from_sorted_ids:
        return _as_float((y_pred[..., :k] == labels.unsqueeze(-1)).any(-1))
    return _in_top_k(labels, y_pred, k)


class Accuracy(BuiltinMean):
    """Share of predictions that equal their target; see `accuracy`.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(BuiltinMean):
    """Share of predictions on the target's side of a threshold; see `binary_accuracy`.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
        threshold: Predictions above it are 1.
    """

    _direction = "up"

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(BuiltinMean):
    """Share of one-hot labels whose class is predicted; see `categorical_accuracy`.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "up"
    _counts_rows = True

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(BuiltinMean):
    """Share of class numbers that are predicted; see `sparse_categorical_accuracy`.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "up"
    _counts_rows = True

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(BuiltinMean):
    """Share of one-hot labels among the first `k` guesses; see `top_k_categorical_accuracy`.

    Args:
        k: Number of guesses, >= 1.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "up"
    _counts_rows = True

    def __init__(
        self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(BuiltinMean):
    """Share of class numbers among the first `k` guesses.

    See `sparse_top_k_categorical_accuracy`.

    Args:
        k: Number of guesses, >= 1.
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
        from_sorted_ids: Whether predictions are class numbers, the best guess first.
    """

    _direction = "up"
    _counts_rows = True

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids
        )
