"""Models, under the names of `keras.models`."""

from profond.models._clone import clone_model
from profond.models._code import model_to_code
from profond.models._functional import Functional
from profond.models._load import load_model, model_from_json, save_model
from profond.models._model import Model
from profond.models._sequential import Sequential

__all__ = [
    "Functional",
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "model_from_json",
    "model_to_code",
    "save_model",
]
