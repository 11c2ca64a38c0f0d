"""Sums, means, extremes: values, gradients, axes and types of Keras or numpy."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from profond import ops

keras = pytest.importorskip("keras")
from tests.ops.helpers import (  # noqa: E402
    arrays,
    compare,
    compare_gradients,
    gradients,
    separated,
    with_axis,
)


def check(name, x, axis, keepdims):
    """Values of numpy; gradients of Keras, which forgets `keepdims` where `axis` is None."""
    ours = getattr(ops, name)(x, axis=axis, keepdims=keepdims)
    theirs = x if axis == () else getattr(np, name)(x, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-12)
    finite = name != "std" or np.min(theirs) > 0
    if finite and not (axis is None and keepdims):
        compare_gradients(name, x, axis=axis, keepdims=keepdims)


@given(case=with_axis(empty=True), keepdims=st.booleans(), data=st.data())
def test_sums_and_means(case, keepdims, data):
    shape, axis = case
    x = data.draw(arrays(shape, low=0.5, high=2.0))
    for name in ("sum", "mean"):
        check(name, x, axis, keepdims)


@given(case=with_axis(), keepdims=st.booleans(), data=st.data())
def test_products_and_log_sums(case, keepdims, data):
    shape, axis = case
    x = data.draw(arrays(shape, low=0.5, high=2.0))
    check("prod", x, axis, keepdims)
    if axis is not None:
        compare_gradients("logsumexp", x, axis=axis, keepdims=keepdims)
    else:
        ours, theirs = (f(x, keepdims=keepdims) for f in (ops.logsumexp, keras.ops.logsumexp))
        np.testing.assert_allclose(ours, theirs)


@given(case=with_axis(), keepdims=st.booleans(), seed=st.integers(0, 99))
def test_extremes_and_spread(case, keepdims, seed):
    shape, axis = case
    x = separated(shape, seed)
    for name in ("max", "min", "amax", "amin", "ptp", "std", "var"):
        check(name, x, axis, keepdims)


@given(case=with_axis(several=False), keepdims=st.booleans(), seed=st.integers(0, 99))
def test_positions_of_extremes(case, keepdims, seed):
    shape, axis = case
    x = separated(shape, seed)
    for name in ("argmax", "argmin"):
        compare(name, x, axis=axis, keepdims=keepdims)


@given(case=with_axis(empty=True), keepdims=st.booleans(), data=st.data())
def test_all_any_and_counts(case, keepdims, data):
    shape, axis = case
    x = np.round(data.draw(arrays(shape, low=-1, high=1)))
    for name in ("all", "any"):
        compare(name, x, axis=axis, keepdims=keepdims)
    np.testing.assert_array_equal(
        ops.count_nonzero(x, axis=axis),
        (x != 0).astype(int) if axis == () else np.count_nonzero(x, axis=axis),
    )
    assert ops.count_nonzero(x, axis=axis).dtype is torch.int32


@given(
    case=with_axis(min_side=1, max_side=5),
    keepdims=st.booleans(),
    q=st.one_of(st.floats(0, 1), st.lists(st.floats(0, 1), min_size=1, max_size=3)),
    method=st.sampled_from(["linear", "lower", "higher", "nearest", "midpoint"]),
    seed=st.integers(0, 99),
)
def test_quantiles(case, keepdims, q, method, seed):
    shape, axis = case
    x = separated(shape, seed)
    ours = ops.quantile(x, np.array(q), axis=axis, method=method, keepdims=keepdims)
    theirs = np.quantile(x, q, axis=axis, method=method, keepdims=keepdims)
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-9, atol=1e-9)


@given(case=with_axis(), keepdims=st.booleans(), seed=st.integers(0, 99))
def test_median_and_its_gradient(case, keepdims, seed):
    shape, axis = case
    compare_gradients("median", separated(shape, seed), axis=axis, keepdims=keepdims)


@pytest.mark.slow
def test_quantile_of_more_numbers_than_torch_takes():
    assert float(ops.median(torch.arange(2**24 + 1, dtype=torch.float64))) == 2**23


def test_quantile_of_nan():
    assert np.isnan(float(ops.quantile([1.0, np.nan, 2.0], 0.0)))
    assert ops.median([[1.0, np.nan], [1.0, 3.0]], axis=1).tolist()[1] == 2.0


@given(
    x=hnp.arrays(np.float64, (2, 5), elements=st.sampled_from([-np.inf, -1.0, 0.0, 2.0, np.inf])),
    q=st.sampled_from([0.0, 0.2, 0.25, 0.5, 0.6, 0.75, 1.0]),
    method=st.sampled_from(["lower", "higher", "nearest"]),
)
def test_infinities_are_elements_like_others(x, q, method):
    for function, theirs in ((ops.quantile, np.quantile), (ops.nanquantile, np.nanquantile)):
        have = function(x, q, axis=1, method=method)
        np.testing.assert_array_equal(have, theirs(x, q, axis=1, method=method))
    with np.errstate(invalid="ignore"):  # numpy takes the mean of -inf and inf
        np.testing.assert_array_equal(ops.median(x, axis=1), np.median(x, axis=1))
        np.testing.assert_array_equal(ops.median(x[:, 1:], axis=1), np.median(x[:, 1:], axis=1))


@pytest.mark.parametrize("name", ["median", "nanmedian"])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [((0,), None), ((0, 3), 0), ((0, 3), -1), ((2, 0, 3), 1), ((2, 0), (0, 1)), ((0, 0), 0)],
)
def test_of_no_elements_the_median_is_that_of_numpy(name, shape, axis, keepdims):
    x = np.zeros(shape)
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        want = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    have = getattr(ops, name)(x, axis=axis, keepdims=keepdims)
    assert have.shape == want.shape
    np.testing.assert_array_equal(have, want)


def test_quantile_refuses_an_unknown_method():
    with pytest.raises(ValueError, match="`method` must be 'linear'.*received 'cubic'"):
        ops.quantile([1.0, 2.0], 0.5, method="cubic")


@given(case=with_axis(several=False), data=st.data())
def test_cumulative_sums_and_products(case, data):
    shape, axis = case
    x = data.draw(arrays(shape, low=0.5, high=2.0))
    for name in ("cumsum", "cumprod"):
        compare_gradients(name, x, axis=axis)
        compare(name, x, axis=axis, dtype="float64")


@given(case=with_axis(several=False, none=False, min_side=2), n=st.integers(0, 1), data=st.data())
def test_differences(case, n, data):
    shape, axis = case
    compare_gradients("diff", data.draw(arrays(shape)), n=n, axis=axis)


@given(case=with_axis(), data=st.data())
def test_weighted_averages(case, data):
    shape, axis = case
    x = data.draw(arrays(shape))
    w = data.draw(arrays(shape, low=0.5, high=2.0))
    np.testing.assert_allclose(
        ops.average(x, axis=axis, weights=w), np.average(x, axis=axis, weights=w), atol=1e-12
    )
    np.testing.assert_allclose(ops.average(x, axis=axis), np.mean(x, axis=axis), atol=1e-12)
    if axis is not None and isinstance(axis, int):
        along = w.reshape(-1)[:1].repeat(shape[axis]) * np.arange(1.0, shape[axis] + 1)
        np.testing.assert_allclose(
            ops.average(x, axis=axis, weights=along),
            np.average(x, axis=axis, weights=along),
            atol=1e-12,
        )


def test_weights_along_several_axes():
    x, w = np.arange(24.0).reshape(2, 3, 4), np.arange(1.0, 9).reshape(4, 2)
    np.testing.assert_allclose(
        ops.average(x, axis=(2, 0), weights=w), np.average(x, axis=(2, 0), weights=w)
    )


def test_average_refuses_weights_of_another_shape():
    with pytest.raises(ValueError, match=r"`weights` must have the shape.*\(2,\) and \(3,\)"):
        ops.average([1.0, 2.0, 3.0], axis=0, weights=[1.0, 2.0])


@pytest.mark.parametrize(
    ("name", "dtype", "expected"),
    [
        ("sum", "int8", "int32"),
        ("sum", "int32", "int32"),
        ("sum", "int64", "int64"),
        ("sum", "bool", "int32"),
        ("sum", "float16", "float16"),
        ("prod", "uint8", "int32"),
        ("prod", "int64", "int64"),
        ("mean", "int32", "float32"),
        ("mean", "bool", "float32"),
        ("mean", "bfloat16", "bfloat16"),
        ("var", "int32", "float32"),
        ("std", "float64", "float64"),
        ("max", "int8", "int8"),
        ("argmax", "bool", "int32"),
        ("argmin", "float64", "int32"),
        ("cumsum", "bool", "int32"),
        ("cumsum", "int32", "int32"),
        ("cumprod", "float16", "float16"),
        ("any", "int32", "bool"),
        ("count_nonzero", "float32", "int32"),
    ],
)
def test_type_of_the_result(name, dtype, expected):
    x = torch.ones(3).to(getattr(torch, dtype))
    assert ops.dtype(getattr(ops, name)(x)) == expected


def test_prod_in_another_type():
    assert ops.prod([100, 100], dtype="float64").dtype is torch.float64
    assert ops.prod([[1, 2], [3, 4]], axis=()).shape == (2, 2)


@pytest.mark.parametrize("name", ["max", "min"])
def test_extremes_with_a_start(name):
    x = np.array([[1.0, -2.0], [3.0, 4.0]])
    for initial in (-10.0, 0.0, 10.0):
        theirs = getattr(np, name)(x, axis=1, initial=initial)
        np.testing.assert_array_equal(getattr(ops, name)(x, axis=1, initial=initial), theirs)
    empty = np.zeros((2, 0, 3))
    assert getattr(ops, name)(empty, axis=1, initial=5.0).tolist() == [[5.0] * 3] * 2
    assert getattr(ops, name)(empty, initial=5.0, keepdims=True).shape == (1, 1, 1)
    with pytest.raises(ValueError, match=f"`{name}` of no elements needs `initial`"):
        getattr(ops, name)(empty)


def test_equal_extremes_share_the_gradient():
    (gradient,) = gradients(lambda x: ops.max(x) / np.cos(1.0), [[1.0, 3.0, 3.0]])
    assert gradient.tolist() == [0.0, 0.5, 0.5]


def test_tensors_in_a_list_are_stacked():
    parts = [torch.ones(2), torch.zeros(2)]
    assert ops.sum(parts, axis=0).tolist() == [1.0, 1.0]
    assert ops.mean(parts, axis=0).tolist() == [0.5, 0.5]


def test_an_axis_out_of_range_is_named():
    with pytest.raises(ValueError, match="`axis` must be from -2 to 1.*received axis=2"):
        ops.sum(np.ones((2, 3)), axis=2)


def test_no_axis_reduces_nothing():
    x = np.array([[1.0, 2.0]])
    for name in ("sum", "mean", "max", "prod", "quantile"):
        arguments = (x, 0.5) if name == "quantile" else (x,)
        assert getattr(ops, name)(*arguments, axis=()).tolist() == x.tolist()
    assert ops.var(x, axis=()).tolist() == [[0.0, 0.0]]
    assert ops.std(x, axis=[]).tolist() == [[0.0, 0.0]]


@given(case=with_axis(several=False, none=False, min_side=2), seed=st.integers(0, 99))
def test_integrals_by_trapezoids(case, seed):
    shape, axis = case
    y = separated(shape, seed)
    along = np.cumsum(np.random.default_rng(seed).random(shape[axis]) + 0.1)
    for places in ({}, {"dx": 0.5}, {"x": along}):
        compare_gradients("trapezoid", y, axis=axis, **places)
    assert float(ops.trapezoid([1, 2, 4])) == 4.5
