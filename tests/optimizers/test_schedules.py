"""Learning rate schedules: values of Keras, restarts, configurations, errors."""

import inspect
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond.optimizers import schedules

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.usefixtures("keras_float64")

RATE = st.floats(1e-4, 1.0)
LENGTH = st.integers(1, 40)
MAKERS = st.one_of(
    st.tuples(
        st.sampled_from(["ExponentialDecay", "InverseTimeDecay"]),
        st.fixed_dictionaries(
            {
                "initial_learning_rate": RATE,
                "decay_steps": LENGTH,
                "decay_rate": st.floats(0.1, 2.0),
                "staircase": st.booleans(),
            }
        ),
    ),
    st.tuples(
        st.just("PolynomialDecay"),
        st.fixed_dictionaries(
            {
                "initial_learning_rate": RATE,
                "decay_steps": LENGTH,
                "end_learning_rate": st.floats(0, 0.1),
                "power": st.sampled_from([0.5, 1.0, 2.0]),
                "cycle": st.booleans(),
            }
        ),
    ),
    st.tuples(
        st.just("CosineDecay"),
        st.fixed_dictionaries(
            {
                "initial_learning_rate": RATE,
                "decay_steps": LENGTH,
                "alpha": st.floats(0, 1),
                "warmup_target": st.none() | RATE,
                "warmup_steps": st.integers(0, 20),
            }
        ),
    ),
    st.tuples(
        st.just("PiecewiseConstantDecay"),
        st.sets(LENGTH, min_size=1, max_size=4).map(
            lambda steps: {
                "boundaries": sorted(steps),
                "values": [0.5 / (i + 1) for i in range(len(steps) + 1)],
            }
        ),
    ),
)


@given(maker=MAKERS, step=st.integers(0, 100))
def test_values_equal_keras(maker, step):
    name, arguments = maker
    ours = getattr(schedules, name)(**arguments)
    theirs = getattr(keras.optimizers.schedules, name)(**arguments)
    expected = float(theirs(step))
    # Keras casts `decay_steps` and counts of the power in float32 here and there.
    assert ours.at(step) == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert float(ours(step)) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(
    first=st.integers(2, 20),
    t_mul=st.sampled_from([1.0, 1.5, 2.0, 3.0]),
    m_mul=st.sampled_from([0.5, 0.9, 1.0, 1.2]),
    alpha=st.floats(0, 0.5),
    step=st.integers(0, 200),
)
def test_restarts_equal_keras(first, t_mul, m_mul, alpha, step):
    arguments = {"t_mul": t_mul, "m_mul": m_mul, "alpha": alpha}
    ours = schedules.CosineDecayRestarts(0.3, first, **arguments)
    theirs = keras.optimizers.schedules.CosineDecayRestarts(0.3, first, **arguments)
    _, fraction = ours._period(step / first)
    if 1e-6 < fraction < 1 - 1e-6:  # a restart itself is a matter of rounding in Keras
        assert ours.at(step) == pytest.approx(float(theirs(step)), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("t_mul", [1.0, 2.0, 3.0])
def test_restarts_begin_at_their_step(t_mul):
    schedule = schedules.CosineDecayRestarts(1.0, 7, t_mul=t_mul, m_mul=0.5)
    start = 0
    for period in range(8):
        assert schedule.at(start) == 0.5**period
        start += int(7 * t_mul**period)
        assert schedule.at(start - 1) < 0.06 * 0.5**period


def test_warm_up_by_hand():
    schedule = schedules.CosineDecay(0.0, 10, alpha=0.1, warmup_target=1.0, warmup_steps=4)
    assert [schedule.at(step) for step in range(5)] == [0, 0.25, 0.5, 0.75, 1]
    assert schedule.at(9) == pytest.approx(0.55)
    assert schedule.at(14) == schedule.at(1000) == pytest.approx(0.1)


def test_piecewise_by_hand():
    schedule = schedules.PiecewiseConstantDecay([3, 5], [1.0, 0.5, 0.1])
    assert [schedule.at(step) for step in range(2, 7)] == [1, 1, 0.5, 0.5, 0.1]
    assert schedules.PiecewiseConstantDecay([], [0.3]).at(100) == 0.3


def test_steps_may_be_tensors_and_arrays():
    schedule = schedules.ExponentialDecay(1.0, 1, 0.5)
    assert schedule(torch.tensor(2)).item() == 0.25
    rates = schedule(np.arange(3))
    assert isinstance(rates, torch.Tensor)
    assert rates.tolist() == [1, 0.5, 0.25]
    assert rates.dtype is torch.float32
    assert schedule(torch.tensor([[1], [2]])).shape == (2, 1)


EXAMPLES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "cycle": True}),
    ("PiecewiseConstantDecay", {"boundaries": [3, 5], "values": [1.0, 0.5, 0.1]}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "warmup_target": 0.2}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 3.0}),
]


@pytest.mark.parametrize(("name", "arguments"), EXAMPLES)
def test_config_round_trip(name, arguments):
    schedule = getattr(schedules, name)(**arguments, name="mine")
    config = json.loads(json.dumps(schedules.serialize(schedule)))
    assert (config["module"], config["class_name"]) == ("keras.optimizers.schedules", name)
    assert schedules.deserialize(config).get_config() == schedule.get_config()
    theirs = keras.optimizers.schedules.deserialize(config)
    assert theirs.get_config() == schedule.get_config()
    again = schedules.deserialize(keras.optimizers.schedules.serialize(theirs))
    assert again.at(4) == schedule.at(4)
    signature = inspect.signature(getattr(keras.optimizers.schedules, name))
    ours = inspect.signature(getattr(schedules, name))
    assert list(ours.parameters) == list(signature.parameters)
    for key in ours.parameters:
        assert ours.parameters[key].default == signature.parameters[key].default


def test_schedule_of_ones_own():
    class Warmup(schedules.LearningRateSchedule):
        def __init__(self, top, steps):
            self.top, self.steps = top, steps

        def __call__(self, step):
            return self.top * min(1.0, (step + 1) / self.steps)

        def get_config(self):
            return {"top": self.top, "steps": self.steps}

    schedule = schedules.deserialize(schedules.serialize(Warmup(2.0, 4)), {"Warmup": Warmup})
    assert [schedule.at(step) for step in (0, 1, 9)] == [0.5, 1, 2]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: schedules.ExponentialDecay(0.1, 0, 0.5),
            ValueError,
            "`decay_steps` must be > 0; received decay_steps=0",
        ),
        (
            lambda: schedules.CosineDecayRestarts(0.1, -1),
            ValueError,
            "`first_decay_steps` must be > 0; received first_decay_steps=-1",
        ),
        (
            lambda: schedules.CosineDecayRestarts(0.1, 5, t_mul=0.5),
            ValueError,
            "`t_mul` must be >= 1; received t_mul=0.5",
        ),
        (
            lambda: schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]),
            ValueError,
            r"`values` must have one entry more than `boundaries`; received boundaries=\[1, 2\]",
        ),
        (
            lambda: schedules.PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3]),
            ValueError,
            r"`boundaries` must not decrease; received boundaries=\[2, 1\]",
        ),
        (
            lambda: schedules.LearningRateSchedule()(1),
            NotImplementedError,
            "LearningRateSchedule must override `__call__",
        ),
        (
            lambda: schedules.LearningRateSchedule().get_config(),
            NotImplementedError,
            "LearningRateSchedule must override `get_config",
        ),
    ],
)
def test_errors(make, error, message):
    with pytest.raises(error, match=message):
        make()
