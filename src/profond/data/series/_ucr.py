"""Series from the text files of the UCR archive: the label first, no header."""

from pathlib import Path

import numpy as np

from profond.data._text import decode, decompress
from profond.data.series._arrays import series_from_arrays
from profond.data.series._numbers_of_a_line import numbers_of, reading_numbers
from profond.data.series._series_set import SeriesSet


def read_ucr(path: str | Path) -> SeriesSet:
    """Series of one channel from a `.tsv` file of the UCR archive (Dau et al. 2019).

    One line per series, the label first, tabs between (commas or spaces in older files). NaN at
    the end of a series is padding, elsewhere a missing value. The file may be compressed.

    Args:
        path: The file.

    Returns:
        The series in float64; labels are class names, text: "1" for 1 and 1.0000000e+00.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not written so; the message has the file and the line.
    """
    path = Path(path)
    text, _ = decode(decompress(path.read_bytes(), path.name), path.name)
    rows: list[np.ndarray] = []
    labels: list[str] = []
    first, separator = 0, "\t"
    with reading_numbers():
        for number, line in enumerate(text.split("\n"), start=1):
            line = line.strip(" \r")  # a tab at the end would be an empty value
            if not line:
                continue
            where = f"{path.name}, line {number}"
            if not rows:
                first = number
                separator = "\t" if "\t" in line else "," if "," in line else " "
            if separator == " ":
                line = " ".join(line.split())
            label, _, values = line.partition(separator)
            if not values:
                raise ValueError(
                    f"{where}: a line must hold a label and then the values of a series, with "
                    f"tabs between them; received {line[:40]!r}."
                )
            labels.append(_spelled(label.strip(), where))
            one = numbers_of(values, separator, where)
            if rows and len(one) != len(rows[0]):
                raise ValueError(
                    f"{where}: all lines must hold as many values, the shorter series with NaN "
                    f"at their end; received {len(one)}, and {len(rows[0])} in line {first}."
                )
            if np.isnan(one).all():
                raise ValueError(f"{where}: all values of the series are missing (NaN).")
            if np.isinf(one).any():
                raise ValueError(f"{where}: the series holds an infinite value.")
            rows.append(one)
    if not rows:
        raise ValueError(f"{path.name}: there must be at least one series; the file is empty.")
    name = path.name.split(".")[0]
    for end in ("_TRAIN", "_TEST"):
        name = name.removesuffix(end)
    return series_from_arrays(np.stack(rows), labels, name=name)


def _spelled(label: str, where: str) -> str:
    """The label as text, whole numbers without a point."""
    if label.lower() in ("", "?", "nan"):
        raise ValueError(f"{where}: the label is missing; it stands first.")
    try:
        number = float(label)
    except ValueError:
        return label
    return str(int(number)) if number.is_integer() else label
