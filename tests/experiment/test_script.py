"""The script of a run trains the same network, to the last bit."""

import ast
import json
import shutil
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from profond.estimators import TabularRegressor
from profond.estimators import _members as training
from profond.experiment import run_script, train_table
from tests.experiment.helpers import SMALL, TARGETS, make_table
from tests.experiment.test_training_on_tables import dead_network

QUICK = {**SMALL, "seeds": 1, "epochs": 4}
SPLIT_BY = ("part", "shop")  # columns that only say how rows are split
# Several scripts in one process, each with a file for its losses: torch is imported once.
RUN_ALL = """
import runpy, sys
for name in sys.argv[1:]:
    sys.argv = [f"{name}.py", f"{name}.csv"]
    runpy.run_path(f"{name}.py", run_name="__main__")
    print("END", name)
"""

# By name: the target, and the settings.
RUNS = {
    "linear": ("signal", {"seeds": 2}),
    "resnet": ("price", {"architecture": "resnet", "schedule": "cosine", "split": "time",
                         "split_column": "day", "numbers": "plain", "l2": 0.01}),
    "balanced": ("sold", {"class_weight": "balanced", "split": "group", "split_column": "shop",
                          "max_rows": 120, "seed": 3, "seeds": 2}),
    "piecewise": ("grade", {"numbers": "piecewise", "split": "time", "weight_decay": 0.0,
                            "test_size": 0.3}),
    "weighted": ("sold", {"class_weight": {"yes": 2.5}, "split": "column",
                          "split_column": "part", "patience": None, "embed_from": 2}),
    "stopped": ("grade", {"schedule": "constant", "patience": 1, "learning_rate": 0.1,
                          "epochs": 12, "scaling": "standard", "max_rows": 90}),
    "folds": ("grade", {"folds": 2, "categories": ("flag_number",), "split_seed": 5}),
    "all_rows": ("price", {"validation_size": 0.0, "output": "linear", "missing": ("-9",),
                           "hidden": (), "schedule": "cosine", "batch_size": 50}),
    "units": ("weight", {"drop": ("signal", "price", "sold", "grade"), "task": "multiclass"}),
    "restarted": ("price", {"activation": "tanh"}),
}  # fmt: skip
# Of the usual loop; the others come with the slow tests.
USUAL = {"resnet", "balanced", "stopped", "restarted"}


def each(*without):
    """The names of the runs, as parameters."""
    marks = {True: (), False: pytest.mark.slow}
    names = [pytest.param(name, marks=marks[name in USUAL]) for name in RUNS if name not in without]
    return pytest.mark.parametrize("name", names)


def tables(folder):
    frame = make_table()
    generator = np.random.default_rng(1)
    rows = len(frame)
    frame["part"] = generator.choice(["train", "train", "test"], rows)
    frame["shop"] = generator.integers(0, 20, rows)
    frame["flag_number"] = generator.integers(0, 3, rows)
    frame["weight"] = frame["grade"].map({0: "4 kg", 1: "5 kg", 2: "9 kg"})
    frame["x"] = frame["x"].fillna(-9.0)
    frame.loc[[3, 50], [*TARGETS, "weight"]] = np.nan
    frame.to_csv(folder / "table.csv", index=False)
    return frame


def train(target, settings, data="table.csv"):
    others = [name for name in (*TARGETS, "weight", *SPLIT_BY)
              if name not in (target, settings.get("split_column"))]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return train_table(data, target, **{**QUICK, "drop": others, **settings})


@pytest.fixture(scope="module")
def work(request, tmp_path_factory):
    """A folder with the models that are asked for, their scripts, and what the scripts gave."""
    chosen = {
        one.callspec.params.get("name") for one in request.session.items if hasattr(one, "callspec")
    }
    runs = {name: run for name, run in RUNS.items() if name in chosen | USUAL}
    folder = tmp_path_factory.mktemp("scripts")
    tables(folder)
    builds = []
    build = training.build_network

    def dead_at_first(*arguments):
        builds.append(1)  # the first network only serves to estimate the time
        return (dead_network if len(builds) == 2 else build)(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        # Its pictures take longer than these runs.
        patch.setattr("profond.experiment.report.report_html", lambda result, **_: result.name)
        for name, (target, settings) in runs.items():
            patch.setattr(
                training, "build_network", dead_at_first if name == "restarted" else build
            )
            train(target, settings).save(name)
            text = run_script(name, seed=4 if name == "balanced" else None)
            (folder / f"{name}.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-c", RUN_ALL, *runs], cwd=folder, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    (folder / "output.txt").write_text(done.stdout)
    return folder


def same_curve(script_csv, history_csv, seed):
    """Assert that losses and metrics are equal, every bit of them."""
    found, due = (pd.read_csv(path, dtype=str) for path in (script_csv, history_csv))
    due = due[due["seed"] == str(seed)].drop(columns="seed").reset_index(drop=True)
    assert "loss" in due and len(due) >= 2
    pd.testing.assert_frame_equal(found, due)


@pytest.mark.slow
@each()
def test_the_loss_curve_is_that_of_the_run(work, name):
    same_curve(work / f"{name}.csv", work / name / "history.csv", 4 if name == "balanced" else 0)


@each("folds")
def test_what_is_measured_on_the_test_part_is_that_of_the_run(work, name):
    output = (work / "output.txt").read_text().split(f"END {name}")[0]
    measured = float(output.rsplit("on the test part: ", 1)[1].split()[0])
    scores = json.loads((work / name / "metrics.json").read_text())["scores"]
    per_seed = next(score["per_seed"] for score in scores if score["per_seed"])
    assert measured == pytest.approx(per_seed[1 if name == "balanced" else 0], rel=1e-5)


def test_runs_stop_early_and_restart_as_meant(work):
    assert len(pd.read_csv(work / "stopped.csv")) < 12
    assert "set_random_seed(SEED + 1 * 1_000_003)" in (work / "restarted.py").read_text()
    assert json.loads((work / "restarted" / "metrics.json").read_text())["restarts"] == [1]


@each()
def test_scripts_are_plain_and_pass_the_linter(work, name):
    text = (work / f"{name}.py").read_text()
    assert "Experiment" not in text and "estimators" not in text and "._" not in text
    for words in ("from profond.layers import", "model.compile(", "model.fit(", "Dense("):
        assert words in text
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    ruff = shutil.which("ruff", path=f"{sys.prefix}/bin") or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    for words in (["check", "--select", "E,F,I,W,UP,B"], ["format", "--check"]):
        done = subprocess.run(
            [ruff, words[0], "--isolated", "--no-cache", "--line-length", "100", *words[1:],
             f"{name}.py"],
            cwd=work, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("source", [pytest.param("boston", marks=pytest.mark.slow), "iris"])
def test_bundled_sets_in_a_process_of_their_own(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        result = train_table(source, seeds=2, epochs=3, verbose=False)  # the recipe as it is
    result.save("model")
    (tmp_path / "script.py").write_text(run_script("model"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "script.py", "again.csv"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    same_curve("again.csv", "model/history.csv", 0)


@pytest.mark.slow
def test_a_data_frame_is_to_be_kept_beside_the_script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = make_table(120)
    train("sold", {"drop": ("signal", "price", "grade")}, frame).save("model")
    text = run_script("model")
    assert 'frame.to_parquet("table.parquet")' in text
    assert 'open_table("table.parquet")' in text
    frame.to_parquet("rows.parquet")
    again = run_script("model", data="rows.parquet")
    assert "to_parquet" not in again
    (tmp_path / "script.py").write_text(again)
    subprocess.run([sys.executable, "script.py", "again.csv"], check=True, capture_output=True)
    same_curve("again.csv", "model/history.csv", 0)


def test_a_table_that_is_not_there_any_more(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tables(tmp_path)
    train("signal", {"epochs": 2}).save("model")
    (tmp_path / "table.csv").rename("moved.csv")
    with pytest.raises(FileNotFoundError) as error:
        run_script("model")
    assert str(error.value) == (
        "There is no file 'table.csv', the table of model. Say where it is now (--data)."
    )
    assert 'open_table("moved.csv", names=[TARGET])' in run_script("model", data="moved.csv")


def test_an_unknown_seed_and_a_model_without_a_run(work, tmp_path):
    with pytest.raises(ValueError, match=r"`seed` must be one of the model's, 3, 4; received 7\."):
        run_script(work / "balanced", seed=7)
    x = np.random.default_rng(0).normal(size=(40, 2))
    TabularRegressor(seeds=1, epochs=1, random_state=0).fit(x, x[:, 0]).save(tmp_path / "kept")
    with pytest.raises(ValueError, match="must be the model of a run, .* kept by an estimator"):
        run_script(tmp_path / "kept")
