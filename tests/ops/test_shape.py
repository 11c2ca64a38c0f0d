"""Arrangement of elements: values and gradients of Keras or numpy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import ops

keras = pytest.importorskip("keras")
from tests.ops.helpers import compare, compare_gradients, separated, shapes, with_axis  # noqa: E402


@given(shape=shapes(min_dims=1), data=st.data())
def test_order_of_axes(shape, data):
    x = separated(shape, 0)
    axes = data.draw(st.permutations(range(len(shape))))
    compare_gradients("transpose", x)
    compare_gradients("transpose", x, axes=axes)
    one = st.integers(-len(shape), len(shape) - 1)
    a, b = data.draw(one), data.draw(one)
    compare_gradients("swapaxes", x, axis1=a, axis2=b)
    compare_gradients("moveaxis", x, source=a, destination=b)
    compare("moveaxis", x, source=axes, destination=list(range(len(shape))))
    compare_gradients("reshape", x, newshape=(-1, shape[a]))
    compare("ravel", x)


@given(shape=shapes(), data=st.data())
def test_new_axes_and_back(shape, data):
    x = separated(shape, 0)
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    compare_gradients("expand_dims", x, axis=axis)
    wide = np.expand_dims(x, axis)
    compare_gradients("squeeze", wide, axis=axis)
    compare("squeeze", wide)
    compare("expand_dims", x, axis=(0, -1))
    assert ops.squeeze(np.zeros((1, 2, 1)), axis=(0, 2)).shape == (2,)


def test_reshape_takes_none_for_the_batch_and_names_wrong_sizes():
    assert ops.reshape(np.zeros((2, 6)), (None, 3)).shape == (4, 3)
    assert ops.reshape(np.zeros((2, 6)), 12).shape == (12,)
    with pytest.raises(ValueError, match=r"`newshape` must have as many elements.*\(5, 3\)"):
        ops.reshape(np.zeros((2, 6)), (5, 3))


def test_squeeze_refuses_an_axis_of_another_size():
    with pytest.raises(ValueError, match="`axis` must name axes of size 1; received axis=0"):
        ops.squeeze(np.zeros((2, 1)), axis=0)


@given(case=with_axis(), shift=st.integers(-5, 5))
def test_flip_and_roll(case, shift):
    shape, axis = case
    x = separated(shape, 0)
    compare_gradients("flip", x, axis=axis)
    np.testing.assert_array_equal(ops.roll(x, shift, axis), np.roll(x, shift, axis))


def test_roll_by_several_numbers():
    x = separated((3, 4), 0)
    np.testing.assert_array_equal(ops.roll(x, (1, 2), (0, 1)), np.roll(x, (1, 2), (0, 1)))


@given(k=st.integers(-3, 5), axes=st.permutations([0, 1, 2]))
def test_quarter_turns(k, axes):
    x = separated((2, 3, 2), 0)
    compare("rot90", x, k=k, axes=tuple(axes[:2]))


@given(case=with_axis(several=False, none=False), n=st.integers(1, 3))
def test_joining(case, n):
    shape, axis = case
    parts = [separated(shape, i) for i in range(n)]
    assert_like_numpy = np.testing.assert_array_equal
    assert_like_numpy(ops.concatenate(parts, axis), np.concatenate(parts, axis))
    assert_like_numpy(ops.stack(parts, axis), np.stack(parts, axis))
    assert_like_numpy(ops.append(parts[0], parts[-1], axis), np.append(parts[0], parts[-1], axis))
    assert_like_numpy(ops.append(parts[0], parts[-1]), np.append(parts[0], parts[-1]))
    assert_like_numpy(ops.hstack(parts), np.hstack(parts))
    assert_like_numpy(ops.vstack(parts), np.vstack(parts))


def test_joined_types_are_promoted():
    parts = [torch.ones(2, dtype=torch.int32), torch.ones(2, dtype=torch.float64)]
    assert ops.concatenate(parts).dtype is torch.float64
    assert ops.stack(parts).dtype is torch.float64
    assert ops.concatenate([[[1, 2]], [[3, 4]]], axis=None).tolist() == [1, 2, 3, 4]


@given(case=with_axis(several=False, none=False, max_side=6), data=st.data())
def test_cutting(case, data):
    shape, axis = case
    x = separated(shape, 0)
    n = shape[axis]
    places = sorted(data.draw(st.lists(st.integers(0, n), min_size=1, max_size=3)))
    parts = [k for k in range(1, n + 1) if n % k == 0]
    for sections in (places, data.draw(st.sampled_from(parts))):
        compare("split", x, indices_or_sections=sections, axis=axis)
    compare("array_split", x, indices_or_sections=3, axis=axis)
    compare("unstack", torch.tensor(x), axis=axis)


def test_cutting_refuses_what_does_not_divide():
    with pytest.raises(ValueError, match="`indices_or_sections` must divide the size 5 of axis 0"):
        ops.split(np.zeros(5), 2)
    with pytest.raises(ValueError, match="`num` must be the size 5 of axis 0; received num=4"):
        ops.unstack(np.zeros(5), 4)
    assert len(ops.unstack(np.zeros(5), 5)) == 5


@given(case=with_axis(several=False), data=st.data())
def test_repetition(case, data):
    shape, axis = case
    x = separated(shape, 0)
    n = x.size if axis is None else shape[axis]
    times = data.draw(st.integers(0, 3))
    each = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    np.testing.assert_array_equal(ops.repeat(x, times, axis), np.repeat(x, times, axis))
    np.testing.assert_array_equal(ops.repeat(x, each, axis), np.repeat(x, each, axis))
    tiles = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    np.testing.assert_array_equal(ops.tile(x, tiles), np.tile(x, tiles))
    np.testing.assert_array_equal(ops.tile(x, times), np.tile(x, times))


def test_repeat_wants_a_number_for_each_slice():
    with pytest.raises(ValueError, match="`repeats` must have one number for each of the 3"):
        ops.repeat([1, 2, 3], [1, 2])
    assert ops.repeat([1, 2], [2]).tolist() == [1, 1, 2, 2]


@given(shape=shapes(min_dims=1, min_side=3, max_side=5), data=st.data())
def test_padding(shape, data):
    x = separated(shape, 0)
    sizes = st.integers(0, 2)
    width = data.draw(st.lists(st.tuples(sizes, sizes), min_size=len(shape), max_size=len(shape)))
    for mode in ("constant", "reflect", "symmetric"):
        np.testing.assert_array_equal(ops.pad(x, width, mode), np.pad(x, width, mode))
    np.testing.assert_array_equal(
        ops.pad(x, width, constant_values=3.0), np.pad(x, width, constant_values=3.0)
    )
    compare_gradients("pad", x, pad_width=width)
    if len(shape) == 1:
        compare_gradients("pad", x, pad_width=width, mode="reflect")


def test_padding_by_one_number_and_wrong_modes():
    np.testing.assert_array_equal(ops.pad(np.ones((2, 2)), 1), np.pad(np.ones((2, 2)), 1))
    with pytest.raises(ValueError, match="Unknown mode of padding: 'reflct'. Did you mean"):
        ops.pad([1, 2], 1, mode="reflct")
    with pytest.raises(ValueError, match="`constant_values` must be None unless `mode`"):
        ops.pad([1, 2], 1, mode="reflect", constant_values=1)


@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    indexing=st.sampled_from(["xy", "ij"]),
)
def test_grids(sizes, indexing):
    ticks = [separated((n,), i) for i, n in enumerate(sizes)]
    compare("meshgrid", *ticks, indexing=indexing)


def test_broadcast_to():
    compare_gradients("broadcast_to", separated((3, 1), 0), shape=(2, 3, 4))


def test_sizes():
    x = np.zeros((2, 0, 3))
    assert ops.shape(x) == ops.shape(torch.zeros(2, 0, 3)) == (2, 0, 3)
    assert (ops.ndim(x), ops.size(x)) == (3, 0)
    assert ops.shape([[1, 2], [3, 4]]) == (2, 2)
    assert ops.shape(3.0) == ()
    assert ops.size(ops.ones((2, 3))) == 6


def test_turned_matrices():
    x = np.arange(12.0).reshape(2, 3, 2)
    for name in ("fliplr", "flipud"):
        compare_gradients(name, x)
