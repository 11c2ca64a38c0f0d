"""The tables, digits, series and photograph of the tour, as the experiments take them."""

from functools import cache

import numpy as np
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


Split = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@cache
def gun_point() -> Split:
    """Training and test series of GunPoint, (rows, 150, 1), and their classes, 0 and 1."""
    from profond.datasets.gun_point import load_data

    return load_data()


@cache
def digits() -> Split:
    """Training and test digits, (rows, 28, 28, 1) from 0 to 1, and which digit each is."""
    from profond.datasets.digits import load_data

    first, second = (
        (images[..., None].astype(np.float32) / 255, labels) for images, labels in load_data()
    )
    return first, second


@cache
def photograph() -> np.ndarray:
    """A colour photograph, (427, 640, 3), that comes with scikit-learn."""
    from sklearn.datasets import load_sample_image

    return load_sample_image("china.jpg")


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
