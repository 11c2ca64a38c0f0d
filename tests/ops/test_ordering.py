"""Sorting, largest elements, bins and segments, as numpy and Keras do."""

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
    assert_same,
    compare,
    compare_gradients,
    gradients,
    separated,
    with_axis,
)


@given(case=with_axis(several=False), seed=st.integers(0, 99))
def test_sorting(case, seed):
    shape, axis = case
    x = separated(shape, seed)
    np.testing.assert_array_equal(ops.sort(x, axis), np.sort(x, axis))
    compare("argsort", x, axis=axis)
    if axis is not None:
        compare_gradients("sort", x, axis=axis)


def test_equal_elements_keep_their_order():
    x = np.array([True, False] * 40)
    np.testing.assert_array_equal(ops.argsort(x), np.argsort(x, kind="stable"))


@given(n=st.integers(1, 5), data=st.data(), seed=st.integers(0, 99))
def test_largest_elements(n, data, seed):
    x = separated((2, n), seed)
    k = data.draw(st.integers(1, n))
    values, positions = ops.top_k(x, k)
    expected = np.argsort(-x, axis=-1)[:, :k]
    np.testing.assert_array_equal(positions, expected)
    assert positions.dtype is torch.int32
    np.testing.assert_array_equal(values, np.take_along_axis(x, expected, -1))
    unsorted = ops.top_k(x, k, sorted=False)[0]
    np.testing.assert_array_equal(np.sort(unsorted), np.sort(values))


def test_largest_elements_of_too_few():
    with pytest.raises(ValueError, match="`k` must be from 0 to the size 2 .*received k=3"):
        ops.top_k([1.0, 2.0], 3)


@given(
    x=hnp.arrays(np.float64, (4, 5), elements=st.integers(0, 4)),
    classes=hnp.arrays(np.int32, 4, elements=st.integers(0, 4)),
    k=st.integers(1, 5),
)
def test_classes_among_the_highest_scores(x, classes, k):
    compare("in_top_k", classes, x, k)


@given(seed=st.integers(0, 99), values=arrays(), side=st.sampled_from(["left", "right"]))
def test_places_in_a_sorted_sequence(seed, values, side):
    sequence = np.sort(np.round(np.random.default_rng(seed).normal(0, 5, 6)))
    values = np.round(values)
    np.testing.assert_array_equal(
        ops.searchsorted(sequence, values, side), np.searchsorted(sequence, values, side)
    )
    compare("digitize", values, sequence)


def test_places_are_looked_for_in_one_axis():
    with pytest.raises(ValueError, match=r"`sorted_sequence` must have one axis.*\(1, 2\)"):
        ops.searchsorted([[1, 2]], [1])


@given(
    x=hnp.arrays(np.int32, st.sampled_from([(5,), (2, 4)]), elements=st.integers(0, 6)),
    minlength=st.integers(0, 9),
)
def test_counts_of_integers(x, minlength):
    rows = np.atleast_2d(x)
    longest = max(rows.max() + 1, minlength)
    expected = np.stack([np.bincount(row, minlength=longest) for row in rows])
    np.testing.assert_array_equal(
        ops.bincount(x, minlength=minlength), expected.reshape(*x.shape[:-1], -1)
    )
    weights = np.linspace(0.0, 1.0, x.size).reshape(x.shape)
    if x.ndim == 1:
        compare("bincount", x, weights=weights, minlength=minlength)


def test_counts_are_dense():
    with pytest.raises(ValueError, match="`sparse` must be False"):
        ops.bincount([1], sparse=True)
    assert ops.bincount(np.zeros(0, dtype=int), minlength=2).tolist() == [0, 0]


@given(
    ids=hnp.arrays(np.int64, 5, elements=st.integers(-1, 4)),
    tail=st.sampled_from([(), (2,), (2, 3)]),
    n=st.one_of(st.none(), st.integers(1, 6)),
)
def test_segments(ids, tail, n):
    if n is None and ids.max() < 0:
        n = 1
    x = separated((5, *tail), 0) + 0.5
    for name in ("segment_sum", "segment_max", "segment_min", "segment_prod"):
        ours = getattr(ops, name)(x, ids, n)
        theirs = getattr(keras.ops, name)(x, ids, n)  # computed in float32
        assert_same(ours, theirs, rtol=1e-5)
    (ours,) = gradients(ops.segment_sum, [x], segment_ids=ids, num_segments=n)
    inside = (ids >= 0) & (ids < (ids.max() + 1 if n is None else n))
    assert ((ours.reshape(5, -1) != 0).all(1).numpy() == inside).all()


def test_segments_of_integers_and_without_rows():
    x, ids = np.array([3, 1, 2]), np.array([0, 0, 2])
    assert ops.segment_max(x, ids).tolist()[::2] == [3, 2]
    assert ops.segment_max(x, ids)[1] == torch.iinfo(torch.int64).min
    assert ops.segment_min(x, ids)[1] == torch.iinfo(torch.int64).max
    assert ops.segment_prod(x, ids, sorted=True).tolist() == [3, 1, 2]
    assert ops.segment_sum(np.zeros((0, 2)), np.zeros(0, dtype=int)).shape == (0, 2)


@given(
    case=with_axis(several=False),
    sorted=st.booleans(),
    asked=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    size=st.one_of(st.none(), st.integers(1, 9)),
    fill_value=st.sampled_from([None, 7]),
    dtype=st.sampled_from(["int32", "float64", "bool"]),
    seed=st.integers(0, 99),
)
def test_different_elements(case, sorted, asked, size, fill_value, dtype, seed):
    shape, axis = case
    x = np.random.default_rng(seed).integers(0, 3, shape).astype(dtype)
    names = ["return_index", "return_inverse", "return_counts"]
    options = {"sorted": sorted, "axis": axis, **dict(zip(names, asked, strict=True))}
    ours = ops.unique(x, size=size, fill_value=fill_value, **options)
    if axis is None and options["return_index"] and x.ndim > 1:  # Keras on torch fails here
        theirs = keras.ops.unique(x.reshape(-1), size=size, fill_value=fill_value, **options)
        if options["return_inverse"]:
            theirs = (*theirs[:2], theirs[2].reshape(shape), *theirs[3:])
    else:
        theirs = keras.ops.unique(x, size=size, fill_value=fill_value, **options)
    assert_same(ours, theirs, dtype=False)
    for have in ours[1:] if isinstance(ours, tuple) else ():
        assert have.dtype is torch.int32
    if axis is None and any(asked) and size is None:
        want = np.unique(x, **dict(zip(names, asked, strict=True)))
        for have, expected in zip(ours, want, strict=True):
            np.testing.assert_array_equal(have, expected)


def test_different_elements_of_which_there_are_none():
    values, places, counts = ops.unique(np.zeros(0), return_index=True, return_counts=True)
    assert values.shape == places.shape == counts.shape == (0,)
    assert ops.unique(np.zeros(0), size=2, fill_value=3).tolist() == [3.0, 3.0]
    assert ops.unique([2, 1], size=0).tolist() == []
    assert len(ops.unique([np.nan, np.nan])) == 2
    with pytest.raises(ValueError, match="`size` must be >= 0, or None for all.*received -1"):
        ops.unique([1], size=-1)


@pytest.mark.parametrize("dtype", ["int64", "float64", "bool"])
@pytest.mark.parametrize("invert", [True, False])
def test_membership(dtype, invert):
    x = np.array([[0, 1, 2], [3, 1, 0]]).astype(dtype)
    compare("isin", x, np.array([1, 3]).astype(dtype), invert=invert)
    compare("isin", x, np.array([1.0, 3.0]), invert=invert)


@pytest.mark.parametrize(
    "options", [{}, {"bins": 4}, {"bins": 3, "range": (0.0, 2.0)}, {"bins": np.arange(-3.0, 4.0)}]
)
def test_counts_in_bins(options):
    x = np.random.default_rng(0).standard_normal((20, 3))
    have, edges = ops.histogram(x, **options)
    want, places = np.histogram(x, **options)
    np.testing.assert_array_equal(have, want)
    np.testing.assert_allclose(edges, places, rtol=1e-12, atol=1e-12)
    assert ops.histogram([1, 1, 2], bins=2)[0].tolist() == [2.0, 1.0]
