"""Time series in: arrays, the archives' files, long tables."""

from profond.data.series._arrays import series_from_arrays
from profond.data.series._frames import series_from_frame
from profond.data.series._series_set import SeriesSet
from profond.data.series._slicing import over_slices, window_slices
from profond.data.series._ts import read_ts
from profond.data.series._ucr import read_ucr
from profond.data.series._warping import window_warping

__all__ = [
    "SeriesSet",
    "over_slices",
    "read_ts",
    "read_ucr",
    "series_from_arrays",
    "series_from_frame",
    "window_slices",
    "window_warping",
]
