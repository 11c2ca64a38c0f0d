"""Series at another number of steps."""

from dataclasses import replace

import numpy as np

from profond.data.series._series_set import SeriesSet


def resampled(series: SeriesSet, steps: int) -> SeriesSet:
    """Every series at `steps` equal steps from its first value to its last, by straight lines.

    Args:
        series: The series, of any lengths.
        steps: How many steps each is to have, >= 1; of a single one, the first value is kept.

    Returns:
        Series of equal lengths; a missing value makes those beside it missing.

    Raises:
        ValueError: If `steps` is no whole number of at least 1.
    """
    if not isinstance(steps, int | np.integer) or steps < 1:
        raise ValueError(f"`steps` must be a whole number of at least 1; received {steps!r}.")
    values = np.zeros((len(series), steps, series.values.shape[2]), series.values.dtype)
    for i, length in enumerate(series.lengths):
        places = np.linspace(0, length - 1, steps)
        before = np.minimum(places.astype(int), max(length - 2, 0))
        share = (places - before)[:, None]
        one = series.one(i)
        after = one[np.minimum(before + 1, length - 1)]
        # A share of 0 leaves the other value out, which may be missing.
        values[i] = np.where(share == 0, one[before], one[before] * (1 - share) + after * share)
        values[i] = np.where(share == 1, after, values[i])
    return replace(series, values=values, lengths=np.full(len(series), steps))
