"""A dense layer for each feature, beside as many dense layers."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers

SIZE = st.integers(1, 4)


@given(
    batch=st.lists(SIZE, min_size=1, max_size=3),
    features=SIZE,
    inputs=SIZE,
    units=SIZE,
    use_bias=st.booleans(),
    activation=st.sampled_from([None, "relu", "softmax"]),
)
def test_it_is_as_many_dense_layers_as_features(
    batch, features, inputs, units, use_bias, activation
):
    x = torch.randn(*batch, features, inputs, dtype=torch.float64)
    layer = layers.PerFeatureDense(units, activation, use_bias=use_bias, dtype="float64")
    y = layer(x)
    assert tuple(y.shape) == (*batch, features, units)
    assert y.is_contiguous()
    for f in range(features):
        one = layers.Dense(units, activation, use_bias=use_bias, dtype="float64")
        one.build((None, inputs))
        one.set_weights([w[f] for w in layer.get_weights()])
        own = x[..., f, :].reshape(-1, inputs)
        torch.testing.assert_close(y[..., f, :].reshape(-1, units), one(own))


def test_gradients_are_those_of_finite_differences():
    x = torch.randn(3, 2, 4, dtype=torch.float64, requires_grad=True)
    layer = layers.PerFeatureDense(3, "tanh", dtype="float64")
    layer(x)
    learned = [torch.randn_like(w).requires_grad_() for w in layer.trainable_weights]

    def function(x, *values):
        weights = dict(zip(["kernel", "bias"], values, strict=True))
        return torch.func.functional_call(layer, weights, (x,))

    assert torch.autograd.gradcheck(function, (x, *learned))


def test_each_matrix_begins_as_that_of_a_dense_layer():
    layer = layers.PerFeatureDense(30)
    layer.build((None, 40, 20))
    limit = math.sqrt(6 / (20 + 30))  # Glorot's, of one feature
    assert layer.kernel.abs().max().item() == pytest.approx(limit, rel=0.01)
    assert layer.bias.abs().max().item() == 0
    square = layers.PerFeatureDense(5, kernel_initializer="orthogonal")
    square.build((None, 3, 5))
    for kernel in square.kernel.detach():
        torch.testing.assert_close(kernel @ kernel.T, torch.eye(5), atol=1e-5, rtol=0)


def test_with_a_seed_features_begin_differently_and_again_so():
    def kernel():
        begin = profond.initializers.GlorotUniform(seed=3)
        layer = layers.PerFeatureDense(2, kernel_initializer=begin)
        layer.build((None, 2, 4))
        return layer.kernel.detach()

    assert torch.equal(kernel(), kernel())
    assert not torch.equal(kernel()[0], kernel()[1])


def test_the_whole_weight_may_be_given():
    values = np.arange(12.0).reshape(3, 2, 2)
    layer = layers.PerFeatureDense(2, kernel_initializer=values)
    layer.build((None, 3, 2))
    np.testing.assert_array_equal(layer.kernel.numpy(), values)
    asked = []

    def begin(shape, dtype):
        asked.append(tuple(shape))
        return torch.ones(shape)

    layers.PerFeatureDense(2, kernel_initializer=begin).build((None, 3, 2))
    assert asked == [(3, 2, 2)]


def test_whole_numbers_are_taken():
    layer = layers.PerFeatureDense(2, kernel_initializer="ones")
    assert layer(np.array([[[1, 2], [3, 4]]])).tolist() == [[[3.0, 3.0], [7.0, 7.0]]]


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.PerFeatureDense(0), "`units` must be a positive integer; .*units=0"),
        (
            lambda: layers.PerFeatureDense(2, name="n")(torch.ones(2, 3)),
            r"the layer 'n' must have at least 3 axes; received shape \(2, 3\)",
        ),
        (
            lambda: layers.PerFeatureDense(2, name="n")(profond.Input((None, 3))),
            "the layer 'n' needs the size of axis 1, 2 to make its weights",
        ),
        (
            lambda: [
                layer := layers.PerFeatureDense(2, name="n"),
                layer(torch.ones(1, 2, 3)),
                layer(torch.ones(1, 3, 3)),
            ],
            r"'n' must have .*size 2 on axis -2, .*3 on axis -1; received shape \(1, 3, 3\)",
        ),
    ],
)
def test_wrong_arguments_and_inputs(call, message):
    with pytest.raises(ValueError, match=message):
        call()
