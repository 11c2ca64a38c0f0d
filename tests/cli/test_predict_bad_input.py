"""What new tables may lack or have differently: each case through the command."""

import os

import numpy as np
import pandas as pd
import pytest

from profond.cli import main

FAST = ["--epochs", "2", "--seeds", "2", "--hidden", "8", "--activation", "relu"]


@pytest.fixture(scope="module")
def frame():
    g = np.random.default_rng(0)
    a, b = g.normal(size=(2, 90)).round(3)
    return pd.DataFrame(
        {
            "a": a,
            "b": b,
            "town": g.choice(["Nice", "Metz"], 90),
            "day": pd.date_range("2020-01-01", periods=90).astype(str),
            "y": (2 * a - b).round(3),
        }
    )


@pytest.fixture(scope="module")
def models(frame, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    frame.to_csv(folder / "t.csv", index=False)
    here = os.getcwd()
    os.chdir(folder)
    try:
        assert main(["train", "t.csv", "-t", "y", "-o", "m", *FAST]) == 0
    finally:
        os.chdir(here)
    return folder


@pytest.fixture
def predict(capsys, models, monkeypatch, tmp_path):
    """The code, what is said, and the predictions (None without a file) for a table."""
    monkeypatch.chdir(tmp_path)

    def run(table, name="new.csv"):
        (table.to_parquet if name.endswith("t") else table.to_csv)(name, index=False)
        capsys.readouterr()
        code = main(["predict", str(models / "m"), name, "-o", "answers.csv"])
        err = capsys.readouterr().err
        if not os.path.exists("answers.csv"):
            return code, err, None
        answers = pd.read_csv("answers.csv")["prediction"].to_numpy()
        os.remove("answers.csv")
        return code, err, answers

    return run


def test_columns_in_another_order_and_others_beside_them(predict, frame):
    code, _, expected = predict(frame)
    assert code == 0
    other = frame[["day", "y", "town", "b", "a"]].assign(more="text", still_more=3)
    code, err, answers = predict(other)
    assert (code, "warning" in err) == (0, False)
    np.testing.assert_array_equal(answers, expected)


def test_the_target_need_not_be_there(predict, frame):
    code, _, answers = predict(frame.drop(columns="y"))
    assert code == 0
    np.testing.assert_array_equal(answers, predict(frame)[2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns=["a", "town"]),
         "Missing column(s): 'a', 'town'. The model needs: a, b, town, day. The table has: b, day, "
         "y."),
        (lambda f: f.rename(columns={"town": "twon"}), "Missing column(s): 'town' (is it 'twon'?)"),
        (lambda f: f.assign(a="2020-01-01"),
         "Column 'a' must hold numbers; received '2020-01-01' in row 1."),
        (lambda f: f.assign(b=[*f["b"][:-1], "many"]),
         "Column 'b' must hold numbers; received 'many' in row 90."),
        (lambda f: f.assign(day=[*f["day"][:-1], "soon"]), "Column 'day' must hold dates"),
        (lambda f: f.head(0), "new.csv has no rows: only 5 column name(s) were found."),
    ],
)  # fmt: skip
def test_what_cannot_be_predicted_is_one_line_and_no_file(predict, frame, change, message):
    code, err, answers = predict(change(frame))
    assert (code, answers) == (2, None)
    assert f"profond: {message}" in err
    assert "Traceback" not in err


def test_a_parquet_file_may_hold_other_types(predict, frame):
    expected = predict(frame)[2]
    typed = frame.assign(a=frame["a"].astype(object).map(str), day=pd.to_datetime(frame["day"]))
    typed["town"] = typed["town"].astype("category")
    code, err, answers = predict(typed, "new.parquet")
    assert code == 0, err
    np.testing.assert_array_equal(answers, expected)
    code, err, answers = predict(frame.assign(a=pd.to_datetime(frame["day"])), "new.parquet")
    assert (code, answers) == (2, None)
    assert "Column 'a' must hold numbers; received datetime64" in err
    code, err, answers = predict(frame.head(0), "new.parquet")
    assert (code, answers) == (2, None)
    assert "new.parquet has no rows: only 5 column name(s) were found." in err


def test_a_level_never_seen_and_numbers_for_names_are_predicted_with_a_warning(predict, frame):
    expected = predict(frame)[2]
    code, err, answers = predict(frame.assign(town=["Brest", *frame["town"][1:]]))
    assert code == 0
    assert "warning: Column 'town' has values that were not seen in training: 'Brest' (1 ro" in err
    np.testing.assert_array_equal(answers[1:], expected[1:])
    assert np.isfinite(answers[0])
    code, err, answers = predict(frame.assign(town=3.5))
    assert code == 0
    assert "'town' has values that were not seen in training: '3.5' (90 row(s))" in err


def test_a_row_of_nothing_is_predicted_with_a_warning(predict, frame):
    expected = predict(frame)[2]
    empty = frame.astype(object)
    empty.loc[4, :] = None
    code, err, answers = predict(empty)
    assert code == 0
    assert "warning: 1 row(s) without a value in any column (the first is row 5)" in err
    np.testing.assert_array_equal(np.delete(answers, 4), np.delete(expected, 4))
    assert np.isfinite(answers[4])
