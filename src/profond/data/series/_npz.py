"""Series from an `.npz` file of numpy."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from profond.data.series._arrays import series_from_arrays
from profond.data.series._joined import joined
from profond.data.series._series_set import SeriesSet

_SERIES, _LABELS, _LENGTHS = ("X", "x", "data"), ("y", "Y", "labels"), ("len", "lengths")


def read_npz(path: str | Path, *, called: str | None = None) -> SeriesSet:
    """Series from arrays that `numpy.savez` wrote.

    The arrays are called `X` and `y`, or `X_train`, `y_train`, `X_test` and `y_test`: then
    `part` says which series are which. `X` has the shape (n, time) or (n, time, channels), NaN or
    the numbers in `len` (`len_train`, `len_test`) tell where shorter series end. Where there are
    `classes`, labels that are whole numbers are places in them.

    Args:
        path: The file. Nothing in it is run as code: arrays of objects are refused.
        called: The name of the set; that of the file when None.

    Returns:
        The series.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it holds no such arrays, or they do not fit together.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (ValueError, zipfile.BadZipFile, EOFError, KeyError) as error:
        raise ValueError(f"{path.name} is no .npz file of plain arrays: {error}.") from error
    name = path.stem if called is None else called
    parts = [part for part in ("train", "test") if _named(arrays, _SERIES, f"_{part}") is not None]
    if parts:
        return joined([_one(arrays, f"_{part}", name, path.name) for part in parts], parts)
    if _named(arrays, _SERIES) is None:
        raise ValueError(
            f"{path.name} must hold an array X, or X_train and X_test; received "
            f"{', '.join(arrays) or 'none'}."
        )
    return _one(arrays, "", name, path.name)


def _one(arrays: dict[str, Any], end: str, name: str, file: str) -> SeriesSet:
    labels, classes = _named(arrays, _LABELS, end), arrays.get("classes")
    if labels is not None and classes is not None and labels.dtype.kind in "iu":
        if labels.min(initial=0) < 0 or labels.max(initial=0) >= len(classes):
            raise ValueError(
                f"{file}: labels must be places in `classes`, from 0 to {len(classes) - 1}; "
                f"received {labels.min()} to {labels.max()}."
            )
        spelled = [_spelled(one) for one in classes.tolist()]
        labels = np.array([spelled[place] for place in labels], dtype=object)
    lengths = _named(arrays, _LENGTHS, end)
    values = _named(arrays, _SERIES, end)
    return series_from_arrays(values, labels, lengths=lengths, name=name)


def _named(arrays: dict[str, Any], names: tuple[str, ...], end: str = "") -> Any:
    return next((arrays[name + end] for name in names if name + end in arrays), None)


def _spelled(label: Any) -> str:
    """A class as text, whole numbers without a point."""
    whole = isinstance(label, float) and label.is_integer()
    return str(int(label)) if whole else str(label)
