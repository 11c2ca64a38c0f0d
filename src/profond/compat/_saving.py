"""`keras.saving`: objects to descriptions and back, and the files of models."""

from typing import Any

from profond.models import load_model, save_model
from profond.saving import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write the weights of a model; another form of `model.save_weights`."""
    model.save_weights(filepath, overwrite)


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False) -> None:
    """Read the weights of a model; another form of `model.load_weights`."""
    model.load_weights(filepath, skip_mismatch)
