import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from profond.data._frames import pandas_frame


def test_tables_of_other_libraries_are_those_of_pandas():
    values = {
        "i": [1, 2, 3], "g": [1, None, 3], "f": [0.5, None, 2.0], "t": ["a", None, "b"],
        "b": [True, None, False], "d": [datetime.date(2020, 1, k) for k in (1, 2, 3)],
    }  # fmt: skip
    expected = pd.DataFrame(values)
    made = pandas_frame(pl.DataFrame(values))
    pd.testing.assert_frame_equal(made, expected)
    arrow = pandas_frame(pa.table(values))
    assert arrow.columns.tolist() == list(values)
    assert arrow["g"].isna().tolist() == [False, True, False]
    assert pandas_frame(expected) is expected
    for other in (np.ones((2, 2)), [[1]], {"a": [1]}, "a.csv", None, pl.Series([1])):
        assert pandas_frame(other) is None


def test_a_lazy_frame_has_no_rows_yet():
    with pytest.raises(TypeError, match=r"A polars LazyFrame has no rows yet; give its `collect"):
        pandas_frame(pl.LazyFrame({"a": [1]}))
