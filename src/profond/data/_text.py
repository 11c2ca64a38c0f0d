"""Bytes of a text table to columns of strings: compression, encoding, separator, header."""

import bz2
import csv
import gzip
import io
import lzma
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from profond.data._conversion import is_missing_text

SEPARATORS = (",", ";", "\t", "|")
_NAMED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_COMPRESSIONS = {
    b"\x1f\x8b": ("gzip", gzip.decompress),
    b"BZh": ("bzip2", bz2.decompress),
    b"\xfd7zXZ": ("xz", lzma.decompress),
}
_SAMPLE = 200_000  # characters looked at to find the separator
_MOST_COMMENTS = 1000  # lines of comments before a table
_GIVEN_NAME = re.compile(r"column_\d+")
_COMMENTED_NAME = re.compile(r"#\S+")
_YEAR = re.compile(r"(19|20)\d\d")
_NUMBER = re.compile(r"[+-]?(\d[\d  \u00a0\u202f'.,]*|[.,]\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class TextTable:
    """Columns of strings as they stand in a file, and how the file is written.

    Attributes:
        frame: One text column per column of the file, spaces around the values removed.
        separator: The character between two fields.
        has_header: Whether the first row held the names (else they are `column_1`, ...).
        renamed: New names of columns whose name stood twice in the header.
        comments: How many lines before the table began with "#" and were skipped.
        header_note: What is to be said of the first row, if anything.
    """

    frame: pd.DataFrame
    separator: str
    has_header: bool
    renamed: tuple[str, ...] = ()
    comments: int = 0
    header_note: str = ""

    def describe(self) -> str:
        """How the file is written, in a few words."""
        header = "" if self.has_header else ", no header"
        return f"separated by {_NAMED.get(self.separator, repr(self.separator))}{header}"


def decompress(raw: bytes, name: str) -> bytes:
    """The content of gzip, bzip2 or xz bytes; other bytes come back as they are.

    Raises:
        ValueError: If the compressed data are cut off or damaged.
    """
    for magic, (kind, opener) in _COMPRESSIONS.items():
        if raw.startswith(magic):
            try:
                return opener(raw)
            except (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError) as error:
                raise ValueError(
                    f"{name}: the {kind} data are truncated or damaged ({error}). "
                    "Copy or download the file again."
                ) from error
    return raw


def decode(raw: bytes, name: str, encoding: str | None = None) -> tuple[str, str]:
    """Text of the bytes, and the name of their encoding.

    A byte-order mark decides; without one, zeros in every second byte mean UTF-16; then UTF-8
    if the bytes are valid UTF-8, else Windows-1252, which Latin-1 files read the same in.

    Args:
        raw: Content of the file.
        name: What to call the file in a message.
        encoding: A codec name to use instead of the detection.

    Raises:
        ValueError: If the bytes are no text, or not in the given `encoding`.
    """
    if encoding is None:
        encoding = _detect_encoding(raw, name)
    try:
        text = raw.decode(encoding)
    except LookupError as error:
        raise ValueError(
            f"Unknown encoding {encoding!r}; examples: utf-8, utf-16, cp1252, latin-1."
        ) from error
    except UnicodeError as error:
        raise ValueError(
            f"{name} is not a text in {encoding}: {error}. Leave the encoding out to detect it."
        ) from error
    return text.removeprefix("\ufeff"), encoding


def _detect_encoding(raw: bytes, name: str) -> str:
    if raw.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = raw[:4096]
    if b"\x00" in head:
        # Latin text in UTF-16 has a zero in the high byte of nearly every pair.
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if odd > len(head) // 4 > even:
            return "utf-16-le"
        if even > len(head) // 4 > odd:
            return "utf-16-be"
        raise ValueError(
            f"{name} is not a table that can be read: its content is binary. "
            "Readable are CSV, TSV (also .gz), Parquet and Excel (.xlsx) files."
        )
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            raw.decode("cp1252")
        except UnicodeDecodeError:
            return "latin-1"
        return "cp1252"
    return "utf-8"


def detect_separator(text: str) -> str:
    """The separator under which the first lines fall into the same number of fields.

    Candidates are comma, semicolon, tab and vertical bar. Each one is scored by the share of
    rows that have as many fields as the header; of equal scores, more fields win. A file of one
    column gets the comma.
    """
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    best, best_score = ",", (0.0, 1)
    for separator in SEPARATORS:
        try:
            rows = [row for row in csv.reader(io.StringIO(sample), delimiter=separator) if row]
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:
            continue
        counts = Counter(len(row) for row in rows)
        score = (counts[len(rows[0])] / len(rows), len(rows[0]))
        if score > best_score:
            best, best_score = separator, score
    return best


def parse_text(
    text: str,
    name: str,
    separator: str | None = None,
    *,
    header: bool | None = None,
    names: Iterable[str] = (),
) -> TextTable:
    """Cut a text into columns of strings.

    Quoted fields may hold separators and line ends. Lines before the table that begin with "#"
    are comments if they do not have as many fields as the table. The first row gives the names,
    unless it only fits as data: it has a number where the next rows have numbers, and no word
    there.

    Args:
        text: The file's text.
        name: What to call the file in a message.
        separator: The character between fields; detected when None.
        header: Whether the first row gives the names; found out when None.
        names: Columns that the table is known to have, as evidence of a header.

    Raises:
        ValueError: If there is nothing in it, or a row has too many or too few fields, or a
            quotation mark is never closed.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, comments = _without_comments(text, separator, header)
    if not text.strip():
        raise ValueError(f"{name} is empty: there is no table in it.")
    if separator is None:
        separator = detect_separator(text)
    text = _without_spaces_before_quotes(text, separator)
    columns = _split_fields(text, name, separator)
    first = [_clean_name(str(column.iloc[0])) for column in columns]
    header, note = first_row_holds_names(columns, first, set(names), header)
    if header:
        found, renamed = _unique_names(first)
        columns = [column.iloc[1:] for column in columns]
    else:
        found, renamed = [f"column_{i + 1}" for i in range(len(columns))], ()
    frame = pd.DataFrame({i: column for i, column in enumerate(columns)}, dtype="str")
    frame.columns = pd.Index(found, dtype="str")
    return TextTable(frame, separator, header, renamed, comments, note)


def _without_comments(text: str, separator: str | None, header: bool | None) -> tuple[str, int]:
    """The text after its first lines with "#" that are comments, and their number.

    Such a line belongs to the table if it has as many fields as the first line without "#": the
    last one, which may be the header, and those above it that are no prose ("# ..."). In a table
    of one column only a single "#name" does, or what the user calls a header.
    """
    lines = text.split("\n", _MOST_COMMENTS)
    count = next((i for i, line in enumerate(lines) if not line.startswith("#")), 0)
    rest = "\n".join(lines[count:])
    if not count or not rest.strip():
        return text, 0
    mark = separator or detect_separator(rest)
    width = _count_fields(io.StringIO(rest), mark)
    if width == 1:
        named = count == 1 and _COMMENTED_NAME.fullmatch(lines[0])
        count -= bool(header or named)
    elif _count_fields([lines[count - 1]], mark) == width:
        count -= 1
        while (
            count
            and lines[count - 1][1:2] != " "
            and width == _count_fields([lines[count - 1]], mark)
        ):
            count -= 1
    return "\n".join(lines[count:]), count


def _count_fields(lines: Iterable[str], separator: str) -> int:
    """Fields of the first row that is not empty; 0 if it cannot be cut."""
    try:
        rows = csv.reader(lines, delimiter=separator, skipinitialspace=separator != " ")
        return len(next((row for row in rows if row), []))
    except csv.Error:
        return 0


def _split_fields(text: str, name: str, separator: str) -> list[pd.Series]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pacsv

    try:
        first = next(csv.reader(io.StringIO(text.lstrip("\n")), delimiter=separator))
    except csv.Error as error:
        raise ValueError(f"{name} cannot be cut into fields: {error}.") from error
    bad: list[pacsv.InvalidRow] = []

    def refuse(row: pacsv.InvalidRow) -> str:
        bad.append(row)
        return "error"

    data = text.encode("utf-8", errors="surrogatepass")
    try:
        table = pacsv.read_csv(
            io.BytesIO(data),
            # One thread, so that a bad row has a number; one block, so that no quoted field is cut.
            read_options=pacsv.ReadOptions(
                use_threads=False,
                autogenerate_column_names=True,
                block_size=min(len(data) + 1, 2**31 - 1),
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=refuse
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={f"f{i}": pa.string() for i in range(len(first))}
            ),
        )
    except pa.ArrowInvalid as error:
        raise ValueError(_bad_row(name, bad, len(first), text) or f"{name}: {error}") from error
    if text.count('"') % 2 and any("\n" in str(column[-1].as_py()) for column in table.columns):
        raise ValueError(
            f"{name}: a quotation mark is opened and never closed; the file seems truncated."
        )
    return [
        pd.Series(pc.utf8_trim_whitespace(column).to_pandas(), dtype="str")  # pyright: ignore[reportAttributeAccessIssue]
        for column in table.columns
    ]


def _bad_row(name: str, bad: list, expected: int, text: str) -> str | None:
    if not bad:
        return None
    row = bad[0]
    shown = row.text if len(row.text) <= 60 else row.text[:57] + "..."
    message = (
        f"{name}: line {row.number} has {row.actual_columns} field(s) where {expected} are due: "
        f"{shown!r}."
    )
    last = text.rstrip("\n").rpartition("\n")[2]
    if row.actual_columns < expected and last.strip() == row.text.strip():
        return f"{message} It is the last line: the file seems truncated."
    return f"{message} Mend the line, or give the separator if the detected one is wrong."


def _without_spaces_before_quotes(text: str, separator: str) -> str:
    """The text with `1, "a, b"` written as `1,"a, b"`, which is what it means."""
    loose = rf'({re.escape(separator)}) +(?=")'
    if not re.search(loose, text):
        return text
    # Whole quoted fields are taken first, so that nothing inside them is touched.
    return re.sub(rf'"(?:[^"]|"")*"|{loose}', lambda m: m.group(1) or m.group(0), text)


def first_row_holds_names(
    columns: list[pd.Series], first: list[str], known: set[str], told: bool | None
) -> tuple[bool, str]:
    """Whether the first row holds the names of the columns, and what is to be said of it.

    Args:
        columns: The columns, the first row included, as text.
        first: The first row.
        known: Names that the table is known to have.
        told: What the user says; None looks.
    """
    header = _has_header(columns, first, known) if told is None else told
    if not header:
        return False, (
            f"the first row is data, so the columns are called column_1 to column_{len(columns)} "
            "(--header takes it for names)"
        )
    found = known & set(first)
    # Two known names are no chance.
    if told is None and len(found) == 1 and not _has_header(columns, first, set()):
        return True, (
            f"the first row looks like data; it is taken for names, since it holds {found.pop()!r} "
            "(--no-header takes it for data)"
        )
    return True, ""


def _has_header(columns: list[pd.Series], first: list[str], known: set[str]) -> bool:
    """Whether the first row holds the names of the columns.

    It does if it holds a name that is known, a word above numbers, or years in order above numbers
    that are not all years. It is data if it holds other numbers above numbers, or if the known
    names are those that columns without a header are given.
    """
    if known & set(first):
        return True
    if known and all(_GIVEN_NAME.fullmatch(name) for name in known):
        return False
    # Whole numbers in order (0, 1, 2, ... as written by to_csv) are names.
    if first == [str(i) for i in range(len(first))]:
        return True
    numbers: list[str] = []
    below: list[str] = []
    for value, column in zip(first, columns, strict=True):
        rest = column.iloc[1:201]
        rest = rest[~is_missing_text(rest)]
        if rest.empty or not rest.map(lambda text: bool(_NUMBER.fullmatch(text))).all():
            continue
        if _NUMBER.fullmatch(value):
            numbers.append(value)
            below.append(rest.iloc[0])
        elif not is_missing_text(pd.Series([value], dtype="str"))[0]:
            return True
    return not numbers or (_are_years(numbers) and not all(map(_YEAR.fullmatch, below)))


def _are_years(values: list[str]) -> bool:
    """Whether these are at least two years, one after the other: 2019, 2020, ... ."""
    if len(values) < 2 or not all(map(_YEAR.fullmatch, values)):
        return False
    return all(int(b) - int(a) == 1 for a, b in pairwise(values))


def _clean_name(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip()


def _unique_names(names: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Names with `.1`, `.2` after those that stood before, and the list of such new names."""
    taken, unique, renamed = set(names), [], []
    seen: set[str] = set()
    for name in names:
        fresh, k = name, 0
        while fresh in seen or (k and fresh in taken):
            k += 1
            fresh = f"{name}.{k}"
        if fresh != name:
            renamed.append(fresh)
        seen.add(fresh)
        unique.append(fresh)
    return unique, tuple(renamed)
