"""Numbers as people write them: decimal marks, thousands, units."""

import re

import numpy as np
import pandas as pd

from profond.data._units import CURRENCY, UNIT

_INFINITE = r"(?i)^[+-]?(inf|infinity)$"
_SPACES = " '\u00a0\u202f\u2009"
_WITH_UNIT = (
    rf"^(?P<sign>[+-]?)\s*(?P<before>{CURRENCY})?\s*"
    r"(?P<number>[+-]?[.,]?\d(?:[\d.,'\s]*\d)?)\s*"
    rf"(?P<after>{UNIT})?$"
)
_BYTE = r"(25[0-5]|2[0-4]\d|1?\d?\d)"
_ADDRESS = rf"({_BYTE}\.){{3}}{_BYTE}"
_LOOKED_AT = 50  # values of a column tried before all of it is


def present_values(column: pd.Series) -> pd.Series:
    """The values that are not missing."""
    present: pd.Series = column[column.notna()]  # pyright: ignore[reportAssignmentType]
    return present


def other_mark(decimal: str) -> str:
    """The comma for the point, and the point for the comma."""
    return "," if decimal == "." else "."


def _plain(decimal: str) -> str:
    d = re.escape(decimal)
    return rf"^[+-]?(\d+({d}\d*)?|{d}\d+)([eE][+-]?\d+)?$"


def _grouped(decimal: str, marks: str) -> str:
    d = re.escape(decimal)
    groups = "|".join(rf"({re.escape(mark)}\d{{3}})+" for mark in marks)
    return rf"^[+-]?[1-9]\d{{0,2}}({groups})({d}\d+)?$"


def _number_pattern(decimal: str) -> str:
    """Regular expression of the numbers with this decimal mark, thousands apart or not."""
    return f"{_plain(decimal)}|{_grouped(decimal, other_mark(decimal) + _SPACES)}|{_INFINITE}"


def decimal_evidence(text: pd.Series) -> dict[str, int]:
    """How many values can only be read with the decimal point, how many only with the comma."""
    values = pd.Series(present_values(text).unique()).astype("str")
    point = values.str.contains(_number_pattern("."), regex=True).to_numpy(bool)
    comma = values.str.contains(_number_pattern(","), regex=True).to_numpy(bool)
    return {".": int((point & ~comma).sum()), ",": int((comma & ~point).sum())}


def has_marks(text: pd.Series) -> bool:
    """Whether a point or a comma stands in any value."""
    return bool(text.str.contains("[.,]", regex=True, na=False).any())


def number_share(text: pd.Series) -> tuple[float, int | None]:
    """Share of the present values that are numbers, and the place of the first that is not.

    Args:
        text: Column of strings, missing values as NA.

    Returns:
        The share in [0, 1] under the decimal mark that reads most values, and a row position
        (None if every present value is a number).
    """
    present = text.notna().to_numpy(bool)
    if not present.any():
        return 0.0, None
    best: np.ndarray = np.zeros(len(text), dtype=bool)
    for decimal in ".,":
        matches = text.str.contains(_number_pattern(decimal), regex=True, na=False).to_numpy(bool)
        if matches.sum() > best.sum():
            best = matches
    wrong = np.flatnonzero(present & ~best)
    return float(best.sum() / present.sum()), int(wrong[0]) if wrong.size else None


def split_unit(text: pd.Series) -> tuple[pd.Series, str]:
    """Take off the unit that stands at every number of a column: 12 %, $1,200, 3.5 kg.

    A unit is a currency before the number, or a known unit after it, the same at all present
    values; a plain 0 needs none.

    Args:
        text: Column of strings, missing values as NA.

    Returns:
        The numbers as text, and the unit; the column as it is and "" if it has none.
    """
    present = present_values(text.mask(text == "0")).astype("str")
    sample = present.iloc[:_LOOKED_AT]
    if sample.empty or number_share(sample)[0] == 1.0:  # nothing to take off
        return text, ""
    different = pd.Series(present.unique(), dtype="str")
    for values in (sample, different):
        numbers, units = _parts(values)
        if numbers.isna().any() or units.nunique() != 1 or not units.iloc[0]:
            return text, ""
    if number_share(numbers)[0] < 1.0:  # pyright: ignore[reportPossiblyUnboundVariable]
        return text, ""
    of_value = dict(zip(different, numbers, strict=True))  # pyright: ignore[reportPossiblyUnboundVariable]
    split = text.map({"0": "0", **of_value}).astype("str")
    return split.where(text.notna()), str(units.iloc[0])  # pyright: ignore[reportPossiblyUnboundVariable]


def without_unit(text: pd.Series, unit: str) -> pd.Series:
    """A column with a known unit taken off where it stands; other values stay as they are."""
    numbers, units = _parts(text.astype("str"))
    return text.mask(text.notna() & units.eq(unit) & numbers.notna(), numbers)


def _parts(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The number of each value, NA where there is none, and its unit, "" where there is none."""
    parts = values.str.extract(_WITH_UNIT)
    numbers = parts["sign"].fillna("") + parts["number"]
    return numbers, parts["before"].fillna("") + parts["after"].fillna("")


def parse_numbers(text: pd.Series, decimal: str) -> pd.Series | None:
    """A text column as numbers, or None if one present value is not a number.

    Args:
        text: Column of strings, missing values as NA.
        decimal: The decimal mark, "." or ",". Thousands may be set apart by the other of the
            two, by a space (also a no-break space) or by an apostrophe.

    Returns:
        `int64` if all values are whole and none is missing, `Int64` if some are missing,
        `float64` otherwise.
    """
    present = present_values(text).astype("str")
    if not present.str.contains(_number_pattern(decimal), regex=True).all():
        return None
    plain = present.str.replace(f"[{re.escape(other_mark(decimal))}{_SPACES}]", "", regex=True)
    whole = bool(plain.str.fullmatch(r"[+-]?\d{1,18}").all()) and len(plain) > 0
    if decimal == ",":
        plain = plain.str.replace(",", ".", regex=False)
    if not whole:
        numbers = np.full(len(text), np.nan)
        numbers[text.notna().to_numpy(bool)] = plain.to_numpy(dtype=object).astype(np.float64)
        return pd.Series(numbers, index=text.index, name=text.name)
    integers = pd.Series(plain.to_numpy(dtype=object).astype(np.int64), index=plain.index)
    if len(integers) == len(text):
        return integers.rename(text.name)
    return integers.astype("Int64").reindex(text.index).rename(text.name)


def reads_as_code(text: pd.Series) -> bool:
    """Whether the values are codes, not quantities.

    They are if whole numbers are written with a leading zero ("01000"), or if all of them are
    Internet addresses ("10.100.200.101").
    """
    if text.str.fullmatch(r"0\d+").fillna(False).any():
        return True
    present = present_values(text)
    looked_at = (present.iloc[:1], present)  # most columns are told by their first value
    return all(bool(v.str.fullmatch(_ADDRESS).all()) and not v.empty for v in looked_at)
