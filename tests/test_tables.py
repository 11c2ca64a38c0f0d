"""Tables of all kinds as arrays: the same numbers, and no more memory than needed."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from profond._tables import columns_of
from profond._tensors import to_array

NUMBERS = {"i": [1, 2, 3], "f": [0.5, 1.5, -2.0], "b": [True, False, True]}
WANTED = np.array([[1, 0.5, 1], [2, 1.5, 0], [3, -2, 1]])


def tables():
    frame = pd.DataFrame(NUMBERS)
    yield "mixed", frame
    yield "floats of two widths", frame.astype({"f": "float32", "i": "float64"})
    yield "nullable", frame.astype({"i": "Int64", "f": "Float64", "b": "boolean"})
    yield "one nullable", frame.astype({"i": "Int8"})
    yield "arrow", frame.convert_dtypes(dtype_backend="pyarrow")
    yield "objects", frame.astype(object)
    yield "one of objects", frame.astype({"i": object})
    yield "categories", frame.astype({"i": "category"})
    yield "polars", pytest.importorskip("polars").DataFrame(NUMBERS)


@pytest.mark.parametrize(
    ("kind", "table"), list(tables()), ids=lambda x: x if isinstance(x, str) else ""
)
def test_the_same_numbers_from_every_table(kind, table):
    array = to_array(table)
    assert array.dtype.kind == "f"
    np.testing.assert_array_equal(array, WANTED)
    assert to_array(table, "float32").dtype in (np.float32, np.float64)
    np.testing.assert_array_equal(to_array(table, "float32"), WANTED)


def test_whole_numbers_stay_whole():
    frame = pd.DataFrame({"a": np.array([2**53 + 1]), "b": np.array([1], "int8")})
    assert to_array(frame.astype("Int64"), "float32").tolist() == [[2**53 + 1, 1]]
    assert to_array(pd.Series([1, 2], dtype="Int64")).dtype == np.int64
    assert to_array(frame.assign(b=True)).tolist() == [[2**53 + 1, 1]]


def test_what_is_missing_is_nan():
    pl = pytest.importorskip("polars")
    frame = pd.DataFrame({"i": [1, None, 3], "b": [True, None, False]}, dtype=object)
    for table in (
        frame,
        frame.astype({"i": "Int64", "b": "boolean"}),
        frame.convert_dtypes(dtype_backend="pyarrow"),
        pl.DataFrame({"i": [1, None, 3], "b": [True, None, False]}),
    ):
        np.testing.assert_array_equal(to_array(table), [[1, 1], [np.nan, np.nan], [3, 0]])


def test_two_columns_may_have_one_name():
    frame = pd.DataFrame(WANTED, columns=["a", "a", "b"]).astype({"b": "float32"})
    assert [name for name, _ in columns_of(frame)] == ["a", "a", "b"]
    np.testing.assert_array_equal(to_array(frame), WANTED)


def test_text_stays_as_it_is():
    assert to_array(pd.DataFrame({"a": ["x"], "b": [1.0]})).tolist() == [["x", 1.0]]
    assert to_array(np.array([1, "x"], dtype=object)).tolist() == [1, "x"]


def test_masked_values_are_nan():
    whole = np.ma.masked_greater(np.array([1, 2, 3]), 2)
    np.testing.assert_array_equal(to_array(whole), [1.0, 2.0, np.nan])
    floats = np.ma.masked_greater(np.array([1, 2, 3], "float32"), 2)
    assert to_array(floats).dtype == np.float32
    assert to_array(np.ma.masked_greater(np.array([1, 2]), 5)).dtype == np.int64


def mixed(rows):
    columns = {f"f{i}": np.full(rows, 0.5, ("float64", "float32")[i % 2]) for i in range(8)}
    return pd.DataFrame({**columns, "b": np.ones(rows, bool)})


@pytest.mark.parametrize(
    "make",
    [
        mixed,
        lambda rows: mixed(rows).astype({"f0": "Float64", "b": "Int64"}),
        lambda rows: mixed(rows).convert_dtypes(dtype_backend="pyarrow"),
        lambda rows: pytest.importorskip("polars").from_pandas(mixed(rows)),
    ],
)
def test_a_table_is_copied_once(make):
    """Into the final type, beside at most a column."""
    rows = 100_000
    table = make(rows)
    tracemalloc.start()
    array = to_array(table, "float32")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert array.dtype == np.float32
    assert peak < array.nbytes * 1.5
