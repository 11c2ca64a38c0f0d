import subprocess
import sys

import pytest

from profond import __version__
from profond.cli import _main as entry
from profond.cli import main


def test_the_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"profond {__version__}\n"


def test_help_lists_the_commands_and_examples(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for word in ("train", "predict", "doctor", "profond train iris"):
        assert word in shown


@pytest.mark.parametrize("command", ["train", "predict", "doctor"])
def test_every_command_has_help(capsys, command):
    assert main([command, "--help"]) == 0
    assert "Usage:" in capsys.readouterr().out


def test_train_shows_examples(capsys):
    main(["train", "--help"])
    assert "profond train boston" in capsys.readouterr().out


def test_no_word_shows_the_help(capsys):
    assert main([]) == 2
    captured = capsys.readouterr()
    assert "Usage:" in captured.out
    assert captured.err == ""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["trian"],
            "profond: No such command 'trian'. Did you mean 'train'? Try 'profond --help'.",
        ),
        (["train"], "profond: Missing argument 'DATA'. Try 'profond train --help'."),
        (["train", "iris", "--traget", "x"], "profond: No such option: --traget"),
        (
            ["train", "iris", "--seeds", "many"],
            "profond: `seeds.count` must be a whole number of at least 1; received 'many'.",
        ),
        (
            ["tour", "--lang", "de"],
            "profond: Invalid value for '--lang' / '-l': 'de' is not one of 'en', 'fr'. Try "
            "'profond tour --help'.",
        ),
    ],
)
def test_wrong_words_are_one_line_and_code_2(capsys, words, line):
    assert main(words) == 2
    err = capsys.readouterr().err
    assert err.startswith(line)
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ValueError("this\n  is wrong"), 2, "profond: this is wrong\n"),
        (FileNotFoundError("no such file"), 2, "profond: no such file\n"),
        (OSError("disk full"), 1, "profond: disk full\n"),
        (RuntimeError("it broke"), 1, "profond: it broke\n"),
        (KeyError("x"), 1, "profond: unexpected KeyError: 'x' (--debug shows where)\n"),
        (KeyboardInterrupt(), 130, "profond: interrupted\n"),
    ],
)
def test_errors_are_one_line_with_the_right_code(capsys, monkeypatch, error, code, line):
    def broken():
        raise error

    monkeypatch.setattr(entry, "build_app", broken)
    assert main(["train", "iris"]) == code
    assert capsys.readouterr().err == line


def test_ctrl_c_inside_a_command_is_said(capsys, monkeypatch):
    from profond.cli import doctor

    def interrupt(name):
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "_version", interrupt)
    assert main(["doctor"]) == 130
    assert capsys.readouterr().err == "profond: interrupted\n"


def test_debug_anywhere_shows_the_traceback(capsys):
    assert main(["train", "nothing.csv", "--debug", "--target", "y"]) == 2
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.endswith("Bundled sets: boston, iris, gun_point, digits.\n")


def test_the_doctor_shows_versions_threads_devices_and_extras(capsys):
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    for word in ("torch", "threads", "Accelerators", "Extras", "openpyxl"):
        assert word in shown


def test_the_doctor_names_what_is_absent(capsys, monkeypatch):
    from profond.cli import doctor

    monkeypatch.setattr(doctor, "_version", lambda name: None if name == "pyarrow" else "1.0")
    assert main(["doctor"]) == 1
    assert capsys.readouterr().err == (
        "profond: missing package(s): pyarrow. Install: pip install profond\n"
    )


def test_help_does_not_wait_for_what_training_needs():
    code = (
        "import sys\n"
        "from profond.cli import main\n"
        "main(['train', '--help'])\n"
        "print([m for m in ('pandas', 'sklearn', 'scipy', 'matplotlib') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_wrong_setting_is_a_line_of_its_own(capsys, tmp_path):
    path = tmp_path / "e.toml"
    path.write_text("[training]\nepoch = 3\nbatch_size = 0\n[netwrok]\nhidden = [3]\n")
    assert main(["train", str(path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"profond: {path}: ") for line in lines)
    assert sum("Did you mean 'epochs'?" in line for line in lines) == 1
    assert sum("Did you mean 'network'?" in line for line in lines) == 1
    assert sum("`training.batch_size` must be" in line for line in lines) == 1


def test_the_package_runs_as_a_module():
    ran = subprocess.run(
        [sys.executable, "-m", "profond", "--version"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"profond {__version__}\n"
