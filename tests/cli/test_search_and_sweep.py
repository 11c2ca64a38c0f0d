"""`profond sweep` and `profond search`."""

import os

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
