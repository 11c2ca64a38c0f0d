"""Optimizers, under the names of `keras.optimizers`."""

from collections.abc import Mapping
from typing import Any

from profond import _families
from profond.optimizers import schedules
from profond.optimizers._adadelta import Adadelta
from profond.optimizers._adafactor import Adafactor
from profond.optimizers._adagrad import Adagrad
from profond.optimizers._adam import Adam, AdamW
from profond.optimizers._adamax import Adamax
from profond.optimizers._ftrl import Ftrl
from profond.optimizers._lamb import Lamb
from profond.optimizers._lion import Lion
from profond.optimizers._loss_scale import LossScaleOptimizer
from profond.optimizers._muon import Muon
from profond.optimizers._nadam import Nadam
from profond.optimizers._optimizer import Optimizer
from profond.optimizers._rmsprop import RMSprop
from profond.optimizers._sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "Muon",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]

_BY_NAME: dict[str, type[Optimizer]] = {
    cls.__name__.lower(): cls
    for cls in (
        SGD,
        Adadelta,
        Adafactor,
        Adagrad,
        Adam,
        AdamW,
        Adamax,
        Ftrl,
        Lamb,
        Lion,
        LossScaleOptimizer,
        Muon,
        Nadam,
        RMSprop,
    )
}


def get(identifier: Any) -> Any:
    """The optimizer that `identifier` means.

    Args:
        identifier: A name in any case (`"adam"`, `"SGD"`), a configuration dict, an optimizer,
            or None.

    Returns:
        An optimizer; a given one unchanged. None for None.

    Raises:
        ValueError: If the name is unknown.
        TypeError: If it is none of these.
    """
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str):
        name = identifier.lower() if identifier.lower() in _BY_NAME else identifier
        found = _families.find(name, _BY_NAME, "optimizer")()
    elif isinstance(identifier, Mapping):
        found = deserialize(dict(identifier))
    else:
        found = None
    if not isinstance(found, Optimizer):
        raise TypeError(
            "optimizer must be a name, a configuration dict or an `optimizers.Optimizer`; "
            f"received {identifier!r} of type {type(identifier).__name__}."
        )
    return found


def serialize(optimizer: Optimizer) -> Any:
    """The optimizer in Keras's JSON form, without its state."""
    return _families.serialize(optimizer)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The optimizer that `serialize` described; built-in names in any case."""
    name = str(config.get("class_name"))
    if name.lower() in _BY_NAME:
        config = {**config, "class_name": _BY_NAME[name.lower()].__name__}
    return _families.from_config(config, _BY_CLASS, custom_objects)


_BY_CLASS = {cls.__name__: cls for cls in _BY_NAME.values()}
