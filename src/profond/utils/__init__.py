"""Helpers around training, under the names of `keras.utils`."""

from profond._dtypes import dtype_name as standardize_dtype
from profond.config import (
    clear_session,
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
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
from profond.utils._categorical import normalize, to_categorical
from profond.utils._download import get_file
from profond.utils._image_dataset import image_dataset_from_directory
from profond.utils._images import array_to_img, img_to_array, load_img, save_img
from profond.utils._packing import pack_x_y_sample_weight, unpack_x_y_sample_weight
from profond.utils._plot_model import plot_model
from profond.utils._progbar import Progbar
from profond.utils._pydataset import PyDataset
from profond.utils._random_seed import set_random_seed
from profond.utils._sequences import pad_sequences
from profond.utils._split import split_dataset
from profond.utils._symbolic import get_source_inputs, is_keras_tensor
from profond.utils._timeseries import timeseries_dataset_from_array

Sequence = PyDataset

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "PyDataset",
    "Sequence",
    "array_to_img",
    "clear_session",
    "custom_object_scope",
    "deserialize_keras_object",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "get_source_inputs",
    "image_dataset_from_directory",
    "img_to_array",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "load_img",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "save_img",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]
