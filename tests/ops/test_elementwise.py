"""Functions of one number: values, gradients and types of Keras."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import config, ops

keras = pytest.importorskip("keras")
from tests.ops.helpers import arrays, compare, compare_gradients  # noqa: E402

EVERYWHERE = [
    "abs", "absolute", "negative", "sign", "square", "exp", "exp2", "expm1", "sin", "cos",
    "arctan", "sinh", "cosh", "tanh", "arcsinh", "erf", "erfc", "floor", "ceil", "trunc",
]  # fmt: skip
POSITIVE = ["sqrt", "rsqrt", "reciprocal", "log", "log10", "log1p", "log2"]
INSIDE = ["arcsin", "arccos", "arctanh", "erfinv", "tan"]


@given(x=arrays())
def test_functions_of_any_number(x):
    for name in EVERYWHERE:
        compare_gradients(name, x)


@given(x=arrays(low=0.01))
def test_functions_of_positive_numbers(x):
    for name in POSITIVE:
        compare_gradients(name, x)


@given(x=arrays(low=-0.99, high=0.99))
def test_functions_of_numbers_between_minus_one_and_one(x):
    for name in INSIDE:
        compare_gradients(name, x)


@given(x=arrays(low=1.01))
def test_arccosh(x):
    compare_gradients("arccosh", x)


@pytest.mark.parametrize("name", ["isfinite", "isinf", "isnan", "logical_not"])
def test_tests_of_special_numbers(name):
    compare(name, np.array([0.0, 1.0, -np.inf, np.inf, np.nan]))


@given(x=arrays(), decimals=st.integers(-1, 3))
def test_round_to_decimals(x, decimals):
    compare("round", x, decimals=decimals)


def test_round_keeps_integers():
    rounded = ops.round(np.array([14, 15, 26, -14]), decimals=-1)
    assert rounded.dtype is torch.int64
    assert rounded.tolist() == [10, 20, 30, -10]
    assert ops.round(torch.tensor([3]), decimals=2).tolist() == [3]


@pytest.mark.parametrize("dtype", ["int32", "float16", "float32", "float64"])
def test_type_of_the_result(dtype):
    kept = {"abs", "absolute", "negative", "sign", "square", "trunc"}
    x = torch.tensor([0, 1], dtype=getattr(torch, dtype))
    for name in (*EVERYWHERE, *POSITIVE, "arcsin", "erfinv"):
        expected = "float32" if dtype == "int32" and name not in kept else dtype
        assert ops.dtype(getattr(ops, name)(x)) == expected, name
    assert ops.dtype(ops.isnan(x)) == "bool"


def test_integers_become_the_default_float_type():
    config.set_floatx("float64")
    try:
        assert ops.exp([1, 2]).dtype is torch.float64
    finally:
        config.set_floatx("float32")


def test_booleans_are_numbers_where_that_makes_sense():
    yes = torch.tensor([True, False])
    assert ops.square(yes).tolist() == [1, 0]
    assert ops.abs(yes).dtype is torch.bool
    assert ops.trunc(yes).tolist() == [True, False]
    assert ops.clip(yes, 0, 5).dtype is torch.int32


@given(x=arrays(), low=st.floats(-5, 0), high=st.floats(0.5, 5))
def test_clip_to_numbers(x, low, high):
    x = np.where((np.abs(x - low) < 1e-6) | (np.abs(x - high) < 1e-6), 0.25, x)
    compare_gradients("clip", x, x_min=low, x_max=high)


def test_clip_to_arrays_and_of_integers():
    x = np.array([[1.0, 5.0], [-3.0, 0.0]])
    compare("clip", x, x_min=np.array([0.0, 1.0]), x_max=4.0)
    assert ops.clip([1, 5], 0, 2.5).tolist() == [1.0, 2.5]
    assert ops.clip([1, 5], 0, 2).dtype is torch.int32


def test_nan_to_num_with_and_without_bounds():
    x = np.array([np.nan, np.inf, -np.inf, 1.0])
    compare("nan_to_num", x)
    compare("nan_to_num", x, nan=7.0, posinf=8.0, neginf=-8.0)


@pytest.mark.parametrize("source", ["int32", "int64", "float32", "float64", "bool"])
@pytest.mark.parametrize("target", ["uint8", "int8", "int32", "float16", "bool"])
def test_saturate_cast_stops_at_the_bounds(source, target):
    x = torch.tensor([-1000, -129, 0, 1, 200, 300, 100000]).to(getattr(torch, source))
    ours = ops.saturate_cast(x, target)
    assert ops.dtype(ours) == target
    if target == "bool":
        expected = x.bool()
    else:
        limits = torch.finfo(ours.dtype) if target == "float16" else torch.iinfo(ours.dtype)
        expected = torch.clamp(x.double(), limits.min, limits.max)
    torch.testing.assert_close(ours.double(), expected.double(), rtol=1e-3, atol=0)


def test_saturate_cast_of_huge_floats():
    x = torch.tensor([1e30, -1e30, torch.inf, 2.5])
    assert ops.saturate_cast(x, "int32").tolist() == [2**31 - 1, -(2**31), 2**31 - 1, 2]
    assert ops.saturate_cast(x, "int64").tolist() == [2**63 - 1, -(2**63), 2**63 - 1, 2]


def test_lists_numbers_and_weights_are_taken():
    from profond._weight import Weight

    assert ops.square([1.0, 2.0]).tolist() == [1.0, 4.0]
    assert float(ops.sqrt(4)) == 2.0
    assert ops.exp(Weight(torch.zeros(2))).tolist() == [1.0, 1.0]
