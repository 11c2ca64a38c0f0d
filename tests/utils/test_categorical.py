"""Class vectors and unit norms."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from profond import utils

keras = pytest.importorskip("keras")


@given(
    x=hnp.arrays(
        np.int64,
        hnp.array_shapes(min_dims=1, max_dims=3, max_side=4),
        elements=st.integers(0, 4),
    ),
    num_classes=st.sampled_from([None, 5, 7]),
)
def test_classes_as_keras_writes_them(x, num_classes):
    ours = utils.to_categorical(x, num_classes)
    theirs = keras.utils.to_categorical(x, num_classes)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "x",
    [
        [0, 2, 1],
        [[0], [2], [1]],
        (0.0, 2.0, 1.0),
        pd.Series([0, 2, 1], index=[5, 6, 7]),
        pd.DataFrame({"class": [0, 2, 1]}),
        pd.Series([0, 2, 1], dtype="category"),
        np.array([0, 2, 1], dtype=object),
        np.array([0, 2, 1], dtype=np.uint8),
    ],
)
def test_what_classes_may_come_in(x):
    expected = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    assert utils.to_categorical(x).tolist() == expected


def test_classes_in_a_tensor():
    out = utils.to_categorical(torch.tensor([[0], [2]]))
    assert isinstance(out, torch.Tensor)
    assert out.tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    assert utils.to_categorical(torch.tensor([1.0]), 2).tolist() == [[0.0, 1.0]]


def test_no_classes():
    assert utils.to_categorical([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("x", "num_classes", "message"),
    [
        ([0, 3], 3, "classes must be from 0 to 2 for num_classes=3; received 3"),
        ([-1, 1], None, "classes must be from 0 to 1 for num_classes=2; received -1"),
        ([0.5, 1.0], None, "classes must be whole numbers from 0; received 0.5"),
        ([np.nan, 1.0], None, "classes must be whole numbers from 0; received nan"),
        (
            ["setosa", "virginica"],
            None,
            "must be whole numbers from 0; received .*'setosa'.*Number",
        ),
    ],
)
def test_what_is_no_class(x, num_classes, message):
    with pytest.raises(ValueError, match=message):
        utils.to_categorical(x, num_classes)


@given(
    x=hnp.arrays(np.float64, (2, 3, 4), elements=st.floats(-5, 5).map(lambda v: round(v, 3))),
    axis=st.integers(-3, 2),
    order=st.integers(1, 3),
)
def test_norms_become_one(x, axis, order):
    ours = utils.normalize(x, axis=axis, order=order)
    norm = np.linalg.norm(x, order, axis, keepdims=True)
    np.testing.assert_allclose(ours * norm, x, atol=1e-12)
    ones = np.linalg.norm(ours, order, axis)
    assert np.all(np.isclose(ones, 1) | (norm.squeeze(axis) == 0))
    if axis == -1:
        np.testing.assert_allclose(ours, keras.utils.normalize(x, order=order))


def test_norms_of_tensors_and_lists():
    out = utils.normalize(torch.tensor([[3.0, 4.0]]))
    assert isinstance(out, torch.Tensor)
    torch.testing.assert_close(out, torch.tensor([[0.6, 0.8]]))
    torch.testing.assert_close(utils.normalize([[3.0, 4.0]]), torch.tensor([[0.6, 0.8]]))
    assert utils.normalize(np.array(5.0)).tolist() == [1.0]
