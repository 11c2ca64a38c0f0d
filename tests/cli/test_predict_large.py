"""Predictions of a file read in parts: the bytes of the file read whole."""

import gzip
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from profond.cli import main
from profond.data import _chunks

FAST = ["--epochs", "2", "--seeds", "2", "--hidden", "8", "--activation", "relu"]
ROWS = 300


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with the same table in several files, and a model of a class and of a number."""
    folder = tmp_path_factory.mktemp("large")
    g = np.random.default_rng(0)
    a, b = g.normal(size=(2, ROWS)).round(3)
    frame = pd.DataFrame({"a": a, "b": b, "town": g.choice(["Nîmes", "Metz"], ROWS)})
    frame["whole"] = np.where(np.arange(ROWS) < 250, np.arange(ROWS), np.nan)  # gaps come late
    frame["y"] = (2 * a - b).round(3)
    frame["sold"] = g.permutation(np.where(a > b, "yes", "no"))
    frame.to_csv(folder / "t.csv", index=False)
    frame.to_csv(folder / "comma.csv", index=False, sep=";", decimal=",")
    frame.to_parquet(folder / "t.parquet", index=False)
    (folder / "t.csv.gz").write_bytes(gzip.compress((folder / "t.csv").read_bytes()))
    here = os.getcwd()
    os.chdir(folder)
    try:
        assert main(["train", "t.csv", "-t", "y", "--drop", "sold", "-o", "number", *FAST]) == 0
        assert main(["train", "t.csv", "-t", "sold", "--drop", "y", "-o", "class", *FAST]) == 0
    finally:
        os.chdir(here)
    return folder


@pytest.fixture(autouse=True)
def inside(models, monkeypatch):
    monkeypatch.chdir(models)


@pytest.fixture
def small_parts(monkeypatch):
    """Called when parts are to begin: of 32 rows and more, whatever the size of the file."""

    def begin():
        for name, value in {"_LARGE": 1, "_LARGE_PACKED": 1, "_BLOCK": 1200, "_BATCHES": 1,
                            "_UNIT_ROWS": 32}.items():  # fmt: skip
            monkeypatch.setattr(_chunks, name, value)

    return begin


@pytest.fixture
def rows_of_parts(monkeypatch):
    """The rows of each part that a model was asked for."""
    from profond.estimators import TableModel

    counts, predict = [], TableModel.predict_frame

    def counted(self, data, **options):
        counts.append(len(data))
        return predict(self, data, **options)

    monkeypatch.setattr(TableModel, "predict_frame", counted)
    return counts


def run(capsys, *words):
    capsys.readouterr()
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def both_ways(capsys, small_parts, model, data, *words, suffix="csv"):
    whole, parts = Path(f"whole.{suffix}"), Path(f"parts.{suffix}")
    code, _, err = run(capsys, "predict", model, data, "-o", whole, *words)
    assert code == 0, err
    small_parts()
    code, _, err = run(capsys, "predict", model, data, "-o", parts, *words)
    assert code == 0, err
    assert f"read {data} in parts: " in err
    return whole, parts


@pytest.mark.parametrize("data", ["t.csv", "t.csv.gz", "comma.csv", "t.parquet"])
@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("number", ["--with-data", "--interval", "0.8"]),
        ("number", ["--with-data", "--member", "1"]),
        ("class", []),
        ("class", ["--member", "0", "--with-data"]),
    ],
)
def test_the_same_bytes_from_every_kind_of_file(
    capsys, small_parts, rows_of_parts, data, model, words
):
    whole, parts = both_ways(capsys, small_parts, model, data, *words)
    assert parts.read_bytes() == whole.read_bytes()
    assert rows_of_parts[0] == ROWS
    assert len(rows_of_parts) > 3
    assert sum(rows_of_parts[1:]) == ROWS


@pytest.mark.parametrize("model", ["number", "class"])
def test_parquet_of_parts_has_the_types_of_the_whole(capsys, small_parts, model):
    whole, parts = both_ways(capsys, small_parts, model, "t.csv", "--with-data", suffix="parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(parts), pd.read_parquet(whole), check_exact=True)


def test_on_standard_output_too(capsys, small_parts):
    whole = run(capsys, "predict", "class", "t.csv", "--out-decimal", ",")
    small_parts()
    code, out, err = run(capsys, "predict", "class", "t.csv", "--out-decimal", ",")
    assert (code, out) == (0, whole[1])
    assert out.startswith("prediction;probability_no;probability_yes\n")
    assert out.count("prediction;") == 1


def test_a_header_told_by_an_option_holds_for_all_parts(capsys, small_parts, tmp_path):
    lines = Path("t.csv").read_text().splitlines()
    (tmp_path / "numbers.csv").write_text(
        "1,2,y\n" + "".join(",".join(np.array(line.split(","))[[0, 1, 4]]) + "\n"
                            for line in lines[1:])
    )  # fmt: skip
    words = ["-t", "y", "--header", "-o", tmp_path / "m", *FAST]
    assert run(capsys, "train", tmp_path / "numbers.csv", *words)[0] == 0
    whole = run(capsys, "predict", tmp_path / "m", tmp_path / "numbers.csv")
    small_parts()
    parts = run(capsys, "predict", tmp_path / "m", tmp_path / "numbers.csv")
    assert parts[:2] == whole[:2]
    assert parts[1].count("\n") == ROWS + 1


# What is wrong further down


def changed(path, row, old, new):
    lines = path.read_text().splitlines()
    assert old in lines[row]
    lines[row] = lines[row].replace(old, new, 1)
    return "\n".join(lines) + "\n"


def test_a_decimal_comma_further_down_is_no_new_way_of_writing(capsys, small_parts, tmp_path):
    text = Path("t.csv").read_text().splitlines()
    text[260] = '"1,5",' + text[260].split(",", 1)[1]
    (tmp_path / "t.csv").write_text("\n".join(text) + "\n")
    small_parts()
    code, out, err = run(
        capsys, "predict", "number", tmp_path / "t.csv", "-o", tmp_path / "answers.csv"
    )
    assert (code, out) == (2, "")
    assert (
        "Column 'a' must hold numbers; received '1,5' in row 260 (with the decimal mark '.', as "
        "the file begins; --decimal sets it)." in err
    )
    assert os.listdir(tmp_path) == ["t.csv"]


@pytest.mark.parametrize("data", ["t.csv.gz", "t.parquet"])
def test_a_wrong_value_is_named_with_its_row_and_no_file_is_left(
    capsys, small_parts, tmp_path, data
):
    path = tmp_path / data
    if data == "t.parquet":
        frame = pd.read_parquet(data)
        frame.loc[279, "b"] = np.inf
        frame.to_parquet(path, index=False)
        said = "Column 'b' holds an infinite value in row 280"
    else:
        b = pd.read_csv("t.csv")["b"].iloc[279]
        path.write_bytes(gzip.compress(changed(Path("t.csv"), 280, f",{b},", ",many,").encode()))
        said = "Column 'b' must hold numbers; received 'many' in row 280"
    small_parts()
    code, out, err = run(capsys, "predict", "number", path, "-o", tmp_path / "answers.csv")
    assert (code, out) == (2, "")
    assert said in err
    assert os.listdir(tmp_path) == [data]


def test_a_class_never_seen_further_down_is_said_with_its_column(capsys, small_parts, tmp_path):
    (tmp_path / "t.csv").write_text(
        Path("t.csv").read_text()[:-1].rpartition("\n")[0] + "\n1,2,Brest,3,4,no\n"
    )
    small_parts()
    code, _, err = run(capsys, "predict", "number", tmp_path / "t.csv", "-o", tmp_path / "a.csv")
    assert code == 0
    assert "warning: Column 'town' has values that were not seen in training: 'Brest' (1 row" in err
    assert len(pd.read_csv(tmp_path / "a.csv")) == ROWS


@pytest.mark.parametrize("more", ["", "0.5", "none of it"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columns_that_the_model_ignores_may_hold_anything_further_down(
    capsys, models, small_parts, tmp_path, monkeypatch, more, suffix
):
    frame = pd.read_csv("t.csv", dtype=str)
    frame["more"] = np.where(np.arange(ROWS) < 250, np.arange(ROWS).astype(str), more)
    monkeypatch.chdir(tmp_path)
    frame.to_csv("t.csv", index=False)
    whole, parts = both_ways(
        capsys, small_parts, models / "number", "t.csv", "--with-data", suffix=suffix
    )
    read = pd.read_csv if suffix == "csv" else pd.read_parquet
    pd.testing.assert_frame_equal(read(parts), read(whole), check_exact=True)
