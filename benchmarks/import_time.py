"""`import profond` beside `import torch` and Keras on its backends, each in a new process."""

import statistics
import subprocess
import sys

from benchmarks._peers import peer_seconds
from benchmarks._report import in_pairs, seconds, table, write_section

# `import profond` alone waits for the first use of a part; a script uses these.
_PARTS = "profond.callbacks, profond.layers, profond.losses, profond.metrics, profond.models"


def _importing(modules: str) -> float:
    return seconds(lambda: subprocess.run([sys.executable, "-c", f"import {modules}"], check=True))


def main() -> None:
    """Measure and write the section."""
    alone = statistics.median(_importing("profond") for _ in range(3))
    pairs = in_pairs(lambda: _importing(_PARTS), lambda: _importing("torch"), count=9)
    more = statistics.median(a - b for a, b in zip(pairs.ours, pairs.peer, strict=True))
    rows = [
        ["profond", f"{alone:.2f}"],
        [
            "profond, with layers, models, losses, metrics, callbacks",
            f"{statistics.median(pairs.ours):.2f}",
        ],
        ["torch", f"{statistics.median(pairs.peer):.2f}"],
        ["the second, more than torch", f"{more:.2f}"],
    ]
    for name in ("keras-tensorflow", "keras-jax", "keras-torch"):
        theirs = [peer_seconds("import", name) for _ in range(3)]
        if None not in theirs:
            rows.append([name, f"{statistics.median(t for t in theirs if t):.2f}"])
    body = "Seconds; medians.\n\n" + table(["import", "seconds"], rows)
    write_section("Import", body)


if __name__ == "__main__":
    main()
