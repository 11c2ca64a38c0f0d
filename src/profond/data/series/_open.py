"""Series from whatever people have them in."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from profond._lookup import nearest
from profond.data.series._arrays import series_from_arrays
from profond.data.series._frames import series_from_frame
from profond.data.series._joined import joined
from profond.data.series._npz import read_npz
from profond.data.series._series_set import SeriesSet
from profond.data.series._ts import read_ts
from profond.data.series._ucr import read_ucr

BUNDLED: Mapping[str, str] = {
    "gun_point": "200 movements of a hand, 150 steps: drawing a gun (1) or pointing (2); UCR "
    "archive (Dau et al. 2019), from Ratanamahatana and Keogh",
}
_READERS: Mapping[str, Callable[[Path], SeriesSet]] = {
    ".ts": read_ts, ".npz": read_npz, ".tsv": read_ucr, ".txt": read_ucr, ".csv": read_ucr,
}  # fmt: skip
_COMPRESSED = (".gz", ".bz2", ".xz")
_TABLES = (".csv", ".tsv", ".txt", ".parquet", ".xlsx")
_PAIR = ("_TRAIN", "_TEST")


def open_series(
    source: Any,
    *,
    series_column: str | None = None,
    time_column: str | None = None,
    label_column: str | None = None,
    with_test: bool = False,
) -> SeriesSet:
    """Series from a file, a bundled set, arrays, or a long table.

    Args:
        source: A path: `.ts`; `.tsv`, `.txt` or `.csv` of the UCR archive (the label first, no
            header); `.npz` (see `read_npz`). A bundled set ("gun_point"). A `SeriesSet`, an array,
            or a list of arrays (see `series_from_arrays`). A data frame, or the path of a table,
            where `series_column` and `time_column` are given (see `series_from_frame`).
        series_column: In a long table, the column that tells the series.
        time_column: In a long table, the column of times.
        label_column: In a long table, the column of labels.
        with_test: Whether to read `NAME_TEST` with `NAME_TRAIN`, if it lies beside it; `part`
            then says which series are which.

    Returns:
        The series; `source` is the path.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it cannot be read.
    """
    long = series_column is not None or time_column is not None
    if long and (series_column is None or time_column is None):
        raise ValueError(
            "A long table needs both `series_column` and `time_column`; received "
            f"{series_column!r} and {time_column!r}."
        )
    if isinstance(source, SeriesSet):
        return source
    if not isinstance(source, str | os.PathLike):
        if not long:
            return series_from_arrays(source)
        return _from_table(source, "", str(series_column), str(time_column), label_column)
    path = Path(source)
    if str(source) in BUNDLED and not path.exists():
        with as_file(files("profond.data") / "bundled" / f"{source}.npz") as file:
            return replace(read_npz(file, called=str(source)), source=str(source))
    if not path.is_file():
        raise FileNotFoundError(_absent(path))
    if long:
        from profond.data._table import open_table

        table = open_table(os.fspath(path))
        found = _from_table(
            table.frame, path.stem, str(series_column), str(time_column), label_column
        )
        return replace(found, source=str(path))
    found = _read(path)
    other = _test_of(path) if with_test else None
    if other is None:
        return replace(found, source=str(path))
    both = joined([found, _read(other)], ["train", "test"])
    note = f"{other.name}, which lies beside it, is the test part."
    return replace(both, source=str(path), notes=(note, *both.notes))


def _read(path: Path) -> SeriesSet:
    suffix = _suffix(path)
    if suffix not in _READERS:
        known = ", ".join(_READERS)
        table = ""
        if suffix in _TABLES:
            table = " A long table needs the names of its columns: `series_column`, `time_column`."
        raise ValueError(f"Series are read from {known} files; received {path.name!r}.{table}")
    return _READERS[suffix](path)


def _suffix(path: Path) -> str:
    """The suffix in lower case, without that of a compression."""
    plain = path.with_suffix("") if path.suffix.lower() in _COMPRESSED else path
    return plain.suffix.lower()


def _test_of(path: Path) -> Path | None:
    """The file of the test part beside that of a training part, if there is one."""
    train, test = _PAIR
    for one, other in ((train, test), (train.lower(), test.lower())):
        if one in path.name:
            beside = path.with_name(other.join(path.name.rsplit(one, 1)))
            return beside if beside.is_file() else None
    return None


def _from_table(
    frame: Any, name: str, series_column: str, time_column: str, label_column: str | None
) -> SeriesSet:
    return series_from_frame(
        frame,
        id_column=series_column,
        time_column=time_column,
        label_column=label_column,
        name=name,
    )


def _absent(path: Path) -> str:
    guess = nearest(str(path), BUNDLED)
    hint = f" Did you mean the bundled set {guess!r}?" if guess else ""
    return f"There is no file {str(path)!r}, nor a bundled set of series of this name.{hint}"
