"""Rows in every container, with names or without, at the fit and afterwards."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tests.estimators.helpers import regressor, table

ROWS = [3, 30]  # a few rows are encoded in a way of their own


def numbers():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(60, 3))
    return x, x[:, 0] - 2 * x[:, 1]


@pytest.mark.parametrize("rows", ROWS)
def test_columns_without_names_go_by_their_place(rows):
    x, y = numbers()
    on_array = regressor(epochs=1).fit(x, y)
    expected = on_array.predict(x[:rows])
    np.testing.assert_array_equal(on_array.predict(pd.DataFrame(x[:rows])), expected)
    on_frame = regressor(epochs=1).fit(pd.DataFrame(x), y)
    np.testing.assert_array_equal(on_frame.predict(x[:rows]), expected)
    np.testing.assert_array_equal(on_frame.predict(x[:rows].tolist()), expected)


@pytest.mark.parametrize("rows", ROWS)
def test_where_only_one_side_has_names_places_decide_and_it_is_said(rows):
    x, y = numbers()
    named = pd.DataFrame(x, columns=list("abc"))
    on_array = regressor(epochs=1).fit(x, y)
    expected = on_array.predict(x[:rows])
    with pytest.warns(UserWarning, match=r"X has feature names, but TabularRegressor was fitted w"):
        np.testing.assert_array_equal(on_array.predict(named[:rows]), expected)
    on_frame = regressor(epochs=1).fit(named, y)
    with pytest.warns(UserWarning, match=r"X does not have valid feature names"):
        np.testing.assert_array_equal(on_frame.predict(x[:rows]), expected)


@pytest.mark.parametrize("rows", ROWS)
def test_columns_that_are_missing_extra_or_elsewhere_are_named(rows):
    frame, y = table(60)
    model, some = regressor(epochs=1).fit(frame, y), frame[:rows]
    with pytest.raises(ValueError, match=r"seen at fit time, yet now missing:\n- z"):
        model.predict(some.drop(columns="z"))
    with pytest.raises(ValueError, match=r"unseen at fit time:\n- more"):
        model.predict(some.assign(more=1))
    with pytest.raises(ValueError, match=r"must be in the same order as they were in fit"):
        model.predict(some[some.columns[::-1]])
    with pytest.raises(ValueError, match=r"Column 'z' must hold numbers; received 'a' in row 1"):
        model.predict(some.assign(z="a"))
    with pytest.raises(ValueError, match=r"Column 'day' must hold dates; received int64"):
        model.predict(some.assign(day=20200101))
    np.testing.assert_array_equal(
        model.predict(some.assign(z=some["z"].astype(str), flag=some["flag"].astype(int))),
        model.predict(some),
    )


def test_what_holds_no_rows_is_refused():
    frame, y = table(40)
    model = regressor(epochs=1).fit(frame, y)
    for wrong in (None, "rows.csv", {"x": [1.0]}, 3):
        with pytest.raises(TypeError, match=r"`X` must be a pandas or polars data frame, or an ar"):
            model.predict(wrong)
    with pytest.raises(TypeError, match=r"A polars LazyFrame has no rows yet"):
        model.predict(pl.from_pandas(frame).lazy())
    np.testing.assert_array_equal(
        model.predict(pl.from_pandas(frame).to_arrow()), model.predict(frame)
    )
