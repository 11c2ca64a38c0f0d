"""Every optimizer and every option, step by step, against Keras in float64."""

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from profond import constraints, optimizers
from tests.optimizers.helpers import (
    NAMES,
    SHAPES,
    assert_same,
    both,
    run,
    run_keras,
    values_and_gradients,
    weights_of,
)

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.usefixtures("keras_float64")

# Each option apart, and a few together.
CASES = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 1.0}),
    ("SGD", {"momentum": 0.7, "nesterov": True}),
    ("RMSprop", {}),
    ("RMSprop", {"rho": 0.5}),
    ("RMSprop", {"momentum": 0.8}),
    ("RMSprop", {"epsilon": 0.1}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"centered": True, "momentum": 0.3, "rho": 0.7}),
    ("Adagrad", {}),
    ("Adagrad", {"initial_accumulator_value": 0.0, "epsilon": 0.01}),
    ("Adadelta", {}),
    ("Adadelta", {"rho": 0.6, "epsilon": 0.01}),
    ("Adam", {}),
    ("Adam", {"beta_1": 0.0}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.9}),
    ("Adam", {"epsilon": 0.1}),
    ("Adam", {"amsgrad": True, "beta_2": 0.5}),
    ("AdamW", {}),
    (
        "AdamW",
        {"weight_decay": 0.3, "amsgrad": True, "beta_1": 0.8, "beta_2": 0.7, "epsilon": 0.01},
    ),
    ("Adamax", {}),
    ("Adamax", {"beta_1": 0.5, "beta_2": 0.6, "epsilon": 0.1}),
    ("Nadam", {}),
    ("Nadam", {"beta_1": 0.5, "beta_2": 0.6, "epsilon": 0.1}),
    ("Lion", {}),
    ("Lion", {"beta_1": 0.4, "beta_2": 0.7}),
    ("Lamb", {}),
    ("Lamb", {"beta_1": 0.5, "beta_2": 0.6, "epsilon": 0.1}),
    ("Ftrl", {}),
    ("Ftrl", {"learning_rate_power": -0.3, "initial_accumulator_value": 0.5}),
    ("Ftrl", {"l1_regularization_strength": 0.5}),
    ("Ftrl", {"l2_regularization_strength": 0.5, "beta": 0.3}),
    ("Ftrl", {"l2_shrinkage_regularization_strength": 0.5}),
    ("Adafactor", {}),
    ("Adafactor", {"beta_2_decay": -0.5, "clip_threshold": 0.5, "epsilon_1": 0.01}),
    ("Adafactor", {"epsilon_2": 2.0, "relative_step": False}),
    ("Muon", {}),
    ("Muon", {"nesterov": False, "momentum": 0.5, "ns_steps": 3}),
    ("Muon", {"rms_rate": None, "muon_a": 1.875, "muon_b": -1.25, "muon_c": 0.375}),
    ("Muon", {"weight_decay": None, "adam_weight_decay": 0.5, "adam_lr_ratio": 0.3}),
    ("Muon", {"adam_weight_decay": None, "adam_beta_1": 0.5, "adam_beta_2": 0.6, "epsilon": 0.1}),
    ("Muon", {"exclude_layers": ["kernel"]}),
]
# What Keras computes with a Python number on the way is in float32, and so are the differences.
IN_FLOAT32 = {"rtol": 1e-4, "atol": 1e-6}
EXACT = {"rtol": 1e-12, "atol": 1e-13}


def tolerance(name, options=()):
    clips = {"clipnorm", "global_clipnorm"} & set(options)
    return IN_FLOAT32 if clips or name in ("Adafactor", "Muon") else EXACT


MISSING = st.sets(st.tuples(st.integers(0, 5), st.integers(0, len(SHAPES) - 2)), max_size=4)


@settings(max_examples=4)
@given(
    rate=st.floats(1e-4, 0.5),
    seed=st.integers(0, 999),
    missing=MISSING,
    rates=st.booleans(),
)
@example(rate=0.05, seed=0, missing={(1, 2)}, rates=True)
@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_steps_equal_keras(name, arguments, rate, seed, missing, rates):
    start, grads = values_and_gradients(6, seed, missing)

    def change_rate(step, optimizer):
        if rates and step in (2, 4):
            optimizer.learning_rate = rate / (1 + step)

    ours, theirs = both(name, learning_rate=rate, **arguments)
    a = run(ours, weights_of(start), grads, change_rate)
    b = run_keras(theirs, start, grads, change_rate)
    assert_same(a, b, **tolerance(name))


OPTIONS = [
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"global_clipnorm": 0.5},
    {"clipvalue": 0.1},
    {"use_ema": True},
    {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2},
    {"loss_scale_factor": 8.0},
    {"gradient_accumulation_steps": 3},
    {
        "gradient_accumulation_steps": 2,
        "use_ema": True,
        "ema_overwrite_frequency": 2,
        "weight_decay": 0.2,
        "clipvalue": 0.3,
        "loss_scale_factor": 3.0,
    },
]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "+".join(options))
@pytest.mark.parametrize("name", NAMES)
def test_shared_options_equal_keras(name, options):
    start, grads = values_and_gradients(7, 1, {(3, 0), (5, 2)})
    ours, theirs = both(name, learning_rate=0.05, **options)
    weights = weights_of(start)
    assert_same(
        run(ours, weights, grads), run_keras(theirs, start, grads), **tolerance(name, options)
    )
    if options.get("use_ema"):
        averages = [v for v in theirs.variables if v.name.endswith("average")]
        ours.finalize_variable_values(weights)
        for weight, average in zip(weights, averages, strict=True):
            np.testing.assert_allclose(
                weight.numpy(), keras.ops.convert_to_numpy(average), **tolerance(name, options)
            )


@pytest.mark.parametrize("name", NAMES)
def test_schedules_equal_keras(name):
    start, grads = values_and_gradients(6, 2)
    schedule = {"initial_learning_rate": 0.1, "decay_steps": 4, "alpha": 0.1}
    options = {} if name == "Ftrl" else {"weight_decay": 0.1}
    ours = getattr(optimizers, name)(optimizers.schedules.CosineDecay(**schedule), **options)
    theirs = getattr(keras.optimizers, name)(
        keras.optimizers.schedules.CosineDecay(**schedule), **options
    )
    a, b = run(ours, weights_of(start), grads), run_keras(theirs, start, grads)
    assert_same(a, b, **tolerance(name))
    assert float(ours.learning_rate) == pytest.approx(float(theirs.learning_rate), rel=1e-12)


def test_schedule_counts_calls_under_accumulation():
    start, grads = values_and_gradients(8, 2)
    arguments = {"initial_learning_rate": 0.1, "decay_steps": 2, "decay_rate": 0.5}
    ours = optimizers.Adam(
        optimizers.schedules.ExponentialDecay(**arguments), gradient_accumulation_steps=3
    )
    theirs = keras.optimizers.Adam(
        keras.optimizers.schedules.ExponentialDecay(**arguments), gradient_accumulation_steps=3
    )
    assert_same(run(ours, weights_of(start), grads), run_keras(theirs, start, grads), **EXACT)
    assert int(ours.iterations) == int(theirs.iterations) == 2


@pytest.mark.parametrize("name", ["SGD", "Adam", "Muon"])
def test_constraints_equal_keras(name):
    start, grads = values_and_gradients(4, 3, {(1, 1)}, shapes=[(3,), (4, 2)])
    ours, theirs = both(name, learning_rate=0.3, gradient_accumulation_steps=2)
    weights = weights_of(start, constraint=constraints.MinMaxNorm(0.5, 1.0, rate=0.5))
    a = run(ours, weights, grads)
    limit = keras.constraints.MinMaxNorm(0.5, 1.0, rate=0.5)
    assert_same(a, run_keras(theirs, start, grads, constraint=limit), **IN_FLOAT32)


@pytest.mark.parametrize("by", ["var_names", "var_list"])
@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "Muon"])
def test_exclusion_from_decay_equals_keras(name, by):
    start, grads = values_and_gradients(4, 4, {(2, 0)})
    ours, theirs = both(name, learning_rate=0.3, weight_decay=0.2)
    weights = weights_of(start)
    weights[1]._name = "bias"
    variables = [
        keras.Variable(value, dtype="float64", name="bias" if i == 1 else "kernel")
        for i, value in enumerate(start)
    ]
    if by == "var_names":
        ours.exclude_from_weight_decay(var_names=["bia", "beta"])
        theirs.exclude_from_weight_decay(var_names=["bia", "beta"])
    else:
        ours.exclude_from_weight_decay([weights[1], weights[2]])
        theirs.exclude_from_weight_decay([variables[1], variables[2]])
    a = run(ours, weights, grads)
    theirs.build(variables)
    for step_grads in grads:
        pairs = zip(step_grads, variables, strict=True)
        theirs.apply_gradients(
            [
                (keras.ops.convert_to_tensor(g, dtype="float64"), v)
                for g, v in pairs
                if g is not None
            ]
        )
    assert_same([a[-1]], [[keras.ops.convert_to_numpy(v) for v in variables]], **tolerance(name))
    plain = getattr(optimizers, name)(learning_rate=0.3, weight_decay=0.2)
    without = run(plain, weights_of(start), grads)
    assert not np.allclose(without[-1][1], a[-1][1])


def test_adam_stays_equal_over_many_steps():
    start, grads = values_and_gradients(400, 5, shapes=[(3, 2), ()])
    ours, theirs = both("Adam", learning_rate=0.01)
    assert_same(run(ours, weights_of(start), grads), run_keras(theirs, start, grads), rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_float32_is_near_keras(name):
    keras.config.set_floatx("float32")
    start, grads = values_and_gradients(5, 6)
    ours, theirs = both(name, learning_rate=0.01)
    a = run(ours, weights_of(start, torch.float32), grads)
    assert_same(a, run_keras(theirs, start, grads, dtype="float32"), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_state_has_the_order_of_keras(name):
    """A state saved by Keras is taken up, and goes on as in Keras."""
    start, grads = values_and_gradients(6, 7)
    options = {"use_ema": True, "gradient_accumulation_steps": 2}
    ours, theirs = both(name, learning_rate=0.05, **options)
    b = run_keras(theirs, start, grads[:3])
    store = {}
    theirs.save_own_variables(store)
    weights = weights_of(b[-1])
    ours.build(weights)
    ours.load_own_variables(store)
    again = {}
    ours.save_own_variables(again)
    assert [np.shape(v) for v in store.values()] == [np.shape(v) for v in again.values()]
    assert [v.name for v in theirs.variables[:2]] == [v.name for v in ours.variables[:2]]

    fresh, _ = both(name, learning_rate=0.05, **options)
    whole = run(fresh, weights_of(start), grads)
    rest = run(ours, weights, grads[3:])
    assert_same(rest, whole[3:], **tolerance(name))
