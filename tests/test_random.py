"""Random numbers: those of Keras on torch for a seed, the right moments, and sequences resumed."""

import math
import random as python_random

import numpy as np
import pytest
import torch

from profond import config, random
from profond._symbolic import KerasTensor
from profond.random import SeedGenerator
from profond.saving import deserialize_keras_object, serialize_keras_object
from profond.utils import set_random_seed

keras = pytest.importorskip("keras")

DRAWS = {
    "normal": ((5000,), {"mean": 2.0, "stddev": 3.0}, 2.0, 9.0),
    "uniform": ((5000,), {"minval": -1.0, "maxval": 3.0}, 1.0, 16 / 12),
    "randint": ((5000,), {"minval": -2, "maxval": 5}, 1.0, 4.0),
    "truncated_normal": ((5000,), {"mean": 1.0, "stddev": 2.0}, 1.0, (2 * 0.8796) ** 2),
    "gamma": ((5000,), {"alpha": 2.5}, 2.5, 2.5),
    "beta": ((5000,), {"alpha": 2.0, "beta": 3.0}, 0.4, 0.04),
    "binomial": ((5000,), {"counts": 10, "probabilities": 0.3}, 3.0, 2.1),
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("seed", [None, 7])
def test_mean_and_variance(name, seed):
    shape, options, mean, variance = DRAWS[name]
    x = getattr(random, name)(shape, **options, seed=seed).double()
    assert x.shape == shape
    standard_error = (variance / 5000) ** 0.5
    assert abs(float(x.mean()) - mean) < 4.5 * standard_error
    assert float(x.var()) == pytest.approx(variance, rel=0.15)


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("seed", [0, 1337, 2**32 - 1, -5, 2**40 + 3])
def test_numbers_of_keras_for_a_seed(name, seed):
    _, options, *_ = DRAWS[name]
    ours = getattr(random, name)((4, 3), **options, seed=seed)
    theirs = getattr(keras.random, name)((4, 3), **options, seed=seed)
    assert ours.dtype is theirs.dtype
    # Its beta distribution is drawn another way.
    if name != "beta":
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


def test_sequences_of_keras_for_a_seed_generator():
    ours, theirs = SeedGenerator(1337), keras.random.SeedGenerator(1337)
    for _ in range(3):
        assert torch.equal(random.normal((3,), seed=ours), keras.random.normal((3,), seed=theirs))
    x = np.arange(24.0).reshape(2, 3, 4)
    torch.testing.assert_close(
        random.dropout(x, 0.4, seed=ours), keras.random.dropout(torch.tensor(x), 0.4, seed=theirs)
    )
    for axis in (0, 1, 2):
        torch.testing.assert_close(
            random.shuffle(x, axis, seed=ours), keras.random.shuffle(x, axis, seed=theirs)
        )
    logits = np.log([[0.2, 0.8], [0.5, 0.5]])
    torch.testing.assert_close(
        random.categorical(logits, 9, seed=ours), keras.random.categorical(logits, 9, seed=theirs)
    )


@pytest.mark.parametrize("name", DRAWS)
def test_three_kinds_of_seed(name):
    shape, options, *_ = DRAWS[name]

    def draw(seed=None):
        return getattr(random, name)(shape, **options, seed=seed)

    assert torch.equal(draw(3), draw(3))
    assert not torch.equal(draw(3), draw(4))
    generator = SeedGenerator(3)
    first, second = draw(generator), draw(generator)
    assert torch.equal(first, draw(3))
    assert not torch.equal(first, second)
    again = SeedGenerator(3)
    assert torch.equal(first, draw(again))
    assert torch.equal(second, draw(again))
    torch.manual_seed(0)
    from_global = draw()
    assert not torch.equal(from_global, draw())
    torch.manual_seed(0)
    assert torch.equal(from_global, draw())


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_leaves_the_global_generator_alone(name):
    shape, options, *_ = DRAWS[name]
    before = torch.get_rng_state()
    getattr(random, name)(shape, **options, seed=3)
    assert torch.equal(before, torch.get_rng_state())


def test_a_sequence_is_resumed_exactly():
    generator = SeedGenerator(11)
    for _ in range(5):
        random.uniform((2,), seed=generator)
    kept = generator.state
    rest = [random.uniform((2,), seed=generator) for _ in range(3)]
    other = SeedGenerator()
    other.state = kept
    for expected in rest:
        assert torch.equal(random.uniform((2,), seed=other), expected)
    other.state = kept.tolist()
    assert torch.equal(random.uniform((2,), seed=other), rest[0])
    with pytest.raises(ValueError, match="`state` must be two integers.*received"):
        other.state = [1, -2]


def test_next_gives_the_state_and_counts():
    generator = SeedGenerator(5)
    assert generator.next().tolist() == [5, 0]
    assert generator.next(ordered=False).tolist() == [5, 1]
    assert generator.state.tolist() == [5, 2]
    assert generator.next_seed() == 7


def test_a_generator_without_seed_starts_where_python_says():
    set_random_seed(1)
    first = SeedGenerator().state
    set_random_seed(1)
    assert torch.equal(SeedGenerator().state, first)
    before = torch.get_rng_state()
    SeedGenerator()
    assert torch.equal(before, torch.get_rng_state())
    assert python_random.random() is not None


def test_seed_generators_are_saved_and_named():
    again = deserialize_keras_object(serialize_keras_object(SeedGenerator(9, name="noise")))
    assert isinstance(again, SeedGenerator)
    assert (again.state.tolist(), again.name) == ([9, 0], "noise")
    assert SeedGenerator(np.int64(4)).get_config()["seed"] == 4
    with pytest.raises(ValueError, match="`seed` must be an int or None; received '3'"):
        SeedGenerator("3")  # type: ignore[arg-type]


@pytest.mark.wrong_types
def test_what_is_no_seed_is_refused():
    with pytest.raises(ValueError, match="`seed` must be an int, a `random.SeedGenerator` or None"):
        random.normal((2,), seed="3")  # type: ignore[arg-type]


def test_types():
    assert random.normal((2,), dtype="float64").dtype is torch.float64
    assert random.randint((2,), 0, 5).dtype is torch.int32
    assert random.randint((2,), 0, 5, dtype="uint8").dtype is torch.uint8
    assert random.categorical([[0.0, 0.0]], 3, dtype="int64").dtype is torch.int64
    assert random.uniform(3).shape == (3,)
    assert random.uniform(()).shape == ()
    config.set_floatx("float64")
    try:
        for name, (_, options, *_) in DRAWS.items():
            expected = torch.int32 if name == "randint" else torch.float64
            assert getattr(random, name)((2,), **options).dtype is expected
    finally:
        config.set_floatx("float32")
    with pytest.raises(ValueError, match="`dtype` must be a float type.*received 'int32'"):
        random.normal((2,), dtype="int32")
    with pytest.raises(ValueError, match="`dtype` must be an integer type.*received 'float32'"):
        random.randint((2,), 0, 5, dtype="float32")


def test_ranges_and_bounds():
    x = random.uniform((1000,), -2.0, 3.0, seed=0)
    assert float(x.min()) >= -2.0
    assert float(x.max()) < 3.0
    assert set(random.randint((300,), 2, 5, seed=0).tolist()) == {2, 3, 4}
    x = random.truncated_normal((100_000,), 1.0, 0.5, seed=0)
    assert float(x.min()) >= 0.0
    assert float(x.max()) <= 2.0
    with pytest.raises(ValueError, match="`maxval` must be above `minval`; received minval=3"):
        random.randint((2,), 3, 3)


def test_truncated_normal_where_four_draws_are_outside(monkeypatch):
    monkeypatch.setattr(random, "normal", lambda *_: torch.tensor([[3.0, -4.0, 5.0, 6.0]]))
    assert random.truncated_normal((1,), 1.0, 0.5).tolist() == [2.0]


def test_categorical_follows_the_probabilities():
    p = torch.tensor([[0.1, 0.2, 0.7], [0.8, 0.1, 0.1]])
    drawn = random.categorical(p.log(), 4000, seed=1)
    assert drawn.shape == (2, 4000)
    shares = torch.stack([(drawn == k).double().mean(1) for k in range(3)], 1)
    torch.testing.assert_close(shares, p.double(), rtol=0, atol=0.04)
    with pytest.raises(
        ValueError, match=r"`logits` must have the shape \(batch, classes\).*\(2,\)"
    ):
        random.categorical([0.0, 1.0], 3)


@pytest.mark.parametrize("seed", [None, 3, SeedGenerator(3), SeedGenerator()])
def test_dropout_keeps_the_mean(seed):
    x = torch.ones(200, 100)
    y = random.dropout(x, 0.3, seed=seed)
    assert set(y.unique().tolist()) == {0.0, float(torch.tensor(1.0) / 0.7)}
    assert float(y.mean()) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("seed", [None, 3])
def test_dropout_of_whole_rows_and_its_bounds(seed):
    x = torch.ones(50, 4, 3)
    for noise_shape in ((50, 1, 3), (None, 1, None)):
        y = random.dropout(x, 0.5, noise_shape=noise_shape, seed=seed)
        assert torch.equal(y, y[:, :1].expand_as(y))
        assert 0 < float((y == 0).double().mean()) < 1
    assert torch.equal(random.dropout(x, 0.0), x)
    assert random.dropout(x, 1.0).sum() == 0
    with pytest.raises(ValueError, match=r"`rate` must be in \[0, 1\]; received rate=1.5"):
        random.dropout(x, 1.5)


@pytest.mark.parametrize("rate", [0.001, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(2_000_001,), (1000, 2000)])
def test_places_are_dropped_at_the_rate_and_independently(shape, rate):
    kept = (random.dropout(torch.ones(shape), rate) != 0).double().flatten()
    deviation = math.sqrt(rate * (1 - rate) / len(kept))
    assert abs(1 - kept.mean().item() - rate) < 5 * deviation
    noise = kept - (1 - rate)
    for distance in (1, 2, 3, 2000):
        together = (noise[distance:] * noise[:-distance]).mean().item()
        assert abs(together) < 5 * rate * (1 - rate) / math.sqrt(len(kept))


def test_dropout_passes_the_gradient_of_what_it_keeps():
    x = torch.ones(100, requires_grad=True)
    y = random.dropout(x, 0.5, seed=0)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())


def test_shuffle_moves_rows_whole():
    x = torch.arange(60).reshape(20, 3)
    y = random.shuffle(x, seed=2)
    assert not torch.equal(x, y)
    assert torch.equal(y[:, 0].sort().values, x[:, 0])
    assert torch.equal(y[:, 1] - y[:, 0], torch.ones(20, dtype=torch.int64))
    assert torch.equal(random.shuffle(x, -2, seed=2), y)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random.gamma((2,), 0.0), "`alpha` must be positive; received 0.0"),
        (lambda: random.beta((2,), 1.0, -1.0), "`beta` must be positive; received -1.0"),
        (lambda: random.binomial((2,), -1, 0.5), "`counts` must be >= 0; received -1"),
        (
            lambda: random.binomial((2,), 3, 1.5),
            r"`probabilities` must be in \[0, 1\]; received 1.5",
        ),
    ],
)
def test_parameters_out_of_range(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_parameters_broadcast():
    x = random.gamma((3, 2), [1.0, 100.0], seed=0)
    assert (x[:, 1] > x[:, 0]).all()
    assert random.binomial((3, 2), [0, 5], 1.0).tolist() == [[0.0, 5.0]] * 3
    assert random.beta((2, 2), [[1.0], [2.0]], 3.0).shape == (2, 2)


def test_on_symbolic_tensors():
    x = KerasTensor((None, 4))
    generator = SeedGenerator(1)
    assert random.dropout(x, 0.5, seed=generator).shape == (None, 4)
    assert random.shuffle(x, seed=3).shape == (None, 4)
    assert random.categorical(x, 5).shape == (None, 5)
    assert generator.state.tolist() == [1, 0]
    with torch.device("meta"):
        assert random.normal((2,), seed=generator).is_meta
        assert random.gamma((2,), 2.0, seed=generator).is_meta
        assert random.binomial((2,), 2, 0.5, seed=generator).is_meta
    assert generator.state.tolist() == [1, 0]


def test_names_and_arguments_are_those_of_keras():
    import inspect

    for name in random.__all__:
        if name == "SeedGenerator":
            continue
        ours, theirs = (
            [(p.name, p.default) for p in inspect.signature(getattr(m, name)).parameters.values()]
            for m in (random, keras.random)
        )
        assert ours == theirs, name
    assert {n for n in dir(keras.random) if not n.startswith("_")} == set(random.__all__)
