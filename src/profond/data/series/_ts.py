"""Series from the `.ts` files of the UCR, UEA and TSER archives."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from profond.data._text import decode, decompress
from profond.data.series._numbers_of_a_line import numbers_of, reading_numbers
from profond.data.series._series_set import SeriesSet, note_of_missing, padded
from profond.data.series._ts_header import TsHeader, read_header


def read_ts(path: str | Path) -> SeriesSet:
    """Series from a `.ts` file (https://www.timeseriesclassification.com).

    A header of lines `@problemName`, `@univariate`, `@dimensions`, `@equalLength`,
    `@seriesLength`, `@classLabel true a b c` or `@targetlabel true`, then `@data`, then one line
    per series: values with commas between them, channels with colons, the label last. `?` is a
    missing value. The file may be compressed (gzip, bzip2, xz).

    Args:
        path: The file.

    Returns:
        The series in float64; labels are class names (text, in the spelling of the header) or
        numbers to predict (float64).

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not written so; the message has the file and the line.
    """
    path = Path(path)
    text, _ = decode(decompress(path.read_bytes(), path.name), path.name)
    header, begin = read_header(text, path.name)
    lines = text[begin:].split("\n")
    del text
    series: list[np.ndarray] = []
    labels: list[str | float] = []
    # Some files write the labels in other capitals than the header.
    spellings = {name.casefold(): name for name in header.classes or ()}
    spellings.update({name: name for name in header.classes or ()})
    first = 0
    with reading_numbers():
        for number, line in enumerate(lines, start=header.lines + 1):
            line = line.strip()
            if not line or line.startswith(("#", "%")):
                continue
            where = _Line(path.name, number)
            if header.labelled:
                line, colon, label = line.rpartition(":")
                labels.append(_label(label.strip() if colon else "", header, spellings, where))
            one = _series(line, where)
            if not series:
                first = number
                _check_first(one, header, where)
            elif one.shape[1] != series[0].shape[1]:
                raise ValueError(
                    f"{where}: all series must have the same number of channels; received "
                    f"{one.shape[1]}, and {series[0].shape[1]} in line {first}. Channels have "
                    "a colon between them."
                )
            expected = header.length or (len(series[0]) if series else len(one))
            if header.equal_length and len(one) != expected:
                raise ValueError(
                    f"{where}: the header says @equalLength true; received a series of "
                    f"{len(one)} steps, where {expected} were expected."
                )
            series.append(one)
    if not series:
        raise ValueError(f"{path.name}: there must be at least one series after @data.")
    values, lengths = padded(series)
    return SeriesSet(
        values,
        lengths,
        np.array(labels, dtype=float if header.target else object) if header.labelled else None,
        name=header.name or path.name.split(".")[0],
        classes=header.classes or (),
        notes=note_of_missing(values, lengths),
    )


@dataclass(frozen=True)
class _Line:
    """A line, written out only for a message."""

    file: str
    number: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.number}"


def _series(line: str, where: _Line) -> np.ndarray:
    """The values of one line, (steps, channels)."""
    parts = line.split(":")
    if "(" in line:
        raise ValueError(
            f"{where}: series with time stamps, (time, value) pairs, cannot be read; give values "
            "at equal steps."
        )
    if not all(part.strip() for part in parts):
        raise ValueError(
            f"{where}: a channel is of length 0. A line holds values with commas between them, "
            "channels with colons, and the label last where the header says there are labels."
        )
    steps = parts[0].count(",") + 1
    for place, part in enumerate(parts, start=1):
        if part.count(",") + 1 != steps:
            raise ValueError(
                f"{where}: the channels of a series must have the same length; received {steps} "
                f"values in channel 1 and {part.count(',') + 1} in channel {place}."
            )
    numbers = numbers_of(",".join(parts) if len(parts) > 1 else line, ",", where)
    if not np.isfinite(numbers).all():
        if np.isnan(numbers).all():
            raise ValueError(f"{where}: all values of the series are missing.")
        if np.isinf(numbers).any():
            raise ValueError(f"{where}: the series holds an infinite value.")
    return numbers.reshape(len(parts), steps).T


def _label(label: str, header: TsHeader, spellings: dict[str, str], where: _Line) -> str | float:
    """The label at the end of a line, as the header spells it, or the number to predict."""
    if not label or label == "?":
        raise ValueError(f"{where}: the label is missing; it stands after the last colon.")
    if header.target:
        try:
            return float(label)
        except ValueError:
            raise ValueError(
                f"{where}: the header says @targetlabel true, so the line must end with a number "
                f"after the last colon; received {label[:40]!r}."
            ) from None
    spelled = spellings.get(label) or spellings.get(label.casefold())
    if spelled is None:
        names = header.classes or ()
        shown = ", ".join(names[:10]) + ", ..." * (len(names) > 10)
        raise ValueError(
            f"{where}: the label must be one of the classes that @classLabel names, {shown}; "
            f"received {label[:40]!r}."
        )
    return spelled


def _check_first(one: np.ndarray, header: TsHeader, where: _Line) -> None:
    """Refuse a number of channels other than the header's."""
    channels = one.shape[1]
    expected = header.dimensions or (1 if header.univariate else None)
    if expected is not None and channels != expected:
        said = f"@dimensions {expected}" if header.dimensions else "@univariate true"
        raise ValueError(
            f"{where}: the header says {said}; received {channels} channel(s). Channels have a "
            "colon between them, and the label comes last."
        )
