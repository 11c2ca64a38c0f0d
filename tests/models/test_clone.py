"""`clone_model`: the same architecture, weights of its own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers
from profond.models import clone_model
from tests.models.helpers import listed, random_graph, some_input


@given(seed=st.integers(0, 10**6))
def test_a_clone_with_the_same_weights_computes_the_same(seed):
    model = random_graph(profond, seed)
    clone = clone_model(model)
    assert not {id(w) for w in clone.weights} & {id(w) for w in model.weights}
    assert [w.path for w in clone.weights] == [w.path for w in model.weights]
    clone.set_weights(model.get_weights())
    x = some_input(model)
    for a, b in zip(listed(clone.predict(x)), listed(model.predict(x)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_sequential_built_or_not():
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3, "relu")], name="net")
    clone = clone_model(model)
    assert clone.built
    assert clone.name == "net"
    assert not np.array_equal(clone.get_weights()[0], model.get_weights()[0])
    assert not clone_model(profond.Sequential([layers.Dense(3)])).built
    deferred = profond.Sequential([layers.Dense(3)])
    deferred(np.ones((1, 2)))
    assert clone_model(deferred).input_shape == (None, 2)


def test_frozen_layers_stay_frozen():
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(2)])
    model.layers[0].trainable = False
    clone = clone_model(model)
    assert len(clone.trainable_weights) == 2
    model.trainable = False
    assert clone_model(model).trainable is False


def test_other_inputs():
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3)])
    clone = clone_model(model, input_tensors=profond.Input((7,), name="wide"))
    assert clone.input_shape == (None, 7)
    a = profond.Input((4,))
    functional = profond.Model(a, layers.Dense(2)(a))
    other = clone_model(functional, input_tensors=[profond.Input((6,), name="other")])
    assert other.input_names == ["other"]
    assert other.count_params() == 14
    with pytest.raises(ValueError, match="`input_tensors` must be 1 symbolic tensor"):
        clone_model(functional, input_tensors=[profond.Input((4,)), profond.Input((4,))])


def test_clone_and_call_functions():
    a = profond.Input((4,))
    model = profond.Model(a, layers.Dense(2, name="last")(layers.Dense(3, name="first")(a)))

    def wider(layer):
        config = layer.get_config()
        if layer.name == "first":
            config["units"] = 9
        return type(layer).from_config(config)

    assert clone_model(model, clone_function=wider).count_params() == 4 * 9 + 9 + 9 * 2 + 2

    def with_dropout(layer, *args, **kwargs):
        return layers.Dropout(0.5)(layer(*args, **kwargs))

    same = clone_model(model, clone_function=lambda x: x, call_function=with_dropout)
    assert same.get_layer("first") is model.get_layer("first")
    assert sum(isinstance(layer, layers.Dropout) for layer in same.layers) == 2


def test_layers_inside_nested_models_when_asked():
    inner = profond.Sequential([layers.Input((4,)), layers.Dense(3, name="inside")])
    model = profond.Sequential([layers.Input((4,)), inner, layers.Dense(2, name="outside")])
    seen = []

    def note(layer):
        seen.append(layer.name)
        return type(layer).from_config(layer.get_config())

    clone_model(model, clone_function=note, recursive=True)
    assert seen == ["inside", "outside"]


def test_subclassed_models_are_cloned_from_their_configuration():
    class Mine(profond.Model):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.dense = layers.Dense(units)

        def call(self, x):
            return self.dense(x)

    model = Mine(3, name="mine")
    clone = clone_model(model)
    assert clone.units == 3
    assert clone.name == "mine"
    with pytest.raises(ValueError, match="the subclassed model 'mine' is cloned from its config"):
        clone_model(model, clone_function=lambda x: x)
