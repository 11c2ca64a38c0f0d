"""Tensors from a shape or a rule, as numpy and Keras make them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import config, ops

keras = pytest.importorskip("keras")
from tests.ops.helpers import compare, compare_gradients, gradients, separated  # noqa: E402


def test_constant_tensors_and_their_types():
    for name in ("zeros", "ones"):
        compare(name, (2, 3))
        compare(name, 3, dtype="int32")
    compare("full", (2, 3), 2.5)
    compare("full", (2, 3), 2)
    compare("full", (2, 3), [1.0, 2.0, 3.0])
    compare("full", (2,), 2, dtype="float64")
    assert ops.empty((2, 0)).shape == (2, 0)
    assert ops.empty(2, dtype="int8").dtype is torch.int8
    config.set_floatx("float64")
    try:
        assert ops.zeros(2).dtype is torch.float64
        assert ops.eye(2).dtype is torch.float64
    finally:
        config.set_floatx("float32")


def test_tensors_like_others():
    x = torch.ones(2, 3, dtype=torch.float64)
    for name in ("zeros_like", "ones_like"):
        compare(name, x)
        compare(name, x, dtype="int32")
    compare("full_like", x, 2)
    compare("full_like", x, 2, dtype="int32")
    assert ops.empty_like(x, dtype="int8").dtype is torch.int8
    assert ops.empty_like(x).dtype is torch.float64


@given(n=st.integers(1, 4), m=st.one_of(st.none(), st.integers(1, 4)), k=st.integers(-4, 4))
def test_diagonals(n, m, k):
    compare("eye", n, m, k=k)
    compare("tri", n, m, k=k)
    compare("identity", n, dtype="int32")
    matrix = separated((n, m or 3), 0)
    compare_gradients("tril", matrix, k=k)
    compare_gradients("triu", matrix, k=k)
    if -n < k < (m or 3):
        compare_gradients("diag", matrix, k=k)
        compare_gradients("diagonal", matrix, offset=k)
    compare_gradients("diag", separated((n,), 0), k=k)
    compare("diagonal", separated((n, 2, 3), 0), offset=1, axis1=2, axis2=0)


@pytest.mark.parametrize(
    "arguments", [(5,), (2, 7), (2, 7, 2), (0.0, 1.0, 0.25), (5.5,), (7, 2, -2)]
)
def test_ranges(arguments):
    compare("arange", *arguments)
    compare("arange", *arguments, dtype="float64")


def test_ranges_from_tensors():
    assert ops.arange(torch.tensor(3)).tolist() == [0, 1, 2]
    assert ops.arange(np.int64(3), dtype="int32").dtype is torch.int32


@given(
    start=st.floats(-5, 5),
    stop=st.floats(-5, 5),
    num=st.integers(0, 6),
    endpoint=st.booleans(),
)
def test_equal_distances(start, stop, num, endpoint):
    ours, step = ops.linspace(start, stop, num, endpoint, retstep=True, dtype="float64")
    theirs, their_step = np.linspace(start, stop, num, endpoint, retstep=True)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(step, their_step, rtol=1e-12, atol=1e-12)
    if num > 1 and endpoint:
        assert float(ours[-1]) == stop


def test_distances_between_tensors():
    start, stop = np.array([0.0, 1.0]), np.array([[1.0, 3.0], [2.0, 5.0]])
    for axis in (0, 1, -1):
        np.testing.assert_allclose(
            ops.linspace(start, stop, 4, axis=axis), np.linspace(start, stop, 4, axis=axis)
        )
    assert ops.linspace(0, 1, 3).dtype is torch.float32
    assert ops.linspace(0, 10, 3, dtype="int32").tolist() == [0, 5, 10]
    (gradient,) = gradients(lambda x: ops.linspace(x, 1.0, 3), [2.0])
    np.testing.assert_allclose(gradient, np.cos(1.0) + 0.5 * np.cos(2.0))


@pytest.mark.parametrize("endpoint", [True, False])
@pytest.mark.parametrize("num", [1, 2, 5])
def test_numbers_of_equal_ratio(num, endpoint):
    for base in (10, 2.0):
        have = ops.logspace(0.0, 3.0, num, endpoint, base, "float64")
        want = np.logspace(0.0, 3.0, num, endpoint, base)
        np.testing.assert_allclose(have, want, rtol=1e-6)
    have = ops.logspace(np.zeros(2), np.array([1.0, 2.0]), num, endpoint, axis=-1)
    want = np.logspace(np.zeros(2), np.array([1.0, 2.0]), num, endpoint, axis=-1)
    np.testing.assert_allclose(have, want, rtol=1e-12)
    assert ops.logspace(0, 1, 3, dtype="int32").tolist() == [1, 3, 10]
    compare("logspace", 0.0, 3.0, num=num, rtol=1e-6)
