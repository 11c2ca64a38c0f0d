"""The tables of the notes, as the experiments take them."""

from functools import cache

import pandas as pd

from profond.data import load_bundled


@cache
def boston() -> pd.DataFrame:
    """The Boston table with the notes' six features and PRICE, in thousands of dollars."""
    return load_bundled("boston")


@cache
def iris() -> pd.DataFrame:
    """The Iris table with its four features and `target`."""
    return load_bundled("iris")


def standardised(table: pd.DataFrame) -> pd.DataFrame:
    """Each column with mean 0 and standard deviation 1, as in 4.5 of the notes."""
    return (table - table.mean()) / table.std()


# How the Python lines under each figure begin.
PLAIN = "from profond import figures\n\n"
BOSTON = (
    "from profond import figures\nfrom profond.data import load_bundled\n\n"
    'boston = load_bundled("boston")\n'
)
IRIS = BOSTON.replace("boston", "iris")
