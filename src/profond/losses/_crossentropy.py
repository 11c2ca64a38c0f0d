r"""Cross-entropies: $-\sum_c y_c \log p_c$ for classes, $-y \log p - (1-y) \log(1-p)$ for two.

Predictions are probabilities, or logits with `from_logits=True`. Probabilities that come from
a softmax or sigmoid at the end of a model still know the logits they were made of
(`_keras_logits`, `_keras_activation`): the loss is then computed from these, exactly, where
the logarithm of a probability that has rounded to 0 or 1 could not be.
"""

import warnings
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from profond._tensors import convert_to_tensor
from profond.config import epsilon
from profond.losses._labels import check_labels, known_class_numbers
from profond.losses._loss import BuiltinLoss
from profond.losses._shapes import aligned, as_float, unequal_shapes

# A label that no data has: torch leaves labels equal to its `ignore_index` out, silently, and
# would do so for -100 unless given another.
_NO_LABEL = torch.iinfo(torch.int64).min


def logits_behind(y_pred: Tensor, activation: str) -> Tensor | None:
    """The logits that `y_pred` was made of by `activation` ("softmax", "sigmoid"), if known."""
    logits = getattr(y_pred, "_keras_logits", None)
    if logits is None or getattr(y_pred, "_keras_activation", None) != activation:
        return None
    return logits


def _clip(p: Tensor) -> Tensor:
    """Probabilities kept `config.epsilon()` away from 0 and 1, as in Keras."""
    return p.clamp(epsilon(), 1.0 - epsilon())


def _is_last(axis: int, ndim: int) -> bool:
    return axis == -1 or axis == ndim - 1


def check_axis(axis: int, ndim: int) -> None:
    """Refuse what is not an axis.

    Raises:
        ValueError: If `axis` is not an integer in [-ndim, ndim).
    """
    if isinstance(axis, bool) or not isinstance(axis, int) or not -ndim <= axis < ndim:
        raise ValueError(
            f"`axis` must be an integer from {-ndim} to {ndim - 1}, an axis of predictions with "
            f"{ndim} axes; received {axis!r}."
        )


def smooth(y_true: Tensor, label_smoothing: float, num_classes: int) -> Tensor:
    """Targets moved towards the uniform distribution (Szegedy et al. 2016, section 7)."""
    if not label_smoothing:
        return y_true
    return y_true * (1.0 - label_smoothing) + label_smoothing / num_classes


def one_hot_pair(y_true: Any, y_pred: Any, axis: int, name: str) -> tuple[Tensor, Tensor]:
    """Targets and predictions with one value per class each, or a clear refusal."""
    y_pred = as_float(y_pred)
    check_axis(axis, y_pred.ndim)
    num_classes = y_pred.shape[axis]
    if num_classes == 1:
        warnings.warn(
            f"{name} expects predictions of more than one class along axis {axis}; received "
            f"shape {tuple(y_pred.shape)}, for which it is always 0. With two classes and a "
            "single output, use 'binary_crossentropy'.",
            SyntaxWarning,
            stacklevel=4,
        )
    if not isinstance(y_true, Tensor):
        y_true = convert_to_tensor(y_true)
    if y_true.shape != y_pred.shape:
        raise ValueError(categorical_mismatch(name, y_true.shape, y_pred.shape))
    return y_true.to(y_pred), y_pred


def categorical_mismatch(name: str, y_true_shape: Any, y_pred_shape: Any) -> str:
    """The message for targets that are not one value per class."""
    y_true_shape, y_pred_shape = tuple(y_true_shape), tuple(y_pred_shape)
    hint = None
    if len(y_true_shape) == len(y_pred_shape) - 1 or (y_true_shape[-1:] == (1,)):
        hint = (
            "If the targets are class numbers, use 'sparse_categorical_crossentropy', or "
            f"`to_categorical(y, num_classes={y_pred_shape[-1]})`."
        )
    return unequal_shapes(name, y_true_shape, y_pred_shape, hint)


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Float[Tensor, " *batch"]:
    r"""Cross-entropy $-\sum_c y_c \log p_c$ between distributions over classes.

    For targets that are one-hot this is $-\log p$ of the true class, the logistic loss of
    several classes. Probabilities are divided by their sum and kept `config.epsilon()` away
    from 0 and 1, unless the logits behind them are known.

    Args:
        y_true: Probabilities or one-hot labels, shape (..., classes).
        y_pred: Probabilities, or logits, of the same shape.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: In [0, 1]: the part of each target spread evenly over the classes. (The
            number of classes is that of `axis`; Keras takes the last axis for it.)
        axis: The axis of the classes.

    Returns:
        The losses, in the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes differ or `axis` is none.
    """
    y_true, y_pred = one_hot_pair(y_true, y_pred, axis, "categorical_crossentropy")
    y_true = smooth(y_true, label_smoothing, y_pred.shape[axis])
    logits = y_pred if from_logits else None
    if logits is None and _is_last(axis, y_pred.ndim):
        logits = logits_behind(y_pred, "softmax")
    if logits is not None:
        log_p = F.log_softmax(logits, axis)
    else:
        log_p = _clip(y_pred / y_pred.sum(axis, keepdim=True)).log()
    return -(y_true * log_p).sum(axis)


def sparse_pair(y_true: Any, y_pred: Any, axis: int, name: str) -> tuple[Tensor, Tensor]:
    """Labels of shape (...) as int64, and predictions of shape (..., classes)."""
    y_pred = as_float(y_pred)
    check_axis(axis, y_pred.ndim)
    if not isinstance(y_true, Tensor):
        y_true = convert_to_tensor(y_true)
    if not _is_last(axis, y_pred.ndim):
        moved = y_pred.movedim(axis, -1)
        if y_true.ndim == y_pred.ndim and y_true.shape[axis] == 1:
            y_true = y_true.squeeze(axis)
    else:
        moved = y_pred
        if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
            y_true = y_true.squeeze(-1)
    if y_true.shape != moved.shape[:-1]:
        hint = None
        if y_true.shape == y_pred.shape:
            hint = (
                "If the targets are one-hot, use 'categorical_crossentropy'; if each row has "
                "several labels, 'binary_crossentropy'."
            )
        raise ValueError(
            f"{name} needs one class number per prediction: y_true of shape "
            f"{tuple(moved.shape[:-1])} for y_pred of shape {tuple(y_pred.shape)}; received "
            f"y_true of shape {tuple(y_true.shape)}.{f' {hint}' if hint else ''}"
        )
    return y_true.to(device=y_pred.device, dtype=torch.int64), moved


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Float[Tensor, " *batch"]:
    r"""Cross-entropy $-\log p_y$ of class numbers $y$.

    Args:
        y_true: Class numbers 0, 1, ..., shape (...) or (..., 1).
        y_pred: Probabilities, or logits, shape (..., classes).
        from_logits: Whether `y_pred` holds logits.
        ignore_class: A label whose loss is 0 and that does not count in the mean of a `Loss`.
        axis: The axis of the classes.

    Returns:
        The losses, in the shape of the labels. With `ignore_class` they carry a mask.

    Raises:
        ValueError: If the shapes do not fit, or (on the CPU) a label is out of range.
    """
    behind = None
    if not from_logits and isinstance(y_pred, Tensor) and _is_last(axis, y_pred.ndim):
        behind = logits_behind(y_pred, "softmax")
    y_true, y_pred = sparse_pair(
        y_true, y_pred if behind is None else behind, axis, "sparse_categorical_crossentropy"
    )
    valid = None
    if ignore_class is not None:
        valid = y_true != ignore_class
        y_true = torch.where(valid, y_true, 0)
        y_pred = torch.where(valid.unsqueeze(-1), y_pred, 1.0)
    classes = y_pred.shape[-1]
    try:
        if from_logits or behind is not None:
            flat = F.cross_entropy(
                y_pred.reshape(-1, classes),
                y_true.reshape(-1),
                reduction="none",
                ignore_index=_NO_LABEL,
            )
            losses = flat.reshape(y_true.shape)
        else:
            p = y_pred.gather(-1, y_true.unsqueeze(-1)).squeeze(-1)
            losses = -_clip(p / y_pred.sum(-1)).log()
    except (IndexError, RuntimeError):
        check_labels(y_true, classes, name="y_true")
        raise
    if valid is not None:
        losses = torch.where(valid, losses, 0.0)
        losses._keras_mask = valid  # type: ignore[attr-defined]
    return losses


def binary_terms(y_true: Tensor, y_pred: Tensor, from_logits: bool) -> Tensor:
    """The two-class cross-entropy of each entry; shapes are equal."""
    logits = y_pred if from_logits else logits_behind(y_pred, "sigmoid")
    if logits is not None:
        return F.binary_cross_entropy_with_logits(logits, y_true, reduction="none")
    p = _clip(y_pred)
    return -(y_true * p.log() + (1.0 - y_true) * (1.0 - p).log())


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Float[Tensor, " *batch"]:
    r"""Mean over `axis` of $-y \log p - (1-y) \log(1-p)$.

    The logistic loss of two classes; with several outputs, of as many labels independent of
    one another. Probabilities are kept `config.epsilon()` away from 0 and 1, unless the logits
    behind them are known.

    Args:
        y_true: Labels 0 or 1, or probabilities, shape (..., labels).
        y_pred: Probabilities of label 1, or logits, of the same shape.
        from_logits: Whether `y_pred` holds logits.
        label_smoothing: In [0, 1]: how far targets are moved towards 0.5.
        axis: The axis averaged over.

    Returns:
        The losses, in the shape of `y_pred` without `axis`.

    Raises:
        ValueError: If the shapes differ.
    """
    y_true, y_pred = binary_pair(y_true, y_pred, "binary_crossentropy")
    y_true = smooth(y_true, label_smoothing, 2)
    return binary_terms(y_true, y_pred, from_logits).mean(axis)


def binary_pair(y_true: Any, y_pred: Any, name: str) -> tuple[Tensor, Tensor]:
    """Labels and predictions of one shape, with the logits behind the predictions."""
    given = y_pred
    y_true, y_pred = aligned(y_true, y_pred, name)
    if y_pred is not given and isinstance(given, Tensor):
        logits = getattr(given, "_keras_logits", None)
        if logits is not None:
            y_pred._keras_logits = logits.reshape(y_pred.shape)  # type: ignore[attr-defined]
            y_pred._keras_activation = getattr(given, "_keras_activation", None)  # type: ignore[attr-defined]
    return y_true, y_pred


class CategoricalCrossentropy(BuiltinLoss):
    """Cross-entropy between one-hot labels, or distributions, and predicted probabilities.

    See `categorical_crossentropy` for the formula and the arguments, `Loss` for the rest.

    Where a saturated softmax at the end of a model rounds to 0 or 1, the loss comes from its logits
    and goes on growing; Keras on PyTorch clips at 1e-7, so there no value exceeds 16.1.

    Args:
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: the part of each target spread evenly over the classes.
        axis: The axis of the classes.
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self._smoothing = label_smoothing

    def _mean(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        logits = _fused_logits(self, y_pred, "softmax")
        if logits is None or y_true.shape != logits.shape or logits.shape[-1] == 1:
            return None
        if logits.ndim != 2:
            logits, y_true = logits.flatten(0, -2), y_true.flatten(0, -2)
        numbers = known_class_numbers(y_true)
        targets = y_true if numbers is None else numbers
        return F.cross_entropy(logits, targets, label_smoothing=self._smoothing)


class SparseCategoricalCrossentropy(BuiltinLoss):
    """Cross-entropy between class numbers and predicted probabilities.

    See `sparse_categorical_crossentropy` for the formula, `Loss` for the rest.

    Where a saturated softmax at the end of a model rounds to 0 or 1, the loss comes from its logits
    and goes on growing; Keras on PyTorch clips at 1e-7, so there no value exceeds 16.1.

    Args:
        from_logits: Whether predictions are logits.
        ignore_class: A label that does not count, or None.
        reduction: See `Loss`.
        axis: The axis of the classes.
        name: Name in logs.
        dtype: See `Loss`.
    """

    _labels_are_integers: ClassVar[bool] = True

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self._ignored = ignore_class

    def _mean(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        if self._ignored is not None:
            return None
        logits = _fused_logits(self, y_pred, "softmax")
        if logits is None:
            return None
        if y_true.dtype is not torch.int64 or logits.ndim != 2 or y_true.ndim != 1:
            y_true, logits = sparse_pair(y_true, logits, -1, "sparse_categorical_crossentropy")
            y_true, logits = y_true.reshape(-1), logits.reshape(-1, logits.shape[-1])
        elif y_true.shape[0] != logits.shape[0]:
            return None
        try:
            return F.cross_entropy(logits, y_true, ignore_index=_NO_LABEL)
        except IndexError:
            check_labels(y_true, logits.shape[-1], name="y_true")
            raise


class BinaryCrossentropy(BuiltinLoss):
    """Cross-entropy between labels 0 or 1 and predicted probabilities of 1.

    See `binary_crossentropy` for the formula and the arguments, `Loss` for the rest.

    Where a saturated sigmoid at the end of a model rounds to 0 or 1, the loss comes from its logits
    and goes on growing; Keras on PyTorch clips at 1e-7, so there no value exceeds 16.1.

    Args:
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: how far targets are moved towards 0.5.
        axis: The axis averaged over.
        reduction: See `Loss`.
        name: Name in logs.
        dtype: See `Loss`.
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self._smoothing = label_smoothing

    def _mean(self, y_true: Tensor, y_pred: Tensor) -> Tensor | None:
        logits = _fused_logits(self, y_pred, "sigmoid")
        if logits is None:
            return None
        if y_true.shape != logits.shape:
            y_true, logits = aligned(y_true, logits, "binary_crossentropy")
        if self._smoothing:
            y_true = smooth(y_true, self._smoothing, 2)
        return F.binary_cross_entropy_with_logits(logits, y_true)


def _fused_logits(loss: BuiltinLoss, y_pred: Tensor, activation: str) -> Tensor | None:
    """The logits for a kernel that returns the mean, if there are any and it applies."""
    arguments = loss._fn_kwargs
    logits = y_pred if arguments["from_logits"] else logits_behind(y_pred, activation)
    if logits is None or logits.ndim == 0:
        return None
    return logits if _is_last(arguments["axis"], logits.ndim) else None
