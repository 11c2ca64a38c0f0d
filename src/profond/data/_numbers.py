"""Numbers as people write them: decimal marks, thousands, units."""

import re

import numpy as np
import pandas as pd

_INFINITE = r"(?i)^[+-]?(inf|infinity)$"
_SPACES = " '\u00a0\u202f\u2009"
_CURRENCY = "[$€£¥₹]|EUR|USD|GBP|CHF"
_WITH_UNIT = (
    rf"^(?P<sign>[+-]?)\s*(?P<before>{_CURRENCY})?\s*"
    r"(?P<number>[+-]?[.,]?\d(?:[\d.,'\s]*\d)?)\s*"
    r"(?P<after>(?:[^\W\d_]|[%‰°$€£¥₹])[^\s\d]{0,7}[23]?)?$"
)
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

    A unit is a currency before the number, or a short word or sign after it, the same at all
    present values.

    Args:
        text: Column of strings, missing values as NA.

    Returns:
        The numbers as text, and the unit; the column as it is and "" if it has none.
    """
    present = present_values(text).astype("str")
    if number_share(present.iloc[:_LOOKED_AT])[0] == 1.0:  # the end of "5e3" is no unit
        return text, ""
    for values in (present.iloc[:_LOOKED_AT], present):
        parts = values.str.extract(_WITH_UNIT)
        if parts.empty or parts["number"].isna().any():
            return text, ""
        units = parts["before"].fillna("") + parts["after"].fillna("")
        if units.nunique() != 1 or not units.iloc[0]:
            return text, ""
    numbers = parts["sign"].fillna("") + parts["number"]  # pyright: ignore[reportPossiblyUnboundVariable]
    if number_share(numbers)[0] < 1.0:
        return text, ""
    return numbers.reindex(text.index).rename(text.name), str(units.iloc[0])  # pyright: ignore[reportPossiblyUnboundVariable]


def without_unit(text: pd.Series, unit: str) -> pd.Series:
    """A column with a known unit taken off where it stands; other values stay as they are."""
    parts = text.astype("str").str.extract(_WITH_UNIT)
    units = parts["before"].fillna("") + parts["after"].fillna("")
    numbers = parts["sign"].fillna("") + parts["number"]
    return text.mask(text.notna() & units.eq(unit) & numbers.notna(), numbers)


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
    """Whether whole numbers are written with a leading zero: codes ("01000"), not quantities."""
    return bool(text.str.fullmatch(r"0\d+").fillna(False).any())
