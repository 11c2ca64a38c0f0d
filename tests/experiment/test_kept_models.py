import dataclasses
import json
import os
import re
import shutil
import tomllib

import numpy as np
import pandas as pd
import pytest

from profond.experiment import Experiment, load_model_folder
from profond.experiment import _folder as folders
from profond.experiment._folder import model_files
from profond.experiment._kinds import kind_of
from tests.experiment.helpers import TARGETS, run

FILES = {
    "model.json", "weights.safetensors", "preprocessing.json", "experiment.toml", "metrics.json",
    "history.csv", "report.html", "README.md",
}  # fmt: skip


@pytest.fixture(scope="session")
def kept(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    for target, result in results.items():
        result.save(folder / target)
    return folder


@pytest.fixture
def copy(kept, tmp_path):
    shutil.copytree(kept / "sold", tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def short_report(monkeypatch):
    """A page without pictures, where the folder is looked at and not what is in it."""
    monkeypatch.setattr("profond.experiment.report.report_html", lambda result, progress: "<p>")


@pytest.mark.parametrize("target", TARGETS)
def test_a_kept_model_predicts_the_same(kept, results, table, target):
    model = load_model_folder(kept / target)
    np.testing.assert_array_equal(model.predict(table), results[target].predict(table))
    assert model.task == results[target].model.task
    assert model.seeds == [0, 1]
    source = {"data.name": "table", "data.source": "a data frame"}
    assert Experiment(**model.experiment) == results[target].experiment.with_settings(source)
    assert model.metrics == results[target].metrics()


@pytest.mark.parametrize("target", TARGETS)
def test_the_folder_has_the_files_of_the_design_and_no_other(kept, target):
    assert {path.name for path in (kept / target).iterdir()} == FILES


def test_a_zip_of_the_folder_is_a_model_too(kept, results, table, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "model"), "zip", kept, "sold")
    np.testing.assert_array_equal(
        load_model_folder(archive).predict(table), results["sold"].predict(table)
    )


def test_the_files_say_what_was_done(kept, results):
    experiment = tomllib.loads((kept / "price" / "experiment.toml").read_text())
    assert experiment["data"]["target"] == "price"
    assert experiment["network"]["hidden"] == [16]
    assert experiment["seeds"]["count"] == 2
    metrics = json.loads((kept / "price" / "metrics.json").read_text())
    assert [score["role"] for score in metrics["scores"]] == [
        "network", "ensemble", "baseline", "baseline", "baseline",
    ]  # fmt: skip
    history = pd.read_csv(kept / "price" / "history.csv")
    assert {"seed", "epoch", "loss", "val_loss"} <= set(history.columns)
    assert len(history) == len(results["price"].history)


def test_the_card_says_what_and_how_well(kept):
    card = (kept / "grade" / "README.md").read_text()
    assert card.startswith("# table: grade")
    assert "Classes: `0`, `1`, `2`." in card
    assert re.search(r"- `town` \(category\): `\w+`, `\w+`, `\w+`\n", card)
    assert re.search(r"- `z` \(number\): -\d\.\d+ to \d\.\d+\n", card)


def test_the_card_names_the_optimizer_and_what_stops_the_training(results):
    result = results["sold"]
    assert "trained with AdamW and early stopping." in kind_of(result.experiment).card(result)
    other = {"training.weight_decay": 0.0, "training.patience": None}
    plain = dataclasses.replace(result, experiment=result.experiment.with_settings(other))
    assert "trained with Adam. `experiment.toml`" in kind_of(plain.experiment).card(plain)


def test_a_model_is_described_alike_whatever_was_built_before(results, table):
    run(table, "sold")  # as a resumed run has built other networks before it ends
    again = run(table, "sold")
    ours, others = (model_files(one.model) for one in (results["sold"], again))
    assert ours["model.json"] == others["model.json"]
    assert ours["weights.safetensors"] == others["weights.safetensors"]


# Using it


def test_predictions_have_the_labels_and_a_probability_per_class(results, table):
    frame = results["sold"].model.predict_frame(table)
    assert list(frame.columns) == ["prediction", "probability_no", "probability_yes"]
    assert set(frame["prediction"]) == {"no", "yes"}
    np.testing.assert_allclose(frame.iloc[:, 1:].sum(axis=1), 1.0)
    yes = frame["probability_yes"] > frame["probability_no"]
    assert (frame["prediction"] == np.where(yes, "yes", "no")).all()
    grades = results["grade"].model.predict_frame(table)
    assert grades["prediction"].dtype == np.int64
    assert list(grades.columns[1:]) == ["probability_0", "probability_1", "probability_2"]


def test_numbers_are_in_the_unit_of_the_target_and_never_negative(results, table):
    prices = results["price"].predict(table)
    assert (prices >= 0).all()
    assert 0.5 < prices.mean() / table["price"].mean() < 1.5
    assert list(results["price"].model.predict_frame(table).columns) == ["prediction"]


def test_predictions_are_the_mean_of_the_members(results, table):
    model = results["signal"].model
    members = [model.predict(table, member=i) for i in range(2)]
    np.testing.assert_allclose(model.predict(table), np.mean(members, axis=0), rtol=1e-12)
    assert not np.array_equal(*members)
    with pytest.raises(ValueError, match=r"`member` must be between 0 and 1; received 2"):
        model.predict(table, member=2)


def test_the_reported_predictions_are_those_of_the_kept_model(results, table):
    result = results["signal"]
    again = result.predict(table.iloc[result.test.rows])
    np.testing.assert_allclose(again, result.test.predictions, rtol=1e-5, atol=1e-6)  # batches
    rmse = np.sqrt(np.mean((again - table["signal"].iloc[result.test.rows]) ** 2))
    assert result.evaluation.kept.value == pytest.approx(rmse)


def test_numbers_have_no_probabilities(results, table):
    with pytest.raises(
        ValueError, match=r"predicts the number 'price': there are no probabilities"
    ):
        results["price"].model.predict_proba(table)


def test_columns_may_be_reordered_and_others_stand_beside(results, table):
    shuffled = table[list(table.columns[::-1])].assign(more="x")
    np.testing.assert_array_equal(results["sold"].predict(shuffled), results["sold"].predict(table))
    capital = table.rename(columns={"town": "TOWN"})
    np.testing.assert_array_equal(results["sold"].predict(capital), results["sold"].predict(table))
    with pytest.raises(
        ValueError, match=r"Missing column\(s\): 'town' \(is it 'Twon'\?\)\. The mode"
    ):
        results["sold"].predict(table.rename(columns={"town": "Twon"}))


def test_a_file_written_in_another_style_gives_the_same(results, table, tmp_path):
    path = tmp_path / "neu.csv"
    # The first rows only, where neither file's rounding matters.
    table.to_csv(path, sep=";", decimal=",", index=False, encoding="utf-16")
    np.testing.assert_allclose(
        results["signal"].predict(path), results["signal"].predict(table), rtol=1e-5, atol=1e-5
    )


def test_new_levels_and_empty_rows_are_predicted_with_a_warning(results, table):
    new = table.head(3).astype(object)
    new.loc[0, "town"] = "Metz"
    new.loc[1, :] = None
    with pytest.warns(UserWarning) as caught:
        answers = results["signal"].predict(new)
    assert np.isfinite(answers).all()
    texts = " ".join(str(w.message) for w in caught)
    assert "'town' has values that were not seen in training: 'Metz' (1 row(s))" in texts
    assert "1 row(s) without a value in any column (the first is row 2)" in texts


def test_no_rows_give_no_predictions(results, table):
    assert results["signal"].predict(table.head(0)).shape == (0,)
    assert list(results["sold"].model.predict_frame(table.head(0)).columns) == [
        "prediction", "probability_no", "probability_yes",
    ]  # fmt: skip


# Damage


def change_json(path, **values):
    content = json.loads(path.read_text())
    content.update(values)
    path.write_text(json.dumps(content))


def test_what_is_not_a_model_is_refused(tmp_path, copy):
    beside = rf"Kept models in {re.escape(str(copy.parent))}: {copy.name}\."
    with pytest.raises(FileNotFoundError, match=rf"no model folder '.*nothing'\. {beside}"):
        load_model_folder(copy.parent / "nothing")
    with pytest.raises(ValueError, match=rf"is not a kept model\. {beside}"):
        load_model_folder(copy.parent)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"empty is not a kept model\. `profond train` makes one"):
        load_model_folder(tmp_path / "empty")
    (copy / "weights.safetensors").rename(copy / "w")
    with pytest.raises(ValueError, match=r"is not a whole kept model: weights\.safetensors is mis"):
        load_model_folder(copy)
    (copy / "w").rename(copy / "weights.safetensors")
    with pytest.raises(ValueError, match=r"it is neither a folder nor a zip of one"):
        load_model_folder(copy / "model.json")
    change_json(copy / "model.json", format="something else")
    with pytest.raises(ValueError, match=r"is not a kept model: model\.json is not one"):
        load_model_folder(copy)


def test_a_newer_format_is_refused(copy):
    change_json(copy / "model.json", format_version=99)
    with pytest.raises(
        ValueError, match=r"was written by a newer profond \(format 99; this one rea"
    ):
        load_model_folder(copy)


def test_an_older_format_is_refused(copy):
    change_json(copy / "model.json", format_version=1)
    message = r"was written by an older profond \(format 1; this one reads format 3\)\. Train it ag"
    with pytest.raises(ValueError, match=message):
        load_model_folder(copy)


@pytest.mark.parametrize("name", ["model.json", "weights.safetensors", "preprocessing.json"])
def test_a_truncated_file_is_refused(copy, name):
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"(truncated or damaged|is damaged)"):
        load_model_folder(copy)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (
            "model.json",
            {"target": {"kind": "class"}},
            r"is damaged: Not the description of a target",
        ),
        ("model.json", {"seeds": []}, r"is damaged: it holds no network"),
        ("model.json", {"architecture": {}}, r"is damaged: 'class_name' is missing"),
        (
            "preprocessing.json",
            {"columns": [{"kind": "x"}]},
            r"is damaged: Not the description of a c",
        ),
        (
            "preprocessing.json",
            {"columns": []},
            r"the network takes inputs of shape \(\d+,\) and the preprocess",
        ),
    ],
)
def test_a_file_that_was_changed_is_refused(copy, name, change, message):
    change_json(copy / name, **change)
    with pytest.raises(ValueError, match=message):
        load_model_folder(copy)


def test_a_layer_that_holds_code_is_refused(copy):
    content = json.loads((copy / "model.json").read_text())
    content["architecture"]["config"]["layers"][-1]["class_name"] = "Lambda"
    (copy / "model.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"model\.json asks for Lambda, which no kept model has"):
        load_model_folder(copy)


def test_weights_of_another_shape_are_refused(copy, kept):
    shutil.copy(kept / "grade" / "weights.safetensors", copy / "weights.safetensors")
    with pytest.raises(ValueError, match=r"The model in .* is damaged"):
        load_model_folder(copy)


# Writing whole or not at all


@pytest.mark.usefixtures("short_report")
def test_an_older_model_is_replaced(results, tmp_path):
    folder = tmp_path / "model"
    results["sold"].save(folder)
    results["price"].save(folder)
    assert load_model_folder(folder).target.name == "price"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_with_something_else_is_left_alone(results, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(
        ValueError, match=r"photos exists and is not a kept model; it is left alone"
    ):
        results["sold"].save(tmp_path / "photos")
    with pytest.raises(ValueError, match=r"cat\.jpg is a file; give a folder for the model"):
        results["sold"].save(tmp_path / "photos" / "cat.jpg")
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"cat"


@pytest.mark.usefixtures("short_report")
def test_files_that_no_run_writes_are_kept(results, tmp_path):
    folder = tmp_path / "model"
    results["sold"].save(folder)
    (folder / "notes.txt").write_text("mine")
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.png").touch()
    (folder / "interrupted.safetensors").touch()  # of a run that was replaced
    results["price"].save(folder)
    assert {path.name for path in folder.iterdir()} == {*FILES, "notes.txt", "pictures"}
    assert (folder / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.usefixtures("short_report")
def test_a_place_that_cannot_be_moved_is_said_and_left_clean(results, tmp_path, monkeypatch):
    folder = tmp_path / "model"
    results["sold"].save(folder)

    def busy(self, target):
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(folders, "exchange", lambda one, other: False)
    monkeypatch.setattr(folders.Path, "replace", busy)
    message = r"The model cannot be put in the place of .*model: Device or resource busy\. What was"
    with pytest.raises(OSError, match=message):
        results["price"].save(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.usefixtures("short_report")
def test_a_mounted_folder_is_refused(results, tmp_path, monkeypatch):
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr(folders.os.path, "ismount", lambda path: path == tmp_path / "disk")
    with pytest.raises(ValueError, match=r"disk cannot hold a model: .* Give a folder inside it"):
        results["sold"].save(tmp_path / "disk")


@pytest.mark.usefixtures("short_report")
def test_a_full_disk_leaves_the_older_model(results, table, tmp_path, monkeypatch):
    folder = tmp_path / "model"
    results["sold"].save(folder)
    calls = []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) > 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders.os, "fsync", full)
    with pytest.raises(
        OSError, match=r"cannot be kept in .*: No space left on device\. What was th"
    ):
        results["price"].save(folder)
    assert load_model_folder(folder).target.name == "sold"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.usefixtures("short_report")
@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), KeyboardInterrupt("^C")])
def test_a_failed_move_puts_the_older_model_back(results, tmp_path, monkeypatch, error):
    folder = tmp_path / "model"
    results["sold"].save(folder)
    rename = folders.Path.rename

    def refuse(self, target):
        if ".new-" in self.name:
            raise error
        return rename(self, target)

    monkeypatch.setattr(folders, "exchange", lambda one, other: False)
    monkeypatch.setattr(folders.Path, "rename", refuse)
    with pytest.raises(type(error), match=r"Input/output error|\^C"):
        results["price"].save(folder)
    assert load_model_folder(folder).target.name == "sold"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_place_that_cannot_be_written_is_refused(results, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(
        OSError, match=r"The model cannot be kept in .*: .*Give another folder \(--out"
    ):
        results["sold"].save(tmp_path / "file" / "model")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_place_is_refused(results, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match=r"The model cannot be kept in .*: Permission denied"):
        results["sold"].save(tmp_path / "model")
