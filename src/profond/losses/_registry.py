"""Losses by name: from strings, configurations and functions, and back."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from profond import _families
from profond._naming import snake_case
from profond.losses import (
    _circle,
    _crossentropy,
    _ctc,
    _divergence,
    _focal,
    _hinge,
    _overlap,
    _regression,
    _robust,
)
from profond.losses._labels import check_labels, check_probabilities
from profond.losses._loss import Loss, LossFunctionWrapper

# Each class beside its function.
_PAIRS: dict[type[Loss], Callable[..., Any]] = {
    _circle.Circle: _circle.circle,
    _crossentropy.BinaryCrossentropy: _crossentropy.binary_crossentropy,
    _crossentropy.CategoricalCrossentropy: _crossentropy.categorical_crossentropy,
    _crossentropy.SparseCategoricalCrossentropy: _crossentropy.sparse_categorical_crossentropy,
    _ctc.CTC: _ctc.ctc,
    _divergence.KLDivergence: _divergence.kl_divergence,
    _divergence.Poisson: _divergence.poisson,
    _focal.BinaryFocalCrossentropy: _focal.binary_focal_crossentropy,
    _focal.CategoricalFocalCrossentropy: _focal.categorical_focal_crossentropy,
    _hinge.CategoricalHinge: _hinge.categorical_hinge,
    _hinge.Hinge: _hinge.hinge,
    _hinge.SquaredHinge: _hinge.squared_hinge,
    _overlap.Dice: _overlap.dice,
    _overlap.Tversky: _overlap.tversky,
    _regression.CosineSimilarity: _regression.cosine_similarity,
    _regression.Huber: _regression.huber,
    _regression.LogCosh: _regression.log_cosh,
    _regression.MeanAbsoluteError: _regression.mean_absolute_error,
    _regression.MeanAbsolutePercentageError: _regression.mean_absolute_percentage_error,
    _regression.MeanSquaredError: _regression.mean_squared_error,
    _regression.MeanSquaredLogarithmicError: _regression.mean_squared_logarithmic_error,
    _robust.CategoricalGeneralizedCrossEntropy: _robust.categorical_generalized_cross_entropy,
}
_CLASS_OF = {function: cls for cls, function in _PAIRS.items()}

# Other names of the functions, Keras's and those of its earlier versions.
ALIASES: dict[str, Callable[..., Any]] = {
    "bce": _crossentropy.binary_crossentropy,
    "BCE": _crossentropy.binary_crossentropy,
    "kld": _divergence.kl_divergence,
    "KLD": _divergence.kl_divergence,
    "kullback_leibler_divergence": _divergence.kl_divergence,
    "mae": _regression.mean_absolute_error,
    "MAE": _regression.mean_absolute_error,
    "mse": _regression.mean_squared_error,
    "MSE": _regression.mean_squared_error,
    "mape": _regression.mean_absolute_percentage_error,
    "MAPE": _regression.mean_absolute_percentage_error,
    "msle": _regression.mean_squared_logarithmic_error,
    "MSLE": _regression.mean_squared_logarithmic_error,
    "logcosh": _regression.log_cosh,
    "huber_loss": _regression.huber,
}

_TABLE: dict[str, Any] = {
    **{cls.__name__: cls for cls in _PAIRS},
    **{function.__name__: function for function in _CLASS_OF},
    **ALIASES,
    "Loss": Loss,
    "LossFunctionWrapper": LossFunctionWrapper,
}


def get(identifier: Any) -> Any:
    """The loss that a name, configuration, class, function or loss stands for.

    Args:
        identifier: A function's name ("mean_squared_error", "mse"), which gives the function;
            a class's name ("MeanSquaredError") or a class, which gives an instance; a
            configuration as `serialize` makes it; a callable, returned as it is; or None.

    Returns:
        A function or a `Loss`; None for None.

    Raises:
        ValueError: If the name is unknown; the nearest one is suggested.
        TypeError: If the identifier is nothing that could be a loss.
    """
    return _families.interpret(identifier, _TABLE, "loss")


def serialize(loss: Any) -> Any:
    """A JSON-able description of a loss or loss function."""
    return _families.serialize(loss)


def deserialize(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The loss or function that `serialize` described, or that a name stands for.

    Args:
        name: The description, or a name.
        custom_objects: Classes and functions by name, beside the registered ones.

    Raises:
        ValueError: If a class or function is not known.
    """
    if isinstance(name, str):
        return (custom_objects or {}).get(name) or _families.find(name, _TABLE, "loss")
    if name.get("class_name") == "function" and name.get("config") in _TABLE:
        return (custom_objects or {}).get(name["config"]) or _TABLE[name["config"]]
    return _families.from_config(name, _TABLE, custom_objects)


def kind_of_labels(y_true_shape: Sequence[Any], y_pred_shape: Sequence[Any]) -> str:
    """What targets and predictions of these shapes mean: "binary", "sparse" or "categorical".

    One output is binary; targets with an axis fewer than the predictions, or with a last axis
    of 1, are class numbers; else there is one value per class. (Keras's rule for "accuracy" and
    "crossentropy".)
    """
    outputs = y_pred_shape[-1] if len(y_pred_shape) else 1
    if outputs == 1:
        return "binary"
    if len(y_true_shape) < len(y_pred_shape) or y_true_shape[-1] == 1:
        return "sparse"
    return "categorical"


def resolve(identifier: Any, y_true_shape: Sequence[Any], y_pred_shape: Sequence[Any]) -> Any:
    """The `Loss` that `compile(loss=identifier)` means for data of these shapes.

    "crossentropy" and "ce" become the binary, sparse or categorical cross-entropy, by the
    shapes. A function becomes a `Loss` with the function's name, or the name it was given by;
    one of this package becomes its own class, which has the faster kernel.

    Args:
        identifier: As for `get`.
        y_true_shape: Shape of the targets, batch included.
        y_pred_shape: Shape of the predictions, batch included.

    Returns:
        A `Loss`; None for None.

    Raises:
        ValueError: As `get`.
    """
    if identifier is None or isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        kind = kind_of_labels(y_true_shape, y_pred_shape)
        found = {
            "binary": _crossentropy.binary_crossentropy,
            "sparse": _crossentropy.sparse_categorical_crossentropy,
            "categorical": _crossentropy.categorical_crossentropy,
        }[kind]
    else:
        found = get(identifier)
    if isinstance(found, Loss):
        return found
    name = identifier if isinstance(identifier, str) else name_of(found)
    if inspect.isfunction(found) and found in _CLASS_OF:
        return _CLASS_OF[found](name=name)
    return LossFunctionWrapper(found, name=name)


def name_of(function: Any) -> str:
    """The name of a callable in logs."""
    name = getattr(function, "name", None) or getattr(function, "__name__", None)
    return snake_case(name or type(function).__name__)


def check_targets(loss: Any, y_true: Any, y_pred_shape: Sequence[Any], name: str = "y") -> None:
    """Refuse targets that `loss` cannot be computed for, once, before training.

    Class numbers of sparse losses are compared with the number of outputs, all of them;
    targets of the categorical losses must have one value per class, those of the binary
    cross-entropies lie in [0, 1].

    Args:
        loss: A `Loss`; others are not looked at.
        y_true: All targets, array-like.
        y_pred_shape: Shape of the model's predictions, batch included (None allowed there).
        name: What the targets are called, for messages.

    Raises:
        ValueError: If the targets do not fit.
    """
    y_pred_shape = tuple(y_pred_shape)
    sparse = (
        _crossentropy.SparseCategoricalCrossentropy,
        _robust.CategoricalGeneralizedCrossEntropy,
    )
    if isinstance(loss, sparse):
        shape = tuple(y_true.shape) if hasattr(y_true, "shape") else None
        axis = getattr(loss, "axis", -1)
        one_hot = (
            shape is not None
            and len(shape) == len(y_pred_shape)
            and shape[axis] == y_pred_shape[axis] != 1
        )
        if not one_hot:  # the loss itself says what to do about one-hot targets
            ignored = getattr(loss, "ignore_class", None)
            check_labels(y_true, y_pred_shape[axis], ignore_class=ignored, name=name)
    binary = (_crossentropy.BinaryCrossentropy, _focal.BinaryFocalCrossentropy)
    if isinstance(loss, binary):
        check_probabilities(y_true, loss.name, name)
    categorical = (
        _crossentropy.CategoricalCrossentropy,
        _focal.CategoricalFocalCrossentropy,
        _hinge.CategoricalHinge,
    )
    if isinstance(loss, categorical) and hasattr(y_true, "shape"):
        shape = tuple(y_true.shape)
        if len(shape) != len(y_pred_shape) or shape[-1] != y_pred_shape[-1]:
            shown = (shape[0], *y_pred_shape[1:])
            raise ValueError(_crossentropy.categorical_mismatch(loss.name, shape, shown))
