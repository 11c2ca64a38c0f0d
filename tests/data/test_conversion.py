import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond.data import Reading
from profond.data._conversion import convert_text_columns
from profond.data._numbers import number_share, split_unit


def convert(values, **options):
    frame, readings, _ = convert_text_columns(
        pd.DataFrame({"x": pd.Series(values, dtype="str")}), **options
    )
    return frame["x"], readings


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
    table = pd.DataFrame(values, dtype="str")
    frame, _, notes = convert_text_columns(table, separator=separator)
    assert frame["x"].iloc[0] == expected
    if other is not None:
        assert notes == []
    elif separator == ";":
        assert notes == [
            "column(s) 'x': ',' is read as the decimal mark; --decimal . reads it as a mark "
            "between thousands"
        ]
    else:
        assert notes == [
            "column(s) 'x': ',' is read as a mark between thousands; --decimal , reads it as the "
            "decimal mark"
        ]


def test_a_point_stays_decimal_where_no_comma_was_seen():
    column, _ = convert(["1.234", "2.500"], separator=";")
    assert list(column) == [1.234, 2.5]
    _, _, notes = convert_text_columns(pd.DataFrame({"x": ["1.234", "2.500"]}))
    assert notes == [
        "column(s) 'x': '.' is read as the decimal mark; --decimal , reads it as a mark between "
        "thousands"
    ]


def follow(readings, separator=",", decimal=None, **texts):
    frame, _, notes = convert_text_columns(
        pd.DataFrame(texts, dtype="str"), separator=separator, decimal=decimal, readings=readings
    )
    return {name: frame[name].tolist() for name in frame}, notes


COMMA, POINT = Reading("number", ","), Reading("number", ".")


def test_a_known_decimal_mark_decides_where_both_fit():
    values, notes = follow({"x": COMMA}, separator="\t", x=["1,234", "5,678"])
    assert values == {"x": [1.234, 5.678]}
    assert notes == [
        "column(s) 'x': ',' is read as the decimal mark, as in training; --decimal sets the "
        "decimal mark"
    ]
    values, notes = follow({"x": COMMA}, x=["1.234", "5.678"])
    assert values == {"x": [1234, 5678]}
    assert notes == [
        "column(s) 'x': '.' is read as a mark between thousands, as in training; --decimal sets "
        "the decimal mark"
    ]
    # Another column tells that the table is written as before.
    assert follow({"x": COMMA, "y": COMMA}, x=["1.234", "5.678"], y=["0,5", "1"])[1] == []
    assert follow({"x": POINT}, separator=";", x=["1,234", "5,678"])[0] == {"x": [1234, 5678]}
    # Between commas "1,234" would set thousands apart.
    assert follow({"x": Reading("number")}, x=["1,234"])[0] == {"x": [1234]}


def test_a_table_written_in_the_other_way_is_told_by_values_that_only_fit_it():
    values, notes = follow({"x": COMMA, "y": COMMA}, x=["1.234", "5.678"], y=["0.5", "7"])
    assert values == {"x": [1.234, 5.678], "y": [0.5, 7.0]}
    assert notes == [
        "column(s) 'x', 'y': '.' is read as the decimal mark (the decimal mark in training was "
        "','); --decimal sets the decimal mark"
    ]
    # What another column needs in training too says nothing against the known mark.
    values, _ = follow({"x": COMMA, "y": POINT}, x=["1,234", "5,678"], y=["0.5", "7"])
    assert values == {"x": [1.234, 5.678], "y": [0.5, 7.0]}
    # Nothing was known of y; it does not overrule what is known of x.
    values, _ = follow({"x": COMMA, "y": Reading("number")}, x=["1,234"], y=["0.5"])
    assert values == {"x": [1.234], "y": [0.5]}


def test_a_given_decimal_mark_overrules_the_known_one():
    values, notes = follow({"x": COMMA}, decimal=".", x=["1,234", "5,678"])
    assert (values, notes) == ({"x": [1234, 5678]}, [])


def test_whole_numbers_tell_no_decimal_mark():
    assert convert(["1", "2"])[1] == {"x": Reading("number")}
    assert convert(["1,5", "2"])[1] == {"x": COMMA}
    _, readings, _ = convert_text_columns(pd.DataFrame({"x": ["1", "2"], "y": ["1,5", "2"]}))
    assert readings == {"x": COMMA, "y": COMMA}


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
        (["03 Apr 2020", "24 Dec 2020"], ",", [4, 12]),
        (["3 April 2020", "24 December 2020"], ",", [4, 12]),
        (["1 May 2020", "24 December 2020"], ",", [5, 12]),
        (["Apr 3, 2020", "Dec 24, 2020"], ";", [4, 12]),
        (["April 3, 2020 12:30", "December 24, 2020 01:00"], ",", [4, 12]),
    ],
)
def test_dates_are_recognised(texts, separator, months):
    column, formats = convert([*texts, ""], separator=separator)
    assert list(column.dt.month[:2]) == months
    assert pd.isna(column.iloc[2])
    assert formats["x"].kind == "date"


def test_one_text_that_is_no_date_leaves_a_text():
    column, formats = convert(["03/04/2020", "soon"])
    assert list(column) == ["03/04/2020", "soon"]
    assert formats == {}


@pytest.mark.parametrize(
    "texts",
    [
        ["1 Jan 2020", "2 Fox 2020"],
        ["Run 1, 2020", "Run 2, 2020"],
        ["31 Feb 2020", "1 Mar 2020"],
        ["1 kg 2020", "2 kg 2020"],
        ["Jan", "May"],
        ["May 2020", "Jun 2020"],
        ["1 Jan", "2 Jan"],
        ["1 Jan 20", "2 Jan 20"],
        ["1 Jan 2020", "Jan 2, 2020"],
    ],
)
def test_words_beside_numbers_are_no_dates(texts):
    column, readings = convert(texts)
    assert list(column) == texts
    assert readings == {}


@pytest.mark.parametrize("missing", [[], [""]])
def test_times_whose_offset_changes_are_read_in_utc(missing):
    column, readings = convert(
        ["2020-03-29 01:00:00+01:00", "2020-03-29 03:00:00+02:00", "2020-03-29T02:00Z", *missing]
    )
    assert readings == {"x": Reading("date", date_format="ISO8601")}
    hours = [0, 1, 2]  # 02:00 of winter time is 03:00 of summer time
    assert list(column.iloc[:3]) == [pd.Timestamp(2020, 3, 29, hour) for hour in hours]
    assert column.iloc[3:].isna().all()


@pytest.mark.parametrize("bare", ["2020-03-29 03:00:00", "2020-03-29", "soon"])
def test_times_with_and_without_an_offset_stay_text(bare):
    texts = ["2020-03-29 01:00:00+01:00", bare]
    column, readings = convert(texts)
    assert (list(column), readings) == (texts, {})
    known = {"x": Reading("date", date_format="ISO8601")}
    assert list(convert(texts, readings=known)[0]) == texts


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["12/31/20", "01/05/21"], "%m/%d/%y"),
        (["31/12/20", "01/05/21"], "%d/%m/%y"),
        (["01/05/21", "02/06/21"], None),  # May or January
    ],
)
def test_years_of_two_digits_are_read_where_one_order_is_possible(texts, expected):
    column, readings = convert(texts)
    if expected is None:
        assert list(column) == texts
    else:
        assert readings == {"x": Reading("date", date_format=expected)}


def test_known_kinds_are_followed():
    frame = pd.DataFrame(
        {"n": ["1", "2"], "c": ["1", "2"], "d": ["03/04/2020", "04/05/2020"], "z": ["1", "2"]},
        dtype="str",
    )
    readings = {
        "n": Reading("number"), "c": Reading("text"), "d": Reading("date", date_format="%d/%m/%Y")
    }  # fmt: skip
    converted, _, _ = convert_text_columns(frame, readings=readings)
    assert converted["n"].dtype == np.int64
    assert list(converted["c"]) == ["1", "2"]
    assert list(converted["d"].dt.month) == [4, 5]
    assert list(converted["z"]) == ["1", "2"]


def test_a_column_that_does_not_fit_its_known_kind_stays_text():
    frame = pd.DataFrame({"n": ["1", "abc"], "d": ["2020-01-01", "x"]}, dtype="str")
    readings = {"n": Reading("number"), "d": Reading("date", date_format="ISO8601")}
    converted, _, _ = convert_text_columns(frame, readings=readings)
    assert list(converted["n"]) == ["1", "abc"]
    assert list(converted["d"]) == ["2020-01-01", "x"]


def test_number_share_finds_the_first_stray_text():
    share, position = number_share(pd.Series(["1", None, "2,5", "x", "4"], dtype="str"))
    assert share == pytest.approx(0.75)
    assert position == 3


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        (["12.3 %", "4 %", None], "%"),
        (["$1,234.00", "-$5", "$7.5"], "$"),
        (["1 200,50 €", "13 €"], "€"),
        (["-3.5kg", "4kg"], "kg"),
        (["12 m2", "7.5 m2"], "m2"),
        (["EUR 5", "EUR 7"], "EUR"),
        (["90 km/h", "130 km/h"], "km/h"),
        (["4\u00a0°C", "5\u00a0°C"], "°C"),
        (["10 %", "0", "20 %"], "%"),
        (["0", "$5"], "$"),
        (["10 %", "0.0"], ""),
        (["0", "0"], ""),
        (["3G", "4G", "5G"], ""),
        (["12A", "14A"], ""),
        (["6e", "5e", "4e"], ""),
        (["32B", "34B"], ""),
        (["1234 AB", "5678 AB"], ""),
        (["12 AB3", "13 AB3"], ""),
        (["3 mars", "4 mars"], ""),
        (["5%%", "6%%"], ""),
        (["12 kg", "12 g"], ""),
        (["12", "13"], ""),
        (["12 %", "13"], ""),
        (["client 1", "client 2"], ""),
        (["c1", "c2"], ""),
        (["75001 Paris", "69001 Lyon"], ""),
        (["10-2020", "11-2020"], ""),
        (["1e3", "5e3"], ""),
        (["10x20", "30x20"], ""),
        ([None, None], ""),
    ],
)
def test_numbers_with_one_unit_are_told_from_names_and_codes(values, unit):
    text = pd.Series(values, dtype="str")
    numbers, found = split_unit(text)
    assert found == unit
    assert number_share(numbers)[0] == 1.0 or numbers is text


def test_numbers_with_a_unit_are_read_with_a_note_and_again_in_new_rows():
    frame = pd.DataFrame({"x": ["3,50 €", "1 200,00 €", None], "y": ["12%", "7%", "9%"]})
    converted, readings, notes = convert_text_columns(frame.astype("str"), separator=";")
    assert converted["x"].tolist()[:2] == [3.5, 1200.0]
    assert converted["y"].tolist() == [12, 7, 9]
    assert readings == {"x": Reading("number", ",", "€"), "y": Reading("number", ",", "%")}
    assert notes == [
        "column 'x' is read as numbers in € ('3,50 €' and so on)",
        "column 'y' is read as numbers in % ('12%' and so on)",
    ]
    # With and without the unit; another unit stays a text.
    values, notes = follow(readings, separator=";", x=["4,25 €", "5"], y=["3 %", "4 $"])
    assert values == {"x": [4.25, 5.0], "y": ["3", "4 $"]}
    assert notes == [
        "column 'x': 1 value(s) without '€' (the first is '5') are taken to be in €, as in training"
    ]
    values, notes = follow(readings, separator=";", x=["4,25 €", "0"])
    assert (values, notes) == ({"x": [4.25, 0.0]}, [])


def test_a_plain_zero_needs_no_unit():
    column, readings = convert(["10 %", "0", None, "2.5 %"])
    np.testing.assert_array_equal(column, [10, 0, np.nan, 2.5])
    assert readings == {"x": Reading("number", ".", "%")}


def test_internet_addresses_are_codes_and_say_nothing_of_the_decimal_mark():
    addresses = ["10.100.200.101", "192.168.100.102"]
    frame = pd.DataFrame({"ip": addresses, "x": ["1.234", "5.678"]}, dtype="str")
    converted, readings, _ = convert_text_columns(frame)
    assert converted["ip"].tolist() == addresses
    assert converted["x"].tolist() == [1.234, 5.678]
    assert set(readings) == {"x"}
    column, _ = convert(["10.100.200.101", "10.100.200.999"])
    assert column.tolist() == [10100200101, 10100200999]


def test_several_groups_between_points_are_read_with_a_note():
    frame = pd.DataFrame({"v": ["1.234.567", "1.234.568"], "x": ["a", "b"]}, dtype="str")
    converted, _, notes = convert_text_columns(frame)
    assert converted["v"].tolist() == [1234567, 1234568]
    assert notes == [
        "column 'v': the points in '1.234.567' are read as marks between thousands; for codes, "
        "give --category 'v'"
    ]
    # A decimal comma anywhere, or on the command line, leaves no doubt.
    assert convert_text_columns(frame.assign(x=["1,5", "2,5"]))[2] == []
    assert convert_text_columns(frame, decimal=",")[2] == []
