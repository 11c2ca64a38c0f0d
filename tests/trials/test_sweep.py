"""The learning-rate range test: what it finds, what it leaves as it was."""

import math

import numpy as np
import pandas as pd
import pytest

from profond import Sequential
from profond.layers import Dense, Input
from profond.trials import sweep_experiment, sweep_learning_rate, sweep_trainings
from profond.trials._sweep import _read, valley
from tests.experiment.helpers import make_table

X = np.random.default_rng(0).normal(size=(200, 3)).astype("float32")
NOISE = np.random.default_rng(1).normal(size=(200, 1))
Y = (X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3 * NOISE).astype("float32")


def line(optimizer="sgd"):
    model = Sequential([Input((3,)), Dense(1)])
    model.compile(optimizer, "mse")
    return model


def test_a_quadratic_diverges_beyond_two_over_its_curvature():
    # The Hessian of the mean squared error is 2 X'X / n, so that SGD diverges above 1 / its
    # largest eigenvalue; whole batches leave no noise.
    found = sweep_learning_rate(line, X, Y, low=1e-3, high=100, batch_size=200, seeds=2)
    limit = 1 / np.linalg.eigvalsh(X.T @ X / len(X)).max()
    assert found.divergence is not None
    assert limit < found.divergence < 6 * limit  # it takes some steps to grow
    assert found.suggestion < limit
    assert found.steepest < found.divergence
    assert str(found).startswith("suggested learning rate ")
    assert "; diverges from " in str(found)


def test_the_model_is_what_it_was():
    model = line("adam")
    model.fit(X, Y, epochs=1, verbose=0)
    weights = model.get_weights()
    rate, steps = float(model.optimizer.learning_rate), int(model.optimizer.iterations)
    sweep_learning_rate(model, X, Y, steps=30, seeds=1)
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert (float(model.optimizer.learning_rate), int(model.optimizer.iterations)) == (rate, steps)


def test_seeds_differ_and_come_again():
    first, again = (sweep_learning_rate(line, X, Y, steps=25, seeds=[3, 4]) for _ in range(2))
    assert first.frame["seed"].unique().tolist() == [3, 4]
    np.testing.assert_array_equal(first.frame["loss"], again.frame["loss"])
    losses = first.frame.pivot(index="step", columns="seed", values="loss")
    assert not np.allclose(losses[3], losses[4])
    rates = first.frame.loc[first.frame["seed"] == 3, "rate"].to_numpy()
    np.testing.assert_allclose(np.diff(np.log(rates)), np.log(1e7) / 24)


def test_the_figure_shows_what_was_found():
    found = sweep_learning_rate(line, X, Y, low=1e-3, high=100, steps=60, seeds=2)
    assert len(found.plot(lang="fr").axes) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"low": 0.0}, r"`low` and `high` must be rates with 0 < low < high; received 0\.0 and 10"),
        ({"low": 1.0, "high": 0.1}, r"must be rates with 0 < low < high; received 1\.0 and 0\.1"),
        ({"steps": 3}, r"`steps` must be .* received 3"),
        ({"batch_size": 0}, r"`batch_size` must be .* received 0"),
        ({"smoothing": 1.0}, r"`smoothing` must be .* received 1\.0"),
        ({"seeds": 0}, r"`seeds` must be a number >= 1"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        sweep_learning_rate(line, X, Y, **options)


def test_the_network_of_a_table_is_swept_on_its_training_part():
    from profond.experiment import Experiment

    frame = make_table()[["x", "z", "signal"]]
    experiment = Experiment.of(target="signal", hidden=(8,), seeds=2)
    found = sweep_experiment(experiment, frame, steps=30)
    assert len(found.frame["seed"].unique()) == 2
    assert np.isfinite(found.frame["loss"]).any()


@pytest.mark.parametrize(
    ("diverged", "expected"),
    [
        ([0.3, 0.1], 0.1),
        ([0.1, math.inf], 0.1),
        ([0.1, math.inf, 0.3], 0.3),
        ([0.1, math.inf, math.inf], None),
    ],
)
def test_the_divergence_is_the_least_rate_at_which_half_of_the_seeds_are_lost(diverged, expected):
    curve = {"rate": np.geomspace(1e-3, 1, 20), "smoothed": np.linspace(2, 1, 20)}
    frame = pd.concat([pd.DataFrame({"seed": s, **curve}) for s in range(len(diverged))])
    assert _read(frame, diverged).divergence == expected


def test_a_valley_lies_among_the_losses():
    assert valley(np.array([2.0, 1.0, 3.0, 4.0, 5.0])) == 0
    assert valley(np.arange(5.0)) is None
    falls = np.concatenate([np.full(10, 5.0), np.linspace(5, 1, 41)[1:], np.linspace(1, 9, 10)])
    assert valley(falls) in range(11, 49)


@pytest.mark.slow
def test_whole_trainings_are_compared():
    from profond.experiment import Experiment

    frame = make_table()[["x", "z", "signal"]]
    experiment = Experiment.of(target="signal", hidden=(8,), epochs=5)
    found = sweep_trainings(experiment, frame, rates=[1e-6, 1e-2], seeds=2, workers=1)
    assert found.best == 1e-2
    assert "rate=0.01" in str(found)
    assert "<- best" in str(found)
    assert len(found.plot().axes) == 1


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        (0.1, r"two or more different numbers above 0; received 0\.1\."),
        ("0.1", r"two or more different numbers above 0; received '0\.1'"),
        ([0.1], r"two or more different numbers above 0; received \[0\.1\]"),
        ([0.1, 0.1], r"two or more different numbers above 0; received \[0\.1, 0\.1\]"),
        ([0.1, -1.0], r"two or more different numbers above 0"),
        ((1e-3, 1e-1, 1), r"and a count of 2 or more; received \(0\.001, 0\.1, 1\)\."),
        ((1e-1, 1e-3, 5), r"`rates` must be \(low, high, count\) with 0 < low < high"),
        ((0.1, 0.1001, 3), r"must be different in their first three digits; received"),
    ],
)  # fmt: skip
def test_wrong_rates_are_named(rates, message):
    from profond.experiment import Experiment

    frame = make_table()[["x", "signal"]]
    with pytest.raises(ValueError, match=message):
        sweep_trainings(Experiment.of(target="signal"), frame, rates=rates, workers=1)


def test_whole_trainings_need_rows_that_are_held_out():
    from profond.experiment import Experiment

    experiment = Experiment.of(target="signal", validation_size=0.0)
    with pytest.raises(ValueError, match="scores need rows that are held out"):
        sweep_trainings(experiment, make_table()[["x", "signal"]], workers=1)
