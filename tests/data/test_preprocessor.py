import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from profond.data import Reading, TablePreprocessor
from profond.data._values import ColumnError, moments
from profond.data.columns import MAX_LEVELS


def fit_transform(frame, **options):
    preprocessor = TablePreprocessor.fit(frame, **options)
    return preprocessor, preprocessor.transform(frame)


@given(rows=st.integers(2, 50), scale=st.sampled_from([1e-8, 1.0, 1e12]), seed=st.integers(0, 99))
def test_numbers_are_standardised_as_scikit_learn_does(rows, scale, seed):
    values = np.random.default_rng(seed).normal(size=(rows, 2)) * scale + 3 * scale
    _, encoded = fit_transform(pd.DataFrame(values, columns=["a", "b"]))
    expected = StandardScaler().fit_transform(values)
    np.testing.assert_allclose(encoded, expected, rtol=1e-5, atol=1e-5)  # float32


@given(levels=st.integers(2, 12), rows=st.integers(20, 60), seed=st.integers(0, 99))
def test_categories_are_encoded_as_scikit_learn_does(levels, rows, seed):
    codes = np.random.default_rng(seed).integers(0, levels, rows)
    frame = pd.DataFrame({"c": [f"level {k}" for k in codes]})
    if frame["c"].nunique() < 2:
        return
    preprocessor, encoded = fit_transform(frame)
    order = [list(preprocessor.columns[0].levels)]
    expected = OneHotEncoder(categories=order, sparse_output=False).fit_transform(frame)
    np.testing.assert_array_equal(encoded, expected)


def test_missing_numbers_become_the_median_and_are_told():
    frame = pd.DataFrame({"x": [1.0, 2.0, 9.0, np.nan], "y": [1.0, 2.0, 3.0, 4.0]})
    preprocessor, encoded = fit_transform(frame)
    assert preprocessor.feature_names == ["x", "y", "x missing"]
    np.testing.assert_array_equal(encoded[:, 2], [0, 0, 0, 1])
    assert encoded[3, 0] == encoded[1, 0]  # 2 is the median
    np.testing.assert_allclose(encoded[:3, 0].mean(), 0.0, atol=1e-6)


def test_missing_only_in_new_rows_is_the_median_without_a_column_for_it():
    preprocessor = TablePreprocessor.fit(pd.DataFrame({"x": [1.0, 2.0, 9.0], "y": [1.0, 2.0, 3.0]}))
    message = (
        r"Column 'x' had a value in every training row and has none in 1 row\(s\) \(the first is "
        r"row 1\): its median \(2\) is put there\."
    )
    with pytest.warns(UserWarning, match=message):
        encoded = preprocessor.transform(pd.DataFrame({"x": [np.nan], "y": [2.0]}))
    assert encoded.shape == (1, 2)
    np.testing.assert_allclose(encoded[0, 0], (2 - 4) / np.std([1, 2, 9]), rtol=1e-6)


def test_missing_categories_have_a_level_of_their_own():
    preprocessor, encoded = fit_transform(
        pd.DataFrame({"c": ["a", None, "a", "b"], "x": [1.0, 2.0, 3.0, 4.0]})
    )
    assert preprocessor.feature_names == ["x", "c=a", "c=b", "c=(missing)"]
    np.testing.assert_array_equal(encoded[:, 1:], [[1, 0, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]])


def test_many_levels_share_an_output():
    often = [f"often {i}" for i in range(MAX_LEVELS) for _ in range(5)]
    frame = pd.DataFrame({"c": [*often, "rare 1", "rare 2"]})
    preprocessor, encoded = fit_transform(frame)
    assert encoded.shape[1] == MAX_LEVELS + 1
    np.testing.assert_array_equal(encoded[-2:, -1], [1, 1])
    # A rare level is known; one that was never seen is told, and shares the output.
    with pytest.warns(UserWarning, match=r"'c' has values that were not seen in training: 'new'"):
        unseen = preprocessor.transform(pd.DataFrame({"c": ["rare 1", "new"]}))
    np.testing.assert_array_equal(unseen[:, -1], [1, 1])


def test_an_unseen_level_of_few_is_zero_everywhere():
    preprocessor, _ = fit_transform(pd.DataFrame({"c": ["a", "b", "a", "b"]}))
    with pytest.warns(UserWarning, match=r"not seen in training: 'z' \(2 row\(s\)\)"):
        encoded = preprocessor.transform(pd.DataFrame({"c": ["z", "a", "z"]}))
    np.testing.assert_array_equal(encoded, [[0, 0], [1, 0], [0, 0]])


def test_booleans_are_one_and_minus_one():
    frame = pd.DataFrame({"b": [True, False, True]})
    preprocessor, encoded = fit_transform(frame)
    np.testing.assert_array_equal(encoded, [[1], [-1], [1]])
    with_gap = pd.DataFrame({"b": ["true", "False", None, "oui"]})
    with pytest.warns(
        UserWarning, match=r"1 row\(s\) without a value in any column \(the first is row 3\)"
    ):
        np.testing.assert_array_equal(preprocessor.transform(with_gap), [[1], [-1], [0], [1]])
    with pytest.raises(
        ColumnError, match=r"'b' must hold true or false; received 'maybe' in row 2"
    ):
        preprocessor.transform(pd.DataFrame({"b": ["true", "maybe"]}))


def test_a_number_that_is_no_truth_value_is_shown_as_it_stands():
    fitted = TablePreprocessor.fit(pd.DataFrame({"b": [True, False]}))
    with pytest.raises(ColumnError, match=r"must hold true or false; received '2' in row 1"):
        fitted.transform(pd.DataFrame({"b": [2, 1]}))


def test_text_levels_true_and_false_meet_booleans():
    preprocessor, _ = fit_transform(pd.DataFrame({"b": ["true", "false", "true", "false"]}))
    encoded = preprocessor.transform(pd.DataFrame({"b": [True, False]}))
    assert (
        encoded.tolist() == preprocessor.transform(pd.DataFrame({"b": ["true", "false"]})).tolist()
    )


def test_dates_become_elapsed_time_and_places_in_the_cycles():
    dates = pd.Series(pd.to_datetime(["2020-01-01", "2020-07-01", "2021-01-01", None]))
    preprocessor, encoded = fit_transform(pd.DataFrame({"d": dates, "b": [True, False] * 2}))
    assert preprocessor.feature_names == [
        "d days", "d sin year", "d cos year", "d sin week", "d cos week", "d missing", "b",
    ]  # fmt: skip
    np.testing.assert_allclose(encoded[[0, 2], 2], [1.0, 1.0], atol=1e-3)  # January next to January
    assert encoded[1, 2] < -0.9
    assert encoded[3, :6].tolist() == [0, 0, 0, 0, 0, 1]
    np.testing.assert_allclose(encoded[:3, 0].mean(), 0.0, atol=1e-6)


def test_dates_in_new_text_are_read_in_the_known_format():
    dates = pd.Series(pd.to_datetime(["2020-01-31", "2020-07-01"]))
    reading = Reading("date", date_format="%d/%m/%Y")
    preprocessor = TablePreprocessor.fit(pd.DataFrame({"d": dates}), readings={"d": reading})
    assert preprocessor.readings == {"d": reading}
    text = preprocessor.transform(pd.DataFrame({"d": ["31/01/2020", "01/07/2020"]}))
    np.testing.assert_array_equal(text, preprocessor.transform(pd.DataFrame({"d": dates})))
    message = (
        r"'d' must hold dates in the format %d/%m/%Y; received 'x' in row 2\. Write it like "
        r"31/12/2020, or leave the cell empty\."
    )
    with pytest.raises(ColumnError, match=message):
        preprocessor.transform(pd.DataFrame({"d": ["31/01/2020", "x"]}))
    with pytest.raises(ColumnError, match=r"Column 'd' must hold dates; received int64"):
        preprocessor.transform(pd.DataFrame({"d": [1, 2]}))


def test_numbers_may_be_asked_to_be_categories():
    preprocessor, encoded = fit_transform(pd.DataFrame({"k": [1, 2, 1, 3]}), categories=["k"])
    assert preprocessor.feature_names == ["k=1", "k=2", "k=3"]
    # 1, 1.0 and "1" are the same level.
    for same in ([1.0, 3.0], ["1", "3"]):
        assert (
            preprocessor.transform(pd.DataFrame({"k": same})).tolist() == encoded[[0, 3]].tolist()
        )


def test_a_number_as_category_is_known_again_beside_gaps_and_words():
    from profond.data import open_table

    preprocessor, encoded = fit_transform(
        pd.DataFrame({"k": [1, 2, 1, 3], "x": [1.0, 2.0, 3.0, 4.0]}), categories=["k"]
    )
    # An empty cell makes pandas write 1.0 and 3.0; a word keeps the reader from numbers.
    text = pd.DataFrame({"k": ["1.0", "3.0", "new"], "x": ["1", "4", "4"]}, dtype="str")
    frame = open_table(text, readings=preprocessor.readings).frame
    with pytest.warns(UserWarning, match=r"'k' has values that were not seen in training: 'new'"):
        again = preprocessor.transform(frame)
    assert again[:2].tolist() == encoded[[0, 3]].tolist()
    assert again[2, 1:].tolist() == [0, 0, 0]


def test_true_and_false_as_text_are_known_in_every_spelling():
    preprocessor, encoded = fit_transform(pd.DataFrame({"b": ["True", "False", "True", "False"]}))
    for same in (["1", "0"], ["TRUE", "no"], [1, 0], [1.0, 0.0], [True, False]):
        assert preprocessor.transform(pd.DataFrame({"b": same})).tolist() == encoded[:2].tolist()


@pytest.mark.parametrize("embed_from", [None, 2])
def test_true_in_two_spellings_is_one_level_in_a_row_alone_as_among_many(embed_from):
    frame = pd.DataFrame({"b": ["true"] * 9 + ["False"] * 5 + ["True"]})
    preprocessor, encoded = fit_transform(frame, embed_from=embed_from)
    assert encoded[0].tolist() == encoded[14].tolist() != encoded[9].tolist()
    assert encoded[0].any()  # the frequent spelling keeps its place
    for row in (0, 9, 14):
        alone = preprocessor.transform(frame[row : row + 1])
        np.testing.assert_array_equal(alone, encoded[[row]])
        np.testing.assert_array_equal(preprocessor.transform_one(dict(frame.loc[row])), alone)


def test_a_whole_float_among_words_is_the_same_level_without_them():
    frame = pd.DataFrame({"c": [1.0, "a", 2.0, 1.0, "a", 2.5]})
    preprocessor, encoded = fit_transform(frame)
    assert {"c=1", "c=2", "c=2.5"} < set(preprocessor.feature_names)
    for same in ([1.0, 2.0], [1, 2], ["1", "2"], np.array([1, 2], dtype=object)):
        alone = preprocessor.transform(pd.DataFrame({"c": same}))
        np.testing.assert_array_equal(alone, encoded[[0, 2]])


def test_values_that_dwarf_the_others_are_doubted():
    values = np.random.default_rng(0).uniform(1, 2, 100)
    frame = pd.DataFrame({"x": values, "rare": np.arange(100) == 3}).astype(float)
    frame.loc[6, "x"] = 1e300
    preprocessor = TablePreprocessor.fit(frame)
    (text,) = preprocessor.doubts(frame)
    assert text.startswith("Column 'x' has value(s) so far out that the others hardly differ")
    assert "1e+300 in row 7, while half of them lie between 1.3" in text
    skewed = pd.DataFrame({"x": np.random.default_rng(0).lognormal(sigma=2.0, size=5000)})
    assert TablePreprocessor.fit(skewed).doubts(skewed) == []


def test_values_far_out_of_the_training_range_are_told():
    preprocessor = TablePreprocessor.fit(pd.DataFrame({"x": [1.0, 2.0, 6.0]}))
    preprocessor.transform(pd.DataFrame({"x": [-4.0, 11.0]}))  # one width of the range away
    message = (
        r"Column 'x' has 2 value\(s\) far out of the range in training \(1 to 6\); the first is "
        r"1234 in row 2\. What is predicted there is a guess\."
    )
    with pytest.warns(UserWarning, match=message):
        preprocessor.transform(pd.DataFrame({"x": [3.0, 1234.0, -5.0]}))


def test_a_category_whose_rows_mostly_have_rare_levels_is_doubted():
    common = [f"often {i}" for i in range(MAX_LEVELS) for _ in range(3)]
    frame = pd.DataFrame({"c": common + [f"rare {i}" for i in range(60) for _ in range(2)]})
    preprocessor = TablePreprocessor.fit(frame)
    assert preprocessor.doubts(frame) == [
        "Column 'c' has 90 levels; 57% of its rows have none of the 30 most frequent and look all "
        "the same. Group the levels, or leave it out (--drop)."
    ]


def test_pandas_categories_are_categories():
    frame = pd.DataFrame({"c": pd.Categorical(["u", "v", None, "u"]), "x": [1, 2, 3, 4]})
    preprocessor, encoded = fit_transform(frame)
    assert preprocessor.feature_names == ["x", "c=u", "c=v", "c=(missing)"]
    assert encoded[2, 3] == 1


def test_columns_that_say_nothing_are_left_out_with_the_reason():
    frame = pd.DataFrame(
        {
            "x": np.arange(80.0),
            "same": "a",
            "zero": 0,
            "hollow": np.nan,
            "name": [f"person {i}" for i in range(80)],
            "code": [f"{i:06d}" for i in range(80)],
        }
    )
    preprocessor, _ = fit_transform(frame)
    assert preprocessor.column_names == ["x"]
    assert preprocessor.dropped == {
        "same": "has the same value in every row",
        "zero": "has the same value in every row",
        "hollow": "has no values",
        "name": "has a different text in most rows (a name or a free text)",
        "code": "has a different code in most rows",
    }


def test_a_table_where_nothing_is_left_is_refused():
    with pytest.raises(
        ValueError, match=r"No column is left to predict from: 'a' has the same val"
    ):
        TablePreprocessor.fit(pd.DataFrame({"a": [1, 1, 1]}))


def test_a_stray_text_among_numbers_is_refused():
    texts = [str(i) for i in range(40)]
    texts[6] = "abc"
    message = (
        r"'x' holds numbers, but 'abc' in row 7\. Correct it, .*--missing 'abc'.*--category 'x'"
    )
    with pytest.raises(ColumnError, match=message):
        TablePreprocessor.fit(pd.DataFrame({"x": texts}))


def test_text_where_the_model_needs_numbers_is_refused_by_row():
    preprocessor = TablePreprocessor.fit(pd.DataFrame({"x": [1.0, 2.0]}))
    with pytest.raises(ColumnError, match=r"'x' must hold numbers; received 'abc' in row 2"):
        preprocessor.transform(pd.DataFrame({"x": ["1", "abc"]}))
    assert preprocessor.transform(pd.DataFrame({"x": ["1,5", "2"]})).shape == (2, 1)
    with pytest.raises(ColumnError, match=r"Column 'x' must hold numbers; received datetime64"):
        preprocessor.transform(pd.DataFrame({"x": pd.to_datetime(["2020-01-01"])}))
    with pytest.raises(ColumnError, match=r"Column 'x' must hold real numbers; received complex"):
        preprocessor.transform(pd.DataFrame({"x": [1j]}))


def test_infinite_values_are_named_by_column_and_row():
    with pytest.raises(
        ColumnError, match=r"'x' holds an infinite value in row 2 and 1 more row\(s\)"
    ):
        TablePreprocessor.fit(pd.DataFrame({"x": [1.0, np.inf, 2.0, -np.inf]}))


def test_time_spans_are_refused():
    frame = pd.DataFrame({"t": pd.to_timedelta(["1D", "2D"])})
    with pytest.raises(ColumnError, match=r"Column 't' holds time spans; give them as numbers"):
        TablePreprocessor.fit(frame)


def test_a_time_without_an_offset_among_others_is_named():
    dates = pd.Series(pd.to_datetime(["2020-01-31", "2020-07-01"]))
    preprocessor = TablePreprocessor.fit(pd.DataFrame({"d": dates}))
    changing = pd.DataFrame({"d": ["2020-01-31 01:00+01:00", "2020-07-01 02:00+02:00"]})
    np.testing.assert_array_equal(
        preprocessor.transform(changing), preprocessor.transform(pd.DataFrame({"d": dates}))
    )
    message = (
        r"Column 'd' must hold times that all have an offset from UTC or all have none; received "
        r"'2020-07-01 02:00' without one in row 2\. Write it like 2020-12-31 12:00:00\+00:00, or "
        r"take the offsets off\."
    )
    changing.loc[1, "d"] = "2020-07-01 02:00"
    with pytest.raises(ColumnError, match=message):
        preprocessor.transform(changing)


def test_periods_and_arrows_dates_are_dates():
    days = pd.date_range("2020-01-01", periods=40, name="d").to_series(index=range(40))
    arrow = [
        days.dt.date.astype("date32[day][pyarrow]"),
        days.astype("timestamp[us][pyarrow]"),
        days.dt.tz_localize("UTC").astype("timestamp[us, UTC][pyarrow]"),
    ]
    expected = TablePreprocessor.fit(days.to_frame()).transform(days.to_frame())
    for same in (*arrow, days.dt.to_period("D")):
        fitted = TablePreprocessor.fit(same.to_frame())
        np.testing.assert_array_equal(fitted.transform(same.to_frame()), expected)
        gap = fitted.columns[0].encode(same.where(days.dt.day != 1))
        np.testing.assert_array_equal(gap[0], np.zeros(gap.shape[1]))
    span = (days - days[0]).astype("duration[us][pyarrow]")
    with pytest.raises(ColumnError, match=r"Column 'd' holds time spans; give them as numbers"):
        TablePreprocessor.fit(span.to_frame())


def test_columns_may_stand_in_any_order_among_others():
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "c": ["a", "b", "a"]})
    preprocessor, encoded = fit_transform(frame)
    other = frame[["c", "x"]].assign(more=1)
    np.testing.assert_array_equal(preprocessor.transform(other), encoded)


def test_missing_columns_are_named_all_at_once_with_near_names():
    preprocessor = TablePreprocessor.fit(
        pd.DataFrame({"rooms": [1, 2], "tax": [1, 3], "age": [4, 5]})
    )
    message = (
        r"Missing column\(s\): 'rooms' \(is it 'room'\?\), 'tax'\. The model needs: rooms, tax"
    )
    with pytest.raises(ValueError, match=message):
        preprocessor.transform(pd.DataFrame({"room": [1], "age": [2]}))


def test_a_row_without_any_value_is_told():
    preprocessor = TablePreprocessor.fit(pd.DataFrame({"x": [1.0, 2.0], "c": ["a", "b"]}))
    with pytest.warns(
        UserWarning, match=r"1 row\(s\) without a value in any column \(the first is row 2\)"
    ):
        encoded = preprocessor.transform(pd.DataFrame({"x": [1.0, np.nan], "c": ["a", None]}))
    assert np.isfinite(encoded).all()


def test_no_rows_give_no_rows():
    preprocessor = TablePreprocessor.fit(pd.DataFrame({"x": [1.0, 2.0]}))
    assert preprocessor.transform(pd.DataFrame({"x": []})).shape == (0, 1)


def test_it_comes_back_from_json_as_it_was():
    frame = pd.DataFrame(
        {
            "x": [1.5, np.nan, 3.0],
            "c": ["a", None, "b"],
            "b": [True, False, True],
            "d": pd.to_datetime(["2020-01-31", "2020-02-03", None]),
            "same": 1,
        }
    )
    preprocessor, encoded = fit_transform(frame, missing=["n.d."])
    again = TablePreprocessor.from_dict(json.loads(json.dumps(preprocessor.to_dict())))
    np.testing.assert_array_equal(again.transform(frame), encoded)
    assert again.missing == ("n.d.",)
    assert again.dropped == preprocessor.dropped


@pytest.mark.parametrize(
    "state", [{}, {"columns": 1}, {"columns": [{"kind": "magic"}], "missing": [], "dropped": {}}]
)
def test_a_damaged_description_is_refused(state):
    with pytest.raises(ValueError, match=r"Not the description of a"):
        TablePreprocessor.from_dict(state)


def test_moments_survive_the_largest_numbers():
    mean, scale = moments(np.array([1e308, -1e308]))
    assert mean == 0.0
    assert scale == pytest.approx(1e308)
    assert moments(np.array([0.1] * 7)) == (pytest.approx(0.1), 1.0)


def test_a_column_without_a_name_is_shown_as_such():
    fitted = TablePreprocessor.fit(pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [2.0, 1.0, 5.0]}))
    with pytest.raises(ValueError, match=r"Missing column\(s\): 'b'. .* has: \(no name\), a\."):
        fitted.transform(pd.DataFrame({"": [1.0], "a": [2.0]}))
