"""House prices in 506 districts of Boston, with the six columns of the course notes.

`RM` rooms per dwelling, `CRIM` crime per head, `INDUS` share of industry (%), `NOX` nitrogen
oxides (10 ppm), `AGE` share of homes from before 1940 (%), `TAX` property tax per 10000 dollars;
target `PRICE`, median value of homes in 1000 dollars. Source: Harrison and Rubinfeld (1978),
StatLib. (`keras.datasets.boston_housing` has 13 columns of the same districts.)
"""

import pandas as pd

from profond.data import load_bundled
from profond.datasets._arrays import Part, load_arrays


def load_frame() -> pd.DataFrame:
    """The table: 506 rows, six columns and `PRICE`."""
    return load_bundled("boston")


def load_data(test_split: float = 0.2, seed: int = 113) -> tuple[Part, Part]:
    """The set as arrays, split at random.

    Args:
        test_split: Share of the rows in the test part, in [0, 1).
        seed: The same seed gives the same split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`; x of shape (rows, 6), y prices in 1000 dollars.
    """
    return load_arrays("boston", test_split, seed, classes=False)
