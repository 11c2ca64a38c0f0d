"""`import keras` inside `keras_as_profond`: what is served, what is refused and in which words."""

import importlib
import sys

import pytest

from profond.compat import NotAvailableError, keras_as_profond


@pytest.fixture
def as_keras():
    with keras_as_profond():
        yield


def fresh(name):
    return importlib.import_module(name)


def test_a_served_name_is_the_very_object_of_profond(as_keras):
    import profond.initializers

    from keras.initializers import HeNormal  # isort: skip

    assert HeNormal is profond.initializers.HeNormal
    assert fresh("keras").initializers.HeNormal is HeNormal


def test_all_forms_of_import_give_the_same_module(as_keras):
    import keras
    import keras.initializers as plain
    import tensorflow as tf
    import tensorflow.keras.initializers as nested
    from keras import initializers
    from tensorflow import keras as inner

    assert plain is initializers is nested is keras.initializers is tf.keras.initializers
    assert inner is keras


def test_star_import_gives_the_public_names(as_keras):
    names: dict = {}
    exec("from keras.initializers import *", names)
    assert "HeNormal" in names
    assert "profond" not in names


def test_it_says_that_it_is_keras_3_on_torch(as_keras):
    import keras

    assert keras.__version__.startswith("3.")
    assert keras.version() == keras.__version__
    assert keras.backend.backend() == keras.config.backend() == "torch"


def test_profonds_own_packages_are_no_part_of_keras(as_keras):
    import keras

    assert not hasattr(keras, "figures")
    assert not hasattr(keras, "compat")


def test_the_real_keras_comes_back():
    real = pytest.importorskip("keras")
    path = list(sys.meta_path)
    with keras_as_profond():
        assert fresh("keras") is not real
    assert fresh("keras") is real
    assert fresh("keras.layers").__name__ == "keras.layers"
    assert sys.meta_path == path


def test_nothing_stays_when_the_block_fails():
    before = {name for name in sys.modules if name.startswith("keras")}
    with pytest.raises(RuntimeError, match="inside"), keras_as_profond():
        fresh("keras.initializers")
        raise RuntimeError("inside")
    assert {name for name in sys.modules if name.startswith("keras")} == before


def test_an_unknown_class_is_named_with_its_neighbours_and_all_there_is(as_keras):
    with pytest.raises(
        NotAvailableError,
        match=r"keras\.initializers\.HeNormall is not available in profond\. "
        r"Nearest: HeNormal, .* Available in keras\.initializers: .*GlorotUniform",
    ):
        from keras.initializers import HeNormall  # noqa: F401


def test_an_unknown_module_is_refused_as_an_import_error(as_keras):
    with pytest.raises(ImportError, match=r"keras\.applications is not available in profond\."):
        import keras.applications  # noqa: F401


def test_an_unknown_attribute_is_an_attribute_error_with_the_same_words(as_keras):
    import keras

    with pytest.raises(AttributeError, match=r"keras\.applications is not available in profond\."):
        _ = keras.applications
    assert not hasattr(keras.initializers, "Nothing")


@pytest.mark.parametrize("name", ["keras.src", "keras.src.backend"])
def test_keras_private_code_is_refused(as_keras, name):
    with pytest.raises(NotAvailableError, match=r"private code, which profond does not have"):
        fresh(name)


def test_of_tensorflow_only_keras_is_there(as_keras):
    import tensorflow as tf

    words = r"tensorflow\.data is not available in profond: of tensorflow, only tensorflow\.keras"
    with pytest.raises(AttributeError, match=words):
        _ = tf.data
    with pytest.raises(NotAvailableError, match=words):
        fresh("tensorflow.data")
    with pytest.raises(NotAvailableError, match=r"keras\.applications is not available"):
        fresh("tensorflow.keras.applications")
    with pytest.raises(
        AttributeError, match=r"tensorflow\.__version__ is not available in profond"
    ):
        _ = tf.__version__


@pytest.mark.parametrize("name", ["tf_keras", "keras_core", "tf_keras.layers"])
def test_other_names_of_keras_are_refused_with_the_one_to_write(as_keras, name):
    words = rf"{name[:8]}\w* is not available in profond, which stands in for `keras` and `tensorf"
    with pytest.raises(NotAvailableError, match=words):
        fresh(name)


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_another_backend_is_ignored_with_a_word(backend, monkeypatch, caplog):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    with keras_as_profond(), caplog.at_level("WARNING", logger="profond"):
        for _ in range(2):
            assert fresh("tensorflow.keras").config.backend() == "torch"
    assert [record.message for record in caplog.records] == [
        f"profond: KERAS_BACKEND={backend} is ignored: profond runs on PyTorch, whatever it is "
        "set to."
    ]


@pytest.mark.parametrize("backend", ["torch", "", None])
def test_nothing_is_said_of_the_right_backend(backend, monkeypatch, caplog):
    if backend is None:
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
    else:
        monkeypatch.setenv("KERAS_BACKEND", backend)
    with keras_as_profond(), caplog.at_level("WARNING", logger="profond"):
        fresh("keras")
    assert not caplog.records


def test_backend_functions_on_types(as_keras):
    from keras import backend as K

    assert K.standardize_dtype(None) == K.floatx()
    assert K.standardize_dtype("double") == "float64"
    assert K.is_float_dtype("bfloat16")
    assert not K.is_float_dtype("int32")
    assert K.is_int_dtype("uint8")
    assert not K.is_int_dtype("bool")
    assert K.result_type("float32", "int64") == "float32"
    assert not K.is_keras_tensor(1.0)
    assert [K.get_uid("some"), K.get_uid("some"), K.get_uid("other")] == [1, 2, 1]


def test_tree_functions(as_keras):
    from keras import tree

    nested = {"b": [1, 2], "a": (3,)}
    assert tree.flatten(nested) == [3, 1, 2]
    assert tree.is_nested(nested)
    assert not tree.is_nested(1)
    assert tree.pack_sequence_as(nested, [6, 2, 4]) == tree.map_structure(lambda x: 2 * x, nested)


def test_models_are_saved_by_the_functions_of_keras_saving(as_keras, tmp_path):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    keras.saving.save_model(model, tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    assert again.output_shape == (None, 2)
    keras.saving.save_weights(model, tmp_path / "m.weights.h5")
    model.layers[0].set_weights([w * 0 for w in model.get_weights()])
    keras.saving.load_weights(model, tmp_path / "m.weights.h5")
    assert (model.get_weights()[0] == again.get_weights()[0]).all()


def test_precision_policies_by_name(as_keras):
    from keras import dtype_policies

    policy = dtype_policies.get("mixed_bfloat16")
    assert (policy.compute_dtype, policy.variable_dtype) == ("bfloat16", "float32")
    assert dtype_policies.get(policy) is policy
    assert dtype_policies.get(None).name == "float32"
    assert dtype_policies.deserialize(dtype_policies.serialize(policy)) == policy
    assert isinstance(policy, dtype_policies.FloatDTypePolicy)


def test_device_and_name_scope(as_keras):
    import keras

    with keras.device("cpu:0"), keras.name_scope("encoder"):
        assert keras.ops.ones((2,)).device.type == "cpu"
    with keras.device("meta"):
        assert keras.ops.ones((2,)).device.type == "meta"
