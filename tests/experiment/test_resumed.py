"""Runs that were killed or interrupted go on to the same result, bit for bit."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from profond.experiment import TrainingInterrupted, load_model_folder, resume_training
from profond.experiment import _checkpoint as checkpoint
from profond.experiment import _kept_part as kept_part
from profond.experiment import _state as states
from tests.experiment.helpers import Recorder, make_table, run

ROOT = Path(__file__).parents[2]
# What a run writes that must not depend on its interruptions, each byte of it.
SAME = ("weights.safetensors", "history.csv", "preprocessing.json", "experiment.toml")


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


@pytest.mark.parametrize(
    ("point", "trained"),
    [
        pytest.param("network", 1, marks=SLOW),
        pytest.param("unsaved network", 1, marks=SLOW),
        pytest.param("checkpoint", 1, marks=SLOW),
        pytest.param("while a checkpoint is written", 0, marks=SLOW),
        ("step", 1),
        pytest.param("baselines", 2, marks=SLOW),
        pytest.param("file of the model", 2, marks=SLOW),
    ],
)
def test_a_killed_run_goes_on_to_the_same_result(tmp_path, source, expected, point, trained):
    folder = tmp_path / "m"
    killed(point, folder, source)
    assert not folder.exists()
    recorder = Recorder()
    resume_training(folder, progress=recorder)
    assert f"{trained} of 2 networks are trained" in recorder.notes[0]
    # What was done before is not done again: a checkpoint was made at every epoch.
    assert recorder.epochs <= (2 - trained) * 15
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
