"""GunPoint: 200 series of 150 steps, the place of a hand that draws a gun or only points.

Two classes, "1" and "2" in the archive. Source: Ratanamahatana and Keogh (2005), in the UCR Time
Series Archive, Dau et al. (2019). Each series has mean 0 and standard deviation 1.
"""

import numpy as np

from profond.data.series import open_series
from profond.datasets._arrays import Part


def load_data() -> tuple[Part, Part]:
    """The set as arrays, with the split of the archive.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: x float32 of shape (50, 150, 1) and (150, 150, 1),
        y int64, 0 for class 1 and 1 for class 2.
    """
    series = open_series("gun_point")
    assert series.part is not None and series.labels is not None  # this set has both
    codes = np.array([series.classes.index(label) for label in series.labels])
    train, test = (np.flatnonzero(series.part == part) for part in ("train", "test"))
    return (series.values[train], codes[train]), (series.values[test], codes[test])
