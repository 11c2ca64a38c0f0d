"""Taking, placing and choosing elements, as numpy and Keras do."""

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
    broadcasting,
    compare,
    compare_gradients,
    gradients,
    separated,
    shapes,
    with_axis,
)


@given(shape=shapes(min_dims=1), data=st.data())
def test_items(shape, data):
    x = separated(shape, 0)
    key = data.draw(hnp.basic_indices(shape, allow_newaxis=True).filter(no_negative_step))
    np.testing.assert_array_equal(ops.get_item(x, key), x[key])
    np.testing.assert_array_equal(ops.getitem(x, key), x[key])


def no_negative_step(key):
    """torch has no slices of negative step."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(not isinstance(p, slice) or p.step is None or p.step > 0 for p in parts)


@given(case=with_axis(several=False), data=st.data())
def test_taking(case, data):
    shape, axis = case
    x = separated(shape, 0)
    n = x.size if axis is None else shape[axis]
    wanted = data.draw(shapes(min_dims=0, max_dims=2, max_side=3))
    indices = data.draw(hnp.arrays(np.int64, wanted, elements=st.integers(-n, n - 1)))
    np.testing.assert_array_equal(ops.take(x, indices, axis), np.take(x, indices, axis))
    ours = gradients(ops.take, [x], indices=indices, axis=axis)
    theirs = gradients(lambda t: torch.as_tensor(0) + keras_take(t, indices, axis), [x])
    assert_same(ours, theirs)


def keras_take(x, indices, axis):
    """Keras's, which counts negative positions of the flat tensor in its first axis."""
    if axis is None:
        x, axis = x.reshape(-1), 0
    return keras.ops.take(x, indices, axis=axis)


@given(case=with_axis(several=False), data=st.data())
def test_taking_along_an_axis(case, data):
    shape, axis = case
    x = separated(shape, 0)
    n = x.size if axis is None else shape[axis]
    if axis is None:
        wanted = (data.draw(st.integers(1, 4)),)
    else:
        wanted = list(shape)
        wanted[axis] = data.draw(st.integers(1, 4))
    indices = data.draw(hnp.arrays(np.int64, wanted, elements=st.integers(-n, n - 1)))
    np.testing.assert_array_equal(
        ops.take_along_axis(x, indices, axis), np.take_along_axis(x, indices, axis)
    )


@given(pair=broadcasting(), data=st.data())
def test_choosing(pair, data):
    shape = np.broadcast_shapes(*(x.shape for x in pair))
    mask = data.draw(hnp.arrays(bool, shape))
    compare("where", mask)
    np.testing.assert_array_equal(ops.where(mask, *pair), np.where(mask, *pair))
    ours = gradients(lambda a, b: ops.where(mask, a, b), pair)
    theirs = gradients(lambda a, b: keras.ops.where(mask, a, b), pair)
    assert_same(ours, theirs)


def test_choosing_wants_both_values():
    with pytest.raises(ValueError, match="`x1` and `x2` must both be given, or neither"):
        ops.where([True], [1.0])


@given(x=arrays(shape=(2, 3)))
def test_first_condition_that_holds(x):
    conditions, choices = [x > 5, x > 0], [x, -x]
    np.testing.assert_array_equal(
        ops.select(conditions, choices, 7.0), np.select(conditions, choices, 7.0)
    )
    np.testing.assert_array_equal(ops.select(conditions, choices), np.select(conditions, choices))


def test_conditions_and_values_come_in_pairs():
    with pytest.raises(ValueError, match="`choicelist` must have one value for each condition"):
        ops.select([[True]], [[1.0], [2.0]])


@given(x=hnp.arrays(np.int64, shapes(min_dims=1), elements=st.integers(0, 1)))
def test_positions_of_nonzeros(x):
    np.testing.assert_array_equal(ops.nonzero(x), np.stack(np.nonzero(x)))
    assert ops.nonzero(x).dtype is torch.int32


@given(shape=shapes(min_dims=1), data=st.data())
def test_blocks(shape, data):
    x = separated(shape, 0)
    starts = [data.draw(st.integers(0, n - 1)) for n in shape]
    sizes = [data.draw(st.integers(1, n - s)) for n, s in zip(shape, starts, strict=True)]
    for positions in (starts, np.array(starts), torch.tensor(starts)):
        ours = ops.slice(x, positions, sizes)
        assert_same(ours, keras.ops.slice(x, starts, sizes))
        new = separated(sizes, 1)
        assert_same(ops.slice_update(x, positions, new), keras.ops.slice_update(x, starts, new))
    compare_gradients("slice", x, start_indices=starts, shape=sizes)
    ours = gradients(lambda a, b: ops.slice_update(a, starts, b), [x, new])
    theirs = gradients(lambda a, b: keras.ops.slice_update(a, starts, b), [x, new])
    assert_same(ours, theirs)


@given(data=st.data(), depth=st.integers(1, 3))
def test_scattering(data, depth):
    shape = (3, 2, 4)
    n = data.draw(st.integers(1, 4))
    positions = st.tuples(*(st.integers(0, size - 1) for size in shape[:depth]))
    indices = np.array(data.draw(st.lists(positions, min_size=n, max_size=n)))
    values = separated((n, *shape[depth:]), 0)
    compare("scatter", indices, values, shape)
    unique = np.unique(indices, axis=0)
    x = separated(shape, 1)
    compare("scatter_update", x, unique, values[: len(unique)])
    for reduction in ("add", "max", "min", "mul"):
        compare("scatter_update", x, indices, values, reduction=reduction)
    for reduction in ("add", "mul"):
        ours = gradients(
            lambda a, b, r=reduction: ops.scatter_update(a, indices, b, r), [x, values]
        )
        theirs = gradients(
            lambda a, b, r=reduction: reference_update(a, indices, b, r), [x, values]
        )
        assert_same(ours, theirs)


def reference_update(x, indices, values, reduction):
    """One update after the other, without changing anything in place."""
    for place, value in zip(indices, values, strict=True):
        mask = torch.zeros(x.shape, dtype=torch.bool)
        mask[tuple(place)] = True
        new = x + value if reduction == "add" else x * value
        x = torch.where(mask, new, x)
    return x


def test_scattering_at_places_counted_from_the_end():
    x = np.zeros((2, 3))
    assert ops.scatter_update(x, [[-1, -1]], [5.0])[1, 2] == 5.0
    assert ops.scatter_update(x, [[-1]], [[1.0, 2.0, 3.0]], "max")[1].tolist() == [1.0, 2.0, 3.0]


def test_scattering_refuses_an_unknown_reduction():
    with pytest.raises(ValueError, match="Unknown reduction: 'sum'. .*Available: add, max"):
        ops.scatter_update([1.0], [[0]], [1.0], reduction="sum")
