"""Series on the command line."""

import subprocess
import sys

import numpy as np
import pytest

from profond.data.series import open_series
from profond.experiment._kinds import guessed_kind
from tests.cli.test_train_and_predict import run

FAST = ("--epochs", "1", "--seeds", "1", "--architecture", "time_cnn")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_ts(path, series):
    lines = ["@problemName walks", "@univariate true", "@classLabel true 1 2", "@data"]
    for values, label in zip(series.values[..., 0], series.labels, strict=True):
        lines.append(f"{','.join(f'{v:.5f}' for v in values)}:{label}")
    path.write_text("\n".join(lines) + "\n")


def test_series_are_trained_on_predicted_and_measured(capsys, folder):
    series = open_series("gun_point")
    write_ts(folder / "walks_TRAIN.ts", series.take(series.part == "train"))
    write_ts(folder / "walks_TEST.ts", series.take(np.flatnonzero(series.part == "test")[:60]))
    code, out, err = run(capsys, "train", "walks_TRAIN.ts", "--out", "m", *FAST)
    assert code == 0, err
    assert "walks: class on 60 test series" in out
    assert "Use it:  profond predict m NEW.ts -o predictions.csv" in out
    code, out, err = run(capsys, "predict", "m", "walks_TEST.ts")
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0] == "prediction,probability_1,probability_2" and len(lines) == 61
    code, out, err = run(capsys, "predict", "m", "walks_TEST.ts", "-o", "answers.csv")
    assert code == 0 and "60 prediction(s) written to answers.csv" in err
    code, out, err = run(capsys, "evaluate", "m", "walks_TEST.ts")
    assert code == 0, err
    assert "class on 60 series of walks" in out
    code, out, err = run(capsys, "show", "m")
    assert code == 0, err
    assert "What it needs" in out and "channel 1" in out
    code, out, err = run(capsys, "show", "m", "--figures", "drawn", "--data", "walks_TEST.ts")
    assert code == 0, err
    assert "learning-curves" in err and (folder / "drawn" / "confusion-matrix.png").is_file()


def test_options_of_tables_are_refused_for_series(capsys, folder):
    assert run(capsys, "train", "gun_point", "--out", "m", *FAST)[0] == 0
    code, _, err = run(capsys, "predict", "m", "gun_point", "--with-data")
    assert code == 2 and "--with-data: of tables only, and the model takes series" in err
    code, _, err = run(capsys, "train", "gun_point", "--hidden", "3", *FAST)
    assert code == 2 and "--hidden: of table only, and gun_point is taken for series" in err


def test_the_kind_is_told_by_the_name_or_said(capsys, folder):
    assert guessed_kind("a.ts") == guessed_kind("X_TRAIN.tsv") == guessed_kind("gun_point")
    assert guessed_kind("a.ts.gz") == guessed_kind("a.npz") == "series"
    assert guessed_kind("boston") == guessed_kind("sales.tsv") == guessed_kind("a.csv") == "table"
    code, _, err = run(capsys, "train", "gun_point", "--kind", "pictures")
    assert code == 2 and "kind of data" in err
    assert run(capsys, "train", "gun_point", "--out", "m", *FAST)[0] == 0
    code, _, err = run(capsys, "train", "m/experiment.toml", "--kind", "table")
    assert code == 2 and "--kind is that of data" in err


def test_a_long_table_of_series(capsys, folder):
    series = open_series("gun_point").take(range(0, 200, 4))
    rows = ["walk,t,value,gesture"]
    for i, (values, label) in enumerate(zip(series.values[..., 0], series.labels, strict=True)):
        rows += [f"w{i},{t},{v:.4f},{label}" for t, v in enumerate(values[:60])]
    (folder / "long.csv").write_text("\n".join(rows) + "\n")
    words = ("--kind", "series", "--id-column", "walk", "--time-column", "t", "--target", "gesture")
    code, out, err = run(capsys, "train", "long.csv", *words, "--out", "m", *FAST)
    assert code == 0, err
    code, out, err = run(capsys, "predict", "m", "long.csv")
    assert code == 0, err
    assert out.splitlines()[0] == "name,prediction,probability_1,probability_2"
    assert out.splitlines()[1].startswith("w0,")


@pytest.mark.slow
def test_a_script_of_data_and_of_a_model(capsys, folder):
    code, text, err = run(capsys, "script", "gun_point", "--seed", "4", *FAST)
    assert code == 0, err
    assert "random_state=4" in text and 'architecture="time_cnn"' in text
    code, out, err = run(capsys, "script", "gun_point", "-o", "s.py", *FAST)
    assert (code, out, err) == (0, "", "the script is in s.py: python s.py\n")
    done = subprocess.run(
        [sys.executable, "-W", "error", "s.py", "kept"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("accuracy on the test part: 0.")
    assert run(capsys, "train", "gun_point", "--out", "m", *FAST)[0] == 0
    assert run(capsys, "script", "m")[1] == run(capsys, "script", "gun_point", *FAST)[1]
    code, _, err = run(capsys, "predict", "kept", "gun_point", "-o", "a.csv")
    assert code == 0 and "200 prediction(s)" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gun_point", "--data", "x"], "--data goes with a model, and gun_point is none"),
        (["boston"], "The script of a table is written from its trained model"),
        (["nowhere"], "There is no model folder 'nowhere'."),
        (["gun_point", "--hidden", "3"], "--hidden: of table only, and gun_point is taken for"),
    ],
)
def test_what_has_no_script_is_told(capsys, folder, words, message):
    code, out, err = run(capsys, "script", *words)
    assert (code, out) == (2, "") and err.startswith(f"profond: {message}")


def test_the_settings_of_a_model_are_not_changed(capsys, folder):
    assert run(capsys, "train", "gun_point", "--out", "m", *FAST)[0] == 0
    code, _, err = run(capsys, "script", "m", "--epochs", "3", "--kind", "series")
    assert code == 2 and err.startswith("profond: --kind, --epochs: of data only, and m is a ")


@pytest.mark.slow
def test_a_sweep_and_a_search(capsys, folder):
    pytest.importorskip("optuna", reason="Optuna is an extra: pip install 'profond[search]'")
    code, out, err = run(capsys, "sweep", "gun_point", "--steps", "20", *FAST)
    assert code == 0, err
    assert "Train with it:  profond train gun_point --kind series" in out
    few = ("--trials", "2", "--trial-seeds", "1", "--workers", "1", "--out", "m")
    space = ("--space", "scaling=channels|series", "--space", "learning_rate=1e-3..1e-2:log")
    code, out, err = run(capsys, "search", "gun_point", *few, *space, *FAST)
    assert code == 0, err
    assert "Best of 2 trials (2 complete): validation log loss" in out
    assert "gun_point: class on 150 test series" in out
    assert (folder / "m-search" / "trials.csv").is_file()
    code, _, err = run(capsys, "search", "gun_point", "--kind", "tables")
    assert code == 2 and "kind of data" in err


def test_a_set_is_found_by_its_name_alone(capsys, folder, monkeypatch):
    series = open_series("gun_point")
    write_ts(folder / "walks_TRAIN.ts", series.take(series.part == "train"))
    write_ts(folder / "walks_TEST.ts", series.take(np.flatnonzero(series.part == "test")[:60]))
    monkeypatch.setenv("PROFOND_DATA", str(folder))
    (folder / "ucr").mkdir()
    np.savez(folder / "ucr" / "Strides.npz", X=series.values[..., 0], y=series.labels.astype(str))
    assert guessed_kind("walks") == guessed_kind("Strides") == "series"
    assert guessed_kind("nothing") == "table"
    code, out, err = run(capsys, "train", "walks", "--out", "m", "--max-rows", "30", *FAST)
    assert code == 0, err
    assert "30 of the 50 training series are used, drawn at random" in err
    assert "over test series" in out and "over the 60 test series" in out
    code, out, err = run(capsys, "evaluate", "m", "walks_TEST.ts")
    assert code == 0 and "class on 60 series of walks" in out and "over the 60 series" in out
    code, out, err = run(capsys, "train", "walks", "--out", "n", *FAST)
    code, out, err = run(capsys, "compare", "m", "n", "walks_TEST.ts")
    assert code == 0 and "(60 series)" in out and "on 60 series" in out


def test_a_table_of_numbers_without_names_may_be_series(capsys, folder):
    values = np.random.default_rng(0).normal(size=(30, 60))
    lines = ["\t".join([str(i % 2), *(f"{v:.3f}" for v in row)]) for i, row in enumerate(values)]
    (folder / "gp.tsv").write_text("\n".join(lines) + "\n")
    code, _, err = run(capsys, "train", "gp.tsv")
    assert code == 2 and "column_20 and 41 more." in err
    assert err.endswith("If each row is a time series, its label first, say --kind series.\n")


def test_options_of_another_kind_are_named(capsys, folder):
    code, _, err = run(capsys, "train", "gun_point", "--size", "3")
    assert (code, err) == (
        2, "profond: --size: of images only, and gun_point is taken for series. Leave it out, or "
        "say what the data are (--kind).\n",
    )  # fmt: skip
    code, _, err = run(capsys, "sweep", "iris", "--augment", "flip")
    assert code == 2 and "--augment: of series and images only, and iris is taken for table" in err
    code, _, err = run(capsys, "train", "gun_point", "--size", "3", "--hidden", "3")
    assert code == 2 and "--hidden: not of one kind of data, and gun_point is taken for" in err


def test_what_is_typed_wrong_is_guessed_among_all_bundled_sets(capsys, folder):
    code, _, err = run(capsys, "train", "gunpoint")
    assert code == 2 and "Did you mean 'gun_point'?" in err


def test_what_is_known_of_a_set_is_said_once():
    from dataclasses import replace

    from profond.experiment import SeriesExperiment
    from tests.experiment.helpers import Recorder

    series = replace(open_series("gun_point"), notes=("Something was seen.",))
    said = Recorder()
    SeriesExperiment.of(epochs=1, seeds=1, architecture="time_cnn").run(series, progress=said)
    assert said.notes.count("Something was seen.") == 1
    assert sum(text.startswith("200 series of 150 steps") for text in said.notes) == 1
