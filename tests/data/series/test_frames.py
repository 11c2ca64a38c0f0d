"""Series from long tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond.data.series import series_from_frame

NAN = np.nan


def frame(**changes):
    columns = {
        "who": ["b", "a", "b", "a", "b"],
        "t": [1, 0, 0, 1, 2],
        "x": [11, 20, 10, 21, 12],
        "y": [0.1, 0.2, 0.3, 0.4, 0.5],
        "kind": ["run", "sit", "run", "sit", "run"],
    }
    return pd.DataFrame({**columns, **changes})


def of(table, **more):
    return series_from_frame(table, **{"id_column": "who", "time_column": "t", **more})


def test_rows_in_any_order():
    made = of(frame(), label_column="kind", name="n")
    assert made.names == ("b", "a")
    assert made.channels == ("x", "y")
    assert made.lengths.tolist() == [3, 2]
    expected = [[[10, 0.3], [11, 0.1], [12, 0.5]], [[20, 0.2], [21, 0.4], [0, 0]]]
    np.testing.assert_array_equal(made.values, expected)
    assert made.labels.tolist() == ["run", "sit"]
    assert made.notes == ()
    assert made.name == "n"
    assert of(frame(), value_columns="y").channels == ("y",)
    assert of(frame(kind=[1, 0, 1, 0, 1]), label_column="kind").channels == ("x", "y")
    some = made.take([1])
    assert some.names == ("a",)


@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=5),
    channels=st.integers(1, 3),
    seed=st.integers(0, 999),
)
def test_shuffled_rows_give_the_series_back(lengths, channels, seed):
    rng = np.random.default_rng(seed)
    series = [rng.normal(size=(n, channels)) for n in lengths]
    table = pd.DataFrame(np.concatenate(series), columns=[f"c{i}" for i in range(channels)])
    table["who"] = np.repeat(np.arange(len(lengths)), lengths)
    table["t"] = np.concatenate([np.sort(rng.choice(50, n, replace=False)) for n in lengths])
    made = of(table.sample(frac=1, random_state=seed))
    assert sorted(made.names) == list(range(len(lengths)))
    for i, name in enumerate(made.names):
        np.testing.assert_array_equal(made.one(i), series[name])


@pytest.mark.parametrize(
    "times",
    [
        pd.to_datetime(["2024-01-02", "2024-01-01", "2024-01-01", "2024-01-02", "2024-01-03"]),
        ["2024-01-02", "2024-01-01", "2024-01-01", "2024-01-02", "2024-01-03"],
        ["10", "9", "9", "10", "11"],
        pd.to_timedelta([1, 0, 0, 1, 2], unit="h"),
        pd.array([1, 0, 0, 1, 2], dtype="Int64"),
    ],
)
def test_times_of_all_kinds(times):
    made = of(frame(t=times), value_columns=["x"])
    assert made.values[..., 0].tolist() == [[10, 11, 12], [20, 21, 0]]
    assert made.notes == ()


def test_uneven_times_and_missing_values_are_said():
    made = of(frame(t=[1, 0, 0, 1, 3], y=[NAN, 1, 2, 3, NAN]))
    assert made.notes == (
        "The times in 't' are not at equal distances; only their order is used.",
        "2 missing value(s) in 1 of 2 series, the first at step 2, channel 2 of series 1.",
    )
    assert made.lengths.tolist() == [3, 2]


def test_polars():
    polars = pytest.importorskip("polars")
    made = of(polars.DataFrame(frame().to_dict("list")), label_column="kind")
    assert made.labels.tolist() == ["run", "sit"]
    assert made.lengths.tolist() == [3, 2]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: of(frame(), id_column="whom"), "There is no column 'whom'; did you mean 'who'"),
        (lambda: of(frame(), label_column="zz"), "no column 'zz'; there are who, t, x, y, kind"),
        (lambda: of(frame(), value_columns=["z"]), "There is no column 'z'"),
        (
            lambda: of(frame()[["who", "t", "kind"]]),
            "`value_columns` must name at least one column; found none of numbers",
        ),
        (
            lambda: of(frame()[:0]),
            "There must be at least one series; received a table without rows",
        ),
        (
            lambda: of(frame(t=[1, 0, 0, 0, 2])),
            "Series 'a' has the time 0 twice, in rows 2 and 4; a series has one row for each time",
        ),
        (
            lambda: of(frame(who=["b", None, "b", None, "b"])),
            r"Column 'who' has no id in row 2 and 1 more row\(s\)",
        ),
        (lambda: of(frame(t=[1, 0, NAN, 1, 2])), "Column 't' has no time in row 3"),
        (
            lambda: of(frame(t=["one", "two", "three", "four", "five"])),
            "Column 't' must hold numbers or dates",
        ),
        (
            lambda: of(frame(kind=["run", "sit", "run", None, "run"]), label_column="kind"),
            "Series 'a' has no label in a row of 'kind'",
        ),
        (
            lambda: of(frame(kind=["run", "sit", "run", "sit", "walk"]), label_column="kind"),
            "in 'kind' must be the same in all rows .* received 'run' and 'walk' for series 'b'",
        ),
        (
            lambda: of(frame(x=[NAN, 1, NAN, 1, NAN]), value_columns=["x"]),
            "Series 'b' has no value: all are missing",
        ),
        (
            lambda: of(frame(x=["1", "z", "2", "3", "4"]), value_columns=["x"]),
            "Column 'x' must hold numbers; received 'z' in row 2",
        ),
        (lambda: of(frame(x=[1, 2, np.inf, 4, 5])), "Column 'x' holds an infinite value in row 3"),
        (
            lambda: of(frame().rename(columns={"y": "x"})),
            r"Column name\(s\) x stand twice in the table; rename them",
        ),
    ],
)
def test_wrong_tables(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.wrong_types
def test_no_table():
    with pytest.raises(TypeError, match="`frame` must be a pandas or polars data frame.*list"):
        of([1, 2])
