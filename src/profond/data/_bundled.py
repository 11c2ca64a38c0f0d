"""The small real sets inside the package."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class BundledSet:
    """A table in the package, with what is known about it.

    Attributes:
        name: The name by which it is asked for.
        target: The column that one usually predicts.
        about: What it is and where it comes from, in one line.
    """

    name: str
    target: str
    about: str


BUNDLED = {
    "boston": BundledSet(
        "boston",
        "PRICE",
        "506 districts of Boston, six columns, median house price in 1000 dollars "
        "(Harrison and Rubinfeld 1978, StatLib)",
    ),
    "iris": BundledSet(
        "iris",
        "target",
        "150 iris flowers, four measures in cm, species 0 setosa, 1 versicolor, 2 virginica "
        "(Fisher 1936)",
    ),
}


def bundled_bytes(name: str) -> bytes:
    """The CSV file of the bundled set `name`, as it stands in the package."""
    return (files("profond.data") / "bundled" / f"{name}.csv").read_bytes()


def bundled_file(name: str) -> AbstractContextManager[Path]:
    """A path of a file of the package, for the time of a `with` block."""
    return as_file(files("profond.data") / "bundled" / name)


def load_bundled(name: str) -> pd.DataFrame:
    """A bundled set as a table, its index column (if it has one) taken off.

    Args:
        name: "boston" or "iris".

    Returns:
        The rows in the order of the source, numbers as numbers.

    Raises:
        ValueError: If there is no bundled set of this name.
    """
    from profond._lookup import choose
    from profond.data._table import open_table

    return open_table(choose(name, BUNDLED, "bundled data set").name).frame
