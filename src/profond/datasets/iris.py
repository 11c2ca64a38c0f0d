"""150 iris flowers of three species: lengths and widths of sepals and petals in cm.

Target `target`: 0 setosa, 1 versicolor, 2 virginica. Source: Fisher (1936).
"""

import pandas as pd

from profond.data import load_bundled
from profond.datasets._arrays import Part, load_arrays


def load_frame() -> pd.DataFrame:
    """The table: 150 rows, four columns and `target`."""
    return load_bundled("iris")


def load_data(test_split: float = 0.2, seed: int = 113) -> tuple[Part, Part]:
    """The set as arrays, split at random with the same share of every species.

    Args:
        test_split: Share of the rows in the test part, in [0, 1).
        seed: The same seed gives the same split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`; x of shape (rows, 4), y 0, 1 or 2.
    """
    return load_arrays("iris", test_split, seed, classes=True)
