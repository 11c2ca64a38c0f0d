"""Open a table from a file, a bundled set or a data frame, columns typed and named."""

import contextlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from profond._lookup import nearest
from profond._typed_tab import typed_separator
from profond.data._bundled import BUNDLED, bundled_bytes
from profond.data._conversion import column_of, convert_text_columns
from profond.data._frames import pandas_frame
from profond.data._reading import Reading
from profond.data._text import decode, decompress, parse_text

_ALL_BUNDLED = (*BUNDLED, "gun_point", "digits")  # tables, series, images: what a typo may mean
_SUFFIXES = (".gz", ".bz2", ".xz", ".csv", ".tsv", ".txt", ".data", ".parquet", ".xlsx")
_INDEX_NAMES = {"", "index", "id", "rownames", "row_names", "unnamed: 0"}
_FIRST = "column_1"  # what a first column without a name is called


@dataclass(frozen=True)
class Table:
    """A table that was read, and what was found out on the way.

    Attributes:
        frame: The rows; number columns are numbers, date columns dates, the rest text.
        name: A short name, for folders and titles.
        source: Where it came from, for messages and reports.
        target: The usual target column of a bundled set, else None.
        notes: What was recognised or left out, one sentence each.
        readings: How each text column that was read as numbers or dates was read.
        labels: The number columns with a unit as they stand in the file, should they be classes.
        sheets: Sheets of the workbook that were not read.
        separator: The character between the fields of a text file.
        renamed: New names of columns whose name stood twice in a text or Excel file.
    """

    frame: pd.DataFrame
    name: str
    source: str
    target: str | None = None
    notes: tuple[str, ...] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)
    labels: Mapping[str, pd.Series] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    separator: str | None = None
    renamed: tuple[str, ...] = ()


def open_table(
    source: Any,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    sheet: str | int | None = None,
    header: bool | None = None,
    missing: Iterable[str] = (),
    readings: Mapping[str, Reading] | None = None,
    names: Iterable[str] = (),
) -> Table:
    """Open a table and find out how it is written.

    The kind of a file is told by its first bytes: Parquet, Excel (.xlsx), or text, which may be
    compressed (gzip, bzip2, xz) and whose encoding, separator, decimal mark, thousands, header
    and dates are detected. A leading column without a name, or named like an index, that counts
    the rows is taken off.

    Args:
        source: A path, the name of a bundled set ("boston", "iris"), or a pandas or polars
            data frame.
        separator: Character between the fields of a text file ("tab" for a tab); detected when
            None.
        decimal: Decimal mark of a text file, "." or ","; detected when None.
        encoding: Encoding of a text file; detected when None.
        sheet: Sheet of an Excel file, by name or by place; the first when None.
        header: Whether the first row of a text file holds the names; detected when None.
        missing: Texts that mean "missing" beside the usual ones (empty, NA, null, ?, ...).
        readings: How the columns are read, by name, as a kept model knows them; detected when
            None. A column whose name differs in its capital letters takes the known name.
        names: Columns that the table is known to have, as evidence of its header.

    Raises:
        FileNotFoundError: If there is no such file or set; the message has near names.
        ValueError: If the file cannot be read as a table, or has no rows.
        ImportError: If reading its kind needs a package that is not there.
    """
    missing = tuple(missing)
    if decimal not in (None, ".", ","):
        raise ValueError(f"The decimal mark must be '.' or ','; received {decimal!r}.")
    separator = None if separator is None else typed_separator(separator)
    if separator is not None and len(separator) != 1:
        raise ValueError(f"The separator must be one character, or tab; received {separator!r}.")
    names = [*names, *(readings or ())]
    if isinstance(source, str | Path):
        table = _open_path(
            source, separator, encoding, sheet if sheet is not None else 0, header, names
        )
    else:
        table = _from_frame(source)
    shown = Path(table.source).name if isinstance(source, str | Path) else table.name
    frame, notes = _tidy_columns(table.frame, shown)
    if readings is not None:
        frame, name_notes = _with_known_names(frame, readings)
        notes += name_notes
    texts = frame
    frame, found, read_notes = convert_text_columns(
        texts, separator=table.separator, decimal=decimal, missing=missing, readings=readings
    )
    notes += read_notes
    labels = {name: column_of(texts, name) for name, reading in found.items() if reading.unit}
    if readings is None:
        frame, index_notes = _without_index_column(frame)
        notes += index_notes
    notes = [*table.notes, *notes]
    return replace(table, frame=frame, notes=tuple(notes), readings=found, labels=labels)


def read_table(source: Any, **options: Any) -> pd.DataFrame:
    """Read a table as a pandas data frame; see `open_table` for the arguments."""
    return open_table(source, **options).frame


def _open_path(
    source: str | Path,
    separator: str | None,
    encoding: str | None,
    sheet: str | int,
    header: bool | None,
    names: list[str],
) -> Table:
    path = Path(source)
    if str(source) in BUNDLED and not path.is_file():
        known = BUNDLED[str(source)]
        parsed = parse_text(bundled_bytes(known.name).decode(), known.name)
        return Table(parsed.frame, known.name, known.name, known.target, separator=parsed.separator)
    raw = _read_bytes(path, str(source))
    name = _short_name(path)
    if raw.startswith(b"PAR1"):
        notes = (f"read {path.name}: Parquet",)
        return Table(_read_parquet(raw, path.name), name, str(source), None, notes)
    if raw.startswith(b"PK\x03\x04"):
        frame, note, others, renamed = _read_excel(raw, path.name, sheet)
        notes = (note, *_renamed_note(renamed))
        return Table(frame, name, str(source), None, notes, sheets=others, renamed=renamed)
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise ValueError(
            f"{path.name} is an Excel file of the old kind (.xls); save it as .xlsx or CSV."
        )
    text, found = decode(decompress(raw, path.name), path.name, encoding)
    _refuse_other_texts(text, path.name)
    parsed = parse_text(text, path.name, separator, header=header, names=names)
    notes = [f"read {path.name}: {found}, {parsed.describe()}"]
    if parsed.comments:
        notes.append(f"{parsed.comments} line(s) before the table that begin with '#' were skipped")
    if parsed.header_note:
        notes.append(parsed.header_note)
    notes += _renamed_note(parsed.renamed)
    return Table(
        parsed.frame,
        name,
        str(source),
        None,
        tuple(notes),
        separator=parsed.separator,
        renamed=parsed.renamed,
    )


def _renamed_note(renamed: tuple[str, ...]) -> list[str]:
    if not renamed:
        return []
    return [f"column names that stood twice were changed: {', '.join(renamed)}"]


def _read_bytes(path: Path, given: str) -> bytes:
    if given.startswith(("http://", "https://")):
        raise ValueError(f"{given} is a web address; download the file and give its path.")
    if path.is_dir():
        raise ValueError(f"{given} is a folder; give a file: CSV, TSV, Parquet or Excel.")
    if not path.exists():
        raise FileNotFoundError(_not_found(path, given))
    try:
        raw = path.read_bytes()
    except PermissionError as error:
        raise ValueError(f"{given} cannot be read: permission denied.") from error
    if not raw:
        raise ValueError(f"{given} is empty (0 bytes).")
    return raw


def _not_found(path: Path, given: str) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"There is no file {given}: the folder {folder} does not exist."
    near = nearest(given, _ALL_BUNDLED)
    beside = [p.name for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES]
    near_file = nearest(path.name, beside)
    guess = str(folder / near_file) if near_file else near
    hint = f" Did you mean {guess!r}?" if guess else ""
    return f"There is no file {given!r}.{hint} Bundled sets: {', '.join(_ALL_BUNDLED)}."


def _short_name(path: Path) -> str:
    name = path.name
    while Path(name).suffix.lower() in _SUFFIXES and Path(name).stem:
        name = Path(name).stem
    return name


def _read_parquet(raw: bytes, name: str) -> pd.DataFrame:
    import pyarrow as pa

    try:
        return pd.read_parquet(io.BytesIO(raw))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ValueError(
            f"{name} is a truncated or damaged Parquet file: {_first_line(error)}"
        ) from error


def _refuse_other_texts(text: str, name: str) -> None:
    """Refuse JSON and HTML or XML, which would be cut into fields that mean nothing."""
    kind = None
    begin = text[:200].lstrip().lower()
    if begin.startswith(("<!doctype", "<html", "<?xml")):
        kind = "HTML or XML"
    elif begin.startswith(("{", "[")):
        for whole in (text, text.lstrip().partition("\n")[0]):  # one document, or one per line
            with contextlib.suppress(ValueError):
                json.loads(whole)
                kind = "JSON"
    if kind:
        raise ValueError(
            f"{name} holds {kind}, not rows and columns; give a CSV, TSV, Parquet or Excel file."
        )


def _read_excel(
    raw: bytes, name: str, sheet: str | int
) -> tuple[pd.DataFrame, str, tuple[str, ...], tuple[str, ...]]:
    """A sheet, how it was read, the names of the other sheets, and new names of columns."""
    import zipfile

    try:
        import openpyxl  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "Reading Excel files needs openpyxl: pip install 'profond[excel]'."
        ) from error
    try:
        with pd.ExcelFile(io.BytesIO(raw), engine="openpyxl") as book:
            names = [str(one) for one in book.sheet_names]
            if isinstance(sheet, int) and 0 <= sheet < len(names):
                read = names[sheet]
            elif str(sheet) in names:
                read = str(sheet)
            else:
                raise ValueError(
                    f"{name} has no sheet {sheet!r}; its sheets are: {', '.join(names)} (--sheet)."
                )
            frame = pd.DataFrame(pd.read_excel(book, sheet_name=read, keep_default_na=False))
            others = f" of {', '.join(names)} (--sheet chooses another)" if len(names) > 1 else ""
            note = f"read {name}: Excel, sheet {read!r}{others}"
            renamed = _renamed_in_sheet(book, read, frame)
            return frame, note, tuple(one for one in names if one != read), renamed
    except (zipfile.BadZipFile, KeyError, OSError, EOFError) as error:
        raise ValueError(
            f"{name} is a truncated or damaged Excel file: {_first_line(error)}"
        ) from error


def _renamed_in_sheet(book: pd.ExcelFile, sheet: str, frame: pd.DataFrame) -> tuple[str, ...]:
    """New names that pandas gave to columns whose name stood twice, which it does not tell."""
    first = pd.read_excel(
        book, sheet_name=sheet, header=None, nrows=1, dtype=object, keep_default_na=False
    )
    row = pd.DataFrame(first)
    written = [str(cell) for cell in row.to_numpy().ravel()]  # without empty cells at the end
    given = map(str, frame.columns)
    return tuple(
        new
        for old, new in zip(written, given, strict=False)
        if old not in ("", new) and written.count(old) > 1
    )


def _from_frame(source: Any) -> Table:
    frame = pandas_frame(source)
    if frame is None:
        raise TypeError(
            "The data must be a path, the name of a bundled set, or a pandas or polars data "
            f"frame; received {type(source).__name__}."
        )
    return Table(frame.copy(deep=False), "table", "a data frame")


def _tidy_columns(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[str]]:
    """Names as text and each once, rows numbered from 0, and at least one row."""
    names = [str(column) for column in frame.columns]
    doubles = sorted({column for column in names if names.count(column) > 1})
    if doubles:
        raise ValueError(f"Column name(s) {', '.join(doubles)} stand twice in {name}; rename them.")
    if frame.empty:
        raise ValueError(f"{name} has no rows: only {len(names)} column name(s) were found.")
    frame = frame.set_axis(names, axis=1).reset_index(drop=True)
    periods = [c for c in names if isinstance(frame[c].dtype, pd.PeriodDtype)]
    frame = frame.assign(**{c: column_of(frame, c).dt.to_timestamp() for c in periods})
    notes = []
    # Spreadsheets are often saved with empty columns at the right.
    hollow = [c for c in names if _is_unnamed(c) and _is_hollow(column_of(frame, c))]
    if hollow and len(hollow) < len(names):
        frame = frame.drop(columns=hollow)
        notes.append(f"{len(hollow)} column(s) without name and values were left out")
    return frame, notes


def _with_known_names(
    frame: pd.DataFrame, known: Mapping[str, Reading]
) -> tuple[pd.DataFrame, list[str]]:
    """Columns under the names that a model knows, where these are spelled in another way."""
    names = list(frame.columns)
    if _FIRST in known and _FIRST not in names and _is_unnamed(names[0]):
        frame = frame.rename(columns={names[0]: _FIRST})
    spare = [name for name in names if name not in known]
    renamed = {}
    for name in known:
        alike = [other for other in spare if other.casefold() == name.casefold()]
        if name not in names and len(alike) == 1:
            renamed[alike[0]] = name
    if not renamed:
        return frame, []
    said = ", ".join(f"{old!r} for {new!r}" for old, new in renamed.items())
    return frame.rename(columns=renamed), [f"column(s) in another spelling were taken: {said}"]


def _is_unnamed(name: str) -> bool:
    return name == "" or name.startswith("Unnamed: ") or name.strip(".0123456789") == ""


def _is_hollow(column: pd.Series) -> bool:
    return bool((column.isna() | (column.astype("str").str.strip() == "")).all())


def _without_index_column(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Take off a first column that only numbers the rows."""
    first = frame.columns[0]
    if frame.shape[1] < 2 or first.lower() not in _INDEX_NAMES:
        return frame, []
    values = column_of(frame, first)
    unnamed = first == "" or first.lower() == "unnamed: 0"
    counts = pd.api.types.is_integer_dtype(values) and not values.hasnans
    if counts and (unnamed and values.is_unique or _is_sequence(values)):
        shown = "without a name" if unnamed else repr(first)
        return frame.drop(columns=first), [
            f"the first column ({shown}) only numbers the rows and was left out"
        ]
    if unnamed:
        return frame.rename(columns={first: _FIRST}), [f"the first column was named {_FIRST}"]
    return frame, []


def _is_sequence(values: pd.Series) -> bool:
    numbers = values.to_numpy(np.int64)
    return len(numbers) > 1 and bool((np.diff(numbers) == 1).all())


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
