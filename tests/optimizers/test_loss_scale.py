"""The loss scale that finds its size by itself, step by step against Keras."""

import math

import numpy as np
import pytest
import torch

from profond import optimizers
from profond._weight import Weight
from profond.optimizers import Adam, LossScaleOptimizer
from tests.optimizers.helpers import assert_same, run, run_keras, values_and_gradients, weights_of

keras = pytest.importorskip("keras")


def test_steps_equal_keras(keras_float64):
    start, grads = values_and_gradients(8, 0)
    grads[2][1][0] = math.inf
    grads[3][0] = np.array(math.nan)
    ours = LossScaleOptimizer(Adam(0.1), initial_scale=4.0, dynamic_growth_steps=2)
    theirs = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(0.1), initial_scale=4.0, dynamic_growth_steps=2
    )
    scales = []

    def note(step, optimizer):
        scales.append(float(optimizer.scale_loss(1.0)))

    a = run(ours, weights_of(start), grads, note)
    ours_scales, scales = scales, []
    b = run_keras(theirs, start, grads, note)
    assert_same(a, b, rtol=1e-9)
    assert ours_scales == scales == [4, 4, 8, 4, 2, 2, 4, 4]
    assert int(ours.iterations) == int(theirs.iterations) == 6
    assert [v.name for v in ours.variables[:6]] == [v.name for v in theirs.variables[:6]]
    assert [v.shape for v in ours.variables] == [v.shape for v in theirs.variables]


def test_missing_gradients_and_schedules():
    weights = weights_of([np.ones(2), np.ones(2)])
    schedule = optimizers.schedules.ExponentialDecay(1.0, 1, 0.5)
    optimizer = LossScaleOptimizer(optimizers.SGD(schedule), initial_scale=2.0)
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        optimizer.apply([None, torch.ones(2).double()], weights)
    assert weights[0].tolist() == [1, 1]
    assert weights[1].tolist() == [0.5, 0.5]
    assert float(optimizer.learning_rate) == 0.5


def test_inner_optimizer_is_reached():
    inner = Adam(0.1, use_ema=True, loss_scale_factor=3.0)
    optimizer = LossScaleOptimizer(inner)
    assert inner.loss_scale_factor is None
    optimizer.learning_rate = 0.5
    assert float(inner.learning_rate) == 0.5
    weight = Weight(torch.zeros(2))
    optimizer.apply([torch.ones(2)], [weight])
    moved = weight.detach().clone()
    optimizer.apply([torch.ones(2)])
    optimizer.finalize_variable_values([weight])
    assert (weight.detach().abs() < 2 * moved.abs()).all()


def test_config_round_trip():
    original = LossScaleOptimizer(Adam(0.5), initial_scale=8.0, dynamic_growth_steps=3, name="own")
    config = optimizers.serialize(original)
    again = optimizers.get(config)
    assert type(again.inner_optimizer) is Adam
    assert again.get_config() == original.get_config()
    assert keras.optimizers.deserialize(config).initial_scale == 8.0


def test_options_belong_to_the_inner_optimizer():
    LossScaleOptimizer(Adam(), clipnorm=None, use_ema=False)
    with pytest.raises(TypeError, match="LossScaleOptimizer does not take 'clipnorm': set such"):
        LossScaleOptimizer(Adam(), clipnorm=1.0)


def test_the_scale_has_a_least_value():
    weight = Weight(torch.ones(2), name="w")
    scaled = LossScaleOptimizer(optimizers.SGD(0.1), initial_scale=2.0**-8)
    for _ in range(2):
        scaled.apply([torch.tensor([float("inf"), 1.0])], [weight])
    assert scaled.dynamic_scale == 2.0**-10
    with pytest.warns(RuntimeWarning, match="not finite at the least scale of the loss, 0.0009765"):
        scaled.apply([torch.tensor([float("nan"), 1.0])], [weight])
    assert scaled.dynamic_scale == 2.0**-10
    assert weight.tolist() == [1.0, 1.0]
