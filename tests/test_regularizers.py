"""Regularizers: values and gradients of Keras, names, configurations, errors."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import regularizers

keras = pytest.importorskip("keras")


@pytest.fixture(autouse=True)
def float64():
    """Keras passes Python numbers through its float type: float64 here, as the tensors."""
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


FACTOR = st.floats(0.01, 5)
MAKERS = st.one_of(
    st.tuples(st.just("L1"), st.fixed_dictionaries({"l1": FACTOR})),
    st.tuples(st.just("L2"), st.fixed_dictionaries({"l2": FACTOR})),
    st.tuples(st.just("L1L2"), st.fixed_dictionaries({"l1": FACTOR, "l2": FACTOR})),
    st.tuples(st.just("L1L2"), st.fixed_dictionaries({"l1": st.just(0.0), "l2": FACTOR})),
)


def value_and_gradient(regularizer, x):
    x = x.clone().requires_grad_()
    value = regularizer(x)
    return value.detach(), torch.autograd.grad(value, x)[0]


@given(
    maker=MAKERS,
    shape=st.lists(st.integers(1, 5), max_size=3).map(tuple),
    seed=st.integers(0, 999),
    transposed=st.booleans(),
)
def test_values_and_gradients_equal_keras(maker, shape, seed, transposed):
    name, arguments = maker
    x = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    x = x.mT if transposed and x.ndim >= 2 else x
    ours = value_and_gradient(getattr(regularizers, name)(**arguments), x)
    theirs = value_and_gradient(getattr(keras.regularizers, name)(**arguments), x)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@given(
    rows=st.integers(2, 6),
    columns=st.integers(2, 6),
    mode=st.sampled_from(["rows", "columns"]),
    factor=st.floats(0.01, 3),
    seed=st.integers(0, 999),
)
def test_orthogonal_equals_keras(rows, columns, mode, factor, seed):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, columns, dtype=torch.float64, generator=generator)
    ours = value_and_gradient(regularizers.OrthogonalRegularizer(factor, mode), x)
    theirs = value_and_gradient(keras.regularizers.OrthogonalRegularizer(factor, mode), x)
    # Keras takes the minimum with a Python number in float32; entries may cancel to small ones.
    scale = max(1.0, float(theirs[1].abs().max()))
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6 * scale)


def test_orthogonal_vectors_cost_nothing():
    q, _ = torch.linalg.qr(torch.randn(5, 3, dtype=torch.float64))
    assert regularizers.OrthogonalRegularizer(mode="columns")(q).item() < 1e-12
    x = torch.tensor([[0.0, 0.0], [1.0, 2.0]], requires_grad=True)
    value = regularizers.OrthogonalRegularizer()(x)
    assert value.item() == 0
    assert torch.isfinite(torch.autograd.grad(value, x)[0]).all()


def test_factors_of_zero():
    for regularizer in (regularizers.L1(0.0), regularizers.L2(0.0), regularizers.L1L2()):
        assert regularizer(torch.ones(3)).item() == 0


def test_l2_is_the_sum_of_squares_of_the_notes():
    assert regularizers.L2(0.01)(torch.tensor([[3.0, 4.0]])).item() == pytest.approx(0.25)
    assert regularizers.L1(0.5)(torch.tensor([[-3.0, 4.0]])).item() == pytest.approx(3.5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_type_is_that_of_the_weight(dtype):
    x = torch.ones(3, dtype=dtype)
    for regularizer in (regularizers.L1(), regularizers.L2(), regularizers.L1L2(0.1, 0.1)):
        assert regularizer(x).dtype is dtype
        assert regularizer(x).ndim == 0


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("L1", {"l1": 0.3}),
        ("L2", {"l2": 0.3}),
        ("L1L2", {"l1": 0.3, "l2": 0.4}),
        ("OrthogonalRegularizer", {"factor": 0.3, "mode": "columns"}),
    ],
)
def test_config_round_trip(name, arguments):
    regularizer = getattr(regularizers, name)(**arguments)
    config = regularizers.serialize(regularizer)
    assert (config["module"], config["class_name"]) == ("keras.regularizers", name)
    assert regularizers.deserialize(config).get_config() == arguments
    theirs = keras.regularizers.serialize(getattr(keras.regularizers, name)(**arguments))
    understood = regularizers.get(theirs)
    assert type(understood) is type(regularizer)
    assert understood.get_config() == arguments


def test_get():
    assert regularizers.get(None) is None
    for name, cls in {
        "l1": regularizers.L1,
        "L2": regularizers.L2,
        "l1_l2": regularizers.L1L2,
        "L1L2": regularizers.L1L2,
        "orthogonal_regularizer": regularizers.OrthogonalRegularizer,
    }.items():
        assert type(regularizers.get(name)) is cls
    assert type(regularizers.get(regularizers.L2)) is regularizers.L2
    penalty = abs
    assert regularizers.get(penalty) is penalty


@pytest.mark.parametrize("name", ["l1", "l2", "l1_l2", "orthogonal_regularizer"])
def test_lower_case_names(name):
    assert getattr(regularizers, name) is type(regularizers.get(name))


def test_own_regularizer():
    class Fourth(regularizers.Regularizer):
        def __init__(self, factor):
            self.factor = factor

        def __call__(self, x):
            return self.factor * (x**4).sum()

        def get_config(self):
            return {"factor": self.factor}

    config = regularizers.serialize(Fourth(2.0))
    again = regularizers.deserialize(config, {"Fourth": Fourth})
    assert again(torch.tensor([2.0])).item() == 32
    assert regularizers.Regularizer()(torch.ones(2)) == 0.0
    with pytest.raises(NotImplementedError, match="Regularizer must override `get_config"):
        regularizers.Regularizer().get_config()


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: regularizers.L2(-1.0), "`l2` must be a finite number >= 0; received l2=-1.0"),
        (
            lambda: regularizers.L1(float("nan")),
            "`l1` must be a finite number >= 0; received l1=nan",
        ),
        (lambda: regularizers.L1L2(l1="a"), "`l1` must be a finite number >= 0; received l1='a'"),
        (lambda: regularizers.OrthogonalRegularizer(mode="all"), "`mode` must be 'rows' or 'col"),
        (
            lambda: regularizers.OrthogonalRegularizer()(torch.ones(2)),
            r"applies to matrices; received shape \(2,\)",
        ),
        (lambda: regularizers.get("l1_12"), "Unknown regularizer: 'l1_12'. Did you mean 'l1_l2'"),
        (lambda: regularizers.get(0.1), "regularizer must be a name, .*received 0.1"),
    ],
)
def test_errors(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()
