"""Images that a table names, with their labels."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from profond._lookup import nearest
from profond.data._frames import pandas_frame
from profond.data._parts import PART_NAMES
from profond.data._text import decode, decompress, parse_text
from profond.data.images._encoded import encoded_pixels, listed
from profond.data.images._folder import SUFFIXES, notes_of_classes
from profond.data.images._image_set import ImageSet

_PATHS = ("path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path")
_LABELS = ("label", "labels", "class", "target", "category", "y")
_SPLITS = ("part", "split", "set", "subset")


def images_from_csv(
    path: Any,
    *,
    path_column: str | None = None,
    label_column: str | None = None,
    part_column: str | None = None,
    folder: str | Path | None = None,
    broken: str = "skip",
    channels: int | None = None,
    verbose: bool = True,
) -> ImageSet:
    """The images that a table names in one column, with labels in another.

    Args:
        path: A CSV or TSV file (its encoding and separator are detected), or a data frame.
        path_column: Column of the image files; None takes one called path, file, filename,
            image, ..., else the first.
        label_column: Column of the labels; None takes one called label, class, target, ...; else
            of a table of two columns the other one; else there are no labels.
        part_column: Column that says "train", "test" or "validation"; None takes one called
            part, split, set or subset.
        folder: Folder that relative paths start from; None takes that of the CSV file.
        broken: "skip" leaves out images that cannot be read or are not there, with a note;
            "error" refuses them.
        channels: 1 (grey) or 3 (colours); None takes 1 if all images are grey, else 3.
        verbose: Whether a bar is shown on a terminal where looking at the files takes more than a
            second.

    Returns:
        The images in the order of the rows. Labels that are all numbers are numbers: whole ones
        int64, others float64.

    Raises:
        FileNotFoundError: If there is no such CSV file.
        ValueError: If a column is not there, a path or a label is missing, a file is named twice
            with different labels, or no image can be read.
    """
    frame, name, base = _table(path)
    base = Path(folder) if folder is not None else base
    columns = [str(one) for one in frame.columns]
    paths_in = _column(path_column, columns, _PATHS) or columns[0]
    parts_in = _column(part_column, columns, _SPLITS)
    labels_in = _column(label_column, columns, _LABELS)
    if labels_in is None:
        rest = [one for one in columns if one not in (paths_in, parts_in)]
        labels_in = rest[0] if len(rest) == 1 else None
    texts = _texts(frame, paths_in, name)
    labels = None if labels_in is None else _labels(_texts(frame, labels_in, name))
    part = None if parts_in is None else _parts(_texts(frame, parts_in, name), parts_in, name)
    rows, notes = _once(texts, labels, name)
    files = [_file(base, texts[i]) for i in rows]
    pixels, good, more = encoded_pixels(
        files, [texts[i] for i in rows], broken=broken, channels=channels, verbose=verbose
    )
    rows = rows[good]
    labels = None if labels is None else labels[rows]
    part = None if part is None else part[rows]
    classes: tuple[str, ...] = ()
    if labels is not None and labels.dtype == object:
        classes = tuple(sorted(set(labels.tolist())))
    if labels is not None and labels.dtype.kind == "f":
        about = ()
    else:
        about = notes_of_classes(labels, part)
    return ImageSet(
        pixels,
        labels,
        part,
        names=tuple(texts[i] for i in rows),
        name=Path(name).name.split(".")[0],
        classes=classes,
        notes=(*notes, *more, *about),
    )


def _table(source: Any) -> tuple[pd.DataFrame, str, Path]:
    """The columns as text, what messages call the table, and the folder of its paths."""
    frame = pandas_frame(source)
    if frame is not None:
        if frame.empty:
            raise ValueError("The table has no rows.")
        return frame, "the table", Path()
    file = Path(source)
    if not file.is_file():
        raise FileNotFoundError(f"There is no file {str(source)!r}.")
    text, _ = decode(decompress(file.read_bytes(), file.name), file.name)
    parsed = parse_text(text, file.name, names=(*_PATHS, *_LABELS, *_SPLITS))
    if any(Path(str(one)).suffix.lower() in SUFFIXES for one in parsed.frame.columns):
        parsed = parse_text(text, file.name, header=False)  # an image file is no column's name
    if parsed.frame.empty:
        raise ValueError(f"{file.name} has no rows.")
    return parsed.frame, file.name, file.parent


def _file(base: Path, text: str) -> Path:
    """The file that a table names, with or without its suffix."""
    path = base / text
    if path.suffix.lower() not in SUFFIXES and not path.exists():
        for suffix in (".jpg", ".jpeg", ".png"):
            if (named := path.with_name(path.name + suffix)).exists():
                return named
    return path


def _column(given: str | None, columns: list[str], usual: tuple[str, ...]) -> str | None:
    """The column that is asked for, or that has a usual name.

    Raises:
        ValueError: If there is none of the given name.
    """
    if given is not None:
        if given not in columns:
            guess = nearest(str(given), columns)
            hint = f"did you mean {guess!r}?" if guess else f"there are {', '.join(columns)}."
            raise ValueError(f"There is no column {given!r}; {hint}")
        return given
    lowered = {one.strip().lower(): one for one in reversed(columns)}
    return next((lowered[one] for one in usual if one in lowered), None)


def _texts(frame: pd.DataFrame, column: str, name: str) -> list[str]:
    """A column as text.

    Raises:
        ValueError: If a value is missing.
    """
    values = frame.set_axis(list(map(str, frame.columns)), axis=1)[column]
    texts = ["" if value is None or value != value else str(value).strip() for value in values]
    missing = [i for i, text in enumerate(texts) if not text]
    if missing:
        more = f" and {len(missing) - 1} more row(s)" if len(missing) > 1 else ""
        raise ValueError(f"Column {column!r} of {name} has no value in row {missing[0] + 1}{more}.")
    return texts


def _labels(texts: list[str]) -> np.ndarray:
    """Labels as numbers where all are, else as text."""
    try:
        numbers = np.array([float(text) for text in texts])
    except ValueError:
        return np.array(texts, dtype=object)
    if any(text.isdigit() and len(text) > 1 and text[0] == "0" for text in texts):
        return np.array(texts, dtype=object)  # 007 is a name
    whole = all(text.lstrip("+-").isdigit() for text in texts)
    return np.array([int(text) for text in texts]) if whole else numbers


def _parts(texts: list[str], column: str, name: str) -> np.ndarray:
    """Marks as "train", "test" and "validation"."""
    for i, text in enumerate(texts):
        if text.lower() not in PART_NAMES:
            raise ValueError(
                f"Column {column!r} of {name} must say train, test or validation; received "
                f"{text!r} in row {i + 1}. Choose another column with `part_column`."
            )
    return np.array([PART_NAMES[text.lower()] for text in texts])


def _once(
    texts: list[str], labels: np.ndarray | None, name: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The first row of each file.

    Raises:
        ValueError: If a file stands there twice with different labels.
    """
    first: dict[str, int] = {}
    again: list[str] = []
    for i, text in enumerate(texts):
        if text not in first:
            first[text] = i
            continue
        j = first[text]
        if labels is not None and labels[i] != labels[j]:
            raise ValueError(
                f"{name} names {text!r} in rows {j + 1} and {i + 1}, with the labels "
                f"{str(labels[j])!r} and {str(labels[i])!r}; an image has one label."
            )
        again.append(text)
    rows = np.array(list(first.values()))
    if not again:
        return rows, ()
    return rows, (f"{len(again)} row(s) that name a file again left out: {listed(again)}.",)
