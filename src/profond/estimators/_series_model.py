"""A trained model for series."""

import os
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

    def outputs(self, inputs: np.ndarray, member: int | None = None) -> np.ndarray:
        """What the networks say about encoded series; see `TrainedModel.outputs`.

        Networks that know windows are asked about those of each series, and their answers averaged.
        """
        window = self.preprocessor.window
        if not window or inputs.shape[1] == window:
            return super().outputs(inputs, member)
        windows = self.preprocessor.windows(inputs)  # (n, windows, steps, channels)
        answers = super().outputs(windows.reshape(-1, *windows.shape[2:]), member)
        return answers.reshape(*windows.shape[:2], *answers.shape[1:]).mean(1)


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
