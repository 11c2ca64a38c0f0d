"""Series with published splits, and the accuracies that others have published on them."""

import csv
import os
import statistics
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks._peers import ROOT

JAPANESE_VOWELS = "JapaneseVowels"


@dataclass(frozen=True)
class Problem:
    """Training and test series.

    Attributes:
        x: Training series, (n, steps, channels); NaN fills up shorter ones.
        y: Their classes, from 0 on.
        x_test: Test series.
        y_test: Their classes.
        classes: Number of classes.
    """

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    classes: int


def folder() -> Path:
    """Where the data are: PROFOND_DATA, or shared/data beside the project."""
    return Path(os.environ.get("PROFOND_DATA", ROOT.parent / "shared" / "data"))


def names() -> list[str]:
    """The sets that are there, those with the fewest values to learn from first."""
    found = {path.stem: path for path in (folder() / "ucr").glob("*.npz")}
    sizes = {}
    for name, path in found.items():
        with np.load(path) as file:
            sizes[name] = file["X_train"].size
    order = sorted(sizes, key=lambda name: sizes[name])
    if (folder() / "series" / f"{JAPANESE_VOWELS}.npz").exists():
        order.insert(0, JAPANESE_VOWELS)
    return order


def load(name: str) -> Problem:
    """A set with its official split.

    Series of the UCR archive (Dau et al. 2019) come normalised one by one; JapaneseVowels is
    brought to mean 0 and deviation 1 in each channel, over the steps of its training series.
    """
    place = "series" if name == JAPANESE_VOWELS else "ucr"
    with np.load(folder() / place / f"{name}.npz") as file:
        x, x_test = file["X_train"], file["X_test"]
        y, y_test = file["y_train"].astype(int), file["y_test"].astype(int)
        classes = len(file["classes"])
    if x.ndim == 2:
        x, x_test = x[..., None], x_test[..., None]
    if name == JAPANESE_VOWELS:
        mean, deviation = np.nanmean(x, (0, 1)), np.nanstd(x, (0, 1))
        x, x_test = (x - mean) / deviation, (x_test - mean) / deviation
    return Problem(x.astype("float32"), y, x_test.astype("float32"), y_test, classes)


def published(model: str) -> dict[str, float]:
    """Accuracy by set of a model, the mean over those who published it; empty without the file."""
    path = folder().parent / "reference" / "ucr_published.csv"
    if not path.exists():
        return {}
    values = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["model"] == model:
                values[row["dataset"]].append(float(row["accuracy_mean"]))
    return {name: statistics.mean(several) for name, several in values.items()}
