"""Time series in: arrays, the archives' files, long tables."""

from profond.data.series._arrays import series_from_arrays
from profond.data.series._frames import series_from_frame
from profond.data.series._npz import read_series_npz
from profond.data.series._open import BUNDLED_SERIES, open_series
from profond.data.series._preprocessor import PADDING, SeriesPreprocessor
from profond.data.series._resampling import resampled
from profond.data.series._series_set import SeriesSet
from profond.data.series._slicing import over_slices, window_slices
from profond.data.series._ts import read_ts
from profond.data.series._ucr import read_ucr
from profond.data.series._warping import window_warping

__all__ = [
    "BUNDLED_SERIES",
    "PADDING",
    "SeriesPreprocessor",
    "SeriesSet",
    "open_series",
    "over_slices",
    "read_series_npz",
    "read_ts",
    "read_ucr",
    "resampled",
    "series_from_arrays",
    "series_from_frame",
    "window_slices",
    "window_warping",
]
