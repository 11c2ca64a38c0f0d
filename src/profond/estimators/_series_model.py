"""A trained model for series."""

import os
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from profond.data.series import SeriesPreprocessor, SeriesSet, open_series, series_from_arrays
from profond.estimators._trained_model import TrainedModel


class SeriesModel(TrainedModel):
    """Predicts a class or a number from a time series.

    `predict`, `predict_proba`, `predict_interval` and `predict_frame` take a `SeriesSet`, an array
    (n, time) or (n, time, channels), a list of arrays of any lengths, or the path of a file.

    Attributes:
        preprocessor: The fitted preprocessing.
    """

    kind: ClassVar[str] = "series"
    preprocessor: SeriesPreprocessor

    def encode(self, data: Any) -> np.ndarray:
        """What the networks take, shape (n, time, channels), float32."""
        return self.preprocessor.transform(as_series(data))

    def outputs_of_each(
        self, inputs: np.ndarray, members: Sequence[int] | None = None
    ) -> list[np.ndarray]:
        """What the networks say about encoded series; see `TrainedModel.outputs_of_each`.

        Networks that know windows are asked about those of each series, and their answers averaged.
        """
        window = self.preprocessor.window
        if not window or inputs.shape[1] == window:
            return super().outputs_of_each(inputs, members)
        windows = self.preprocessor.windows(inputs)  # (n, windows, steps, channels)
        said = super().outputs_of_each(windows.reshape(-1, *windows.shape[2:]), members)
        return [one.reshape(*windows.shape[:2], *one.shape[1:]).mean(1) for one in said]


def as_series(data: Any) -> SeriesSet:
    """Series from any of the forms that people have them in.

    Raises:
        ValueError: If they cannot be read.
        FileNotFoundError: If there is no such file.
    """
    if isinstance(data, SeriesSet):
        return data
    if isinstance(data, str | os.PathLike):
        return open_series(data)
    return series_from_arrays(data)
