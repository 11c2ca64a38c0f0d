"""Noise and dropout: the numbers of Keras for a seed, and the distribution without one."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers

RANDOM = {
    "Dropout": {"rate": st.floats(0, 1), "noise_shape": st.sampled_from([None, (None, 1, None)])},
    "SpatialDropout1D": {"rate": st.floats(0, 1)},
    "AlphaDropout": {
        "rate": st.floats(0, 0.9),
        "noise_shape": st.sampled_from([None, (None, 1, None), (1, 3, 1)]),
    },
    "GaussianNoise": {"stddev": st.floats(0, 1)},
    "GaussianDropout": {"rate": st.floats(0, 0.9)},
}


@pytest.mark.parametrize("name", RANDOM)
@given(data=st.data(), seed=st.integers(0, 2**31 - 2))
def test_a_seed_gives_the_numbers_of_keras(name, data, seed, keras64):
    arguments = data.draw(st.fixed_dictionaries(RANDOM[name]))
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    made = [
        getattr(library.layers, name)(**arguments, seed=seed, dtype="float64")
        for library in (profond, keras64)
    ]
    for _ in range(2):  # the second call goes on with the sequence
        have, want = (layer(x, training=True) for layer in made)
        torch.testing.assert_close(have, want, rtol=1e-12, atol=1e-12)


def test_a_seed_gives_the_numbers_of_keras_for_images(keras64):
    x = np.ones((2, 3, 4, 5))
    have, want = (
        library.layers.SpatialDropout2D(0.4, seed=7, dtype="float64")(x, training=True)
        for library in (profond, keras64)
    )
    torch.testing.assert_close(have, want)


@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize("name", RANDOM)
def test_the_set_seed_or_the_own_one_repeats_the_numbers(name, seed):
    def numbers():
        profond.utils.set_random_seed(1)
        layer = getattr(layers, name)(0.4, seed=seed)
        return [layer(torch.ones(2, 3, 4), training=True) for _ in range(2)]

    first, second = numbers(), numbers()
    assert torch.equal(first[0], second[0])
    assert torch.equal(first[1], second[1])
    assert not torch.equal(first[0], first[1])


@pytest.mark.parametrize("seed", [None, 5])
def test_dropout_keeps_the_mean_and_drops_at_its_rate(seed):
    y = layers.Dropout(0.3, seed=seed)(torch.ones(100_000), training=True)
    assert y.unique().tolist() == pytest.approx([0.0, 1 / 0.7])
    assert (y == 0).float().mean().item() == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("seed", [None, 5])
def test_alpha_dropout_keeps_mean_and_variance(seed):
    x = torch.randn(200_000)
    y = layers.AlphaDropout(0.4, seed=seed)(x, training=True)
    assert y.mean().item() == pytest.approx(0, abs=0.02)
    assert y.var().item() == pytest.approx(1, abs=0.03)
    # Klambauer et al. 2017, section 3: alpha' = -1.7581, a and b of their equations.
    q, limit = 0.6, -1.7580993408473766
    a = (q + limit**2 * q * (1 - q)) ** -0.5
    b = -a * (1 - q) * limit
    dropped = torch.isclose(y, torch.tensor(a * limit + b))
    assert dropped.float().mean().item() == pytest.approx(0.4, abs=0.01)
    torch.testing.assert_close(y[~dropped], a * x[~dropped] + b)


@pytest.mark.parametrize("seed", [None, 5])
def test_gaussian_layers_have_the_variance_they_say(seed):
    x = torch.full((200_000,), 3.0)
    noise = layers.GaussianNoise(2.5, seed=seed)(x, training=True) - x
    assert noise.mean().item() == pytest.approx(0, abs=0.05)
    assert noise.std().item() == pytest.approx(2.5, rel=0.02)
    factor = layers.GaussianDropout(0.2, seed=seed)(x, training=True) / x
    assert factor.mean().item() == pytest.approx(1, abs=0.01)
    assert factor.var().item() == pytest.approx(0.25, rel=0.02)


@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize("name", ["SpatialDropout1D", "SpatialDropout2D"])
def test_spatial_dropout_drops_whole_channels(name, seed):
    shape = (8, 5, 6) if name == "SpatialDropout1D" else (8, 3, 4, 6)
    y = getattr(layers, name)(0.5, seed=seed)(torch.ones(shape), training=True)
    y = y.reshape(8, -1, 6)
    assert torch.equal(y, y[:, :1].expand_as(y))
    assert set(y.unique().tolist()) == {0.0, 2.0}


def test_noise_shape_says_what_is_dropped_together():
    y = layers.Dropout(0.5, noise_shape=(None, 1, None))(torch.ones(8, 5, 6), training=True)
    assert torch.equal(y, y[:, :1].expand_as(y))
    assert len(y[:, 0].unique()) == 2
    y = layers.AlphaDropout(0.5, noise_shape=(1, 5, 1))(torch.ones(8, 5, 6), training=True)
    assert torch.equal(y, y[:1, :, :1].expand_as(y))


def test_noise_differs_at_each_step_and_is_off_at_rate_zero():
    x = torch.ones(50)
    layer = layers.Dropout(0.5)
    assert not torch.equal(layer(x, training=True), layer(x, training=True))
    for off in (layers.Dropout(0), layers.GaussianNoise(0.0), layers.AlphaDropout(0.0),
                layers.GaussianDropout(0)):  # fmt: skip
        assert torch.equal(off(x, training=True), x)
    assert torch.equal(layers.Dropout(1.0)(x, training=True), torch.zeros(50))


@given(l1=st.floats(0, 2), l2=st.floats(0, 2), seed=st.integers(0, 99))
def test_the_penalty_on_the_activity_is_that_of_keras(l1, l2, seed):
    keras = pytest.importorskip("keras")
    x = np.random.default_rng(seed).normal(size=(3, 4)).astype("float32")
    values = []
    for library in (profond, keras):
        layer = library.layers.ActivityRegularization(l1=l1, l2=l2)
        layer(x)
        values.append(sum(float(loss) for loss in layer.losses))
    expected = (l1 * np.abs(x).sum() + l2 * np.square(x).sum()) / 3
    assert values == pytest.approx([expected, expected], rel=1e-4, abs=1e-6)


def test_any_layer_takes_a_penalty_on_its_output():
    layer = layers.Dense(2, activity_regularizer="l2", kernel_initializer="ones")
    y = layer(torch.ones(4, 3))
    (loss,) = layer.losses
    assert loss.item() == pytest.approx(0.01 * y.detach().square().sum().item() / 4)


@pytest.mark.wrong_types
@pytest.mark.parametrize("name", ["Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D"])
@pytest.mark.parametrize("rate", [-0.1, 1.5, "0.5", None, True])
def test_a_wrong_rate_is_refused(name, rate):
    with pytest.raises(
        ValueError, match=f"`rate` must be a number from 0 to 1; received rate={rate!r}"
    ):
        getattr(layers, name)(rate)


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.GaussianNoise(-1), "`stddev` must be a number >= 0; received stddev=-1"),
        (lambda: layers.GaussianDropout(1.0), "`rate` must be below 1, where the variance"),
        (lambda: layers.AlphaDropout(1.0), "`rate` must be below 1, since with no value left"),
        (lambda: layers.Dropout(0.5, seed="a"), "`seed` must be an int or None; received 'a'"),
        (lambda: layers.Dropout(0.5, noise_shape=3), "`noise_shape` must be a tuple of positive"),
        (lambda: layers.Dropout(0.5, noise_shape="ab"), "`noise_shape` must be a tuple of"),
        (lambda: layers.Dropout(0.5, noise_shape=(1, 0)), "`noise_shape` must hold positive"),
        (lambda: layers.SpatialDropout2D(0.5, "channels_first"), "`data_format` must be None or"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("name", ["Dropout", "AlphaDropout"])
@pytest.mark.parametrize("noise_shape", [(None, 2), (1, 2, 3), (1,)])
def test_noise_of_another_shape_is_refused(name, noise_shape):
    layer = getattr(layers, name)(0.5, noise_shape=noise_shape, name="d")
    with pytest.raises(ValueError, match=r"`noise_shape` of the layer 'd' must .* \(4, 3\)"):
        layer(torch.ones(4, 3), training=True)
