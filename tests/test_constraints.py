"""Constraints: values of Keras, the norms that they promise, names, configurations, errors."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import config, constraints

keras = pytest.importorskip("keras")


@pytest.fixture(autouse=True)
def float64():
    """Keras passes Python numbers through its float type: float64 here, as the tensors."""
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


AXES = st.sampled_from([0, 1, (0, 1), [0, 1], -1])
MAKERS = st.one_of(
    st.tuples(
        st.just("MaxNorm"),
        st.fixed_dictionaries({"max_value": st.floats(0.1, 3), "axis": AXES}),
    ),
    st.tuples(st.just("NonNeg"), st.just({})),
    st.tuples(st.just("UnitNorm"), st.fixed_dictionaries({"axis": AXES})),
    st.tuples(
        st.just("MinMaxNorm"),
        st.fixed_dictionaries(
            {
                "min_value": st.floats(0, 1),
                "max_value": st.floats(1, 2),
                "rate": st.floats(0, 1),
                "axis": AXES,
            }
        ),
    ),
)


@given(
    maker=MAKERS,
    shape=st.lists(st.integers(1, 5), min_size=2, max_size=4).map(tuple),
    seed=st.integers(0, 999),
)
def test_values_equal_keras(maker, shape, seed):
    name, arguments = maker
    w = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    ours = getattr(constraints, name)(**arguments)(w)
    theirs = getattr(keras.constraints, name)(**arguments)(w)
    # Keras takes the maximum with a Python number in float32.
    rtol = 1e-6 if name == "NonNeg" else 1e-12
    torch.testing.assert_close(ours, theirs.double(), rtol=rtol, atol=1e-14)


def test_norms_are_as_promised():
    w = torch.randn(6, 5) * torch.tensor([0.01, 0.3, 1.0, 2.0, 5.0])
    norms = constraints.MaxNorm(1.5)(w).norm(dim=0)
    assert (norms <= 1.5 * (1 + 1e-6)).all()
    short = w.norm(dim=0) < 1.5
    torch.testing.assert_close(norms[short], w.norm(dim=0)[short])
    torch.testing.assert_close(constraints.UnitNorm(1)(w).norm(dim=1), torch.ones(6))
    norms = constraints.MinMaxNorm(0.5, 2.0)(w).norm(dim=0)
    assert ((norms >= 0.5 - 1e-5) & (norms <= 2.0 + 1e-5)).all()
    assert (constraints.NonNeg()(w) == w.clamp(min=0)).all()


def test_zeros_stay_zeros():
    zeros = torch.zeros(3, 2)
    for constraint in (constraints.MaxNorm(), constraints.UnitNorm(), constraints.MinMaxNorm(0.5)):
        assert torch.equal(constraint(zeros), zeros)


def test_epsilon_is_that_of_the_settings():
    try:
        config.set_epsilon(1.0)
        assert constraints.UnitNorm()(torch.tensor([3.0])).item() == pytest.approx(0.75)
    finally:
        config.set_epsilon(1e-7)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("MaxNorm", {"max_value": 3, "axis": (0, 1)}),
        ("NonNeg", {}),
        ("UnitNorm", {"axis": 1}),
        ("MinMaxNorm", {"min_value": 0.1, "max_value": 2.0, "rate": 0.5, "axis": 0}),
    ],
)
def test_config_round_trip(name, arguments):
    constraint = getattr(constraints, name)(**arguments)
    described = constraints.serialize(constraint)
    assert (described["module"], described["class_name"]) == ("keras.constraints", name)
    assert constraints.deserialize(described).get_config() == arguments
    theirs = keras.constraints.serialize(getattr(keras.constraints, name)(**arguments))
    w = torch.randn(3, 2)
    assert torch.equal(constraints.get(theirs)(w), constraint(w))


def test_get():
    assert constraints.get(None) is None
    for name in ("MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm"):
        assert type(constraints.get(name)) is getattr(constraints, name)
        assert constraints.get(getattr(constraints, name)()).get_config() is not None
    for name in ("max_norm", "non_neg", "unit_norm", "min_max_norm"):
        assert type(constraints.get(name)) is getattr(constraints, name)
    assert constraints.get(torch.abs) is torch.abs


def test_own_constraint():
    class Between(constraints.Constraint):
        def __init__(self, bound):
            self.bound = bound

        def __call__(self, w):
            return w.clamp(-self.bound, self.bound)

        def get_config(self):
            return {"bound": self.bound}

    again = constraints.deserialize(constraints.serialize(Between(1.0)), {"Between": Between})
    assert again(torch.tensor([3.0])).item() == 1
    w = torch.ones(2)
    assert constraints.Constraint()(w) is w


def test_errors():
    with pytest.raises(ValueError, match="Unknown constraint: 'maxnrm'. Did you mean 'MaxNorm'"):
        constraints.get("maxnrm")
    with pytest.raises(TypeError, match="constraint must be a name, .*received 2 of type int"):
        constraints.get(2)
