"""Real series, and files written from arrays."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

_REPOSITORY = Path(__file__).parents[3]
DATA = Path(os.environ.get("PROFOND_DATA", _REPOSITORY.parent / "shared" / "data"))


def real_set(name: str) -> Any:
    """The arrays of a real data set, or a skipped test."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the data set {name} is not here (PROFOND_DATA)")
    return np.load(path)


def as_ts(series: list[np.ndarray], labels: list[str], header: str) -> str:
    """The text of a `.ts` file, from arrays (steps, channels); NaN as ?."""
    lines = []
    for one, label in zip(series, labels, strict=True):
        channels = [",".join("?" if v != v else repr(float(v)) for v in c) for c in one.T]
        lines.append(":".join([*channels, label]))
    return header + "@data\n" + "\n".join(lines) + "\n"
