"""From whatever people have to tensors, and back."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from profond._tensors import convert_to_numpy, convert_to_tensor, to_array


@given(
    array=hnp.arrays(
        st.sampled_from(["f4", "f8", "i4", "i8", "u1", "?", "f2", ">f8", ">i4"]),
        hnp.array_shapes(max_dims=3),
        elements=st.integers(0, 1),
    ),
    order=st.sampled_from("CF"),
)
def test_arrays_keep_their_values_and_types(array, order):
    array = np.array(array, order=order)
    tensor = convert_to_tensor(array)
    assert tensor.shape == array.shape
    np.testing.assert_array_equal(convert_to_numpy(tensor), array)
    assert convert_to_numpy(tensor).dtype == array.dtype.newbyteorder("=")
    for dtype in ("float32", "float64", "int64"):
        converted = convert_to_tensor(array, dtype)
        assert converted.dtype is getattr(torch, dtype)
        np.testing.assert_array_equal(converted, array.astype(dtype))


def test_memory_is_shared_where_torch_can():
    array = np.arange(6.0)
    tensor = convert_to_tensor(array)
    array[0] = 9
    assert tensor[0] == 9
    array.flags.writeable = False
    tensor = convert_to_tensor(array)
    tensor[0] = 1
    assert array[0] == 9
    reverse = array[::-1]
    assert convert_to_tensor(reverse).tolist() == reverse.tolist()


def test_tensors_stay_themselves():
    tensor = torch.ones(2)
    assert convert_to_tensor(tensor) is tensor
    assert convert_to_tensor(tensor, "float32") is tensor
    assert convert_to_tensor(tensor, "float64").dtype is torch.float64


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, "int32"),
        (2**40, "int64"),
        (1.5, "float32"),
        (True, "bool"),
        ([1, 2], "int32"),
        ([[1.0], [2.0]], "float32"),
        ((), "float32"),
        (range(3), "int32"),
        (np.float64(1.5), "float64"),
        (np.int8(1), "int8"),
    ],
)
def test_plain_numbers_take_kerass_types(value, dtype):
    assert convert_to_tensor(value).dtype is getattr(torch, dtype)


def test_lists_of_tensors_are_stacked():
    parts = [torch.ones(2), torch.zeros(2)]
    assert convert_to_tensor(parts).tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert convert_to_tensor([parts, parts]).shape == (2, 2, 2)


def test_tables():
    frame = pd.DataFrame({"n": [1.5, 2.0], "b": [True, False], "i": [1, 2]})
    np.testing.assert_array_equal(to_array(frame), [[1.5, 1, 1], [2, 0, 2]])
    assert to_array(frame).dtype == np.float64
    assert to_array(frame[["b"]]).dtype == bool
    assert to_array(frame[["i"]]).dtype == np.int64
    np.testing.assert_array_equal(to_array(frame.astype(object)), to_array(frame))
    assert to_array(frame["i"].astype(object)).dtype == np.int64
    nullable = frame.astype({"n": "Float64", "b": "boolean", "i": "Int64"})
    np.testing.assert_array_equal(to_array(nullable), to_array(frame))
    nullable.loc[0, "i"] = pd.NA
    assert np.isnan(to_array(nullable)[0, 2])
    assert to_array(pd.Series([1, 2], dtype="category")).tolist() == [1, 2]
    polars = pytest.importorskip("polars")
    mixed = polars.DataFrame({"n": [1.5, 2.0], "b": [True, False], "i": [1, None]})
    np.testing.assert_array_equal(to_array(mixed), [[1.5, 1, 1], [2, 0, np.nan]])


@pytest.mark.parametrize(
    "value", ["text", ["a", "b"], np.array([1j]), pd.Series(["a"]), np.array(["2020"], "M8[Y]")]
)
def test_what_is_no_number(value):
    with pytest.raises(TypeError, match="real numbers are required; received .* Encode text and"):
        convert_to_tensor(value)


def test_text_that_looks_like_a_number_is_text():
    with pytest.raises(TypeError, match="real numbers are required"):
        convert_to_tensor(np.array(["1.5", 2], dtype=object))


def test_bfloat16_comes_back_as_float32():
    array = convert_to_numpy(torch.ones(2, dtype=torch.bfloat16, requires_grad=True))
    assert array.dtype == np.float32
