"""Conversions, gradients that are cut or replaced, branches and loops."""

import numpy as np
import pytest
import torch

from profond import config, ops

keras = pytest.importorskip("keras")
from tests.ops.helpers import compare  # noqa: E402


def test_conversions():
    assert ops.convert_to_tensor([1, 2]).dtype is torch.int32
    assert ops.convert_to_tensor([1, 2], dtype="float64").dtype is torch.float64
    assert ops.array(np.ones(2, dtype=np.float16)).dtype is torch.float16
    assert ops.cast([1.7], "int32").tolist() == [1]
    assert ops.is_tensor(torch.ones(1))
    assert not ops.is_tensor(np.ones(1))
    assert ops.dtype(np.ones(1)) == "float64"
    assert ops.dtype(1.0) == "float32"
    x = torch.ones(2)
    copy = ops.copy(x)
    copy[0] = 5
    assert x.tolist() == [1.0, 1.0]
    with pytest.raises(ValueError, match="`sparse` must be False"):
        ops.convert_to_tensor([1], sparse=True)
    with pytest.raises(ValueError, match="`ragged` must be False"):
        ops.convert_to_tensor([1], ragged=True)


def test_back_to_numpy():
    x = torch.ones(2, requires_grad=True)
    assert isinstance(ops.convert_to_numpy(x), np.ndarray)
    np.testing.assert_array_equal(ops.convert_to_numpy([x, 2 * x]), [[1, 1], [2, 2]])
    np.testing.assert_array_equal(ops.convert_to_numpy([1, 2]), [1, 2])
    assert ops.convert_to_numpy(torch.ones(1, dtype=torch.bfloat16)).dtype == np.float32


def test_the_default_float_type_is_that_of_python_numbers():
    config.set_floatx("float64")
    try:
        assert ops.convert_to_tensor(0.1).dtype is torch.float64
    finally:
        config.set_floatx("float32")


def test_a_constant_has_no_gradient():
    x = torch.tensor(3.0, requires_grad=True)
    (x * ops.stop_gradient(x)).backward()
    assert x.grad == 3.0


def test_a_gradient_of_ones_own():
    # Keras's example: the derivative of log(1 + e^x) without overflow.
    @ops.custom_gradient
    def log1pexp(x):
        e = ops.exp(x)

        def grad(*args, upstream=None):
            if upstream is None:
                (upstream,) = args
            return ops.multiply(upstream, 1.0 - 1.0 / ops.add(1, e))

        return ops.log(1 + e), grad

    x = torch.tensor([0.0, 1.0], requires_grad=True)
    log1pexp(x).sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad, torch.sigmoid(x.detach()))
    assert log1pexp.__name__ == "log1pexp"


def test_a_gradient_with_respect_to_some_arguments():
    @ops.custom_gradient
    def clipped_product(x, y):
        return x * y, lambda upstream: (ops.clip(upstream * y, -1, 1), None)

    x = torch.tensor(2.0, requires_grad=True)
    clipped_product(x, 5.0).backward()
    assert x.grad == 1.0
    with pytest.raises(TypeError, match=r"must return `\(result, gradient function\)`; wrong"):

        @ops.custom_gradient
        def wrong(x):
            return x

        wrong(x)


def test_branches():
    assert ops.cond(torch.tensor(True), lambda: 1, lambda: 2) == 1
    assert ops.cond(0 > 1, lambda: 1, lambda: 2) == 2
    assert ops.cond(torch.ones((), device="meta"), lambda: 1, lambda: 2) == 1
    branches = [lambda x: x, lambda x: -x]
    assert [ops.switch(i, branches, 3) for i in (-1, 0, 1, 2)] == [3, 3, -3, -3]
    assert ops.switch(torch.ones((), device="meta"), branches, 3) == 3


def test_while_loops():
    def below_ten(i, x):
        return i < 10

    def double(i, x):
        return i + 1, 2 * x

    i, x = ops.while_loop(below_ten, double, (0, 1.0))
    assert (int(i), float(x)) == (10, 1024.0)
    i, x = ops.while_loop(below_ten, double, (0, 1.0), maximum_iterations=3)
    assert (int(i), float(x)) == (3, 8.0)
    assert int(ops.while_loop(lambda i: i < 5, lambda i: i + 2, 0)) == 6
    assert ops.fori_loop(1, 4, lambda i, total: total + i, 0) == 6


@pytest.mark.parametrize("reverse", [False, True])
def test_scan(reverse):
    def step(total, x):
        return total + x, 2 * total

    compare("scan", step, np.array(0.0), np.array([1.0, 2.0, 3.0]), reverse=reverse)
    compare("scan", lambda a, _: (2 * a, a), np.array(1.0), length=4)


def test_scan_of_nested_tensors():
    state, results = ops.scan(
        lambda s, x: ({"sum": s["sum"] + x[0]}, (x[0], x[1])),
        {"sum": 0.0},
        (np.arange(3.0), np.ones((3, 2))),
    )
    assert float(state["sum"]) == 3.0
    assert [tuple(r.shape) for r in results] == [(3,), (3, 2)]
    state, results = ops.scan(lambda s, x: (s + x, None), 0.0, np.array([1.0, 2.0]))
    assert (float(state), results) == (3.0, None)
    with pytest.raises(ValueError, match="`length` must be given where `xs` is None"):
        ops.scan(lambda s, x: (s, x), 0.0)


def test_functions_of_each_slice():
    x = torch.arange(6.0).reshape(3, 2)
    compare("map", lambda row: row.sum(), x)
    compare("vectorized_map", lambda row: row.sum(), x)
    noise = ops.vectorized_map(lambda row: row + torch.rand(()), torch.zeros(3))
    assert len(set(noise.tolist())) == 3
