"""Learning rates that change with the steps, under the names of `keras.optimizers.schedules`."""

from typing import Any

from profond import _families
from profond.optimizers.schedules._base import LearningRateSchedule
from profond.optimizers.schedules._cosine import CosineDecay, CosineDecayRestarts
from profond.optimizers.schedules._exponential import ExponentialDecay
from profond.optimizers.schedules._inverse_time import InverseTimeDecay
from profond.optimizers.schedules._piecewise import PiecewiseConstantDecay
from profond.optimizers.schedules._polynomial import PolynomialDecay

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]

_BY_NAME = {
    cls.__name__: cls
    for cls in (
        CosineDecay,
        CosineDecayRestarts,
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
    )
}


def serialize(learning_rate_schedule: LearningRateSchedule) -> Any:
    """The schedule in Keras's JSON form."""
    return _families.serialize(learning_rate_schedule)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The schedule that `serialize` described."""
    return _families.from_config(config, _BY_NAME, custom_objects)
