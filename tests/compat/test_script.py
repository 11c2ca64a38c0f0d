"""A script run as the main program, as `python SCRIPT.py` would."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from profond.compat import run_script

PROFOND = Path(sys.executable).with_name("profond")


@pytest.fixture
def script(tmp_path):
    def write(text, name="script.py"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write


def test_the_script_sees_what_python_would_show_it(script, tmp_path, capsys):
    (tmp_path / "beside.py").write_text("value = 'from the folder of the script'")
    path = script("""
        import os, sys
        import beside
        λ = 0.01
        print(__name__, sys.argv[1:], __file__ == sys.argv[0], os.getcwd(), beside.value, λ)
        print(sys.modules["__main__"].λ)
    """)
    kept = sys.argv, list(sys.path), sys.modules["__main__"]
    import os

    here = os.getcwd()
    assert run_script(path, ["--epochs", "3"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"__main__ ['--epochs', '3'] True {here} from the folder of the script 0.01",
        "0.01",
    ]
    assert (sys.argv, list(sys.path), sys.modules["__main__"]) == kept


@pytest.mark.parametrize(
    ("ending", "code"),
    [("pass", 0), ("sys.exit()", 0), ("sys.exit(7)", 7), ("raise KeyboardInterrupt", 130)],
)
def test_the_exit_code_is_the_scripts(script, ending, code):
    assert run_script(script(f"import sys\n{ending}")) == code


def test_a_message_given_to_exit_is_printed(script, capsys):
    assert run_script(script("import sys\nsys.exit('no data')")) == 1
    assert capsys.readouterr().err == "no data\n"


def test_an_error_is_shown_with_the_scripts_lines_alone(script, capsys):
    path = script("""
        import keras

        def make():
            return keras.initializers.get("no_such_thing")

        try:
            make()
        except ValueError as error:
            raise RuntimeError("second") from error
    """)
    assert run_script(path) == 1
    err = capsys.readouterr().err
    assert err.count("Traceback (most recent call last)") == 2
    assert f'File "{path}", line 5, in make' in err
    assert 'return keras.initializers.get("no_such_thing")' in err
    assert "RuntimeError: second" in err
    assert "profond/" not in err.replace(str(path), "")


def test_an_error_inside_a_layer_is_shown_without_what_called_it(script, capsys):
    path = script("""
        import keras

        class Failing(keras.layers.Layer):
            def call(self, inputs):
                raise RuntimeError("inside")

        Failing()(keras.ops.ones((2, 3)))
    """)
    assert run_script(path) == 1
    frames = [line for line in capsys.readouterr().err.splitlines() if line.startswith("  File")]
    assert [frame.split(", line ")[1] for frame in frames] == ["8, in <module>", "6, in call"]


def test_debug_shows_our_lines_too(script, capsys):
    path = script("import keras\nkeras.initializers.get('no_such_thing')")
    assert run_script(path, debug=True) == 1
    assert "initializers" in capsys.readouterr().err.split(str(path))[-1]


def test_keras_own_switch_shows_our_lines_too(script, capsys):
    path = script("""
        import keras
        keras.config.disable_traceback_filtering()
        keras.initializers.get("no_such_thing")
    """)
    import profond.config

    try:
        assert run_script(path) == 1
    finally:
        profond.config.enable_traceback_filtering()
    assert "_script.py" in capsys.readouterr().err


@pytest.mark.parametrize("words", ["import tensorflow.keras as keras", "import keras"])
def test_tensorboard_does_not_take_our_tensorflow_for_the_real_one(script, tmp_path, words):
    pytest.importorskip("tensorboard")
    path = script(f"""
        {words}

        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        board = keras.callbacks.TensorBoard({str(tmp_path / "logs")!r}, histogram_freq=1)
        x = [[1.0, 2.0, 3.0]]
        model.fit(x, [[1.0]], verbose=0, callbacks=[board])
    """)
    # In a process of its own: tensorboard looks for tensorflow once per process.
    assert subprocess.run([PROFOND, "run", path], check=False).returncode == 0
    assert list((tmp_path / "logs" / "train").glob("events*"))


def test_what_is_missing_is_said_with_the_scripts_line(script, capsys):
    path = script("import keras\n\nfrom keras.initializers import HeNormall\n")
    assert run_script(path) == 1
    err = capsys.readouterr().err
    assert f'File "{path}", line 3, in <module>' in err
    assert "from keras.initializers import HeNormall" in err
    assert "keras.initializers.HeNormall is not available in profond. Nearest: HeNormal" in err
    assert "importlib" not in err


def test_a_syntax_error_points_at_the_script(script, capsys):
    path = script("x = (1,\n")
    assert run_script(path) == 1
    err = capsys.readouterr().err
    assert "SyntaxError" in err
    assert f'File "{path}", line 1' in err
    assert "_script.py" not in err


def test_a_missing_script_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        run_script(tmp_path / "none.py")


def test_command_line(script, tmp_path):
    path = script("""
        import sys
        import keras
        assert "profond" in sys.modules and not hasattr(keras, "src")
        print(keras.__version__, sys.argv[1:])
        sys.exit(3)
    """)
    command = [PROFOND, "run", path.name, "-v", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("3.15.0 ['-v', '--help']\n", 3), done.stderr


def test_command_line_without_a_script(tmp_path):
    command = [PROFOND, "run", "absent.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "absent.py" in done.stderr
    assert "Traceback" not in done.stderr
