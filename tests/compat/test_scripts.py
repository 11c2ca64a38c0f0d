"""Scripts in the manner of Keras's guides, with real Keras and with profond in its place."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from profond.compat import run_script

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_runs_unmodified(path, capsys):
    code = run_script(path)
    assert code == 0, capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_same_script_runs_with_keras(path):
    pytest.importorskip("keras")
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run(
        [sys.executable, path], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
