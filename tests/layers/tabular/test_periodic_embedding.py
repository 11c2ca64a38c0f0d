"""Waves of learned frequencies, by the papers' equations written with loops."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers
from profond.layers.tabular._cos_sin import cos_sin

REALMLP = {"activation": None, "frequencies": 5, "frequency_scale": 0.1, "use_phase": True,
           "densenet": True}  # fmt: skip


def by_loops(layer, x):
    """The equations for one sample, number by number."""
    weights = {w.name: w.numpy() for w in layer.weights}
    vectors = []
    for f, number in enumerate(x):
        turns = [2 * math.pi * c * number for c in weights["frequency"][f]]
        if layer.use_phase:
            waves = [math.cos(a + p) for a, p in zip(turns, weights["phase"][f], strict=True)]
        else:
            waves = [math.cos(a) for a in turns] + [math.sin(a) for a in turns]
        kernel = weights["kernel"] if layer.lite else weights["kernel"][f]
        bias = weights["bias"] if layer.lite else weights["bias"][f]
        sums = [
            sum(z * kernel[i, u] for i, z in enumerate(waves)) + bias[u] for u in range(len(bias))
        ]
        out = [max(s, 0.0) if layer.activation is profond.activations.relu else s for s in sums]
        vectors.append(out + [number] if layer.densenet else out)
    return vectors


@given(
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    units=st.integers(2, 4),
    frequencies=st.integers(1, 5),
    activation=st.sampled_from([None, "relu"]),
    switches=st.fixed_dictionaries(
        {name: st.booleans() for name in ("use_phase", "densenet", "lite")}
    ),
    seed=st.integers(0, 99),
)
def test_vectors_are_those_of_the_equations(shape, units, frequencies, activation, switches, seed):
    x = np.random.default_rng(seed).normal(size=(2, *shape))
    layer = layers.PeriodicEmbedding(
        units, activation, frequencies=frequencies, frequency_scale=1.5, dtype="float64", **switches
    )
    y = layer(x)
    assert tuple(y.shape) == (*x.shape, units)
    assert y.is_contiguous()
    expected = [by_loops(layer, row) for row in x.reshape(-1, shape[-1])]
    np.testing.assert_allclose(y.detach().reshape(-1, shape[-1], units), expected, atol=1e-12)


def test_weights_begin_as_in_the_papers():
    layer = layers.PeriodicEmbedding(9, **{**REALMLP, "frequencies": 64, "frequency_scale": 0.3})
    layer.build((None, 50))
    assert layer.frequency.shape == layer.phase.shape == (50, 64)
    assert layer.kernel.shape == (50, 64, 8)
    assert layer.bias.shape == (50, 8)
    assert layer.frequency.std().item() == pytest.approx(0.3, rel=0.03)
    assert layer.frequency.mean().item() == pytest.approx(0, abs=0.02)
    for weight, limit in ((layer.phase, math.pi), (layer.kernel, 1 / 8), (layer.bias, 1 / 8)):
        assert weight.abs().max().item() == pytest.approx(limit, rel=0.02)
        assert weight.abs().max().item() <= limit
        assert weight.std().item() == pytest.approx(limit / math.sqrt(3), rel=0.06)
    shared = layers.PeriodicEmbedding(8, lite=True, frequencies=50)
    shared.build((None, 3))
    assert shared.frequency.shape == (3, 50)
    assert shared.kernel.shape == (100, 8)
    assert shared.bias.shape == (8,)
    assert 0.09 < shared.kernel.abs().max().item() <= 0.1
    assert shared.count_params() == 3 * 50 + 100 * 8 + 8


@pytest.mark.parametrize(("lite", "shape"), [(False, (40, 10, 30)), (True, (10, 30))])
def test_an_initializer_counts_the_inputs_of_one_neuron(lite, shape):
    layer = layers.PeriodicEmbedding(
        30, frequencies=5, lite=lite, kernel_initializer="glorot_uniform", bias_initializer="zeros"
    )
    layer.build((None, 40))
    assert layer.kernel.shape == shape
    assert layer.kernel.abs().max().item() == pytest.approx((6 / 40) ** 0.5, rel=0.02)
    assert layer.bias.abs().max().item() == 0


def test_whole_frequencies_have_the_period_one():
    layer = layers.PeriodicEmbedding(3, frequencies=4, dtype="float64")
    x = torch.randn(5, 2, dtype=torch.float64)
    layer(x)
    layer.frequency.assign(torch.tensor([[1.0, 2.0, 3.0, 4.0], [0.0, 5.0, 6.0, 1.0]]))
    torch.testing.assert_close(layer(x + 3), layer(x))
    assert not torch.allclose(layer(x + 0.3), layer(x))


def test_densenet_passes_the_number_on_as_it_is():
    layer = layers.PeriodicEmbedding(3, "relu", densenet=True)
    x = torch.randn(5, 2)
    y = layer(x)
    assert torch.equal(y[..., -1], x)
    assert bool((y[..., :-1] >= 0).all())
    assert layer.kernel.shape == (2, 96, 2)


def test_gradients_are_those_of_finite_differences():
    x = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    for arguments in ({"activation": "tanh", "frequencies": 2}, REALMLP):
        layer = layers.PeriodicEmbedding(2, dtype="float64", **arguments)
        layer(x)
        layer.frequency.assign(torch.randn(layer.frequency.shape))
        names = [name for name, _ in layer.named_parameters()]

        def function(x, *values, layer=layer, names=names):
            return torch.func.functional_call(layer, dict(zip(names, values, strict=True)), (x,))

        learned = [w.detach().clone().requires_grad_() for w in layer.parameters()]
        assert torch.autograd.gradcheck(function, (x, *learned))
        assert torch.autograd.gradgradcheck(function, (x, *learned))


def test_cosine_and_sine_are_differentiated_and_vectorized_as_torchs_own():
    a = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.equal(cos_sin(a), torch.cat([a.cos(), a.sin()], 1))
    assert torch.autograd.gradcheck(cos_sin, a)
    assert torch.autograd.gradgradcheck(cos_sin, a)
    batched = torch.randn(5, 2, 3, 4, dtype=torch.float64)
    expected = torch.stack([cos_sin(one) for one in batched])
    torch.testing.assert_close(torch.vmap(cos_sin)(batched), expected)
    gradient = torch.vmap(torch.func.grad(lambda one: cos_sin(one).prod()))(batched)
    plain = torch.func.grad(lambda one: torch.cat([one.cos(), one.sin()], 1).prod())
    torch.testing.assert_close(gradient, torch.vmap(plain)(batched))


@pytest.mark.parametrize("use_phase", [True, False])
def test_half_precision_does_not_lose_the_angle(use_phase):
    x = torch.tensor([[1000.3], [1000.7]])  # the same number in bfloat16
    arguments = {"frequency_scale": 1.0, "use_phase": use_phase, "activation": None}
    half = layers.PeriodicEmbedding(3, dtype="mixed_bfloat16", **arguments)
    full = layers.PeriodicEmbedding(3, **arguments)
    y = half(x)
    full(x)
    full.set_weights(half.get_weights())
    assert y.dtype is torch.bfloat16
    torch.testing.assert_close(y.float(), full(x), atol=0.03, rtol=0)
    assert half.frequency.dtype is torch.float32


def test_converted_by_torch_it_computes_in_that_type():
    layer = layers.PeriodicEmbedding(3)
    x = torch.randn(4, 2)
    y = layer(x)
    assert layer.double()(x.double()).dtype is torch.float64
    torch.testing.assert_close(layer(x.double()).float(), y)


def test_a_softmax_over_the_neurons():
    x = torch.randn(4, 3)
    y = layers.PeriodicEmbedding(5, "softmax", densenet=True)(x)
    torch.testing.assert_close(y[..., :-1].sum(-1), torch.ones(4, 3))
    torch.testing.assert_close(layers.PeriodicEmbedding(5, "softmax")(x).sum(-1), torch.ones(4, 3))


def test_a_wave_is_learned_that_a_linear_layer_cannot_follow():
    x = np.random.default_rng(0).uniform(-1, 1, (256, 1))
    y = np.sin(9 * x)

    def loss_of(*stack):
        model = profond.Sequential([profond.Input((1,)), *stack, layers.Dense(1)])
        model.compile(profond.optimizers.Adam(0.02), "mse")
        return model.fit(x, y, epochs=40, batch_size=64, verbose=0).history["loss"][-1]

    waves = layers.PeriodicEmbedding(8, None, frequencies=16, frequency_scale=1.0)
    assert loss_of(waves, layers.Flatten()) < 0.01
    assert loss_of(layers.Dense(8)) > 0.3


def test_penalties_are_on_their_weights():
    penalty = profond.regularizers.L2(0.5)
    layer = layers.PeriodicEmbedding(2, kernel_regularizer=penalty, bias_regularizer=penalty)
    layer(torch.zeros(1, 3))
    expected = [0.5 * w.square().sum() for w in (layer.kernel, layer.bias)]
    torch.testing.assert_close(sum(layer.losses), sum(expected))


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.PeriodicEmbedding(0), "`units` must be a positive integer; .*units=0"),
        (
            lambda: layers.PeriodicEmbedding(1, densenet=True),
            "`units` must be at least 2 with `densenet`.*received units=1",
        ),
        (
            lambda: layers.PeriodicEmbedding(2, frequencies=1.5),
            r"`frequencies` must be a positive integer; received frequencies=1\.5",
        ),
        (
            lambda: layers.PeriodicEmbedding(2, frequency_scale=0),
            "`frequency_scale` must be a number > 0; received frequency_scale=0",
        ),
        (
            lambda: layers.PeriodicEmbedding(2, frequency_scale="a"),
            "`frequency_scale` must be a number > 0; received frequency_scale='a'",
        ),
        (
            lambda: layers.PeriodicEmbedding(2, name="n")(profond.Input((None,))),
            "the layer 'n' needs the size of axis 1 to make its weights",
        ),
        (
            lambda: layers.PeriodicEmbedding(2, name="n")(torch.ones(3)),
            r"the input of the layer 'n' must have at least 2 axes; received shape \(3,\)",
        ),
        (
            lambda: [e := layers.PeriodicEmbedding(2, name="n"), e(torch.ones(1, 3)), e(
                torch.ones(1, 4))],
            r"the layer 'n' must have .*size 3 on axis -1; received shape \(1, 4\)",
        ),
    ],
)  # fmt: skip
def test_wrong_arguments_and_inputs(call, message):
    with pytest.raises(ValueError, match=message):
        call()
