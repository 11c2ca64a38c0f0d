"""The names, the arguments and their defaults are those of Keras."""

import inspect

import pytest

from profond import saving, utils
from profond._symbolic import KerasTensor

keras = pytest.importorskip("keras")

OURS = ["array_to_img", "get_file", "img_to_array", "load_img", "normalize"]
OURS += ["image_dataset_from_directory"]
OURS += ["pack_x_y_sample_weight", "pad_sequences", "save_img", "set_random_seed"]
OURS += ["split_dataset", "to_categorical", "unpack_x_y_sample_weight", "Progbar", "PyDataset"]


@pytest.mark.parametrize("name", OURS)
def test_arguments_are_those_of_keras(name):
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(getattr(m, name)).parameters.values()]
        for m in (utils, keras.utils)
    )
    assert ours == theirs


def test_every_name_is_one_of_keras():
    assert {name for name in utils.__all__ if not hasattr(keras.utils, name)} == set()


def test_names_of_other_parts_are_the_same_things():
    assert utils.register_keras_serializable is saving.register_keras_serializable
    assert utils.is_keras_tensor(KerasTensor((1,)))
    assert not utils.is_keras_tensor(1)
    assert utils.standardize_dtype("float") == "float32"
