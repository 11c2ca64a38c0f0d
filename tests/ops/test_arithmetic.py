"""Two operands: values, gradients, broadcasting and types of Keras."""

import numpy as np
import pytest
import torch
from hypothesis import given

from profond import config, ops

keras = pytest.importorskip("keras")
from tests.ops.helpers import (  # noqa: E402
    arrays,
    broadcasting,
    compare,
    compare_gradients,
)

SMOOTH = ["add", "subtract", "multiply", "logaddexp"]
COMPARING = ["equal", "not_equal", "greater", "greater_equal", "less", "less_equal"]
LOGICAL = ["logical_and", "logical_or", "logical_xor"]
TYPES = ["bool", "uint8", "int8", "int32", "int64", "float16", "bfloat16", "float32", "float64"]


@given(pair=broadcasting())
def test_sums_and_products(pair):
    for name in SMOOTH:
        compare_gradients(name, *pair)


@given(pair=broadcasting(low=0.5, high=3.0))
def test_quotients_and_powers(pair):
    for name in ("divide", "true_divide", "power", "arctan2", "hypot", "divide_no_nan"):
        compare_gradients(name, *pair)


@given(pair=broadcasting())
def test_remainders(pair):
    x1, x2 = pair[0], np.where(pair[1] == 0, 1.5, pair[1])
    for name in ("mod", "floor_divide"):
        compare(name, x1, x2)


@given(pair=broadcasting())
def test_comparisons_and_logic(pair):
    for name in (*COMPARING, *LOGICAL):
        compare(name, *pair)


@given(pair=broadcasting())
def test_the_larger_and_the_smaller(pair):
    x1 = pair[0] + 1e-4  # no ties, where the gradient is a matter of taste
    compare_gradients("maximum", x1, pair[1])
    compare_gradients("minimum", x1, pair[1])


def test_division_by_zero_without_nan_in_value_and_gradient():
    x1 = torch.tensor([1.0, 0.0], requires_grad=True)
    x2 = torch.tensor([0.0, 0.0], requires_grad=True)
    out = ops.divide_no_nan(x1, x2)
    out.sum().backward()
    assert out.tolist() == [0.0, 0.0]
    assert x1.grad is not None
    assert torch.isfinite(x1.grad).all()
    assert x2.grad is not None
    assert torch.isfinite(x2.grad).all()
    assert ops.divide_no_nan([4, 3], [2, 0]).tolist() == [2.0, 0.0]


def test_closeness():
    x1 = np.array([1.0, 1.0, np.nan, 0.0])
    x2 = np.array([1.0 + 1e-6, 1.1, np.nan, 1e-7])
    for options in ({}, {"rtol": 0.2}, {"atol": 1e-6}, {"equal_nan": True}):
        compare("isclose", x1, x2, **options)
        compare("allclose", x1, x2, **options)
    compare("allclose", x1, x2, rtol=0.2, atol=1e-3, equal_nan=True)
    assert ops.isclose([1, 2], [1.0, 2.5]).tolist() == [True, False]


@pytest.mark.parametrize("first", TYPES)
def test_type_of_two_tensors(first):
    x1 = torch.ones(2).to(getattr(torch, first))
    for second in TYPES:
        x2 = torch.ones(2).to(getattr(torch, second))
        for name in ("add", "multiply", "maximum", "where", "divide"):
            arguments = ([True, False], x1, x2) if name == "where" else (x1, x2)
            compare(name, *arguments)


@pytest.mark.parametrize("first", TYPES)
@pytest.mark.parametrize("number", [2, 2.5, True])
def test_a_python_number_is_weak(first, number):
    x = torch.ones(2).to(getattr(torch, first))
    integer = not x.is_floating_point()
    for name in ("add", "multiply", "maximum"):
        for arguments in ((x, number), (number, x)):
            result = ops.dtype(getattr(ops, name)(*arguments))
            if integer and isinstance(number, float):
                assert result == "float32"
            elif first == "bool" and not isinstance(number, bool):
                assert result == "int32"
            else:
                assert result == first


def test_a_float_beside_integers_is_the_default_float_type():
    config.set_floatx("float64")
    try:
        assert ops.add(torch.tensor([1]), 0.5).dtype is torch.float64
        assert ops.divide([1], [2]).dtype is torch.float64
    finally:
        config.set_floatx("float32")


def test_a_python_number_keeps_its_digits_beside_float64():
    x = torch.zeros(1, dtype=torch.float64)
    assert float(ops.add(x, 0.1)) == 0.1
    assert float(ops.maximum(x, 0.1)) == 0.1
    assert float(ops.where(True, 0.1, x)) == 0.1


def test_booleans_are_subtracted_as_numbers():
    assert ops.subtract([True, False], [1, 1]).tolist() == [0, -1]
    assert ops.subtract(torch.tensor([True]), torch.tensor([False])).tolist() == [1]
    assert ops.mod(torch.tensor([True]), torch.tensor([True])).tolist() == [0]


def test_two_python_numbers():
    assert float(ops.add(1, 2)) == 3
    assert ops.add(1, 2).dtype is torch.int32
    assert float(ops.divide(1, 2)) == 0.5
    assert float(ops.power(2.0, 3)) == 8.0
    assert float(ops.subtract(1, 2.5)) == -1.5


@given(x=arrays(shape=(2, 3)))
def test_arrays_and_lists_beside_tensors(x):
    tensor = torch.ones(3, dtype=torch.float64)
    expected = torch.as_tensor(x) + 1
    torch.testing.assert_close(ops.add(x, tensor), expected)
    torch.testing.assert_close(ops.add(tensor, x), expected)
    torch.testing.assert_close(
        ops.add(x.tolist(), tensor), expected, check_dtype=False, rtol=1e-5, atol=1e-5
    )
