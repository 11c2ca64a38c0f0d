"""The equations and exercises of chapters 1, 2 and 4 of the notes, in closed form."""

import math
import sys
from weakref import WeakSet

import numpy as np
import pytest
import torch

import profond
from profond import layers
from profond.layers import _scopes


def model_of(*stack):
    return profond.Sequential(list(stack))


def test_equation_1_1_the_perceptron():
    perceptron = layers.Dense(1, activation="sigmoid", dtype="float64")
    x, w, b = [0.5, -2.0, 3.0], [0.1, 0.2, -0.3], 0.4
    perceptron.build((None, 3))
    perceptron.set_weights([np.reshape(w, (3, 1)), np.array([b])])
    o = sum(x_j * w_j for x_j, w_j in zip(x, w, strict=True)) + b
    (a,) = perceptron(np.array([x])).flatten().tolist()
    assert a == pytest.approx(1 / (1 + math.exp(-o)), rel=1e-12)


def test_equations_2_1_to_2_3_a_perceptron_with_two_hidden_layers():
    phi, phi_out = np.tanh, np.exp
    rng = np.random.default_rng(0)
    sizes = (4, 3, 5, 1)
    model = model_of(
        layers.InputLayer(input_shape=(4,)),
        layers.Dense(3, activation="tanh", dtype="float64"),
        layers.Dense(5, activation="tanh", dtype="float64"),
        layers.Dense(1, activation="exponential", dtype="float64"),
    )
    w = [rng.normal(size=(n, m)) for n, m in zip(sizes, sizes[1:], strict=False)]
    b = [rng.normal(size=m) for m in sizes[1:]]
    model.set_weights([one for pair in zip(w, b, strict=True) for one in pair])
    x = rng.normal(size=4)
    # In the notes' indices, w_ij leads from j to i: the kernel's transpose.
    h_1 = [phi(sum(w[0][j, i] * x[j] for j in range(4)) + b[0][i]) for i in range(3)]  # (2.3)
    h_2 = [phi(sum(w[1][j, i] * h_1[j] for j in range(3)) + b[1][i]) for i in range(5)]  # (2.2)
    y = phi_out(sum(w[2][i, 0] * h_2[i] for i in range(5)) + b[2][0])  # (2.1)
    h = torch.from_numpy(x[None])
    for layer in model.layers:
        h = layer(h)
    assert h.item() == pytest.approx(float(y), rel=1e-12)


@pytest.mark.parametrize(
    ("sizes", "last", "parameters"),
    [((10, 20, 3), "softmax", 283), ((4, 100, 3), "softmax", 803), ((6, 100, 1), "relu", 801)],
)
def test_exercises_1_to_3_numbers_of_parameters(sizes, last, parameters):
    inputs, hidden, outputs = sizes
    model = model_of(
        layers.InputLayer(input_shape=(inputs,)),
        layers.Dense(units=hidden, activation="relu"),
        layers.Dense(units=outputs, activation=last),
    )
    assert model.count_params() == parameters
    assert [layer.count_params() for layer in model.layers] == [
        inputs * hidden + hidden,
        hidden * outputs + outputs,
    ]


def test_section_2_3_identity_activations_stay_linear():
    model = model_of(layers.Input((3,)), *[layers.Dense(6, dtype="float64") for _ in range(5)])
    h = [torch.randn(4, 3, dtype=torch.float64) for _ in range(2)]

    def through(x):
        for layer in model.layers:
            x = layer(x)
        return x

    zero = through(torch.zeros(4, 3, dtype=torch.float64))
    both = through(h[0] + 2 * h[1]) - zero
    torch.testing.assert_close(both, through(h[0]) - zero + 2 * (through(h[1]) - zero))


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "relu"])
def test_section_4_3_the_three_products_of_the_chain_rule(name):
    derivative = {
        "tanh": lambda o: 1 - math.tanh(o) ** 2,
        "sigmoid": lambda o: math.exp(-o) / (1 + math.exp(-o)) ** 2,
        "relu": lambda o: float(o > 0),
    }[name]
    function = {
        "tanh": math.tanh,
        "sigmoid": lambda o: 1 / (1 + math.exp(-o)),
        "relu": lambda o: max(o, 0.0),
    }[name]
    w, x, y = [0.7, 1.3, 0.9], 0.8, 2.0
    neurons = [layers.Dense(1, activation=name, use_bias=False, dtype="float64") for _ in w]
    a = torch.tensor([[x]], dtype=torch.float64)
    for neuron, value in zip(neurons, w, strict=True):
        neuron.build((None, 1))
        neuron.set_weights([np.array([[value]])])
        a = neuron(a)
    loss = (a - y).square().sum()
    loss.backward()

    a_0 = x
    o_1 = w[0] * a_0
    a_1 = function(o_1)
    o_2 = w[1] * a_1
    a_2 = function(o_2)
    o_3 = w[2] * a_2
    a_3 = function(o_3)
    loss_a3, a3_o3, o3_w2 = 2 * (a_3 - y), derivative(o_3), a_2
    o3_a2, a2_o2, o2_w1 = w[2], derivative(o_2), a_1
    o2_a1, a1_o1, o1_w0 = w[1], derivative(o_1), a_0
    expected = [
        loss_a3 * a3_o3 * o3_a2 * a2_o2 * o2_a1 * a1_o1 * o1_w0,
        loss_a3 * a3_o3 * o3_a2 * a2_o2 * o2_w1,
        loss_a3 * a3_o3 * o3_w2,
    ]
    assert [float(n.kernel.grad) for n in neurons] == pytest.approx(expected, rel=1e-12)


def test_section_2_3_1_softmax_is_a_distribution_and_relu_not_negative():
    o = torch.randn(5, 3)
    p = layers.Dense(3, activation="softmax")(o)
    torch.testing.assert_close(p.sum(1), torch.ones(5))
    assert bool((p > 0).all())
    assert bool((layers.Dense(1, activation="relu")(o) >= 0).all())
    exponentials = torch.exp(o)
    expected = exponentials / exponentials.sum(1, keepdim=True)
    torch.testing.assert_close(layers.Softmax()(o), expected)


@pytest.mark.parametrize(
    ("activation", "how"),
    [
        ("softmax", "argument"),
        ("softmax", "Activation"),
        ("softmax", "Softmax"),
        ("sigmoid", "argument"),
        ("sigmoid", "Activation"),
    ],
)
def test_the_sums_come_along_for_the_loss(activation, how):
    dense = layers.Dense(3, activation=activation if how == "argument" else None)
    y = dense(torch.randn(4, 5))
    if how == "Activation":
        y = layers.Activation(activation)(y)
    elif how == "Softmax":
        y = layers.Softmax()(y)
    probabilities = torch.softmax(y._keras_logits, -1)
    if activation == "sigmoid":
        probabilities = torch.sigmoid(y._keras_logits)
    assert y._keras_activation == activation
    torch.testing.assert_close(probabilities, y)


def test_no_sums_come_along_where_they_would_be_wrong():
    x = torch.randn(2, 3, 4)
    for layer in (layers.Softmax(axis=1), layers.Activation("relu"), layers.Dense(3)):
        assert not hasattr(layer(x), "_keras_logits")
    masked = layers.Softmax()(x, mask=torch.ones(4, dtype=torch.bool))
    assert not hasattr(masked, "_keras_logits")
    scaled = layers.Rescaling(2.0)(layers.Softmax()(x))
    assert not hasattr(scaled, "_keras_logits")


def frames_of(function, *args):
    """The names of the Python functions that a call calls."""
    names = []

    def note(frame, event, argument):
        del argument
        if event == "call":
            names.append(frame.f_code.co_qualname)

    previous = sys.getprofile()
    sys.setprofile(note)
    try:
        function(*args)
    finally:
        sys.setprofile(previous)
    return names


@pytest.mark.wrong_types
@pytest.mark.parametrize("activation", [None, "relu", "softmax"])
def test_a_call_of_dense_makes_few_python_calls(activation, monkeypatch):
    # Living layers of other tests may hold losses, which an outer call would look after.
    monkeypatch.setattr(_scopes.current, "holders", WeakSet())
    layer, x = layers.Dense(32, activation=activation), torch.randn(8, 16)
    layer(x)
    # torch.nn.Linear makes 6 with its activation apart, Keras 302 (STYLE 8).
    assert len(frames_of(layer, x)) <= 16


@pytest.mark.wrong_types
@pytest.mark.parametrize("name", ["Dropout", "BatchNormalization", "LayerNormalization"])
def test_a_call_of_the_usual_layers_makes_few_python_calls(name):
    layer = getattr(layers, name)(**({"rate": 0.5} if name == "Dropout" else {}))
    x = torch.randn(8, 16)
    layer(x)
    layer.train()
    assert len(frames_of(layer, x)) <= 30
