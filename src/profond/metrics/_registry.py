"""Metrics by name: from strings, configurations and functions, and back."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from profond import _families
from profond._naming import snake_case
from profond.losses import _focal, _regression
from profond.losses._registry import kind_of_labels, name_of
from profond.metrics import (
    _accuracy,
    _auc,
    _confusion,
    _correlation,
    _errors,
    _f_score,
    _iou,
    _losses,
    _mean,
    _r2,
    _tradeoff,
)
from profond.metrics._metric import Metric

_CLASSES: tuple[type[Metric], ...] = (
    _accuracy.Accuracy,
    _accuracy.BinaryAccuracy,
    _accuracy.CategoricalAccuracy,
    _accuracy.SparseCategoricalAccuracy,
    _accuracy.SparseTopKCategoricalAccuracy,
    _accuracy.TopKCategoricalAccuracy,
    _auc.AUC,
    _confusion.FalseNegatives,
    _confusion.FalsePositives,
    _confusion.Precision,
    _confusion.Recall,
    _confusion.TrueNegatives,
    _confusion.TruePositives,
    _correlation.ConcordanceCorrelation,
    _correlation.PearsonCorrelation,
    _errors.CosineSimilarity,
    _errors.LogCoshError,
    _errors.MeanAbsoluteError,
    _errors.MeanAbsolutePercentageError,
    _errors.MeanSquaredError,
    _errors.MeanSquaredLogarithmicError,
    _errors.RootMeanSquaredError,
    _f_score.F1Score,
    _f_score.FBetaScore,
    _iou.BinaryIoU,
    _iou.IoU,
    _iou.MeanIoU,
    _iou.OneHotIoU,
    _iou.OneHotMeanIoU,
    _losses.BinaryCrossentropy,
    _losses.CategoricalCrossentropy,
    _losses.CategoricalHinge,
    _losses.Hinge,
    _losses.KLDivergence,
    _losses.Poisson,
    _losses.SparseCategoricalCrossentropy,
    _losses.SquaredHinge,
    _mean.Mean,
    _mean.MeanMetricWrapper,
    _mean.Sum,
    _r2.R2Score,
    _tradeoff.PrecisionAtRecall,
    _tradeoff.RecallAtPrecision,
    _tradeoff.SensitivityAtSpecificity,
    _tradeoff.SpecificityAtSensitivity,
)

_TABLE: dict[str, Any] = {
    **{cls.__name__: cls for cls in _CLASSES},
    **{snake_case(cls.__name__): cls for cls in _CLASSES},
    "Metric": Metric,
    "bce": _losses.BinaryCrossentropy,
    "BCE": _losses.BinaryCrossentropy,
    "kld": _losses.KLDivergence,
    "KLD": _losses.KLDivergence,
    "mse": _errors.MeanSquaredError,
    "MSE": _errors.MeanSquaredError,
    "rmse": _errors.RootMeanSquaredError,
    "RMSE": _errors.RootMeanSquaredError,
    "mae": _errors.MeanAbsoluteError,
    "MAE": _errors.MeanAbsoluteError,
    "mape": _errors.MeanAbsolutePercentageError,
    "MAPE": _errors.MeanAbsolutePercentageError,
    "msle": _errors.MeanSquaredLogarithmicError,
    "MSLE": _errors.MeanSquaredLogarithmicError,
    "logcosh": _errors.LogCoshError,
    "log_cosh": _errors.LogCoshError,
    "iou": _iou.IoU,
    "binary_iou": _iou.BinaryIoU,
    "mean_iou": _iou.MeanIoU,
    "one_hot_iou": _iou.OneHotIoU,
    "one_hot_mean_iou": _iou.OneHotMeanIoU,
    # Losses that are functions only; `resolve` makes means of them.
    "huber": _regression.huber,
    "binary_focal_crossentropy": _focal.binary_focal_crossentropy,
    "categorical_focal_crossentropy": _focal.categorical_focal_crossentropy,
}

# What a name means by the shapes of the data.
_ACCURACIES: dict[str, type[Any]] = {
    "binary": _accuracy.BinaryAccuracy,
    "sparse": _accuracy.SparseCategoricalAccuracy,
    "categorical": _accuracy.CategoricalAccuracy,
}
_CROSSENTROPIES: dict[str, type[Any]] = {
    "binary": _losses.BinaryCrossentropy,
    "sparse": _losses.SparseCategoricalCrossentropy,
    "categorical": _losses.CategoricalCrossentropy,
}
_BY_SHAPE = {
    "accuracy": _ACCURACIES,
    "acc": _ACCURACIES,
    "crossentropy": _CROSSENTROPIES,
    "ce": _CROSSENTROPIES,
}


def get(identifier: Any) -> Any:
    """The metric that a name, configuration, class, function or metric stands for.

    Args:
        identifier: A name ("mean_squared_error", "mse", "MeanSquaredError") or a class, which
            give an instance; a configuration as `serialize` makes it; a callable, returned as
            it is; or None.

    Returns:
        A `Metric` or function; None for None.

    Raises:
        ValueError: If the name is unknown; the nearest one is suggested.
        TypeError: If the identifier is nothing that could be a metric, or the metric needs
            arguments and was given by its name.
    """
    if isinstance(identifier, str):
        found = _families.find(identifier, _TABLE, "metric")
        return _instance(found) if isinstance(found, type) else found
    return identifier if isinstance(identifier, Metric) else _interpret(identifier)


def _interpret(identifier: Any) -> Any:
    """`get` for what is not a name."""
    if isinstance(identifier, dict):
        return deserialize(identifier)
    return _families.interpret(identifier, _TABLE, "metric")


def refuse_unknown(name: str) -> None:
    """Refuse a name that gives no metric, without making one: that would take a default name.

    Raises:
        ValueError: If the name is unknown; the nearest one is suggested.
        TypeError: If the metric of that name needs arguments.
    """
    found = _families.find(name, _TABLE, "metric")
    if isinstance(found, type):
        _refuse_without_arguments(found)


def _instance(cls: type) -> Any:
    """An instance made without arguments."""
    _refuse_without_arguments(cls)
    return cls()


def _refuse_without_arguments(cls: type) -> None:
    try:
        inspect.signature(cls).bind()
    except TypeError as error:
        raise TypeError(
            f"the metric {cls.__name__} needs arguments: give an instance of it, "
            f"`metrics.{cls.__name__}(...)`, in the place of its name ({error})."
        ) from error


def serialize(metric: Any) -> Any:
    """A JSON-able description of a metric or metric function."""
    return _families.serialize(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The metric or function that `serialize` described, or the class that a name stands for.

    Args:
        config: The description, or a name.
        custom_objects: Classes and functions by name, beside the registered ones.

    Raises:
        ValueError: If a class or function is not known.
    """
    if isinstance(config, str):
        return (custom_objects or {}).get(config) or _families.find(config, _TABLE, "metric")
    return _families.from_config(config, _TABLE, custom_objects)


def resolve(identifier: Any, y_true_shape: Sequence[Any], y_pred_shape: Sequence[Any]) -> Metric:
    """The `Metric` that `compile(metrics=[identifier])` means for data of these shapes.

    "accuracy" and "acc" become the binary, sparse or categorical accuracy, "crossentropy" and
    "ce" the cross-entropy, by the shapes. A metric given by its name is called by that name in
    logs; a function becomes the mean of its values, under its own name.

    Args:
        identifier: As for `get`.
        y_true_shape: Shape of the targets, batch included.
        y_pred_shape: Shape of the predictions, batch included.

    Returns:
        The metric, the identifier itself if it is one.

    Raises:
        ValueError: If the identifier is None, or as `get`.
        TypeError: As `get`.
    """
    if isinstance(identifier, Metric):
        return identifier
    if identifier is None:
        raise ValueError("a metric is given by its name, a `Metric` or a function; received None.")
    if isinstance(identifier, str) and identifier.lower() in _BY_SHAPE:
        kind = kind_of_labels(y_true_shape, y_pred_shape)
        return _BY_SHAPE[identifier.lower()][kind](name=identifier)
    found = get(identifier)
    if not isinstance(found, Metric):
        name = identifier if isinstance(identifier, str) else name_of(found)
        return _mean.MeanMetricWrapper(found, name=name)
    if isinstance(identifier, str):
        found.name = identifier
    return found
