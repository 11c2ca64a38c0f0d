"""Objects to descriptions and back; nothing of a file is ever run."""

import json

import numpy as np
import pytest
import torch

import profond
from profond import saving
from profond.saving import deserialize_keras_object, serialize_keras_object


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        2.5,
        "text",
        [1, [2.0, "a"]],
        (1, (2, 3)),
        {"a": (1, 2), "b": {"c": [None]}},
    ],
)
def test_plain_values(value):
    assert deserialize_keras_object(serialize_keras_object(value)) == value
    json.dumps(serialize_keras_object(value))  # where tuples are lists, as with Keras


def test_arrays_tensors_and_types():
    array = np.arange(6, dtype="int16").reshape(2, 3)
    back = deserialize_keras_object(serialize_keras_object(array))
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype
    back = deserialize_keras_object(serialize_keras_object(torch.ones(2, dtype=torch.float64)))
    assert isinstance(back, torch.Tensor)
    assert back.dtype is torch.float64
    assert serialize_keras_object(torch.bfloat16) == "bfloat16"
    assert serialize_keras_object(np.float32(1.5)) == 1.5


@pytest.mark.parametrize(
    "make",
    [
        lambda k: k.initializers.HeNormal(seed=3),
        lambda k: k.regularizers.L1L2(0.1, 0.2),
        lambda k: k.constraints.MinMaxNorm(0.1, 2.0),
        lambda k: k.losses.Huber(delta=2.0),
        lambda k: k.metrics.Precision(thresholds=0.3),
        lambda k: k.optimizers.SGD(k.optimizers.schedules.PolynomialDecay(0.1, 50), momentum=0.5),
        lambda k: k.layers.Dense(3, "relu", kernel_regularizer="l2"),
    ],
)
def test_objects_go_to_keras_and_come_from_it(make):
    keras = pytest.importorskip("keras")
    ours, theirs = make(profond), make(keras)
    described = json.loads(json.dumps(serialize_keras_object(ours)))
    from_theirs = json.loads(json.dumps(keras.saving.serialize_keras_object(theirs)))
    to_theirs = keras.saving.deserialize_keras_object(described)
    assert type(to_theirs).__name__ == type(theirs).__name__
    # The same object comes back from either description.
    twins = [deserialize_keras_object(one) for one in (described, from_theirs)]
    assert all(type(twin) is type(ours) for twin in twins)
    assert all(set(twin.get_config()) == set(ours.get_config()) for twin in twins)


def test_registering():
    @saving.register_keras_serializable("mine", name="other")
    class Thing:
        def __init__(self, n):
            self.n = n

        def get_config(self):
            return {"n": self.n}

    assert saving.get_registered_name(Thing) == "mine>other"
    assert saving.get_registered_object("mine>other") is Thing
    assert saving.get_custom_objects()["mine>other"] is Thing
    described = serialize_keras_object(Thing(3))
    assert described["registered_name"] == "mine>other"
    assert deserialize_keras_object(described).n == 3
    with pytest.raises(ValueError, match="a class to be saved must have a `get_config` method; B"):

        @saving.register_keras_serializable()
        class Bare:
            pass


def test_scopes():
    class Scoped:
        def get_config(self):
            return {}

        @classmethod
        def from_config(cls, config):
            return cls()

    described = serialize_keras_object(Scoped())
    with pytest.raises(ValueError, match="Unknown class 'Scoped' .* register it with"):
        deserialize_keras_object(described)
    with saving.custom_object_scope({"Scoped": Scoped}):
        assert isinstance(deserialize_keras_object(described), Scoped)
    assert isinstance(deserialize_keras_object(described, {"Scoped": Scoped}), Scoped)
    with pytest.raises(ValueError, match="Unknown class 'Scoped'"):
        deserialize_keras_object(described)


def test_functions():
    def named(x):
        return x

    relu = profond.activations.relu
    assert deserialize_keras_object(serialize_keras_object(relu)) is relu
    described = serialize_keras_object(named)
    with pytest.raises(ValueError, match="Unknown function 'named' in the description of a saved"):
        deserialize_keras_object(described)
    assert deserialize_keras_object(described, {"named": named}) is named
    with pytest.raises(TypeError, match="a lambda cannot be saved: its code would have to run whe"):
        serialize_keras_object(lambda x: x)
    with pytest.raises(TypeError, match="object cannot be saved: it has no `get_config` method"):
        serialize_keras_object(object())


@pytest.mark.parametrize(
    "evil",
    [
        {"module": "os", "class_name": "system", "config": {"command": "true"}},
        {"module": "subprocess", "class_name": "Popen", "config": {"args": ["true"]}},
        {"module": "builtins", "class_name": "function", "config": "eval"},
        {"module": "builtins", "class_name": "eval", "config": {}},
        {"module": "keras.models", "class_name": "load_model", "config": {"filepath": "x"}},
        {"module": "profond.saving", "class_name": "importlib", "config": {}},
        {"class_name": "__lambda__", "config": {"value": "eJxz"}},
    ],
)
def test_files_name_only_what_is_public(evil):
    with pytest.raises(ValueError, match="Unknown|holds a Python lambda, which profond does not r"):
        deserialize_keras_object({**evil, "registered_name": None})


def test_the_nearest_name_is_offered():
    with pytest.raises(ValueError, match="Unknown class 'Densee' .*Did you mean 'Dense'?"):
        deserialize_keras_object(
            {
                "module": "keras.layers",
                "class_name": "Densee",
                "config": {},
                "registered_name": None,
            }
        )
