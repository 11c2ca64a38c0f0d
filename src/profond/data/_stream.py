"""A text file as a stream of characters: compression, encoding, what a first pass finds."""

import bz2
import codecs
import contextlib
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from profond.data._text import SEPARATORS, _detect_encoding, decode

_OPENERS: dict[bytes, tuple[str, Any]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ": ("xz", lzma.open),
}
_PIECE = 1 << 22  # bytes or characters at a time
_NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_OVERLAP = 64  # characters of a piece looked at again with the next


@dataclass(frozen=True)
class Scan:
    """What a pass over a whole file says of it.

    Attributes:
        encoding: Name of its encoding.
        quotes: How many quotation marks it has.
        lines: How many lines; rows with line ends in a field have several.
        is_loose: Whether spaces stand between a separator and a quotation mark.
    """

    encoding: str
    quotes: int
    lines: int
    is_loose: bool


@contextlib.contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The content of a file, decompressed.

    Raises:
        ValueError: If compressed data are cut off or damaged.
    """
    with path.open("rb") as file:
        magic = file.read(6)
        file.seek(0)
        kind, opener = next(
            (found for start, found in _OPENERS.items() if magic.startswith(start)), ("", None)
        )
        content = file if opener is None else opener(file)
        try:
            yield content
        except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
            raise ValueError(
                f"{path.name}: the {kind} data are truncated or damaged ({error}). "
                "Copy or download the file again."
            ) from error


def scan(path: Path, encoding: str | None = None, separator: str | None = None) -> Scan:
    """Read a file once, to know of all of it what decides how its first rows are read.

    Args:
        path: The file.
        encoding: Its encoding, if it was given.
        separator: Its separator, if it was given.

    Raises:
        ValueError: If it is no text, not in its encoding, or its compressed data are damaged.
    """
    encoding = encoding or _encoding(path)
    marks = re.escape("".join(SEPARATORS) if separator is None else separator)
    loose = re.compile(rf'[{marks}] +"')
    quotes, lines, is_loose, end = 0, 0, False, ""
    with opened(path) as content:
        try:
            text = io.TextIOWrapper(content, encoding, newline="")
            while piece := text.read(_PIECE):
                quotes += piece.count('"')
                lines += piece.count("\n") or piece.count("\r")
                is_loose = is_loose or loose.search(end + piece) is not None
                end = piece[-_OVERLAP:]
        except LookupError:
            decode(b"a", path.name, encoding)  # says which encodings there are
            raise
        except UnicodeError as error:
            raise ValueError(
                f"{path.name} is not a text in {encoding}: {error}. Leave the encoding out to "
                "detect it."
            ) from error
    return Scan(encoding, quotes, lines, is_loose)


def _encoding(path: Path) -> str:
    """As for a whole file: UTF-8 if all of it is, else Windows-1252, else Latin-1."""
    with opened(path) as content:
        head = content.read(4096)
        # Cut characters at the end of the head are no evidence against UTF-8.
        found = _detect_encoding(_whole_characters(head), path.name)
        if found not in ("utf-8", "cp1252", "latin-1"):
            return found
        decoder = codecs.getincrementaldecoder("utf-8")()
        is_utf8, in_cp1252, piece = True, True, head
        while piece:
            if is_utf8:
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    is_utf8 = False
            in_cp1252 = in_cp1252 and _NOT_IN_CP1252.search(piece) is None
            piece = content.read(_PIECE)
        if is_utf8:
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                is_utf8 = False
    return "utf-8" if is_utf8 else "cp1252" if in_cp1252 else "latin-1"


def _whole_characters(head: bytes) -> bytes:
    return head.decode("utf-8", errors="ignore").encode() if b"\x00" not in head else head


class Utf8Lines(io.RawIOBase):
    """A stream of characters as bytes in UTF-8 with plain line ends, for a parser of bytes.

    Args:
        text: The stream, with universal newlines.
        begin: What was read of it before, and comes first.
    """

    def __init__(self, text: io.TextIOBase, begin: str) -> None:
        super().__init__()
        self._text, self._begin = text, begin
        self._rest = b""

    def readable(self) -> bool:
        """It can only be read."""
        return True

    def read(self, size: int = -1) -> bytes:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The next bytes, `size` at most; none at the end."""
        while not self._rest:
            piece, self._begin = self._begin or self._text.read(_PIECE), ""
            if not piece:
                return b""
            self._rest = piece.encode("utf-8", errors="surrogatepass")
        size = len(self._rest) if size < 0 else size
        found, self._rest = self._rest[:size], self._rest[size:]
        return found
