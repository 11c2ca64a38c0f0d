"""Networks of the user's own in the place of an architecture."""

import numpy as np
import pytest
import torch

from profond.layers import Dense, Dropout, Input, ReLU, Softmax, TorchModuleWrapper
from profond.models import Model, Sequential
from tests.estimators.helpers import classifier, regressor, table


def own_network(input_shape, output_shape):
    return Sequential(
        [Input(input_shape), Dense(16, activation="tanh"), Dropout(0.1), Dense(*output_shape)]
    )


def own_graph(input_shape, output_shape):
    entrance = Input(input_shape)
    return Model(entrance, Dense(*output_shape)(Dense(8, activation="relu")(entrance)))


class OwnModel(Model):
    """One of a subclass, which knows the shape of its inputs only when it is called."""

    def __init__(self, units):
        super().__init__()
        self.hidden, self.last = Dense(16, activation="tanh"), Dense(units)

    def call(self, inputs):
        return self.last(self.hidden(inputs))


def own_subclass(input_shape, output_shape):
    del input_shape
    return OwnModel(*output_shape)


def own_module(input_shape, output_shape):
    body = torch.nn.Sequential(
        torch.nn.Linear(*input_shape, 16), torch.nn.Tanh(), torch.nn.Linear(16, *output_shape)
    )
    return Sequential([Input(input_shape), TorchModuleWrapper(body)])


@pytest.mark.parametrize("build", [own_network, own_graph, own_subclass, own_module])
def test_a_network_of_ones_own_takes_the_place(build):
    frame, y = table()
    model = regressor(network=build).fit(frame, y)
    assert model.score(frame, y) > 0.6
    assert model.model_.preprocessor.layout.codes == ()  # it knows nothing of codes
    sorted_ = classifier(network=build).fit(frame, np.digitize(y, [-1, 1]))
    assert sorted_.score(frame, np.digitize(y, [-1, 1])) > 0.6
    np.testing.assert_allclose(sorted_.predict_proba(frame).sum(axis=1), 1.0)
    assert sorted_.model_.networks[0].layers[-1].get_config()["activation"] == "softmax"


def test_a_layer_that_is_an_activation_is_one_at_the_end():
    frame, y = table(60)
    labels = np.digitize(y, [-1, 1])
    twice = classifier(epochs=1, network=lambda i, o: Sequential([Dense(*o), Softmax()]))
    nested = classifier(
        epochs=1, network=lambda i, o: Sequential([Dense(4), Sequential([Dense(*o), Softmax()])])
    )
    for model in (twice, nested):
        assert len(model.fit(frame, labels).model_.networks[0].layers) == 2


def test_a_dead_layer_of_relu_is_started_again():
    frame, y = table(60)
    biases = iter([-100.0, 1.0])

    def build(inputs, outputs):
        bias = next(biases)
        return Sequential([Input(inputs), Dense(*outputs, bias_initializer=start(bias)), ReLU()])

    def start(bias):
        return lambda shape, dtype=None: torch.full(tuple(shape), bias)

    with pytest.warns(UserWarning, match=r"seed 0 was started again 1 time\(s\)"):
        regressor(epochs=1, network=build).fit(frame, y - y.min())


def test_what_a_network_of_ones_own_must_be():
    frame, y = table(40)
    with pytest.raises(TypeError, match=r"must return a profond model .*; received builtins\.int"):
        regressor(network=lambda i, o: 3).fit(frame, y)
    with pytest.raises(TypeError, match=r"received torch\.nn\.modules\.linear\.Linear\. Put it "):
        regressor(network=lambda i, o: torch.nn.Linear(*i, *o)).fit(frame, y)
    with pytest.raises(ValueError, match=r"outputs of shape \(None, 1\); received \(None, 7\)"):
        regressor(network=lambda i, o: own_network(i, (7,))).fit(frame, y)
    with pytest.raises(ValueError, match=r"inputs of shape \(None, \d+\); received \(None, 2\)"):
        regressor(network=lambda i, o: own_network((2,), o)).fit(frame, y)
    built = []

    def once(inputs, outputs):
        built.append(own_network(inputs, outputs))
        return built[0]

    with pytest.raises(ValueError, match=r"`network` must make a new model at each call"):
        regressor(seeds=2, epochs=1, network=once).fit(frame, y)
