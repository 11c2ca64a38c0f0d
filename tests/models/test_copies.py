"""Copies and pickles of layers and models, as torch's users make them."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers, ops
from tests.models.helpers import listed, random_graph, some_input

WAYS = [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))]


class Module(profond.Model):
    """Found by pickle under its name."""

    def __init__(self):
        super().__init__()
        self.parts = [layers.Dense(3), layers.Dense(2)]
        self.named = {"last": layers.Dense(1)}

    def call(self, x):
        for part in self.parts:
            x = part(x)
        return self.named["last"](x)


class Custom(profond.Model):
    """A functional model of a class of its own."""


@pytest.mark.parametrize("way", WAYS)
@given(seed=st.integers(0, 10**6))
def test_graphs(way, seed):
    model = random_graph(profond, seed)
    twin = way(model)
    assert [layer.name for layer in twin.layers] == [layer.name for layer in model.layers]
    assert not {id(w) for w in twin.weights} & {id(w) for w in model.weights}
    x = some_input(model)
    for a, b in zip(listed(twin.predict(x)), listed(model.predict(x)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("way", WAYS)
def test_what_a_copy_of_a_graph_still_can(way):
    a = profond.Input((4,), name="a")
    hidden = layers.Dense(3, "relu", name="hidden")(a)
    model = way(profond.Model({"a": a}, [layers.Dense(2)(ops.relu(hidden) * 2), hidden[:, :1]]))
    head = profond.Model(model.inputs, model.get_layer("hidden").output)
    assert head(torch.ones(2, 4)).shape == (2, 3)
    assert model.input_names == ["a"]
    assert model.output_shape == [(None, 2), (None, 1)]
    again = profond.models.model_from_json(model.to_json())
    assert again.count_params() == model.count_params()
    way(model).summary(print_fn=str)


@pytest.mark.parametrize("way", WAYS)
def test_sequential(way):
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(2)])
    twin = way(model)
    x = np.ones((2, 4))
    np.testing.assert_array_equal(twin.predict(x), model.predict(x))
    twin.add(layers.Dense(5))
    assert twin.output_shape == (None, 5)
    assert model.output_shape == (None, 2)
    assert profond.Model(twin.inputs, twin.layers[0].output)(x).shape == (2, 3)
    deferred = way(profond.Sequential([layers.Dense(3)]))
    assert deferred.predict(x).shape == (2, 3)
    built = profond.Sequential([layers.Dense(3)])
    built.predict(x)
    np.testing.assert_array_equal(way(built).predict(x), built.predict(x))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("built", [True, False])
def test_subclassed(way, built):
    model = Module()
    x = torch.ones(2, 4)
    if built:
        model(x)
    twin = way(model)
    assert twin(x).shape == (2, 1)
    assert len(twin.weights) == 6
    assert len(list(twin.parameters())) == 6
    if built:
        np.testing.assert_array_equal(twin(x).detach(), model(x).detach())


@pytest.mark.parametrize("way", WAYS)
def test_a_graph_of_a_users_class(way):
    a = profond.Input((4,))
    twin = way(Custom(a, layers.Dense(2)(a)))
    assert isinstance(twin, Custom)
    assert twin(torch.ones(1, 4)).shape == (1, 2)


@pytest.mark.parametrize("way", WAYS)
def test_layers(way):
    dense = layers.Dense(3, kernel_regularizer="l2", kernel_constraint="non_neg", name="d")
    dense(torch.ones(1, 2))
    twin = way(dense)
    assert twin.name == "d"
    assert twin.kernel.path == dense.kernel.path
    assert twin.kernel.regularizer is not None
    assert twin.kernel.constraint is not None
    np.testing.assert_array_equal(twin.kernel.numpy(), dense.kernel.numpy())
    with torch.no_grad():
        twin.kernel.add_(1)
    assert not np.array_equal(twin.kernel.numpy(), dense.kernel.numpy())


@pytest.mark.parametrize("way", WAYS)
def test_weights(way):
    weight = profond.Weight(torch.ones(2), trainable=False, name="w", path="a/w")
    twin = way(weight)
    assert (twin.name, twin.path, twin.requires_grad) == ("w", "a/w", False)
    np.testing.assert_array_equal(twin.numpy(), [1.0, 1.0])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "nadam", "muon", "adadelta"])
def test_a_compiled_copy_trains_as_the_model_does(way, optimizer):
    x = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3, "tanh"), layers.Dense(1)])
    model.compile(optimizer, "mse", metrics=["mae"])
    model.fit(x, x[:, :1], verbose=0, shuffle=False)
    twin = way(model)
    for one in (model, twin):
        one.fit(x, x[:, :1], epochs=2, verbose=0, shuffle=False)
    for a, b in zip(twin.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_copy_after_a_pass_with_losses():
    model = profond.Sequential([layers.Input((4,)), layers.Dense(2, activity_regularizer="l2")])
    model(torch.ones(1, 4))
    assert len(model.losses) == 1
    assert len(copy.deepcopy(model).losses) == 0


def test_deep_graphs():
    tensor = a = profond.Input((2,))
    for _ in range(300):
        tensor = layers.Dense(2)(tensor)
    model = profond.Model(a, tensor)
    x = np.ones((1, 2))
    for way in WAYS:
        np.testing.assert_array_equal(way(model).predict(x), model.predict(x))


def test_lists_of_a_copy_know_the_copy():
    twin = copy.deepcopy(Module())
    twin.parts.append(layers.Dense(4))
    twin(torch.ones(1, 2))
    assert len(list(twin.parameters())) == 8
