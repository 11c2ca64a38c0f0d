"""Open series, whatever form they have."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from profond._lookup import nearest
from profond.data._bundled import bundled_file
from profond.data._conversion import column_of
from profond.data._fetch import given_folder
from profond.data._frames import pandas_frame
from profond.data._text import decode, decompress
from profond.data.series._arrays import series_from_arrays
from profond.data.series._frames import series_from_frame
from profond.data.series._joined import joined
from profond.data.series._npz import read_series_npz
from profond.data.series._series_set import SeriesSet
from profond.data.series._ts import read_ts
from profond.data.series._ucr import read_ucr

BUNDLED_SERIES = ("gun_point",)
_SUFFIXES = (".ts", ".tsv", ".txt", ".csv", ".npz", ".npy")
_TABLES = (".parquet", ".xlsx")
_COMPRESSED = (".gz", ".bz2", ".xz")
_IDS = ("id", "series", "series_id", "case", "case_id", "sample", "sample_id")
_TIMES = ("time", "t", "step", "timestamp", "date", "datetime")
_LABELS = ("label", "class", "target", "y", "category")


def open_series(
    source: Any,
    labels: Any = None,
    *,
    id_column: str | None = None,
    time_column: str | None = None,
    label_column: str | None = None,
    pair: bool = True,
) -> SeriesSet:
    """A set of series from anything that holds some.

    Args:
        source: One of

            - a path of a `.ts` file, of a text file of the UCR archive (`.tsv`, `.txt`, `.csv`;
              they may be compressed), or of a `.npz` or `.npy` file;
            - a path of a text table with a row for each step and columns id and time, or with a
              row for each series; or a data frame of either form;
            - NAME_TRAIN.ts (or .tsv, ...) beside NAME_TEST.ts, or a folder with both, which are
              then the parts of one set; NAME_TEST alone is read alone;
            - an array (n, time[, channels]), a list of arrays, or `(x, y)`;
            - "gun_point", which is inside the package, or the name of a `.npz` file in the
              folders `ucr` and `series` below `PROFOND_DATA`;
            - a `SeriesSet`, which comes back as it is.
        labels: One per series, for arrays.
        id_column: Column of a table that tells the series; None takes one called id, series, ...
        time_column: Column by which the steps are ordered; None takes one called time, t, ...
        label_column: Column of labels; None takes one called label, class, target, ...
        pair: Whether NAME_TEST is read with NAME_TRAIN.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If there are no series in it, or `labels` are given for what has its own.
    """
    columns = {"id_column": id_column, "time_column": time_column, "label_column": label_column}
    if isinstance(source, SeriesSet):
        return source
    if isinstance(source, str | Path):
        if labels is not None:
            raise ValueError(
                "`labels` are given with arrays; received them with a path, "
                f"{str(source)!r}, whose file tells the labels."
            )
        found = _open_path(Path(source), str(source), columns, pair)
        return replace(found, source=str(source))
    frame = pandas_frame(source)
    if frame is not None and labels is None:
        return _from_table(frame, columns, "")
    if isinstance(source, tuple) and len(source) == 2 and labels is None and _is_pair(source):
        source, labels = source
    return series_from_arrays(source, labels)


def _is_pair(source: tuple[Any, Any]) -> bool:
    """Whether a tuple is series and labels, not two series."""
    x, y = source
    if isinstance(x, list | tuple):
        return np.ndim(x[0]) > 0 if len(x) else True
    return np.ndim(x) in (2, 3) and np.ndim(y) == 1


def _open_path(path: Path, given: str, columns: dict[str, Any], pair: bool) -> SeriesSet:
    if given.startswith(("http://", "https://")):
        raise ValueError(f"{given} is a web address; download the file and give its path.")
    if not path.exists() and given in BUNDLED_SERIES:
        with bundled_file(f"{given}.npz") as file:
            return read_series_npz(file)
    if path.is_dir():
        return _from_folder(path, given, columns)
    if not path.exists():
        if file := file_of_set(given):
            in_one = file.suffix == ".npz" and not file.stem.endswith("_TRAIN")
            return read_series_npz(file) if in_one else _read_pair(file, columns, True)
        raise FileNotFoundError(_not_found(path, given))
    return _read_pair(path, columns, pair)


def file_of_set(given: str) -> Path | None:
    """The file of a set that is given by its name, which is no path; None if there is none.

    It is `NAME.npz` in the folders `ucr` and `series` below `PROFOND_DATA`, or NAME_TRAIN.
    """
    for folder in ("ucr", "series"):
        root = given_folder(folder)
        if root and (root / f"{given}.npz").is_file():
            return root / f"{given}.npz"
    return _with_suffix(Path(given), "_TRAIN")


def _from_folder(folder: Path, given: str, columns: dict[str, Any]) -> SeriesSet:
    """The set of the one NAME_TRAIN in a folder, as the archives are unpacked."""
    found = [
        one for one in sorted(folder.iterdir()) if _stem(one).endswith("_TRAIN") and _known(one)
    ]
    # The UEA archive has the same set as .arff and .ts, which are not read or are the same.
    if len({_stem(one) for one in found}) != 1:
        shown = ", ".join(sorted({_stem(one) for one in found})) or "none"
        raise ValueError(
            f"The folder {given!r} must hold one file NAME_TRAIN (.ts, .tsv, .txt, .npz); found "
            f"{shown}. Give the path of a file."
        )
    found.sort(key=lambda one: _SUFFIXES.index(_suffix(one)))
    return _read_pair(found[0], columns, True)


def _read_pair(path: Path, columns: dict[str, Any], pair: bool) -> SeriesSet:
    """A file, with the one beside it if it is NAME_TRAIN and there is NAME_TEST."""
    train = _read(path, columns)
    name = path.name
    if not pair or "_TRAIN" not in name or train.part is not None:
        return train
    test = path.with_name("_TEST".join(name.rsplit("_TRAIN", 1)))
    if not test.is_file():
        return train
    return joined({"train": train, "test": _read(test, columns)})


def _read(path: Path, columns: dict[str, Any]) -> SeriesSet:
    """One file, by its suffix and its first lines."""
    suffix = _suffix(path)
    if suffix == ".npz":
        return read_series_npz(path)
    if suffix == ".npy":
        try:
            return series_from_arrays(np.load(path, allow_pickle=False), name=_stem(path))
        except (ValueError, EOFError) as error:
            raise ValueError(f"{path.name}: {error}") from error
    if suffix == ".arff":
        raise ValueError(f"{path.name}: .arff files are not read; give the .ts file of the set.")
    if suffix not in _TABLES:
        text, _ = decode(decompress(path.read_bytes(), path.name), path.name)
        lines = (line.strip() for line in text.split("\n"))
        first = next((line for line in lines if line and not line.startswith(("#", "%"))), "")
        if suffix == ".ts" or first.startswith("@"):
            return read_ts(path)
        if not any(columns.values()) and _holds_numbers(first):
            return read_ucr(path)
    from profond.data._table import open_table

    table = open_table(path)
    return _from_table(table.frame, columns, table.name)


def _holds_numbers(line: str) -> bool:
    """Whether all fields but the first, which is the label, are numbers."""
    mark = "\t" if "\t" in line else "," if "," in line else None
    fields = [field.strip() for field in line.split(mark)][1:]
    try:
        [float("nan" if field == "?" else field) for field in fields if field]
    except ValueError:
        return False
    return True


def _from_table(frame: pd.DataFrame, columns: dict[str, Any], name: str) -> SeriesSet:
    """A table with a row for each step, or for each series."""
    names = {str(one).strip().lower(): one for one in reversed(list(frame.columns))}

    def usual(kind: str, known: tuple[str, ...]) -> Any:
        return columns[kind] or next((names[one] for one in known if one in names), None)

    ids, times = usual("id_column", _IDS), usual("time_column", _TIMES)
    labels = usual("label_column", _LABELS)
    if ids is not None and times is not None:
        return series_from_frame(
            frame, id_column=ids, time_column=times, label_column=labels, name=name
        )
    if columns["id_column"] or columns["time_column"]:
        lacking = "time_column" if times is None else "id_column"
        raise ValueError(
            f"`{lacking}` must be given too: a table with a row for each step has a column that "
            "tells the series and one that tells the time."
        )
    if labels is not None and labels not in frame.columns:
        near = nearest(str(labels), map(str, frame.columns))
        raise ValueError(
            f"There is no column {labels!r}" + (f"; did you mean {near!r}?" if near else ".")
        )
    values = frame.drop(columns=[one for one in (ids, labels) if one is not None])
    other = [str(one) for one in values.columns if not pd.api.types.is_numeric_dtype(values[one])]
    if other or not len(values.columns):
        raise ValueError(
            "A table of series must have a row for each step, with columns id and time (name them "
            "with `id_column` and `time_column`), or a row for each series, all columns but the "
            f"label numbers; column {other[0] if other else 'none'!r} is not."
        )
    return series_from_arrays(
        values.to_numpy(np.float64),
        None if labels is None else column_of(frame, str(labels)),
        name=name,
    )


def _suffix(path: Path) -> str:
    """The suffix before that of a compression, in small letters."""
    plain = [one.lower() for one in path.suffixes if one.lower() not in _COMPRESSED]
    return plain[-1] if plain else ""


def _known(path: Path) -> bool:
    return _suffix(path) in _SUFFIXES


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def _with_suffix(path: Path, end: str) -> Path | None:
    """The file `path` + `end` with a known suffix, if there is one."""
    if not path.parent.is_dir():
        return None
    for suffix in _SUFFIXES:
        for compressed in ("", *_COMPRESSED):
            file = path.with_name(path.name + end + suffix + compressed)
            if file.is_file():
                return file
    return None


def _not_found(path: Path, given: str) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"There is no file {given!r}: the folder {str(folder)!r} does not exist."
    beside = nearest(path.name, [one.name for one in folder.iterdir()])
    near = str(folder / beside) if beside else nearest(given, BUNDLED_SERIES)
    hint = f" Did you mean {near!r}?" if near else ""
    return f"There is no file {given!r}.{hint} Bundled sets: {', '.join(BUNDLED_SERIES)}."
