"""The script of a run on series or images: it runs as it stands, and trains the same networks."""

import runpy
import sys

import numpy as np
import pytest

from profond.data.images import images_from_arrays
from profond.data.series import open_series
from profond.experiment import (
    Experiment,
    ImageExperiment,
    SeriesExperiment,
    load_model_folder,
    run_script,
)
from tests.cli.test_series import write_ts
from tests.estimators.test_images import bars

pytestmark = pytest.mark.filterwarnings("ignore:The test part has only")  # sets are small
QUICK = {"epochs": 1, "seeds": 2}
LIGHT = {**QUICK, "architecture": "time_cnn"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def execute(text, *words, monkeypatch):
    """Run a script; what it has defined."""
    with open("script.py", "w") as file:
        file.write(text)
    monkeypatch.setattr(sys, "argv", ["script.py", *words])
    return runpy.run_path("script.py", run_name="__main__")


RUNS = {
    "as they are": (SeriesExperiment.of(source="gun_point", **LIGHT), ["split_by_marks"]),
    "at random": (
        SeriesExperiment.of(
            source="gun_point", split="random", split_seed=3, test_size=0.7, scaling="series",
            class_weight="balanced", seed=5, validation_size=0.2, **LIGHT,
        ),
        ["seed=3", 'class_weight="balanced"', "random_state=5"],
    ),
    "windows": (
        SeriesExperiment.of(source="gun_point", augment="slicing", max_rows=20, **LIGHT),
        ['augment="slicing"', "20 / len(train)"],
    ),
    "folds": (
        SeriesExperiment.of(
            source="gun_point", folds=2, architecture="time_cnn", epochs=1, seeds=1
        ),
        ["train = np.arange(len(series))"],
    ),
    "digits": (
        ImageExperiment.of(source="digits", max_rows=60, augment="flip,zoom", size=20, **QUICK),
        ['augment=("flip", "zoom")', "size=20"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_it_trains_the_networks_of_the_run(folder, name, monkeypatch, capsys):
    experiment, said = RUNS[name]
    text = experiment.to_script()
    assert all(part in text for part in said), text
    made = execute(text, "again", monkeypatch=monkeypatch)
    result = experiment.run(verbose=False)
    data = made[experiment.kind].take(range(30))
    again = load_model_folder("again")
    np.testing.assert_array_equal(again.predict_proba(data), result.model.predict_proba(data))
    out = capsys.readouterr().out
    if name == "folds":
        assert out == ""
    else:
        assert out == f"accuracy on the test part: {result.evaluation.kept.value:.6g}\n"


def test_of_a_kept_model_all_networks_or_one(folder, monkeypatch):
    result = RUNS["as they are"][0].run(verbose=False)
    result.save("m")
    assert run_script("m") == RUNS["as they are"][0].with_settings({"task": "binary"}).to_script()
    text = run_script("m", seed=1)
    assert "# One network, with the seed 1." in text
    execute(text, "again", monkeypatch=monkeypatch)
    series = open_series("gun_point").take(range(9))
    np.testing.assert_array_equal(
        load_model_folder("again").predict_proba(series),
        result.model.predict_proba(series, member=1),
    )
    with pytest.raises(ValueError, match=r"`seed` must be one of the model's, 0, 1; received 7\."):
        run_script("m", seed=7)


def test_of_a_model_that_was_not_measured(folder):
    result = RUNS["as they are"][0].run(verbose=False)
    result.model.metrics = {"interrupted": True}
    result.model.save("m")
    assert "SeriesClassifier(" in run_script("m")


def test_numbers_are_predicted_with_a_regressor(folder, monkeypatch, capsys):
    series = open_series("gun_point").take(range(0, 200, 4))
    amount = series.values[..., 0].max(1).astype(float)
    np.savez("amount.npz", x=series.values, y=amount)
    experiment = SeriesExperiment.of(output="linear", task="regression", **LIGHT)
    text = experiment.to_script("amount.npz")
    made = execute(text, "again", monkeypatch=monkeypatch)
    assert type(made["model"]).__name__ == "SeriesRegressor" and 'output="linear"' in text
    result = experiment.run("amount.npz", verbose=False)
    out = capsys.readouterr().out
    assert out == f"RMSE on the test part: {result.evaluation.kept.value:.6g}\n"


def test_files_and_how_they_are_read(folder):
    series = open_series("gun_point").take(range(0, 200, 5))
    write_ts(folder / "walks.ts", series)
    text = SeriesExperiment.of(**LIGHT).to_script("walks.ts")
    assert 'series = open_series("walks.ts")' in text and "split_rows(len(series), 0.2" in text
    rows = ["walk,t,value,gesture"]
    for i, (values, label) in enumerate(zip(series.values[..., 0], series.labels, strict=True)):
        rows += [f"w{i},{t},{v:.4f},{label}" for t, v in enumerate(values[:8])]
    (folder / "long.csv").write_text("\n".join(rows) + "\n")
    long = SeriesExperiment.of(id_column="walk", time_column="t", target="gesture", **LIGHT)
    text = long.to_script("long.csv")
    names = 'id_column="walk", time_column="t", label_column="gesture"'
    assert f'open_series(\n    "long.csv", {names}\n)' in text or names in text
    x, y = bars(20)
    np.savez("bars.npz", x=x, y=y)
    text = ImageExperiment.of(broken="error", channels=1).to_script("bars.npz")
    assert 'open_images("bars.npz", broken="error", channels=1)' in text


def test_what_has_no_script_is_told(folder):
    with pytest.raises(ValueError, match="written from its trained model.*`profond train boston`"):
        Experiment.of(source="boston").to_script()
    with pytest.raises(ValueError, match="a path or a name, which the script can open; received n"):
        SeriesExperiment().to_script()
    series = open_series("gun_point")
    with pytest.raises(ValueError, match="script can open; received SeriesSet"):
        SeriesExperiment().to_script(series)  # pyright: ignore[reportArgumentType]
    memory = images_from_arrays(*bars(20))
    ImageExperiment.of(epochs=1, seeds=1).run(memory, verbose=False).save("m")
    with pytest.raises(ValueError, match="images of m were given in memory, .*say where it is"):
        run_script("m")
    x, y = bars(20)
    np.savez("bars.npz", x=x, y=y)
    assert 'open_images("bars.npz")' in run_script("m", data="bars.npz")
