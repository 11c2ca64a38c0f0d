"""The lines that the benchmark of series has measured, kept, and shown beside published ones."""

import hashlib
import json
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._report import table
from benchmarks._ucr_data import JAPANESE_VOWELS, published

PUBLISHED = {  # what a network is called where it was published
    "fcn": "FCN",
    "resnet1d": "ResNet",
    "inception_time": "InceptionTime",
    "encoder": "Encoder",
    "series_mlp": "MLP",
    "t_lenet": "t-LeNet",
    "time_cnn": "Time-CNN",
}
MEMBERS = {"inception_time": 5}  # networks of which the published accuracy is that of the mean

Line = dict[str, Any]


class Results:
    """Measured networks, one JSON line each, in a file that is always whole.

    Args:
        path: The file.
        probabilities: Folder of the answers, from which ensembles are made; None to keep none.
    """

    def __init__(self, path: Path, probabilities: Path | None = None) -> None:
        self.path, self.folder = path, probabilities
        text = path.read_text() if path.exists() else ""
        self.lines: list[Line] = [json.loads(line) for line in text.splitlines()]

    def has(self, **wanted: Any) -> bool:
        """Whether there is a line with these values."""
        return any(all(line.get(k) == v for k, v in wanted.items()) for line in self.lines)

    def add(self, line: Line) -> None:
        """Keep a line."""
        from profond._files import write_whole

        self.lines.append(line)
        write_whole(self.path, "".join(json.dumps(line) + "\n" for line in self.lines))

    def keep(self, line: Line, probabilities: np.ndarray) -> None:
        """Keep the answers of a network, for ensembles."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            np.save(self._place(line), probabilities.astype(np.float32))

    def together(self, lines: list[Line], y_test: np.ndarray) -> float | None:
        """Accuracy of the mean of several networks' answers; None if some were not kept."""
        if self.folder is None or not all(self._place(line).exists() for line in lines):
            return None
        mean = np.mean([np.load(self._place(line)) for line in lines], axis=0)
        return float((mean.argmax(1) == y_test).mean())

    def _place(self, line: Line) -> Path:
        assert self.folder is not None
        text = json.dumps(line["recipe"], sort_keys=True)
        mark = hashlib.sha256(text.encode()).hexdigest()[:8]
        return self.folder / f"{line['network']}-{line['set']}-{line['seed']}-{mark}.npy"


def shown(network: str, lines: list[Line]) -> str:
    """A network's accuracies beside the published ones, and their means, in markdown."""
    theirs, rows = published(PUBLISHED[network]), []
    members, sets = MEMBERS.get(network, 1), sorted({line["set"] for line in lines})
    means: dict[str, tuple[float, float]] = {}
    for name in sets:
        own = [line["accuracy"] for line in lines if line["set"] == name and "members" not in line]
        groups = [line["accuracy"] for line in lines if line["set"] == name and "members" in line]
        counted = groups if members > 1 else own
        spread = f" ± {statistics.stdev(counted):.4f}" if len(counted) > 1 else ""
        row = [name, str(len(own)), f"{statistics.mean(own):.4f}" if own else ""]
        row.append(f"{statistics.mean(counted):.4f}{spread}" if counted else "")
        row.append(f"{theirs[name]:.4f}" if name in theirs else "")
        if counted and name in theirs:
            means[name] = statistics.mean(counted), theirs[name]
            row.append(f"{100 * (means[name][0] - means[name][1]):+.1f}")
        else:
            row.append("")
        rows.append(row)
    what = f"mean of {members}" if members > 1 else "accuracy"
    header = ["set", "networks", "one network", what, "published", "points"]
    text = [f"### {PUBLISHED[network]}", "", table(header, rows)]
    ucr = [pair for name, pair in means.items() if name != JAPANESE_VOWELS]
    if ucr:
        ours, peers = (statistics.mean(column) for column in zip(*ucr, strict=True))
        text += ["", f"Mean over {len(ucr)} sets of the UCR archive: {ours:.4f}; published "
                 f"{peers:.4f}, {100 * (ours - peers):+.1f} points."]  # fmt: skip
    return "\n".join(text)
