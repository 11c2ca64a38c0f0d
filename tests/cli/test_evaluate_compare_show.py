import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from profond.cli import main

FAST = ["--epochs", "3", "--seeds", "2", "--hidden", "8", "--activation", "relu"]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with a table, a class, and models of it."""
    folder = tmp_path_factory.mktemp("models")
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(2, 120)).round(3)
    frame = pd.DataFrame({"a": a, "b": b, "y": (2 * a - b).round(3)})
    frame["sold"] = np.where(a > b, "yes", "no")
    frame.to_csv(folder / "t.csv", index=False)
    here = os.getcwd()
    os.chdir(folder)
    try:
        for name, words in {
            "both": ["-t", "y", "--drop", "sold"],
            "one": ["-t", "y", "--drop", "sold", "--drop", "b"],
            "class": ["-t", "sold", "--drop", "y"],
        }.items():
            assert main(["train", "t.csv", *words, "-o", name, *FAST]) == 0
    finally:
        os.chdir(here)
    return folder


@pytest.fixture(autouse=True)
def inside(models, monkeypatch):
    monkeypatch.chdir(models)


def run(capsys, *words):
    capsys.readouterr()
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


# evaluate


def test_evaluate_prints_the_table_and_writes_the_numbers(capsys):
    shutil.copy("t.csv", "later.csv")
    code, out, err = run(capsys, "evaluate", "both", "later.csv", "-o", "numbers.json")
    assert code == 0, err
    for words in ("both: y on 120 rows of later", "one network", "2 networks together", "over rows",
                  "The 2 networks together have RMSE"):  # fmt: skip
        assert words in out
    assert "\x1b[" not in out
    assert err == "read later.csv: utf-8, separated by comma\nnumbers written to numbers.json\n"
    written = json.loads(Path("numbers.json").read_text())
    shown = run(capsys, "evaluate", "both", "later.csv", "--json")[1]
    assert shown == Path("numbers.json").read_text()
    assert [score["role"] for score in written["scores"]] == ["network", "ensemble"]
    low, high = written["scores"][1]["over_rows_95"]
    assert low < written["scores"][1]["value"] < high
    assert (written["rows"], written["rows_without_target"]) == (120, 0)


@pytest.mark.parametrize(
    "words",
    [
        ["evaluate", "both"],
        ["compare", "both", "one"],
        ["show", "both", "--figures", "pictures", "--data"],
    ],
)
def test_the_table_of_the_training_is_recognised(capsys, models, tmp_path, words):
    warning = (
        "is what the model was trained on: rows that it learned from say nothing about "
        "new ones, and make the numbers look better than they are.\n"
    )
    code, _, err = run(capsys, *words, models / "t.csv")  # as another path
    assert code == 0
    assert err.count(f"warning: {models / 't.csv'} {warning}") == 1
    later = shutil.copy("t.csv", tmp_path / "later.csv")
    assert warning not in run(capsys, *words, later)[2]


def test_evaluate_says_what_is_wrong(capsys):
    assert run(capsys, "evaluate", "both", "t.csv", "-o", "n.csv")[::2] == (
        2,
        "profond: The numbers are written to a .json file; received 'n.csv' (--out).\n",
    )
    assert run(capsys, "evaluate", "both", "t.csv", "-o", ".")[2] == (
        "profond: . is a folder; give a file for the numbers, like numbers.json.\n"
    )
    code, _, err = run(capsys, "evaluate", "both", "t.csv", "-t", "z")
    assert code == 2
    assert err.startswith("profond: There is no column 'z', which holds the truth to measure on.")
    assert "Say which one it is (--target)" in err


def test_a_class_is_evaluated(capsys):
    code, out, err = run(capsys, "evaluate", "class", "t.csv")
    assert code == 0, err
    assert "class: sold on 120 rows of t" in out
    assert "The 2 networks together have accuracy" in out


BAD = [
    ({"y": None}, "both", "The target 'y' has no values."),
    ({"y": "many"}, "both", "Column 'y' must hold numbers; received 'many' in row 1."),
    ({"a": "many"}, "both", "Column 'a' must hold numbers; received 'many' in row 1."),
    ({"sold": "maybe"}, "class", "The target 'sold' holds 'maybe' in 120 row(s) (the first is row "
                                 "1), which is no class of the model: it knows 'no', 'yes'."),
]  # fmt: skip


@pytest.mark.parametrize(("change", "model", "message"), BAD)
def test_a_truth_that_does_not_fit_is_told(capsys, tmp_path, change, model, message):
    pd.read_csv("t.csv").assign(**change).to_csv(tmp_path / "bad.csv", index=False)
    code, out, err = run(capsys, "evaluate", model, tmp_path / "bad.csv", "-o", tmp_path / "n.json")
    assert (code, out) == (2, "")
    assert f"profond: {message}" in err
    assert os.listdir(tmp_path) == ["bad.csv"]


@pytest.mark.parametrize("models_asked", [["evaluate", "both"], ["compare", "both", "one"]])
def test_tables_that_cannot_be_measured_on_are_told(capsys, tmp_path, models_asked):
    frame = pd.read_csv("t.csv")
    frame.head(0).to_csv(tmp_path / "none.csv", index=False)
    frame.drop(columns="y").to_csv(tmp_path / "blind.csv", index=False)
    (tmp_path / "image.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    for name, message in {
        "none.csv": "none.csv has no rows: only 4 column name(s) were found.",
        "blind.csv": "There is no column 'y', which holds the truth to measure on.",
        "image.csv": "image.csv is not a table that can be read: its content is binary.",
        "absent.csv": "There is no file",
    }.items():
        code, out, err = run(capsys, *models_asked, tmp_path / name)
        assert (code, out) == (2, "")
        assert err.startswith(f"profond: {message}")
        assert err.count("\n") == 1


@pytest.mark.parametrize("words", [["evaluate", "t.csv", "t.csv"], ["show", "t.csv"],
                                   ["compare", "both", "t.csv", "t.csv"]])  # fmt: skip
def test_a_table_is_no_model(capsys, words):
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert "t.csv is not a kept model: it is neither a folder nor a zip of one." in err


# compare


def test_compare_as_json(capsys):
    code, out, _ = run(capsys, "compare", "one", "both", "t.csv", "--json", "-o", "j.json")
    assert code == 0
    assert out == Path("j.json").read_text()
    found = json.loads(out)
    assert sorted(score["model"] for score in found["scores"]) == ["both", "one"]


def test_compare_prints_the_difference_and_a_sentence(capsys):
    code, out, err = run(capsys, "compare", "both", "one", "t.csv", "-o", "c.json")
    assert code == 0, err
    assert "2 models on t (120 rows)" in out
    assert "worse than best by" in out
    assert "has the best RMSE on 120 rows" in out
    found = json.loads(Path("c.json").read_text())
    assert {score["model"] for score in found["scores"]} == {"both", "one"}
    assert len(found["differences_to_best"]) == 1


def test_compare_says_what_is_wrong(capsys):
    assert run(capsys, "compare", "both", "t.csv")[::2] == (
        2, "profond: Give two models or more and then the table; received 'both t.csv'.\n",
    )  # fmt: skip
    code, _, err = run(capsys, "compare", "both", "./both", "t.csv")
    assert (code, err) == (2, "profond: A model is named twice: both, ./both. Name each once.\n")
    code, _, err = run(capsys, "compare", "both", "class", "t.csv")
    assert code == 2
    assert "The models predict different things: both the number 'y', class 'sold', one of" in err


# show


def test_show_tells_what_the_model_is(capsys):
    code, out, err = run(capsys, "show", "both")
    assert (code, err) == (0, "")
    for words in ("both predicts the number 'y'", "Trained on t.csv", "2 column(s)", "Dense",
                  "2 network(s), seed(s) 0, 1", "gradient boosting", "training.epochs = 3",
                  "network.hidden = [8]", "weights.safetensors", "over test rows"):  # fmt: skip
        assert words in out
    assert "\x1b[" not in out
    assert "predicts the class 'sold', one of two: no, yes" in run(capsys, "show", "class")[1]


def test_show_as_json(capsys):
    found = json.loads(run(capsys, "show", "class", "--json")[1])
    assert found["classes"] == ["no", "yes"]
    assert [column["name"] for column in found["columns"]] == ["a", "b"]
    assert found["settings"]["seeds.count"] == 2
    assert found["files"]["model.json"] > 0
    assert found["network"]["parameters"] > 0


def test_show_draws(capsys, tmp_path):
    code, _, err = run(capsys, "show", "both", "--figures", tmp_path / "p", "--data", "t.csv")
    assert code == 0, err
    assert sorted(os.listdir(tmp_path / "p")) == [
        "learning-curves.png", "predicted-against-true.png", "residuals.png", "scores.png",
    ]  # fmt: skip
    assert (tmp_path / "p" / "scores.png").read_bytes().startswith(b"\x89PNG")
    words = ["show", "class", "--figures", tmp_path / "q", "--data", "t.csv", "--format", "svg"]
    assert run(capsys, *words)[0] == 0
    assert sorted(os.listdir(tmp_path / "q")) == [
        "calibration.svg", "confusion-matrix.svg", "learning-curves.svg", "roc-curve.svg",
        "scores.svg",
    ]  # fmt: skip
    assert "<svg" in (tmp_path / "q" / "scores.svg").read_text()


def test_show_says_what_is_wrong(capsys, tmp_path):
    assert run(capsys, "show", "both", "--data", "t.csv")[::2] == (
        2,
        "profond: --data is for pictures; give --figures FOLDER too, or measure the model with "
        "`profond evaluate both t.csv`.\n",
    )
    assert run(capsys, "show", "both", "--figures", "t.csv")[2] == (
        "profond: t.csv is a file; give a folder for the pictures (--figures).\n"
    )
    assert "no model folder 'bot'" in run(capsys, "show", "bot")[2]


# predict


def test_an_interval_is_added(capsys):
    frame = pd.read_csv("t.csv")
    assert run(capsys, "predict", "both", "t.csv", "--interval", "0.5", "-o", "i.csv")[0] == 0
    found = pd.read_csv("i.csv")
    assert list(found.columns) == ["prediction", "low", "high"]
    low, high, guess = (found[name].to_numpy() for name in ("low", "high", "prediction"))
    assert np.mean(low <= guess) > 0.9
    truth = frame["y"].to_numpy()
    assert 0.3 < np.mean((low <= truth) & (truth <= high)) <= 1.0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--interval", "2"], "--interval must be between 0 and 1, like 0.9; received 2."),
        (["--interval", "0.9", "--member", "0"], "--interval is that of all networks together"),
        (["--member", "5"], "--member must be between 0 and 1; received 5."),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_first(capsys, words, message):
    code, out, err = run(capsys, "predict", "both", "t.csv", *words)
    assert (code, out) == (2, "")
    assert err.startswith(f"profond: {message}")


def test_a_class_has_no_interval(capsys):
    code, _, err = run(capsys, "predict", "class", "t.csv", "--interval", "0.9")
    assert code == 2
    assert "the model predicts the class 'sold': leave it out" in err


@pytest.fixture
def in_parts(monkeypatch):
    from profond.data import _chunks

    for name, value in {"_LARGE": 1, "_LARGE_PACKED": 1, "_BLOCK": 600, "_BATCHES": 1,
                        "_UNIT_ROWS": 32}.items():  # fmt: skip
        monkeypatch.setattr(_chunks, name, value)


WAYS = [[], ["--member", "1"], ["--interval", "0.5"], ["--with-data"]]


@pytest.mark.parametrize("words", WAYS)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_parts_give_what_the_whole_gives(capsys, request, words, suffix):
    whole, parts = f"whole.{suffix}", f"parts.{suffix}"
    assert run(capsys, "predict", "both", "t.csv", "-o", whole, *words)[0] == 0
    request.getfixturevalue("in_parts")
    code, _, err = run(capsys, "predict", "both", "t.csv", "-o", parts, *words)
    assert code == 0
    assert err.startswith("read t.csv in parts: utf-8, separated by comma\n")
    assert err.endswith(f"120 prediction(s) written to {parts}\n")
    read = pd.read_csv if suffix == "csv" else pd.read_parquet
    pd.testing.assert_frame_equal(read(parts), read(whole), check_exact=True)
    if suffix == "csv":
        assert Path(parts).read_text() == Path(whole).read_text()


def test_a_wrong_row_far_down_leaves_the_older_predictions(capsys, in_parts, tmp_path):
    lines = Path("t.csv").read_text().splitlines()
    lines[101] = "1,many,2,no"
    (tmp_path / "bad.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "a.csv").write_text("older")
    code, _, err = run(capsys, "predict", "both", tmp_path / "bad.csv", "-o", tmp_path / "a.csv")
    assert code == 2
    assert "Column 'b' must hold numbers; received 'many' in row 101" in err
    assert (tmp_path / "a.csv").read_text() == "older"
    assert sorted(os.listdir(tmp_path)) == ["a.csv", "bad.csv"]


def test_what_is_unusual_in_many_parts_is_said_once(capsys, in_parts, tmp_path):
    frame = pd.read_csv("t.csv").assign(b=1e6)
    frame.to_csv(tmp_path / "far.csv", index=False)
    code, _, err = run(capsys, "predict", "both", tmp_path / "far.csv", "-o", tmp_path / "a.csv")
    assert code == 0
    assert err.count("the first is") == 1
    assert "warning: the same in " in err
    assert "further part(s): Column 'b' has" in err


def test_damaged_numbers_and_histories_are_told(capsys, tmp_path):
    shutil.copytree("both", tmp_path / "m")
    metrics = json.loads((tmp_path / "m" / "metrics.json").read_text())
    del metrics["scores"][0]["value"]
    (tmp_path / "m" / "metrics.json").write_text(json.dumps(metrics))
    code, _, err = run(capsys, "show", tmp_path / "m")
    assert code == 2
    assert "m/metrics.json is damaged: KeyError('value')." in err
    (tmp_path / "m" / "metrics.json").write_text("{}")
    assert "It was not measured: `profond evaluate` does." in run(capsys, "show", tmp_path / "m")[1]
    (tmp_path / "m" / "history.csv").write_text("epoch,loss\n1,2\n")
    code, _, err = run(capsys, "show", tmp_path / "m", "--figures", tmp_path / "p")
    assert code == 2
    assert "history.csv is truncated or damaged: 'seed'." in err
