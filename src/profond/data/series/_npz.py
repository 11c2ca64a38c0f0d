"""Series from .npz files, with or without a split."""

from dataclasses import replace
from pathlib import Path

from profond.data._labels import as_labels, named_labels
from profond.data._npz import arrays_by_part, npz_arrays
from profond.data.series._arrays import series_from_arrays
from profond.data.series._joined import joined
from profond.data.series._series_set import SeriesSet

_X = ("x", "values", "series", "data")
_Y = ("y", "labels", "label", "targets", "target")
_LENGTHS = ("len", "lengths", "length")


def read_series_npz(path: str | Path) -> SeriesSet:
    """Series from a `.npz` file.

    Known are the arrays `X` (n, time) or (n, time, channels) and `y`, or with a split `X_train`,
    `y_train`, `X_test`, `y_test`; `len` or `len_train`, ... tell lengths (else NaN at the end of
    a series is padding); `classes` names the classes of codes; `channels` the channels.

    Args:
        path: The file. Objects in it are not loaded, as that would run code from it.

    Returns:
        The series, with their parts where the file splits them.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no `.npz` file, or holds none of these.
    """
    path = Path(path)
    arrays = npz_arrays(path)
    inputs, labels = arrays_by_part(arrays, _X), arrays_by_part(arrays, _Y)
    lengths = arrays_by_part(arrays, _LENGTHS)
    classes = [_spelled(one) for one in arrays.get("classes", [])]
    channels = tuple(map(str, arrays.get("channels", ())))
    if not inputs:
        raise ValueError(
            f"{path.name}: there must be an array 'X', or 'X_train' and 'X_test'; it holds "
            f"{', '.join(sorted(arrays)) or 'nothing'}."
        )
    for name, found in (("labels", labels), ("lengths", lengths)):
        if found and set(found) != set(inputs):
            raise ValueError(
                f"{path.name}: series and {name} must have the same parts; received series "
                f"{sorted(inputs)} and {name} {sorted(found)}."
            )
    try:
        sets = {
            part: series_from_arrays(
                x,
                named_labels(as_labels(labels[part]), classes) if labels else None,
                lengths=lengths.get(part),
                channels=channels,
                name=path.name.split(".")[0],
            )
            for part, x in inputs.items()
        }
        made = joined(sets) if list(sets) != [""] else sets[""]
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return replace(made, classes=tuple(classes))


def _spelled(label: object) -> str:
    """A class name as text, whole numbers without a point: 1.0 is "1"."""
    whole = isinstance(label, float) and float(label).is_integer()
    return str(int(label)) if whole else str(label)  # pyright: ignore[reportArgumentType]
