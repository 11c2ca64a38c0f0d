"""Initializers: values of Keras, moments and bounds of the distributions, seeds, names."""

import inspect

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import initializers
from profond.random import SeedGenerator
from profond.saving import custom_object_scope

keras = pytest.importorskip("keras")

SCALINGS = [
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
]
RANDOM = [*SCALINGS, "Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal"]
ALL = [*RANDOM, "Constant", "Identity", "Ones", "STFT", "VarianceScaling", "Zeros"]
SHAPES = st.lists(st.integers(1, 5), min_size=0, max_size=4).map(tuple)


@pytest.mark.parametrize("name", ALL)
def test_arguments_and_defaults_are_keras(name):
    ours = inspect.signature(getattr(initializers, name))
    theirs = inspect.signature(getattr(keras.initializers, name))
    assert list(ours.parameters) == list(theirs.parameters)
    for parameter in ours.parameters:
        assert ours.parameters[parameter].default == theirs.parameters[parameter].default


@given(shape=SHAPES, dtype=st.sampled_from(["float32", "float64", "int32"]))
@pytest.mark.parametrize(("name", "arguments"), [("Zeros", ()), ("Ones", ()), ("Constant", (3,))])
def test_constants_equal_keras(name, arguments, shape, dtype):
    ours = getattr(initializers, name)(*arguments)(shape, dtype=dtype)
    theirs = getattr(keras.initializers, name)(*arguments)(shape, dtype=dtype)
    assert ours.dtype == theirs.dtype
    assert torch.equal(ours, theirs)


def test_constant_broadcasts_an_array():
    values = initializers.Constant(np.array([1.0, 2.0]))((3, 2))
    assert torch.equal(values, torch.tensor([[1.0, 2.0]] * 3))
    values[0, 0] = 7  # rows do not share memory
    assert values[1, 0] == 1


@pytest.mark.parametrize(("value", "shape"), [([0.5], (1,)), (2.0, (3,)), ([[1.0]], (2, 1))])
def test_a_constant_lies_in_memory_as_other_weights_do(value, shape):
    made = initializers.Constant(value)(shape)
    assert made.stride() == torch.empty(shape).stride()


@given(rows=st.integers(1, 6), columns=st.integers(1, 6), gain=st.floats(-3, 3))
def test_identity_equals_keras(rows, columns, gain):
    ours = initializers.Identity(gain)((rows, columns), "float64")
    theirs = keras.initializers.Identity(gain)((rows, columns), "float64")
    assert torch.equal(ours, theirs)


@given(
    shape=st.lists(st.integers(1, 5), min_size=2, max_size=4).map(tuple),
    seed=st.integers(0, 2**31 - 1),
    dtype=st.sampled_from(["float32", "float64"]),
)
@pytest.mark.parametrize(
    "name",
    ["GlorotUniform", "HeUniform", "LecunUniform", "Orthogonal", "RandomNormal", "RandomUniform"],
)
def test_a_seed_gives_the_values_of_keras_on_torch(name, shape, seed, dtype):
    ours = getattr(initializers, name)(seed=seed)(shape, dtype)
    theirs = getattr(keras.initializers, name)(seed=seed)(shape, dtype)
    assert ours.dtype == theirs.dtype
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-7)


@given(
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple),
    scale=st.floats(0.1, 4),
    mode=st.sampled_from(["fan_in", "fan_out", "fan_avg"]),
    distribution=st.sampled_from(["uniform", "untruncated_normal"]),
    axes=st.sampled_from([None, ([0], [-1])]),
)
def test_variance_scaling_equals_keras(shape, scale, mode, distribution, axes):
    arguments = {"scale": scale, "mode": mode, "distribution": distribution, "seed": 5}
    if axes:
        arguments |= {"input_axes": axes[0], "output_axes": axes[1]}
    ours = initializers.VarianceScaling(**arguments)(shape, "float64")
    theirs = keras.initializers.VarianceScaling(**arguments)(shape, "float64")
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=0)


def moments(values):
    """Mean, standard deviation and largest magnitude."""
    return values.mean().item(), values.std().item(), values.abs().max().item()


@pytest.mark.parametrize(
    ("name", "variance", "bound"),
    [
        # fan_in = 3*3*20 = 180, fan_out = 3*3*60 = 540
        ("GlorotUniform", 2 / 720, (6 / 720) ** 0.5),
        ("GlorotNormal", 2 / 720, 2 * (2 / 720) ** 0.5 / 0.87962566),
        ("HeUniform", 2 / 180, (6 / 180) ** 0.5),
        ("HeNormal", 2 / 180, 2 * (2 / 180) ** 0.5 / 0.87962566),
        ("LecunUniform", 1 / 180, (3 / 180) ** 0.5),
        ("LecunNormal", 1 / 180, 2 * (1 / 180) ** 0.5 / 0.87962566),
    ],
)
def test_scaled_variance_and_bound(name, variance, bound):
    mean, deviation, largest = moments(getattr(initializers, name)(seed=1)((3, 3, 20, 60)))
    assert abs(mean) < 5 * (variance / 10800) ** 0.5
    assert deviation == pytest.approx(variance**0.5, rel=0.03)
    assert 0.97 * bound < largest <= bound * (1 + 1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_truncated_normal_moments_and_bounds(dtype):
    draw = initializers.TruncatedNormal(mean=1.0, stddev=0.5, seed=2)((400, 500), dtype)
    assert draw.dtype is getattr(torch, dtype)
    mean, deviation, _ = moments(draw.double())
    assert mean == pytest.approx(1.0, abs=0.005)
    # By scipy.stats.truncnorm(-2, 2).std().
    assert deviation == pytest.approx(0.5 * 0.8796256610342398, rel=0.005)
    assert 0.0 <= draw.min() < 0.01
    assert 1.99 < draw.max() <= 2.0


def test_truncated_normal_has_the_distribution_of_scipy():
    from scipy import stats

    draw = initializers.TruncatedNormal(stddev=1.0, seed=4)(20000, "float64").numpy()
    assert stats.kstest(draw, stats.truncnorm(-2, 2).cdf).pvalue > 0.01


def test_normal_and_uniform_moments():
    mean, deviation, _ = moments(initializers.RandomNormal(2.0, 0.3, seed=0)((300, 300)))
    assert (mean, deviation) == (pytest.approx(2, abs=0.01), pytest.approx(0.3, rel=0.01))
    draw = initializers.RandomUniform(-1, 3, seed=0)((300, 300))
    assert draw.mean().item() == pytest.approx(1, abs=0.03)
    assert -1 <= draw.min() < -0.99
    assert 2.99 < draw.max() < 3


@given(shape=st.lists(st.integers(1, 6), min_size=2, max_size=3).map(tuple))
def test_orthogonal_is_orthonormal(shape):
    matrix = initializers.Orthogonal(gain=2.0)(shape, "float64").reshape(-1, shape[-1])
    if matrix.shape[0] < matrix.shape[1]:
        matrix = matrix.T
    product = matrix.T @ matrix
    torch.testing.assert_close(product, 4 * torch.eye(len(product), dtype=torch.float64))


@given(
    side=st.sampled_from(["real", "imag"]), scaling=st.sampled_from([None, "density", "spectrum"])
)
@pytest.mark.parametrize("window", ["hann", "hamming", None])
@pytest.mark.parametrize("periodic", [False, True])
def test_stft_equals_keras(side, window, scaling, periodic):
    arguments = {"side": side, "window": window, "scaling": scaling, "periodic": periodic}
    ours = initializers.STFT(**arguments)((16, 1, 9), "float64")
    theirs = keras.initializers.STFT(**arguments)((16, 1, 9), "float64")
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


def test_stft_takes_an_array_of_weights():
    ours = initializers.STFT(window=np.arange(4.0), scaling=None)((4, 1, 3), "float64")
    assert torch.equal(ours[:, 0, 0], torch.arange(4.0, dtype=torch.float64))


@pytest.mark.parametrize("name", RANDOM)
def test_seeds(name):
    cls = getattr(initializers, name)
    seeded = cls(seed=7)
    assert torch.equal(seeded((4, 3)), seeded((4, 3)))
    assert not torch.equal(seeded((4, 3)), cls(seed=8)((4, 3)))

    before = torch.get_rng_state()
    seeded((4, 3))
    assert torch.equal(before, torch.get_rng_state())

    drawing = cls(seed=SeedGenerator(7))
    first, second = drawing((4, 3)), drawing((4, 3))
    assert torch.equal(first, seeded((4, 3)))
    assert not torch.equal(first, second)

    again = initializers.deserialize(initializers.serialize(drawing))
    assert torch.equal(first, again((4, 3)))

    free = cls()
    torch.manual_seed(1)
    first = free((4, 3))
    assert not torch.equal(first, free((4, 3)))
    torch.manual_seed(1)
    assert torch.equal(first, cls()((4, 3)))


@pytest.mark.parametrize("name", ALL)
def test_config_round_trip(name):
    cls = getattr(initializers, name)
    if name == "Identity" or name == "STFT":
        arguments, shape = {}, (4, 4) if name == "Identity" else (4, 1, 3)
    else:
        arguments, shape = ({"seed": 3} if name in [*RANDOM, "VarianceScaling"] else {}), (4, 3)
    original = cls(**arguments)
    config = initializers.serialize(original)
    assert config["module"] == "keras.initializers"
    assert config["class_name"] == name
    again = initializers.deserialize(config)
    assert type(again) is cls
    assert again.get_config() == original.get_config()
    assert torch.equal(again(shape), original(shape))
    assert torch.equal(original.clone()(shape), original(shape))


def test_config_of_constant_keeps_an_array():
    values = np.array([1.0, 2.0])
    again = initializers.deserialize(initializers.serialize(initializers.Constant(values)))
    assert torch.equal(again((2,)), torch.tensor([1.0, 2.0]))


@pytest.mark.parametrize("name", ALL)
def test_keras_config_is_understood(name):
    theirs = keras.initializers.serialize(getattr(keras.initializers, name)())
    ours = initializers.deserialize(theirs)
    assert type(ours).__name__ == name
    config = initializers.serialize(ours)["config"]
    # Keras's Identity forgets its gain.
    assert {key: config[key] for key in theirs["config"]} == theirs["config"]


def test_names():
    from keras.src.initializers import ALL_OBJECTS_DICT

    for name, theirs in ALL_OBJECTS_DICT.items():
        if theirs is not keras.initializers.Initializer:
            assert type(initializers.get(name)).__name__ == theirs.__name__


def test_get():
    assert initializers.get(None) is None
    ones = initializers.Ones()
    assert initializers.get(ones) is ones
    assert type(initializers.get(initializers.Ones)) is initializers.Ones

    def halves(shape, dtype=None):
        return torch.full(shape, 0.5)

    assert initializers.get(halves) is halves
    config = {"class_name": "RandomNormal", "config": {"stddev": 2.0}}
    assert initializers.get(config).stddev == 2.0
    with custom_object_scope({"halves": halves}):
        assert initializers.get("halves") is halves


def test_get_values():
    values = np.array([[1.0, 2.0]])
    init = initializers.get(values)
    assert torch.equal(init((1, 2), "float32"), torch.tensor([[1.0, 2.0]]))
    init((1, 2), "float64")[:] = 0
    assert values[0, 0] == 1
    with pytest.raises(ValueError, match=r"have shape \(1, 2\); the weight needs shape \(2, 1\)"):
        init((2, 1))


def test_own_initializer():
    class Alternating(initializers.Initializer):
        def __init__(self, size):
            self.size = size

        def __call__(self, shape, dtype=None):
            values = torch.full(shape, self.size, dtype=dtype)
            values[1::2] *= -1
            return values

        def get_config(self):
            return {"size": self.size}

    config = initializers.serialize(Alternating(2.0))
    again = initializers.deserialize(config, custom_objects={"Alternating": Alternating})
    assert again((3,)).tolist() == [2, -2, 2]
    with pytest.raises(NotImplementedError, match="Initializer must override `__call__"):
        initializers.Initializer()((1,))


def test_meta_device_and_floatx():
    with torch.device("meta"):
        assert initializers.GlorotUniform(seed=1)((3, 4)).is_meta
        assert initializers.TruncatedNormal()((3, 4)).is_meta
    assert initializers.GlorotUniform()((3, 4)).dtype is torch.float32


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: initializers.get("glorot_unform"),
            "Unknown initializer: 'glorot_unform'. Did you",
        ),
        (
            lambda: initializers.get(3.0),
            "initializer must be a name, .* received 3.0 of type float",
        ),
        (lambda: initializers.RandomNormal(seed="a"), "`seed` must be an int, .* received 'a'"),
        (lambda: initializers.VarianceScaling(scale=0), "`scale` must be > 0; received scale=0"),
        (lambda: initializers.VarianceScaling(mode="in"), "`mode` must be one of fan_in"),
        (
            lambda: initializers.VarianceScaling(distribution="cauchy"),
            "`distribution` must be one of normal, uniform, .*received 'cauchy'",
        ),
        (lambda: initializers.Orthogonal()((3,)), r"at least 2 sizes; received shape=\(3,\)"),
        (lambda: initializers.Identity()((3,)), r"must have 2 sizes; received shape=\(3,\)"),
        (lambda: initializers.Zeros()((None, 3)), r"known sizes >= 0; received shape=\(None, 3\)"),
        (lambda: initializers.STFT("both"), "`side` must be 'real' or 'imag'; received 'both'"),
        (lambda: initializers.STFT(scaling="l3"), "`scaling` must be 'density'"),
        (lambda: initializers.STFT()((4, 3)), r"`shape` must be \(length, 1, bins\)"),
        (
            lambda: initializers.STFT(window=np.ones(3))((4, 1, 3)),
            r"`window` must have 4 values, .*received shape \(3,\)",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()
