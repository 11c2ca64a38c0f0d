"""The tables that the estimators are measured on, and how each is split."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks._peers import ROOT


@dataclass(frozen=True)
class TableSet:
    """A table and the splits that it is measured on.

    Attributes:
        name: Short name, for options and files.
        title: What it is called in the results.
        load: Opens it.
        settings: Of the experiment, by plain name; all others are the defaults.
        split_seeds: One for each split.
        files: Files that must be there, in the folder of the tables.
        metrics: What is reported, the first one compared.
    """

    name: str
    title: str
    load: Callable[[], Any]
    settings: dict[str, Any]
    split_seeds: tuple[int, ...]
    files: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ("RMSE",)

    @property
    def missing(self) -> str | None:
        """Why it cannot be measured; None if it can."""
        lost = [name for name in self.files if not (folder() / name).is_file()]
        if not lost:
            return None
        return (
            f"{self.title} is left out: {', '.join(lost)} not found in {folder()}; set "
            "PROFOND_DATA to the folder that holds tabular/."
        )


def folder() -> Path:
    """Where the tables are: PROFOND_DATA, or shared/data beside the project."""
    return Path(os.environ.get("PROFOND_DATA", ROOT.parent / "shared" / "data")) / "tabular"


def california() -> Any:
    """The blocks of California's census of 1990."""
    from profond.data import open_table

    return open_table(folder() / "california_housing.csv")


def adult() -> Any:
    """Both files of Adult, with a column `part` that says which: its official split."""
    from profond.data import open_table

    test = open_table(folder() / "adult.test", header=True).frame
    train = open_table(folder() / "adult.data", header=False).frame
    train = train.set_axis(test.columns, axis=1)
    # The labels of the test file end in a full stop.
    test = test.assign(income=test["income"].str.rstrip("."))
    both = pd.concat([train.assign(part="train"), test.assign(part="test")], ignore_index=True)
    return open_table(both)


def bundled(name: str) -> Callable[[], Any]:
    """Opens a bundled set."""

    def load() -> Any:
        from profond.data import open_table

        return open_table(name)

    return load


SETS = {
    one.name: one
    for one in (
        TableSet(
            "california",
            "California Housing",
            california,
            {"target": "median_house_value"},
            (0, 1),
            ("california_housing.csv",),
        ),
        TableSet(
            "adult",
            "Adult",
            adult,
            {"target": "income", "split": "column", "split_column": "part"},
            (0,),
            ("adult.data", "adult.test"),
            ("accuracy", "AUC"),
        ),
        TableSet("boston", "Boston", bundled("boston"), {}, (0, 1, 2, 3, 4)),
        TableSet("iris", "Iris", bundled("iris"), {}, (0, 1, 2, 3, 4), metrics=("accuracy",)),
    )
}
