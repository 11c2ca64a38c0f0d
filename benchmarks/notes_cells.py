"""The code cells of the notes' chapters 4 and 5, imports included, beside real Keras."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks._peers import ROOT, peer_seconds
from benchmarks._report import seconds, table, write_section

sys.path.insert(0, str(ROOT / "tests" / "compat"))


def main() -> None:
    """Measure and write the section."""
    import test_notes

    cells = test_notes.chapters(test_notes.notes())
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        for name in ("boston.csv", "iris.csv"):
            shutil.copy(test_notes.DATA / "tabular" / name, data / name)
        work = Path(folder) / "work"
        work.mkdir()
        for chapter in (4, 5):
            before = [cell for number in range(1, chapter) for cell in cells[number]]
            script = work / f"chapter_{chapter}.py"
            script.write_text(
                "\n".join([test_notes.imports_of(before), *cells[chapter]]), encoding="utf-8"
            )
            ours = [_ours(script) for _ in range(3)]
            rows.append([str(chapter), "profond run", f"{statistics.median(ours):.1f}"])
            for name in ("keras-tensorflow", "keras-jax"):
                theirs = peer_seconds("script", name, str(script))
                if theirs is not None:
                    rows.append([str(chapter), name, f"{theirs:.1f}"])
    body = "Seconds of the whole process; ours: median of 3.\n\n" + table(
        ["chapter", "run by", "seconds"], rows
    )
    write_section("Code cells of the notes", body)


def _ours(script: Path) -> float:
    command = [str(Path(sys.executable).with_name("profond")), "run", str(script)]
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    return seconds(
        lambda: subprocess.run(
            command, env=environment, cwd=script.parent, check=True, capture_output=True
        )
    )


if __name__ == "__main__":
    main()
