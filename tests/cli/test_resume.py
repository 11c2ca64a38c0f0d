"""`profond train --resume FOLDER`."""

import json
import os

import pytest

from profond.cli import main
from profond.experiment import _table_kind

TABLE = "a,b,y\n" + "".join(f"{i % 7},{i % 5}.5,{i % 2}\n" for i in range(40))
FAST = ["--epochs", "3", "--seeds", "2", "--hidden", "8"]
WORDS = ["train", "t.csv", "--target", "y", "--out", "m", *FAST]
HINT = "`profond train --resume m` goes on where it stopped"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path


def run(capsys, *words):
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def pressed(*arguments, **options):
    raise KeyboardInterrupt


def scores(folder):
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["seconds"]
    return metrics


def test_a_stopped_run_goes_on_from_anywhere(capsys, folder, monkeypatch):
    assert run(capsys, *WORDS)[0] == 0
    os.rename("m", "expected")
    with monkeypatch.context() as patch:
        patch.setattr(_table_kind, "baseline_predictions", pressed)
        code, _, err = run(capsys, *WORDS)
        assert code == 130
        assert HINT in err
        code, _, err = run(capsys, "train", "--resume", "m")
    assert code == 130
    assert "of 2 network(s), not measured, is in m: " in err  # in the place of the other
    monkeypatch.chdir("/")
    code, out, err = run(capsys, "train", "--resume", folder / "m")
    assert code == 0, err
    assert "2 of 2 networks are trained" in err
    assert "network 1/2" not in err
    assert "(an older model was replaced)" in out  # the two networks that were kept at Ctrl-C
    for name in ("weights.safetensors", "history.csv", "experiment.toml"):
        assert (folder / "m" / name).read_bytes() == (folder / "expected" / name).read_bytes()
    assert scores(folder / "m") == scores(folder / "expected")
    assert sorted(os.listdir(folder)) == ["expected", "m", "t.csv"]


def test_ctrl_c_while_the_model_is_written_tells_how_to_go_on(capsys, folder, monkeypatch):
    from profond.experiment import TableResult

    with monkeypatch.context() as patch:
        patch.setattr(TableResult, "save", pressed)
        code, _, err = run(capsys, *WORDS)
    assert (code, err.splitlines()[-1]) == (130, f"profond: interrupted: {HINT}.")
    assert run(capsys, "train", "--resume", "m")[0] == 0
    assert sorted(os.listdir(folder)) == ["m", "t.csv"]


def test_without_a_model_there_may_be_something_to_go_on_with(capsys, monkeypatch):
    from profond.estimators._members import Trainer

    split = Trainer.split

    def pressed_late(self, seed):
        if len(self.part.inputs) == 40:  # the final networks, after all folds
            raise KeyboardInterrupt
        return split(self, seed)

    monkeypatch.setattr(Trainer, "split", pressed_late)
    code, _, err = run(capsys, *WORDS, "--folds", "2")
    assert (code, err.splitlines()[-1]) == (
        130,
        f"profond: interrupted: 0 of 2 networks are trained. {HINT}; there is no model yet.",
    )


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["t.csv"], "t.csv"),
        (["--epochs", "5"], "--epochs"),
        (["--quick", "--category", "a", "--out", "x"], "--out, --quick, --category"),
        (["--set", "seeds.count=3", "--target", "y"], "--target, --set"),
        (["--separator", ";", "--no-header"], "--separator, --header"),
    ],
)
def test_other_options_are_refused(capsys, words, named):
    assert run(capsys, "train", "--resume", "m", *words) == (
        2,
        "",
        "profond: --resume goes on with a run as it was described; leave out "
        f"{named}, or train anew without --resume.\n",
    )


def test_there_must_be_something_to_go_on_with(capsys):
    assert run(capsys, "train", "--resume", "m") == (
        2,
        "",
        "profond: There is no interrupted run of m to go on with (there is no such folder). Train "
        "anew without --resume.\n",
    )
