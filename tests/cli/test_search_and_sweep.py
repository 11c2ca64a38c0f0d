"""`profond sweep` and `profond search`."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pandas as pd
import pytest

from profond.cli import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *words):
    code = main(list(words))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_sweep_draws_and_suggests(capsys, folder):
    code, out, err = run(capsys, "sweep", "iris", "-o", "s.svg", "--seeds", "1", "--steps", "40")
    assert code == 0, err
    assert (folder / "s.svg").stat().st_size > 1000
    assert "The figure is in s.svg." in out
    assert "Train with it:  profond train iris --target target" in out
    code, _, err = run(capsys, "sweep", "iris", "-o", "s.txt")
    assert (code, err.startswith("profond: --out must end in ")) == (2, True)


@pytest.mark.slow
def test_a_search_trains_with_the_best(capsys, folder):
    pytest.importorskip("optuna", reason="Optuna is an extra: pip install 'profond[search]'")
    words = (
        "search iris --trials 2 --trial-seeds 1 --workers 1 --epochs 2 --seeds 1 -o m "
        "--space dropout=0..0.5 --space learning_rate=1e-3..1e-2:log"
    ).split()
    code, out, err = run(capsys, *words)
    assert code == 0, err
    assert "Best of 2 trials" in out
    assert {"m", "m-search"} <= set(os.listdir())
    assert {"history.png", "slices.png", "trials.csv"} <= set(os.listdir("m-search"))
    assert "settings chosen among 2 trials" in (folder / "m" / "README.md").read_text()
    code, _, err = run(capsys, *words[:-1], "dropot=0..1")
    assert (code, "setting in `space`: 'dropot'" in err) == (2, True)


QUICK = "--epochs 2 --seeds 1 --hidden 8 --numbers plain"
TRAININGS = f"sweep iris --trainings 3 --low 1e-3 --high 1e-1 --workers 1 {QUICK}".split()
TRIALS = (
    f"search iris --trial-seeds 1 --workers 1 --space dropout=0..0.5 -o m {QUICK} --trials".split()
)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--trainings", "1"], "--trainings must be 2 or more rates; received 1."),
        (["--workers", "2", "--folder", "f"],
         "Leave out --workers, --folder: only --trainings takes that."),
        (["--trainings", "3", "--steps", "30"],
         "Leave out --steps, or --trainings: whole trainings have epochs."),
    ],
)  # fmt: skip
def test_options_without_effect_are_refused(capsys, folder, words, message):
    assert run(capsys, "sweep", "iris", *words) == (2, "", f"profond: {message}\n")
    assert os.listdir() == []


def test_a_figure_goes_into_a_new_folder_or_is_refused_before_the_work(capsys, folder, monkeypatch):
    code, _, err = run(capsys, "sweep", "iris", "-o", "new/s.png", "--seeds", "1", "--steps", "20")
    assert code == 0, err
    assert os.listdir("new") == ["s.png"]
    monkeypatch.setattr("profond.trials._sweep_experiment.sweep_part", None)
    os.mkdir("f.png")
    for place in ("new/s.png/t.png", "f.png"):
        code, out, err = run(capsys, "sweep", "iris", "-o", place)
        assert (code, out) == (1, "")
        assert err.startswith(f"profond: The figure cannot be written to {place}: ")
        assert err.endswith(" Give another file (--out).\n")


def test_trial_seeds_are_named_as_the_option(capsys, folder):
    pytest.importorskip("optuna", reason="Optuna is an extra: pip install 'profond[search]'")
    code, _, err = run(capsys, "search", "iris", "--trial-seeds", "0")
    assert (code, err) == (2, "profond: --trial-seeds must be 1 or more; received 0.\n")


@pytest.fixture
def pressing(monkeypatch):
    """Ctrl-C in the middle of a training, after so many epochs."""
    from profond.trials import _objective

    epochs = []
    after = _objective._Scores.on_epoch_end

    def press(count):
        epochs.clear()

        def on_epoch_end(self, epoch, logs=None):
            after(self, epoch, logs)
            epochs.append(epoch)
            if len(epochs) == count:
                os.kill(os.getpid(), signal.SIGINT)

        monkeypatch.setattr(_objective._Scores, "on_epoch_end", on_epoch_end)

    return press


def test_a_sweep_of_trainings_goes_on_after_ctrl_c(capsys, folder, pressing):
    pressing(3)  # the first epoch of the second training
    words = [*TRAININGS, "-o", "s.png", "--folder", "kept"]
    code, out, err = run(capsys, *words)
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == (
        "profond: interrupted: the trainings that were finished are kept in kept; the same command "
        "goes on from there."
    )
    assert sorted(os.listdir()) == ["kept"]
    first = json.loads((folder / "kept" / "trials.json").read_text())["results"]
    assert [variant for variant, _, _ in first] == ["rate=0.001"]
    pressing(100)
    code, again, err = run(capsys, *words)
    assert code == 0, err
    results = json.loads((folder / "kept" / "trials.json").read_text())["results"]
    assert (results[0], len(results)) == (first[0], 3)
    _, alone, _ = run(capsys, *TRAININGS, "-o", "s.png")
    assert again == alone


def test_without_a_folder_ctrl_c_is_told_in_a_word(capsys, folder, pressing):
    pressing(1)
    code, out, err = run(capsys, *TRAININGS)
    assert (code, out, err.splitlines()[-1]) == (130, "", "profond: interrupted")
    assert os.listdir() == []


@pytest.mark.slow
def test_a_search_goes_on_after_ctrl_c(capsys, folder, pressing):
    pytest.importorskip("optuna", reason="Optuna is an extra: pip install 'profond[search]'")
    pressing(5)  # the first epoch of the third trial
    code, out, err = run(capsys, *TRIALS, "4")
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == (
        "profond: interrupted: the trials that were finished are kept; the same command goes on "
        "from there."
    )
    assert os.listdir() == ["m-search"]
    assert os.listdir("m-search") == ["search.db"]
    pressing(100)
    code, out, err = run(capsys, *TRIALS, "4")
    assert code == 0, err
    assert "Best of 5 trials (4 complete, 1 failed)" in out
    assert sorted(os.listdir()) == ["m", "m-search"]
    frame = pd.read_csv("m-search/trials.csv")
    assert frame["state"].tolist() == ["complete", "complete", "failed", "complete", "complete"]
    assert frame["network.dropout"][2] == frame["network.dropout"][3]


def complete(path):
    """How many trials of a search are complete."""
    try:
        with sqlite3.connect(path) as base:
            return base.execute("select count(*) from trials where state='COMPLETE'").fetchone()[0]
    except sqlite3.OperationalError:  # not there yet
        return 0


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("command", ["search", "sweep"])
def test_a_terminated_command_goes_on(folder, command):
    pytest.importorskip("optuna", reason="Optuna is an extra: pip install 'profond[search]'")
    start = [sys.executable, "-c", "import sys; from profond.cli import main; sys.exit(main())"]
    long = {
        "search": [*TRIALS, "200"],
        "sweep": [*TRAININGS, "-o", "s.png", "--folder", "kept"],
    }[command]
    long[long.index("--epochs") + 1] = "50"
    process = subprocess.Popen([*start, *long], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 120
    kept = folder / "kept" / "trials.json"
    while not (complete("m-search/search.db") >= 2 if command == "search" else kept.exists()):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.01)
    process.terminate()
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (-signal.SIGTERM, b"")
    done = complete("m-search/search.db")
    if command == "search":
        assert not {"m", "trials.csv", "slices.png"} & {*os.listdir(), *os.listdir("m-search")}
        long[-1] = str(done + 1)
    else:
        assert not os.path.exists("s.png")
        first = json.loads(kept.read_text())["results"]
        assert 1 <= len(first) < 3
    again = subprocess.run([*start, *long], capture_output=True, text=True, timeout=240)
    assert again.returncode == 0, again.stderr
    if command == "search":
        assert complete("m-search/search.db") == done + 1
        assert f"{done + 1} complete" in again.stdout
    else:
        assert json.loads(kept.read_text())["results"][: len(first)] == first
        assert "The figure is in s.png." in again.stdout
