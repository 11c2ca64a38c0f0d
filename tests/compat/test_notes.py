"""The Keras code of the notes' chapters 1 to 5 runs as it stands."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROFOND = Path(sys.executable).with_name("profond")
REPOSITORY = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("PROFOND_DATA", REPOSITORY.parent / "shared" / "data"))
# The notes shuffle Iris before they set a seed.
GIVEN = (
    "import matplotlib.pyplot as plt\nimport seaborn as sns\nimport numpy\nnumpy.random.seed(0)\n"
)

# What each chapter must have done, in its own variables.
CHECKS = {
    1: "assert boston.shape == (506, 2) and abs(w[10] - w[9]) > abs(w[1] - w[0])  # diverges",
    2: "assert model.count_params() == 801 and iris.shape == (150, 5)",
    3: "",
    4: """
assert h.history["accuracy"][-1] > 0.9 and h_standardized.history["accuracy"][-1] > 0.95
assert len(h.history["loss"]) == 100 and adam_opt.beta_2 == 0.9
""",
    5: """
stopped = len(cb_es.model.history.history["loss"])
assert stopped == cb_es.stopped_epoch + 1 == cb_es.best_epoch + 11 < 100
assert len(h.history["val_loss"]) == 100 and λ == 0.01
# Dropout acts in training only: the training loss is above the validation loss (exercise 1).
assert sum(a > b for a, b in zip(h.history["loss"][20:], h.history["val_loss"][20:])) > 40
""",
}


def notes() -> str:
    files = sorted((DATA.parent / "seeds").glob("*.txt"))
    if not files or not (DATA / "tabular" / "iris.csv").exists():
        pytest.skip("the notes and their data are not on this machine (PROFOND_DATA)")
    return files[0].read_text(encoding="utf-8")


def chapters(text: str) -> dict[int, list[str]]:
    """The code cells of each chapter: what stands between fences and is Python."""
    found: dict[int, list[str]] = {}
    parts = re.split(r"^CHAPITRE (\d+)$", text, flags=re.MULTILINE)
    for number, chapter in zip(parts[1::2], parts[2::2], strict=True):
        cells = re.findall(r"^```\n(.*?)^```$", chapter, flags=re.MULTILINE | re.DOTALL)
        found[int(number)] = [cell for cell in cells if is_code(cell)]
    return found


def is_code(cell: str) -> bool:
    """Whether a cell is code and not what some code printed."""
    try:
        tree = ast.parse(cell)
    except SyntaxError:
        return False
    return any(
        isinstance(node, ast.Assign | ast.Import | ast.ImportFrom | ast.Call)
        for node in ast.walk(tree)
    )


def imports_of(cells: list[str]) -> str:
    """The import statements of cells: the notes' later chapters count on the earlier ones'."""
    nodes = [node for cell in cells for node in ast.parse(cell).body]
    return "\n".join(ast.unparse(n) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom))


@pytest.fixture(scope="module")
def cells() -> dict[int, list[str]]:
    return chapters(notes())


def test_the_cells_are_found(cells):
    counts = {number: len(cells[number]) for number in range(1, 6)}
    assert counts == {1: 7, 2: 4, 3: 0, 4: 6, 5: 6}


@pytest.mark.parametrize("number", [1, 2, 4, 5])
def test_a_chapter_runs_as_it_stands(cells, number, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "notes").mkdir()
    for name in ("boston.csv", "iris.csv"):
        shutil.copy(DATA / "tabular" / name, tmp_path / "data" / name)
    before = [cell for earlier in range(1, number) for cell in cells[earlier]]
    script = tmp_path / "notes" / f"chapter_{number}.py"
    script.write_text(
        "\n".join([GIVEN, imports_of(before), *cells[number], CHECKS[number]]), encoding="utf-8"
    )
    done = subprocess.run(
        [PROFOND, "run", script.name],
        cwd=script.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    if number in (2, 4):
        assert "Total params: 283 (1.11 KB)" in done.stdout
