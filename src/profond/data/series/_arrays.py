"""Series from arrays: rectangular ones, padded with NaN or not, and lists of unequal lengths."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from profond.data._labels import as_labels
from profond.data.series._series_set import SeriesSet, note_of_missing, padded


def series_from_arrays(
    values: Any,
    labels: Any = None,
    *,
    lengths: Any = None,
    channels: Sequence[str] = (),
    name: str = "",
) -> SeriesSet:
    """A set of series from arrays.

    Where the lengths are not told, steps at the end at which all channels are NaN are padding
    (the form of tslearn and of the UCR archive). In a list of arrays of different lengths, and
    where `lengths` are given, each series ends where it is said to end, and NaN is a missing
    value.

    Args:
        values: An array (n, time) or (n, time, channels), a torch tensor or a data frame with a
            series in each row; or a list of arrays (time,) or (time, channels) of any lengths.
        labels: One per series: class names, codes, or numbers to predict.
        lengths: Steps of each series of an array, the rest being padding.
        channels: Name of each channel.
        name: A short name of the set.

    Returns:
        The series; float32 stays float32, all else becomes float64.

    Raises:
        ValueError: If there is no series, one is of length 0 or all NaN, they have different
            numbers of channels, a value is not a real number, a label is missing, or `lengths` and
            `labels` do not fit.
        TypeError: If a value is of a type that is no number.
    """
    ragged, array = _as_array(values)
    notes: list[str] = []
    if ragged:
        if lengths is not None:
            raise ValueError(
                "`lengths` are those of a rectangular array; received them with a list of arrays "
                "of different lengths, which tell their own."
            )
        kept, ends = padded(ragged)
    else:
        assert array is not None
        ends = _ends_given(lengths, array) if lengths is not None else _ends_by_nan(array)
        longest = int(ends.max(initial=0))
        if lengths is None and (ends < array.shape[1]).any():
            notes.append(
                f"NaN at the end is padding: the series have {ends.min()} to {longest} steps."
            )
        kept = array[:, :longest]
        beyond = np.arange(longest) >= ends[:, None]
        if beyond.any():
            kept = np.where(beyond[..., None], kept.dtype.type(0), kept)
    channels = tuple(channels)
    if channels and len(channels) != kept.shape[2]:
        raise ValueError(
            f"`channels` must name the {kept.shape[2]} channels of the series; received "
            f"{len(channels)} names: {', '.join(map(repr, channels))}."
        )
    return SeriesSet(
        kept,
        ends,
        None if labels is None else as_labels(labels),
        channels=channels,
        name=name,
        notes=(*notes, *note_of_missing(kept, ends)),
    )


def _as_array(values: Any) -> tuple[list[np.ndarray], np.ndarray | None]:
    """A list of arrays (steps, channels) of different lengths, or else one array."""
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    elif hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    if isinstance(values, np.ndarray) and values.dtype != object:
        return [], _with_channels(_as_floats(values, "values"))
    series = [_one(one, i) for i, one in enumerate(values)]
    if not series:
        raise ValueError("There must be at least one series; received none.")
    for i, one in enumerate(series):
        if one.shape[1] != series[0].shape[1]:
            raise ValueError(
                "All series must have the same number of channels; received "
                f"{series[0].shape[1]} in series 1 and {one.shape[1]} in series {i + 1}. Each is "
                "an array (time,) or (time, channels)."
            )
        if not len(one):
            raise ValueError(f"Series {i + 1} is of length 0. Leave it out.")
    if len({len(one) for one in series}) == 1:
        return [], np.stack(series)
    return series, None


def _one(values: Any, i: int) -> np.ndarray:
    """One series of a list, (steps, channels)."""
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    elif hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    one = _as_floats(values, f"series {i + 1}")
    if one.ndim not in (1, 2):
        raise ValueError(
            "Each series of a list must be an array (time,) or (time, channels); received the "
            f"shape {one.shape} for series {i + 1}. One series alone is given as `[series]`."
        )
    return one[:, None] if one.ndim == 1 else one


def _as_floats(values: Any, called: str) -> np.ndarray:
    """Numbers as float32 if they are, else as float64."""
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "fiub":
            if array.dtype.kind != "O":
                raise ValueError(f"{array.dtype} is no type of real numbers")
            array = array.astype(np.float64)
    except (TypeError, ValueError) as error:
        wrong = type(error)  # a TypeError for what is no number at all
        raise wrong(f"Series must hold numbers; {called}: {error}.") from error
    return array if array.dtype == np.float32 else array.astype(np.float64, copy=False)


def _with_channels(array: np.ndarray) -> np.ndarray:
    """(n, time, channels) of an array that may have no axis of channels."""
    if array.ndim not in (2, 3):
        raise ValueError(
            "`values` must have the shape (series, time) or (series, time, channels); received "
            f"{array.shape}. One series alone is `values[None]`."
        )
    if not len(array):
        raise ValueError("There must be at least one series; received none.")
    return array[..., None] if array.ndim == 2 else array


def _ends_by_nan(array: np.ndarray) -> np.ndarray:
    """Steps of each series up to the last that is not all NaN.

    Raises:
        ValueError: If all values of a series are NaN.
    """
    n, time, channels = array.shape
    if not time or not channels:
        return np.full(n, time)
    ends = np.full(n, time)
    # Most often no series ends with NaN, and the last step tells that.
    short = np.flatnonzero(np.isnan(array[:, -1]).all(-1))
    if short.size:
        present = np.any(~np.isnan(array[short]), axis=2)
        last = time - np.argmax(present[:, ::-1], axis=1)
        ends[short] = np.where(np.any(present, axis=1), last, 0)
    for i in np.flatnonzero(ends == 0):
        raise ValueError(f"Series {i + 1} has no value: all are missing (NaN). Leave it out.")
    return ends


def _ends_given(lengths: Any, array: np.ndarray) -> np.ndarray:
    """`lengths` as integers.

    Raises:
        ValueError: If they are not one whole number from 1 to `time` for each series.
    """
    ends = np.asarray(lengths)
    n, time = array.shape[:2]
    fit = ends.shape == (n,) and ends.dtype.kind in "iu"
    if not fit or ends.min() < 1 or ends.max() > time:
        raise ValueError(
            f"`lengths` must be {n} whole numbers from 1 to {time}, one per series; received "
            f"{lengths!r}."
        )
    return ends.astype(np.int64)
