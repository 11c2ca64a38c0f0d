"""A file larger than memory, read in parts of whole rows in the way that a kept model knows."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from profond.data._conversion import (
    column_of,
    convert_text_columns,
    is_missing_text,
    is_text,
)
from profond.data._dates import parse_dates
from profond.data._numbers import parse_numbers, without_unit
from profond.data._reading import Reading
from profond.data._stream import Scan, Utf8Lines, opened, scan
from profond.data._table import (
    _first_line,
    _refuse_other_texts,
    _tidy_columns,
    _with_known_names,
)
from profond.data._text import (
    TextTable,
    _bad_row,
    _clean_name,
    _unique_names,
    _without_comments,
    detect_separator,
    first_row_holds_names,
)
from profond.data._values import ColumnError, at_row, rows_from

_LARGE = 32 << 20  # bytes from which a file is read in parts
_LARGE_PACKED = 4 << 20  # of a compressed file or Parquet
_BLOCK = 1 << 20  # bytes of text parsed at once; some 30 blocks are read ahead
_BATCHES = 4  # of a part
_UNIT_ROWS = 4096  # parts are multiples of this, as predictions are made of so many rows at once
_HEAD = 1 << 22  # characters looked at to find out how the file is written
_EXCEL = b"PK\x03\x04"


class TableChunks:
    """The parts of a table's file, one after the other.

    How the file is written (encoding, separator, header, decimal marks, units) is found once and
    holds for all parts; a value that does not fit is an error with its row. The encoding is that
    of the whole file, the rest is told by the first part.

    Args:
        path: A text file, plain or compressed, or a Parquet file.
        readings: How the columns are read, as the model knows them.
        missing: The model's markers of missing values.
        separator: As for `open_table`.
        decimal: As for `open_table`.
        encoding: As for `open_table`.
        header: As for `open_table`.

    Attributes:
        notes: What was recognised in the first part; filled when it has been read.
        rows_all: About how many rows there are; known when the first part has been read.
    """

    def __init__(
        self,
        path: Path,
        *,
        readings: Mapping[str, Reading],
        missing: Iterable[str] = (),
        separator: str | None = None,
        decimal: str | None = None,
        encoding: str | None = None,
        header: bool | None = None,
        scanned: Scan | None = None,
    ) -> None:
        self.path = path
        self.notes: list[str] = []
        self.rows_all = 1
        self._known, self._missing = dict(readings), tuple(missing)
        self._separator, self._decimal, self._header = separator, decimal, header
        self._encoding, self._scanned = encoding, scanned
        self._names: dict[str, str] = {}  # of the file, to those of the frames
        self._fixed: dict[str, Reading] = {}

    def __iter__(self) -> Iterator[tuple[int, pd.DataFrame]]:
        """The parts, each with the place of its first row in the table.

        Raises:
            ValueError: If the file cannot be read as a table; messages name the line.
            ColumnError: If a value does not fit its column.
        """
        with self.path.open("rb") as file:
            packed = file.read(4) == b"PAR1"
        start = 0
        for frame in self._parquet() if packed else self._text():
            with rows_from(start):
                part = self._read(frame) if start else self._read_first(frame)
            yield start, part
            start += len(frame)

    # How columns are read

    def _read_first(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The first part, which tells how the columns are called and read."""
        tidy, notes = _tidy_columns(frame, self.path.name)
        named, more = _with_known_names(tidy, self._known)
        self._names = dict(zip(tidy.columns, named.columns, strict=True))
        converted, found, last = convert_text_columns(
            named,
            separator=self._separator,
            decimal=self._decimal,
            missing=self._missing,
            readings=self._known,
        )
        self._fixed = {**self._known, **found}
        self.notes += [*notes, *more, *last]
        return converted

    def _read(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A further part, read as the first one was."""
        frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
        columns: dict[str, pd.Series] = {}
        for old, name in self._names.items():
            column = column_of(frame, old)
            if isinstance(column.dtype, pd.PeriodDtype):
                column = column.dt.to_timestamp()
            columns[name] = self._converted(column, name) if is_text(column) else column
        return pd.DataFrame(columns).reset_index(drop=True)

    def _converted(self, column: pd.Series, name: str) -> pd.Series:
        text = column.astype("str").where(column.notna()).str.strip()
        text = text.mask(is_missing_text(text, self._missing))
        reading = self._fixed.get(name, Reading("text"))
        if reading.kind == "date":
            dates = parse_dates(text, reading.date_format)
            return text if dates is None else dates
        if reading.kind != "number":
            return text
        text = without_unit(text, reading.unit) if reading.unit else text
        mark = reading.decimal or "."
        numbers = parse_numbers(text, mark)
        if numbers is None:
            one_by_one = (parse_numbers(text.iloc[[i]], mark) for i in range(len(text)))
            wrong = next(i for i, value in enumerate(one_by_one) if value is None)
            raise ColumnError(
                f"Column {name!r} must hold numbers; received {text.iloc[wrong]!r} in "
                f"{at_row(wrong)} (with the decimal mark {mark!r}, as the file begins; --decimal "
                "sets it)."
            )
        return numbers

    # The two kinds of file

    def _text(self) -> Iterator[pd.DataFrame]:
        import pyarrow as pa
        import pyarrow.csv as pacsv

        name = self.path.name
        found = self._scanned or scan(self.path, self._encoding, self._separator)
        self.rows_all = max(1, found.lines)
        bad: list[Any] = []

        def refuse(row: Any) -> str:
            bad.append(row)
            return "error"

        with opened(self.path) as content:
            stream = io.TextIOWrapper(content, found.encoding, newline=None)
            head, separator, comments = self._head(stream)
            first = next(csv.reader(io.StringIO(head.lstrip("\n")), delimiter=separator))
            try:
                reader = pacsv.open_csv(
                    Utf8Lines(stream, head),
                    # One thread, so that a bad row has a number.
                    read_options=pacsv.ReadOptions(
                        use_threads=False, autogenerate_column_names=True, block_size=_BLOCK
                    ),
                    parse_options=pacsv.ParseOptions(
                        delimiter=separator, newlines_in_values=True, invalid_row_handler=refuse
                    ),
                    convert_options=pacsv.ConvertOptions(
                        column_types={f"f{i}": pa.string() for i in range(len(first))}
                    ),
                )
                batches = iter(reader)
                begin = next(batches)  # the text is not empty
                self._described(found, separator, comments)
                names, header = self._named(_trimmed(begin))
                more = header  # rows that the first part has beside its own
                for part, is_last in _in_parts(chain([begin], batches), after_first=header):
                    columns = [column.iloc[more:] for column in _trimmed(part)]
                    more = 0
                    if is_last:
                        self._refuse_open_quote(found, columns)
                    frame = pd.DataFrame(dict(enumerate(columns)), dtype="str")
                    frame.columns = pd.Index(names, dtype="str")
                    yield frame.reset_index(drop=True)
            except pa.ArrowInvalid as error:
                said = _bad_row(name, bad, len(first), "")
                raise ValueError(said or f"{name}: {_first_line(error)}") from error

    def _head(self, stream: io.TextIOBase) -> tuple[str, str, int]:
        """The begin of the text without comments, the separator, and the number of comments."""
        head = stream.read(_HEAD).removeprefix("\ufeff")
        _refuse_other_texts(head, self.path.name)
        head, comments = _without_comments(head, self._separator, self._header)
        if not head.strip():
            raise ValueError(f"{self.path.name} is empty: there is no table in it.")
        self._separator = self._separator or detect_separator(head)
        return head, self._separator, comments

    def _described(self, found: Scan, separator: str, comments: int) -> None:
        written = TextTable(pd.DataFrame(), separator, True, (), comments).describe()
        self.notes.append(f"read {self.path.name} in parts: {found.encoding}, {written}")
        if comments:
            self.notes.append(
                f"{comments} line(s) before the table that begin with '#' were skipped"
            )

    def _named(self, columns: list[pd.Series]) -> tuple[list[str], int]:
        """The names of the columns, and how many rows hold them: one or none."""
        first = [_clean_name(str(column.iloc[0])) for column in columns]
        header, note = first_row_holds_names(columns, first, set(self._known), self._header)
        if note:
            self.notes.append(note)
        if not header:
            return [f"column_{i + 1}" for i in range(len(columns))], 0
        names, renamed = _unique_names(first)
        if renamed:
            self.notes.append(f"column names that stood twice were changed: {', '.join(renamed)}")
        return names, 1

    def _refuse_open_quote(self, found: Scan, columns: list[pd.Series]) -> None:
        if found.quotes % 2 and any("\n" in str(one) for column in columns for one in column[-1:]):
            raise ValueError(
                f"{self.path.name}: a quotation mark is opened and never closed; the file seems "
                "truncated."
            )

    def _parquet(self) -> Iterator[pd.DataFrame]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.notes.append(f"read {self.path.name} in parts: Parquet")
        try:
            with pq.ParquetFile(self.path, pre_buffer=False) as file:
                self.rows_all = max(1, file.metadata.num_rows)
                width = 8 * max(1, file.metadata.num_columns)
                size = max(1, _BLOCK // width // _UNIT_ROWS) * _UNIT_ROWS
                for part, _ in _in_parts(file.iter_batches(batch_size=size), size):
                    yield part.to_pandas().reset_index(drop=True)
        except (pa.ArrowException, OSError) as error:
            raise ValueError(
                f"{self.path.name} is a truncated or damaged Parquet file: {_first_line(error)}"
            ) from error


def open_in_chunks(
    source: Any, *, separator: str | None = None, encoding: str | None = None, **options: Any
) -> TableChunks | None:
    """The parts of a large file, or None for what `open_table` is to read whole.

    Whole are read: small files, workbooks, bundled sets, and text files with spaces between a
    separator and a quotation mark.

    Args:
        source: A path.
        separator: As for `open_table`.
        encoding: As for `open_table`.
        **options: As for `TableChunks`.
    """
    path = Path(source)
    if not path.is_file():
        return None
    with path.open("rb") as file:
        magic = file.read(6)
    packed = magic.startswith((b"PAR1", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"))
    if path.stat().st_size < (_LARGE_PACKED if packed else _LARGE) or magic.startswith(_EXCEL):
        return None
    scanned = None
    if not magic.startswith(b"PAR1"):
        scanned = scan(path, encoding, separator)
        if scanned.is_loose:
            return None
    return TableChunks(path, separator=separator, encoding=encoding, scanned=scanned, **options)


def _in_parts(
    batches: Iterable[Any], size: int | None = None, *, after_first: int = 0
) -> Iterator[tuple[Any, bool]]:
    """Arrow tables of a whole multiple of `_UNIT_ROWS` rows, and whether each is the last.

    Args:
        batches: Arrow batches of any number of rows.
        size: Rows of a part; by the first batch when None.
        after_first: Rows that the first part has more, as a header.
    """
    import pyarrow as pa

    waiting: list[Any] = []
    more = after_first
    ready: Any = None
    for batch in batches:
        if not batch.num_rows:
            continue
        size = size or max(1, _BATCHES * batch.num_rows // _UNIT_ROWS) * _UNIT_ROWS
        waiting.append(batch)
        while sum(one.num_rows for one in waiting) >= size + more:
            table = pa.Table.from_batches(waiting)
            if ready is not None:
                yield ready, False
            ready = table.slice(0, size + more)
            waiting = table.slice(size + more).to_batches()
            more = 0
    rest = pa.Table.from_batches(waiting) if waiting else None
    if ready is not None:
        yield ready, rest is None
    if rest is not None:
        yield rest, True


def _trimmed(table: Any) -> list[pd.Series]:
    import pyarrow.compute as pc

    return [
        pd.Series(pc.utf8_trim_whitespace(column).to_pandas(), dtype="str")  # pyright: ignore[reportAttributeAccessIssue]
        for column in table.columns
    ]
