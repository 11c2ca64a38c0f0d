"""Runs that were killed or interrupted go on to the same result, bit for bit."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from profond.estimators import _members as members
from profond.experiment import TrainingInterrupted, load_model_folder, resume_training
from profond.experiment import _checkpoint as checkpoint
from profond.experiment import _kept_part as kept_part
from profond.experiment import _state as states
from tests.experiment.helpers import Recorder, make_table, run

ROOT = Path(__file__).parents[2]
# What a run writes that must not depend on its interruptions, each byte of it.
SAME = (
    "weights.safetensors", "history.csv", "preprocessing.json", "experiment.toml", "model.json",
)  # fmt: skip


def state_of(folder):
    return folder.with_name(f".{folder.name}.training")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "t.csv"
    make_table().to_csv(path, index=False)
    return str(path)


@pytest.fixture(scope="module")
def expected(source, tmp_path_factory):
    """The folder of a run without an interruption, which kept no state on its way."""
    folder = tmp_path_factory.mktemp("expected") / "m"
    run(source, "sold").save(folder)
    return folder


def same(folder, expected):
    for name in SAME:
        assert (folder / name).read_bytes() == (expected / name).read_bytes(), name
    found, due = (json.loads((f / "metrics.json").read_bytes()) for f in (folder, expected))
    assert found.pop("seconds") > 0
    del due["seconds"]
    assert found == due
    assert not state_of(folder).exists()
    assert not [p for p in folder.parent.iterdir() if p.name.startswith(f".{folder.name}.")]


def killed(point, folder, source, *settings):
    words = [sys.executable, "-m", "tests.experiment.killed", point, str(folder), source]
    done = subprocess.run([*words, *settings], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


SLOW = pytest.mark.slow


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "trained", "epochs"),  # left to do: a checkpoint was made at every epoch's end
    [
        pytest.param("network", 1, 15, marks=SLOW),
        pytest.param("unsaved network", 1, 0, marks=SLOW),
        pytest.param("checkpoint", 1, 10, marks=SLOW),
        pytest.param("while a checkpoint is written", 0, None, marks=SLOW),
        ("step", 1, None),
        pytest.param("baselines", 2, 0, marks=SLOW),
        pytest.param("file of the model", 2, 0, marks=SLOW),
    ],
)
def test_a_killed_run_goes_on_to_the_same_result(
    tmp_path, source, expected, point, trained, epochs
):
    folder = tmp_path / "m"
    killed(point, folder, source)
    assert not folder.exists()
    recorder = Recorder()
    resume_training(folder, progress=recorder)
    assert f"{trained} of 2 networks are trained" in recorder.notes[0]
    if epochs is not None:
        assert recorder.epochs == epochs
    assert recorder.epochs < (2 - trained) * 15 or epochs == recorder.epochs
    same(folder, expected)


@pytest.mark.slow
@pytest.mark.parametrize("point", ["file of the model", "exchange", "move"])
def test_a_run_killed_while_it_replaces_a_model(tmp_path, source, expected, point):
    folder = tmp_path / "m"
    run(source, "price", folder=folder, epochs=1)
    (folder / "mine.txt").write_text("mine")
    killed(point, folder, source)
    if point != "move":  # what is there is whole: the older model, or the new one
        assert load_model_folder(folder).target.name == {"exchange": "sold"}.get(point, "price")
    resume_training(folder, verbose=False)
    assert (folder / "mine.txt").read_text() == "mine"
    same(folder, expected)


@pytest.mark.slow
def test_a_killed_cross_validation_goes_on_to_the_same_result(tmp_path, source):
    settings = {"target": "price", "folds": 2, "repeats": 2, "epochs": 4}
    run(source, folder=tmp_path / "expected", **settings)
    folder = tmp_path / "m"
    killed("fold", folder, source, *(f"{k}={json.dumps(v)}" for k, v in settings.items()))
    recorder = Recorder()
    resume_training(folder, progress=recorder)
    assert "3 of 10 networks are trained" in recorder.notes[0]
    assert recorder.epochs == 7 * 4
    same(folder, tmp_path / "expected")


# Ctrl-C


class Pressed(Recorder):
    """Presses Ctrl-C at the end of an epoch (from 0) of a network (from 0)."""

    def __init__(self, member=1, epoch=6):
        super().__init__()
        self.when = member, epoch

    def epoch(self, member, epoch, logs):
        super().epoch(member, epoch, logs)
        if (member, epoch) == self.when:
            os.kill(os.getpid(), signal.SIGINT)


def stop(data, folder, **settings):
    """A run that is stopped after epoch 7 of its second network; so has the last checkpoint."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "EVERY", 0)
        patch.setattr(checkpoint, "TIMES", 0)
        with pytest.raises(TrainingInterrupted) as caught:
            run(data, "sold", folder=folder, **{"progress": Pressed(), **settings})
    return caught.value


@pytest.fixture(scope="module")
def stopped(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stopped") / "m"
    assert stop(source, folder).folder == folder
    assert os.listdir(folder.parent) == [".m.training"]
    return folder


@pytest.fixture
def folder(stopped, tmp_path):
    """A folder whose run was stopped."""
    shutil.copytree(state_of(stopped), tmp_path / ".m.training")
    return tmp_path / "m"


def test_a_stopped_run_goes_on_to_the_same_result(folder, expected):
    recorder = Recorder()
    result = resume_training(folder, progress=recorder)
    assert "1 of 2 networks are trained" in recorder.notes[0]
    assert recorder.epochs == 15 - 7
    same(folder, expected)
    kept = load_model_folder(folder).predict_proba(make_table())
    np.testing.assert_array_equal(result.model.predict_proba(make_table()), kept)


@pytest.mark.slow
def test_a_run_goes_on_more_than_once(folder, expected, monkeypatch):
    monkeypatch.setattr(checkpoint, "EVERY", 0)
    monkeypatch.setattr(checkpoint, "TIMES", 0)
    with pytest.raises(TrainingInterrupted, match=r"network 2 was stopped after epoch 11"):
        resume_training(folder, progress=Pressed(1, 10))
    recorder = Recorder()
    resume_training(folder, progress=recorder)
    assert recorder.epochs == 15 - 11
    same(folder, expected)


@pytest.mark.slow
@pytest.mark.parametrize("schedule", ["plateau", "constant", "cosine"])
def test_the_waiting_for_a_better_epoch_goes_on(tmp_path, source, schedule):
    settings = {"schedule": schedule, "patience": 3, "learning_rate": 0.05}
    run(source, "sold", folder=tmp_path / "expected", **settings)
    folder = tmp_path / "m"
    stop(source, folder, progress=Pressed(0, 3), **settings)
    state = (state_of(folder) / "final/network_000.training/0/latest").read_bytes()
    callbacks = kept_part.state_from_bytes(state)["extra"]["callbacks"]
    waited = [
        one["state"]["wait"] + one["state"].get("dropped", 0)
        for one in callbacks
        if "wait" in one["state"]
    ]
    assert sum(waited) > 0 or schedule == "cosine"
    resume_training(folder, verbose=False)
    same(folder, tmp_path / "expected")


@pytest.mark.slow
def test_the_description_has_the_first_step_size_whatever_was_trained_before(tmp_path, source):
    settings = {"patience": 1, "learning_rate": 0.05}
    run(source, "sold", folder=tmp_path / "expected", **settings)
    description = json.loads((tmp_path / "expected/model.json").read_bytes())
    optimizer = description["architecture"]["compile_config"]["optimizer"]["config"]
    assert optimizer["learning_rate"] == 0.05  # the first network's had fallen by then
    stop(source, tmp_path / "m", progress=Pressed(1, 1), **settings)
    resume_training(tmp_path / "m", verbose=False)
    same(tmp_path / "m", tmp_path / "expected")


@pytest.mark.slow
def test_a_network_that_was_started_again_goes_on(tmp_path, source, monkeypatch):
    answers = []
    monkeypatch.setattr(members.Trainer, "_is_dead", lambda *_: answers.pop(0))

    class Second(Pressed):
        def epoch(self, member, epoch, logs):
            if self.epochs == 15 + 7:  # in the second attempt
                os.kill(os.getpid(), signal.SIGINT)
            super().epoch(member, epoch, logs)

    settings = {"seeds": 1, "patience": 15}
    answers[:] = [True, False]
    run(source, "sold", folder=tmp_path / "expected", **settings)
    answers[:] = [True, False, False]  # asked once more of a network that was stopped
    folder = tmp_path / "m"
    stop(source, folder, progress=Second(), **settings)
    answers[:] = [True, False]
    recorder = Recorder()
    result = resume_training(folder, progress=recorder)
    assert recorder.epochs == 15 - 8
    assert result.notes[-1] == "seed 0 was started again 1 time(s): its output had died at 0"
    same(folder, tmp_path / "expected")


def test_the_time_before_the_interruption_is_counted(folder, monkeypatch):
    earlier = 1000.0
    network = state_of(folder) / "final" / "network_000.safetensors"
    content = kept_part.state_from_bytes(network.read_bytes())
    assert 0 < content["seconds"] < earlier
    network.write_bytes(kept_part.state_bytes(content | {"seconds": earlier}))
    assert earlier < resume_training(folder, verbose=False).seconds < 2 * earlier


def test_nothing_is_left_of_a_run_that_was_stopped_at_once(tmp_path, source, monkeypatch):
    def pressed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(members.Trainer, "estimate_seconds", pressed)
    with pytest.raises(TrainingInterrupted) as caught:
        run(source, "sold", folder=tmp_path / "m")
    assert caught.value.folder is None
    assert os.listdir(tmp_path) == []


def test_ctrl_c_while_a_network_is_kept_waits_for_it(tmp_path, source, expected, monkeypatch):
    write, folder = kept_part.write_whole, tmp_path / "m"

    def pressed(path, content):
        os.kill(os.getpid(), signal.SIGINT)
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(kept_part, "write_whole", pressed)
        with pytest.raises(TrainingInterrupted, match=r"^1 of 2 networks are trained$"):
            run(source, "sold", folder=folder)
    recorder = Recorder()
    resume_training(folder, progress=recorder)
    assert recorder.epochs == 15
    same(folder, expected)


# States that cannot be taken up


def refused(folder, error, message, data=None):
    before = sorted(state_of(folder).rglob("*"))
    with pytest.raises(error, match=message):
        resume_training(folder, data, verbose=False)
    assert sorted(state_of(folder).rglob("*")) == before


def change_state(folder, **values):
    path = state_of(folder) / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_changed_table_is_refused(folder, source, tmp_path, expected):
    table = make_table()
    changed = tmp_path / "t.csv"
    described = json.loads((state_of(folder) / "state.json").read_text())["data"]
    assert described["path"] == source
    change_state(folder, data=described | {"path": str(changed)})
    refused(folder, FileNotFoundError, r"There is no file '.*t\.csv'")
    table.iloc[1:].to_csv(changed, index=False)
    message = r"not the one that .* began with: .*t\.csv has 259 rows, and had 260\. Give it back"
    refused(folder, ValueError, message)
    table.assign(more=1).to_csv(changed, index=False)
    refused(folder, ValueError, r"has 10 columns, and had 9\.")
    table.loc[259, "z"] += 1e-9
    table.to_csv(changed, index=False)
    refused(folder, ValueError, r"has other values, types or names of columns\.")
    make_table().to_csv(changed, index=False)
    resume_training(folder, verbose=False)
    same(folder, expected)


def test_a_file_in_another_place_may_be_given(folder, expected, tmp_path):
    make_table().to_csv(tmp_path / "moved.csv", index=False)
    resume_training(folder, tmp_path / "moved.csv", verbose=False)
    same(folder, expected)


@pytest.mark.slow
def test_a_data_frame_is_given_again(tmp_path):
    table = make_table()
    run(table, "sold", folder=tmp_path / "expected")
    folder = tmp_path / "m"
    stop(table, folder)
    message = r"learned from a data frame; give the same one again: resume_training\('.*m', frame\)"
    refused(folder, ValueError, message)
    refused(folder, ValueError, r"a data frame has 259 rows, and had 260", table.iloc[1:])
    resume_training(folder, table, verbose=False)
    same(folder, tmp_path / "expected")


@pytest.mark.parametrize("values", [{"format_version": 1}, {"profond": "0.0.1"}, {"format": "x"}])
def test_a_state_of_another_version_is_refused(folder, values):
    change_state(folder, **values)
    message = r"The interrupted run of .*m was begun by profond .* \(format \d\); this is profond "
    refused(folder, ValueError, message)


def test_another_torch_is_told(folder):
    change_state(folder, torch="1.0")
    recorder = Recorder()
    resume_training(folder, progress=recorder)
    assert "begun with torch 1.0, and goes on with" in recorder.notes[1]


@pytest.mark.parametrize("name", ["state.json", "experiment.toml"])
def test_a_truncated_description_is_refused(folder, name):
    path = state_of(folder) / name
    path.write_bytes(path.read_bytes()[:-20])
    refused(folder, ValueError, rf"The state of the interrupted run of .* is damaged \({name}: ")


@pytest.mark.parametrize(
    ("name", "note", "epochs"),
    [
        ("final/network_000.safetensors", "the network of seed 0 is trained again (damaged", 23),
        ("final/network_001.training/0/latest", "a checkpoint cannot be used, and its net", 15),
    ],
)
def test_a_truncated_network_is_trained_again(folder, expected, name, note, epochs):
    path = state_of(folder) / name
    path.write_bytes(path.read_bytes()[:-20])
    recorder = Recorder()
    resume_training(folder, progress=recorder)
    assert any(text.startswith(note) for text in recorder.notes), recorder.notes
    assert recorder.epochs == epochs
    same(folder, expected)


def test_there_must_be_something_to_go_on_with(folder, expected, tmp_path):
    message = r"There is no interrupted run of .*x to go on with \(there is no such folder\)\. "
    with pytest.raises(FileNotFoundError, match=message + r"Interrupted runs beside it: m\."):
        resume_training(tmp_path / "x")
    with pytest.raises(
        FileNotFoundError, match=r"run of .*m to go on with \(it holds a model\)\. T"
    ):
        resume_training(expected)
    with pytest.raises(FileNotFoundError, match=r"no such folder"):
        resume_training(tmp_path / "none" / "m")
    assert os.listdir(tmp_path) == [".m.training"]


def test_two_processes_do_not_train_for_one_folder(folder, source, expected):
    with states.RunState(folder, Recorder()) as other:
        other.resume()
        refused(folder, RuntimeError, r"Another process is training for .*m; wait for it, or give")
        with pytest.raises(RuntimeError, match=r"Another process is training"):
            run(source, "sold", folder=folder)
    resume_training(folder, verbose=False)
    same(folder, expected)


def test_a_new_run_takes_the_place_of_the_interrupted_one(folder, source, expected):
    recorder = Recorder()
    run(source, "sold", folder=folder, progress=recorder)
    assert any(
        text == f"an interrupted run of {folder} (1 network(s) trained) is given up for this one; "
        f"`profond train --resume {folder}` would have gone on with it"
        for text in recorder.notes
    )
    assert recorder.epochs == 30
    same(folder, expected)


# Disks that are full


def full_after(monkeypatch, count):
    """Let the disk be full after some files."""
    calls, sync = [], os.fsync

    def fsync(descriptor):
        calls.append(descriptor)
        if len(calls) > count:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "note"),
    [
        (0, "the run cannot be resumed if it is interrupted (No space left on device"),
        pytest.param(
            1,
            "the run cannot be resumed if it is interrupted (No space left on device",
            marks=SLOW,
        ),
        (4, "a checkpoint cannot be written (No space left on device"),
        (17, "the network of seed 0 cannot be kept on the way (No space left on device"),
    ],
)
def test_a_full_disk_does_not_end_the_training(tmp_path, source, monkeypatch, files, note):
    monkeypatch.setattr(checkpoint, "EVERY", 0)
    monkeypatch.setattr(checkpoint, "TIMES", 0)
    full_after(monkeypatch, files)
    recorder = Recorder()
    with pytest.raises(OSError, match=r"The model cannot be kept in .*m: No space left") as caught:
        run(source, "sold", folder=tmp_path / "m", progress=recorder)
    assert recorder.epochs == 30
    assert sum(text.startswith(note) for text in recorder.notes) == 1, recorder.notes
    assert ("--resume" in str(caught.value)) is (files > 1)
    assert os.listdir(tmp_path) == ([".m.training"] if files > 1 else [])


@pytest.mark.slow
def test_a_model_that_found_no_room_is_kept_later(tmp_path, source, expected):
    folder = tmp_path / "m"
    with pytest.MonkeyPatch.context() as patch:
        full_after(patch, 5)  # the description, the two networks, and two files of the model
        message = r"No space left .* When that is mended, `profond train --resume .*m` goes on whe"
        with pytest.raises(OSError, match=message):
            run(source, "sold", folder=folder)
    recorder = Recorder()
    resume_training(folder, progress=recorder)
    assert recorder.epochs == 0
    same(folder, expected)
