"""Reductions without NaN: values of numpy, gradients of those on what is left."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import ops

keras = pytest.importorskip("keras")
from tests.ops.helpers import (  # noqa: E402
    compare,
    compare_gradients,
    gradients,
    separated,
    with_axis,
)

REDUCTIONS = ["nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanmedian"]


def some_missing(shape, seed):
    x = separated(shape, seed, scale=0.5)
    return np.where(np.random.default_rng(seed).random(shape) < 0.3, np.nan, x)


@given(case=with_axis(), keepdims=st.booleans(), seed=st.integers(0, 99))
@pytest.mark.parametrize("name", REDUCTIONS)
def test_values_are_those_of_numpy(name, case, keepdims, seed):
    shape, axis = case
    x = some_missing(shape, seed)
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # nothing is left
        want = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    have = getattr(ops, name)(x, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(have.numpy(), want, rtol=1e-12, atol=1e-12)


@given(
    case=with_axis(),
    keepdims=st.booleans(),
    q=st.one_of(st.floats(0, 1), st.lists(st.floats(0, 1), min_size=1, max_size=3)),
    method=st.sampled_from(["linear", "lower", "higher", "nearest", "midpoint"]),
    seed=st.integers(0, 99),
)
def test_quantiles_are_those_of_numpy(case, keepdims, q, method, seed):
    shape, axis = case
    x, options = some_missing(shape, seed), {"method": method, "keepdims": keepdims}
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        want = np.nanquantile(x, q, axis=axis, **options)
    have = ops.nanquantile(x, q, axis=axis, **options)
    np.testing.assert_allclose(have.numpy(), want, rtol=1e-9, atol=1e-9)
    percent = np.multiply(q, 100)
    have = ops.nanpercentile(x, percent, axis=axis, keepdims=keepdims)
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        want = np.nanpercentile(x, percent, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(have.numpy(), want, rtol=1e-9, atol=1e-9)
    filled = separated(shape, seed)
    have = ops.percentile(filled, percent, axis=axis, keepdims=keepdims)
    want = np.percentile(filled, percent, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(have.numpy(), want, rtol=1e-9, atol=1e-9)


@given(case=with_axis(several=False), keepdims=st.booleans(), seed=st.integers(0, 99))
@pytest.mark.parametrize("name", ["nanargmax", "nanargmin"])
def test_places_are_those_of_keras(name, case, keepdims, seed):
    shape, axis = case
    x = np.round(some_missing(shape, seed))  # some are equal
    compare(name, x, axis=axis, keepdims=keepdims)
    compare(name, (x > 0), axis=axis, keepdims=keepdims)
    compare(name, np.nan_to_num(x).astype("int32"), axis=axis, keepdims=keepdims)


def test_the_place_of_an_infinity_beside_nan():
    assert int(ops.nanargmax([np.nan, -np.inf])) == 1  # numpy and Keras say 0, where there is NaN
    assert int(ops.nanargmin([np.nan, np.inf, np.inf])) == 1
    assert ops.nanargmax([[np.nan], [2.0]], axis=1, keepdims=True).tolist() == [[-1], [0]]
    assert int(ops.nanargmin([np.nan, np.nan])) == -1


@given(case=with_axis(several=False), seed=st.integers(0, 99))
@pytest.mark.parametrize("name", ["nancumsum", "nancumprod"])
def test_cumulative_ones_are_those_of_keras(name, case, seed):
    shape, axis = case
    x = some_missing(shape, seed)
    compare_gradients(name, x, axis=axis)
    compare(name, x.astype("float32"), axis=axis, dtype="float64")
    compare(name, x > 0, axis=axis)
    with np.errstate(invalid="ignore"):
        x = np.where(x > 0, np.inf, x)
        np.testing.assert_allclose(getattr(ops, name)(x, axis), getattr(np, name)(x, axis))


@pytest.mark.parametrize("name", [*REDUCTIONS, "nanquantile"])
def test_gradients_are_those_of_what_is_left(name):
    x = np.array([1.5, np.nan, -2.0, 0.5, np.nan, 4.0])
    extra = {"q": 0.3} if name == "nanquantile" else {}
    (have,) = gradients(getattr(ops, name), [x], **extra)
    (want,) = gradients(getattr(ops, name.removeprefix("nan")), [x[~np.isnan(x)]], **extra)
    np.testing.assert_allclose(have[~np.isnan(x)], want, rtol=1e-12)
    assert have[np.isnan(x)].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("name", ["nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmax"])
@pytest.mark.parametrize("dtype", ["int8", "int32", "float32"])
def test_types_are_those_of_keras(name, dtype):
    compare(name, np.array([[1, 2, 3], [4, 5, 6]], dtype), axis=1, rtol=1e-6)


def test_nothing_is_left():
    x = torch.full((3,), torch.nan)
    assert float(ops.nansum(x)) == 0.0
    assert float(ops.nanprod(x)) == 1.0
    for name in ("nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanmedian"):
        assert getattr(ops, name)(x).isnan()


def test_infinity_is_not_missing():
    x = torch.tensor([1.0, torch.inf, torch.nan])
    assert ops.nansum(x) == ops.nanmax(x) == torch.inf
    assert ops.nansum(x, axis=()).tolist() == [1.0, torch.inf, 0.0]
    np.testing.assert_array_equal(ops.nanmedian(x, axis=()), x)
    np.testing.assert_array_equal(ops.nanmean(x, axis=()), x)


@pytest.mark.parametrize("name", ["nanvar", "nanstd"])
@pytest.mark.parametrize("axis", [None, 0, 1, ()])
def test_an_infinity_has_no_variance(name, axis):
    x = np.array([[np.inf, 1.0, np.nan], [np.nan] * 3, [2.0, 3.0, 4.0], [np.nan, -np.inf, np.nan]])
    compare(name, x, axis=axis)
    assert getattr(ops, name)([np.inf, 1.0, np.nan]).isnan()
    assert getattr(ops, name)([np.inf]).isnan()


def test_in_a_functional_model():
    entry = profond.Input((3,))
    model = profond.Model(entry, ops.nanmean(entry, axis=-1, keepdims=True))
    assert model.output_shape == (None, 1)
    assert model(torch.tensor([[1.0, torch.nan, 3.0]])).tolist() == [[2.0]]
