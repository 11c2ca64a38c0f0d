"""Time series in: arrays, the archives' files, long tables."""

from profond.data.series._arrays import series_from_arrays
from profond.data.series._frames import series_from_frame
from profond.data.series._npz import read_series_npz
from profond.data.series._open import BUNDLED_SERIES, open_series
from profond.data.series._series_set import SeriesSet
from profond.data.series._ts import read_ts
from profond.data.series._ucr import read_ucr

__all__ = [
    "BUNDLED_SERIES",
    "SeriesSet",
    "open_series",
    "read_series_npz",
    "read_ts",
    "read_ucr",
    "series_from_arrays",
    "series_from_frame",
]
