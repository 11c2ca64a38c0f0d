import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond.data._conversion import convert_text_columns, holds_units, number_share


def convert(values, **options):
    frame, formats = convert_text_columns(
        pd.DataFrame({"x": pd.Series(values, dtype="str")}), **options
    )
    return frame["x"], formats


@given(
    numbers=st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), min_size=2, max_size=20),
    decimal=st.sampled_from([".", ","]),
    grouping=st.sampled_from(["", " ", "\u202f", "\u00a0", "'"]),
)
def test_numbers_are_read_in_both_styles(numbers, decimal, grouping):
    numbers = [1234567.125, *numbers]  # one value that leaves no doubt about the style
    texts = [
        f"{x:,.3f}".replace(",", "G").replace(".", decimal).replace("G", grouping) for x in numbers
    ]
    column, _ = convert(texts)
    np.testing.assert_allclose(column, [round(x, 3) for x in numbers], rtol=1e-12)


@pytest.mark.parametrize("thousands", ["1,234.5", "1.234,5"])
def test_thousands_may_be_set_apart_by_the_other_mark(thousands):
    column, _ = convert([thousands, "7"])
    assert list(column) == [1234.5, 7.0]


@pytest.mark.parametrize(
    ("separator", "other", "expected"),
    [
        (";", None, 1.234),  # between semicolons, a comma is decimal
        (",", None, 1234.0),  # between commas, it sets thousands apart
        (";", "0.5", 1234.0),  # unless another column settles it
        (",", "0,5", 1.234),
    ],
)
def test_a_number_that_can_be_read_in_two_ways(separator, other, expected):
    values = {"x": ["1,234", "5,678"]}
    if other is not None:
        values["y"] = [other, "1"]
    frame, _ = convert_text_columns(pd.DataFrame(values, dtype="str"), separator=separator)
    assert frame["x"].iloc[0] == expected


def test_a_point_stays_decimal_where_no_comma_was_seen():
    column, _ = convert(["1.234", "2.500"], separator=";")
    assert list(column) == [1.234, 2.5]


def test_the_decimal_mark_may_be_given():
    column, _ = convert(["1,234", "5,678"], decimal=",", separator=",")
    assert list(column) == [1.234, 5.678]


def test_whole_numbers_stay_whole_with_and_without_gaps():
    assert convert(["1", "-2", "+3"])[0].dtype == np.int64
    column, _ = convert(["1", "", "3"])
    assert column.dtype == "Int64"
    assert column.isna().tolist() == [False, True, False]
    assert convert(["1", "2.0"])[0].dtype == np.float64


@pytest.mark.parametrize(
    "marker", ["", "NA", "n/a", "NaN", "null", "None", "?", "-", "--", "#N/A", ".", "NaT"]
)
def test_usual_markers_mean_missing(marker):
    column, _ = convert(["1.5", marker, "2"])
    assert np.isnan(column.iloc[1])


def test_own_markers_mean_missing():
    assert convert(["1", "unknown"])[0].dtype == "str"
    column, _ = convert(["1", "unknown"], missing=["unknown"])
    assert column.isna().tolist() == [False, True]


def test_codes_with_leading_zeros_stay_text():
    column, _ = convert(["01000", "35000"])
    assert list(column) == ["01000", "35000"]


def test_infinity_is_read_as_such():
    column, _ = convert(["1", "inf", "-Infinity"])
    assert list(column) == [1.0, np.inf, -np.inf]


@pytest.mark.parametrize(
    ("texts", "separator", "months"),
    [
        (["2020-04-03", "2021-12-24"], ",", [4, 12]),
        (["2020-04-03T10:30:00Z", "2021-12-24T00:00:00Z"], ",", [4, 12]),
        (["03/04/2020", "24/12/2020"], ",", [4, 12]),
        (["04/03/2020", "12/24/2020"], ";", [4, 12]),
        (["03/04/2020", "05/12/2020"], ";", [4, 12]),
        (["04/03/2020", "12/05/2020"], ",", [4, 12]),
        (["3.4.2020", "24.12.2020"], ",", [4, 12]),
        (["03-04-2020 12:30", "24-12-2020 01:00"], ",", [4, 12]),
    ],
)
def test_dates_are_recognised(texts, separator, months):
    column, formats = convert([*texts, ""], separator=separator)
    assert list(column.dt.month[:2]) == months
    assert pd.isna(column.iloc[2])
    assert "x" in formats


def test_one_text_that_is_no_date_leaves_a_text():
    column, formats = convert(["03/04/2020", "soon"])
    assert list(column) == ["03/04/2020", "soon"]
    assert formats == {}


def test_known_kinds_are_followed():
    frame = pd.DataFrame(
        {"n": ["1", "2"], "c": ["1", "2"], "d": ["03/04/2020", "04/05/2020"], "z": ["1", "2"]},
        dtype="str",
    )
    kinds = {"n": "number", "c": "category", "d": "date:%d/%m/%Y"}
    converted, _ = convert_text_columns(frame, kinds=kinds)
    assert converted["n"].dtype == np.int64
    assert list(converted["c"]) == ["1", "2"]
    assert list(converted["d"].dt.month) == [4, 5]
    assert list(converted["z"]) == ["1", "2"]


def test_a_column_that_does_not_fit_its_known_kind_stays_text():
    frame = pd.DataFrame({"n": ["1", "abc"], "d": ["2020-01-01", "x"]}, dtype="str")
    converted, _ = convert_text_columns(frame, kinds={"n": "number", "d": "date:ISO8601"})
    assert list(converted["n"]) == ["1", "abc"]
    assert list(converted["d"]) == ["2020-01-01", "x"]


def test_number_share_finds_the_first_stray_text():
    share, position = number_share(pd.Series(["1", None, "2,5", "x", "4"], dtype="str"))
    assert share == pytest.approx(0.75)
    assert position == 3


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["12.3 %", "4 %", None], True),
        (["$1,234.00", "$5", "$7.5"], True),
        (["1 200,50 €", "13 €"], True),
        (["-3.5kg", "4kg"], True),
        (["12 m2", "7.5 m2"], True),
        (["12 kg", "12 g"], False),
        (["12", "13"], False),
        (["12 %", "13"], False),
        (["client 1", "client 2"], False),
        (["c1", "c2"], False),
        (["75001 Paris", "69001 Lyon"], False),
        ([None, None], False),
    ],
)
def test_numbers_with_one_unit_are_told_from_names_and_codes(values, expected):
    assert holds_units(pd.Series(values, dtype="str")) is expected
