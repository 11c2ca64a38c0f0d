"""Windows of series: a network that learns from them, and answers for all those of a series."""

from dataclasses import replace
from typing import Any

import numpy as np

from profond.data.series import (
    SeriesPreprocessor,
    series_from_arrays,
    window_slices,
    window_warping,
)
from profond.estimators._members import TrainingPart

_OF_A_SERIES = 10  # windows drawn from each training series


def with_windows(
    part: TrainingPart, preprocessor: SeriesPreprocessor, augment: str
) -> TrainingPart:
    """Windows of the training series in their place (Le Guennec et al. 2016, 4.1 and 4.2).

    Args:
        part: The encoded training series.
        preprocessor: Fitted with a `window`, the steps of each.
        augment: "slicing" for windows of the series themselves, "warping" for windows of copies at
            half and double speed for a tenth of their length, too.

    Returns:
        The windows, with the target and the weight of their series; those of a series are in one
        group, so that none of them is held out while others are learned from.
    """
    series: Any = series_from_arrays(part.inputs)
    of_series: Any = range(len(series))
    if augment == "warping":
        series, of_series = window_warping(series, random_state=0)
    count = min(_OF_A_SERIES, preprocessor.longest - preprocessor.window + 1)
    windows, places = window_slices(series, steps=preprocessor.window, count=count, random_state=0)
    rows = np.asarray(of_series)[places]
    return replace(
        part,
        inputs=windows.values,
        target=part.target[rows],
        weights=None if part.weights is None else part.weights[rows],
        groups=rows,
    )
