"""`profond script MODEL`."""

import ast
import os
import shutil
import subprocess
import sys

import pytest

from profond.cli import main

TABLE = "a,b,y\n" + "".join(f"{i % 7},{i % 5}.5,{i % 2}\n" for i in range(40))
WORDS = "train t.csv --target y --out m --epochs 2 --seeds 2 --seed 3 --hidden 8 --numbers plain"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with a table and a model of seeds 3 and 4."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("profond.experiment.report.report_html", lambda result, **_: result.name)
        (folder / "t.csv").write_text(TABLE)
        assert main(WORDS.split()) == 0
    return folder


@pytest.fixture
def folder(kept, tmp_path, monkeypatch):
    shutil.copytree(kept, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def run(capsys, *words):
    code = main(["script", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_script_goes_to_standard_output(capsys, folder):
    code, out, err = run(capsys, "m")
    assert (code, err) == (0, "")
    assert out.startswith('"""One network of a run of profond on a table, step by step."""\n')
    assert "\nSEED = 3\n" in out
    ast.parse(out)
    assert sorted(os.listdir()) == ["m", "t.csv"]


def test_or_to_a_file_in_a_new_folder(capsys, folder):
    _, text, _ = run(capsys, "m")
    said = "the script is in new/s.py: python new/s.py\n"
    assert run(capsys, "m", "-o", "new/s.py") == (0, "", said)
    assert (folder / "new" / "s.py").read_text() == text
    assert os.listdir("new") == ["s.py"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "new/s.py", "losses.csv"], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "accuracy on the test part: " in done.stdout
    assert (folder / "losses.csv").read_text().count("\n") == 3


def test_a_file_is_not_written_over(capsys, folder):
    (folder / "s.py").write_text("mine")
    refused = (
        "exists, and may have been changed since; give another file (--out), or remove it first."
    )
    assert run(capsys, "m", "--out", "s.py") == (2, "", f"profond: s.py {refused}\n")
    assert (folder / "s.py").read_text() == "mine"
    assert run(capsys, "m", "--out", "m") == (2, "", f"profond: m {refused}\n")


def test_a_file_where_a_folder_is_needed(capsys, folder):
    code, out, err = run(capsys, "m", "-o", "t.csv/s.py")
    assert (code, out) == (1, "")
    assert err.startswith("profond: The script cannot be written to t.csv/s.py: ")
    assert err.endswith(" Give another file (--out).\n")
    assert (folder / "t.csv").read_text() == TABLE


def test_a_network_is_chosen_by_its_seed(capsys, folder):
    code, out, _ = run(capsys, "m", "--seed", 4)
    assert code == 0
    assert "\nSEED = 4\n" in out
    assert out != run(capsys, "m")[1]
    assert run(capsys, "m", "--seed", 3)[1] == run(capsys, "m")[1]
    message = "profond: `seed` must be one of the model's, 3, 4; received 0.\n"
    assert run(capsys, "m", "--seed", 0) == (2, "", message)


def test_the_table_may_be_elsewhere(capsys, folder):
    os.rename("t.csv", "moved.csv")
    message = "profond: There is no file 't.csv', the table of m. Say where it is now (--data).\n"
    assert run(capsys, "m") == (2, "", message)
    assert 'open_table("moved.csv", names=[TARGET])' in run(capsys, "m", "--data", "moved.csv")[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Missing argument 'MODEL'. Try 'profond script --help'."),
        (["m", "n"], "Got unexpected extra argument(s) (n). Try 'profond script --help'."),
        (["n"], "There is no model folder 'n'. Kept models here: m."),
        (["m", "--seed", "x"], "received 'x'. Try 'profond script --help'."),
    ],
)
def test_wrong_words_are_named(capsys, folder, words, message):
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("profond: ")
    assert err.endswith(f"{message}\n")
    assert err.count("\n") == 1


def test_help_names_every_option(capsys, folder):
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for word in ("MODEL", "--out", "-o", "--seed", "--data", "standard output"):
        assert word in out
