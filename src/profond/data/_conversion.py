"""Columns of text to numbers and dates, whatever the country they were written in."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np
import pandas as pd

MISSING_MARKERS = frozenset(
    {"", "?", "-", "--", ".", "na", "n/a", "#n/a", "nan", "null", "none", "nat", "<na>", "n.a."}
)
DATE_FORMATS = (
    "ISO8601",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%d-%m-%Y %H:%M",
    "%Y/%m/%d %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d-%m-%Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
)
_DATE_LIKE = re.compile(r"(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})([ T].*)?")
_INFINITE = r"(?i)^[+-]?(inf|infinity)$"
_SPACES = " '\u00a0\u202f\u2009"
_WITH_UNIT = (
    r"^(?P<before>[$€£¥])?\s*"
    r"(?P<number>[+-]?\d(?:[\d.,'\s]*\d)?)\s*"
    r"(?P<after>[^\d\s.,][^\s]{0,7})?$"
)


def column_of(frame: pd.DataFrame, name: Any) -> pd.Series:
    """One column of a table whose names are unique."""
    return cast(pd.Series, frame[name])


def present_values(column: pd.Series) -> pd.Series:
    """The values that are not missing."""
    return cast(pd.Series, column[column.notna()])


def is_missing_text(text: pd.Series, extra: Iterable[str] = ()) -> np.ndarray:
    """Which values of a text column stand for a missing value: empty, NA, null, ?, ... .

    Args:
        text: Column of strings, without spaces around them.
        extra: Further markers of the user's own, compared as they are.
    """
    lowered = text.str.lower()
    return (text.isna() | lowered.isin(MISSING_MARKERS) | text.isin(list(extra))).to_numpy(bool)


def _plain(decimal: str) -> str:
    d = re.escape(decimal)
    return rf"^[+-]?(\d+({d}\d*)?|{d}\d+)([eE][+-]?\d+)?$"


def _grouped(decimal: str, marks: str) -> str:
    d = re.escape(decimal)
    groups = "|".join(rf"({re.escape(mark)}\d{{3}})+" for mark in marks)
    return rf"^[+-]?[1-9]\d{{0,2}}({groups})({d}\d+)?$"


def _number_pattern(decimal: str) -> str:
    """Regular expression of the numbers with this decimal mark, thousands apart or not."""
    other = "," if decimal == "." else "."
    return f"{_plain(decimal)}|{_grouped(decimal, other + _SPACES)}|{_INFINITE}"


def _decimal_evidence(text: pd.Series) -> dict[str, int]:
    """How many values can only be read with the decimal point, how many only with the comma."""
    values = pd.Series(text.unique()).astype("str")
    point = values.str.contains(_number_pattern("."), regex=True).to_numpy(bool)
    comma = values.str.contains(_number_pattern(","), regex=True).to_numpy(bool)
    return {".": int((point & ~comma).sum()), ",": int((comma & ~point).sum())}


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


def holds_units(text: pd.Series) -> bool:
    """Whether a text column holds numbers that all have the same unit: 12 %, $1,200, 3.5 kg.

    Args:
        text: Column of strings, missing values as NA.
    """
    parts = present_values(text).astype("str").str.extract(_WITH_UNIT)
    if parts.empty or parts["number"].isna().any():
        return False
    units = parts["before"].fillna("") + parts["after"].fillna("").str.strip()
    return units.nunique() == 1 and bool(units.iloc[0]) and number_share(parts["number"])[0] == 1.0


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
    other = "," if decimal == "." else "."
    plain = present.str.replace(f"[{re.escape(other)}{_SPACES}]", "", regex=True)
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


def _reads_as_code(text: pd.Series) -> bool:
    """Whether whole numbers are written with a leading zero: codes ("01000"), not quantities."""
    return bool(text.str.fullmatch(r"0\d+").fillna(False).any())


def parse_dates(text: pd.Series, date_format: str) -> pd.Series | None:
    """A text column as dates, or None if one present value is not in this format.

    Args:
        text: Column of strings, missing values as NA.
        date_format: One of `DATE_FORMATS`.
    """
    dates = pd.to_datetime(text, format=date_format, errors="coerce")
    if not pd.api.types.is_datetime64_any_dtype(dates) or (dates.isna() & text.notna()).any():
        return None
    if getattr(dates.dt, "tz", None) is not None:
        dates = dates.dt.tz_convert("UTC").dt.tz_localize(None)
    return dates


def find_date_format(text: pd.Series, day_first: bool) -> str | None:
    """The format in which every present value of a text column is a date, if there is one.

    Args:
        text: Column of strings, missing values as NA.
        day_first: Which of day and month comes first where both readings are possible.
    """
    present = present_values(text)
    if present.empty or not _DATE_LIKE.fullmatch(present.iloc[0]):
        return None
    formats = DATE_FORMATS if day_first else _month_first(DATE_FORMATS)
    for date_format in formats:
        try:
            if parse_dates(present, date_format) is not None:
                return date_format
        except (ValueError, OverflowError):  # time zones that differ, dates out of range
            continue
    return None


def _month_first(formats: Iterable[str]) -> list[str]:
    return sorted(formats, key=lambda f: f.startswith("%d/"))  # stable: the rest keeps its order


def convert_text_columns(
    frame: pd.DataFrame,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    missing: Iterable[str] = (),
    kinds: Mapping[str, str] | None = None,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Turn the text columns of a table that hold numbers or dates into numbers and dates.

    A column becomes numbers if all its values are numbers under one decimal mark. If both
    marks fit ("1,234"), the mark that the table's other columns need decides, else a semicolon
    between fields speaks for the decimal comma. Whole numbers with a leading zero ("01000") are
    codes and stay text. Dates are ISO 8601 or one of the usual orders; "03/04/2020" has the day
    first in tables with the decimal comma or the semicolon, unless other rows say otherwise.

    Args:
        frame: Any table; only its text columns are looked at.
        separator: The separator of the file that it came from.
        decimal: The decimal mark, if known.
        missing: Further markers of missing values.
        kinds: What columns are known to be, by name: "number", "category" or
            "date:FORMAT". When given, other text columns stay as they are, and a column that
            cannot be read as its kind stays text.

    Returns:
        The table, and the date format of each column that was read as dates.
    """
    texts: dict[Any, pd.Series] = {}
    for name in frame.columns:
        column = column_of(frame, name)
        if is_text(column):
            trimmed = column.astype("str").where(column.notna()).str.strip()
            texts[name] = trimmed.mask(is_missing_text(trimmed, missing))
    decimal = decimal or _table_decimal(texts.values(), separator)
    day_first = decimal == "," or separator == ";"
    formats: dict[str, str] = {}
    converted: dict[Any, pd.Series] = {}
    for name, text in texts.items():
        kind = (kinds or {}).get(name, "text" if kinds is not None else None)
        mark = decimal or _column_decimal(text, separator)
        converted[name] = _convert(text, mark, kind, day_first, formats)
    return _replace_columns(frame, converted), formats


def _replace_columns(frame: pd.DataFrame, columns: Mapping[Any, pd.Series]) -> pd.DataFrame:
    parts = {name: columns[name] if name in columns else frame[name] for name in frame.columns}
    return pd.DataFrame(parts, index=frame.index, columns=frame.columns)


def is_text(column: pd.Series) -> bool:
    """Whether a column holds strings (or Python objects, which are read as strings)."""
    return pd.api.types.is_string_dtype(column.dtype) or pd.api.types.is_object_dtype(column.dtype)


def _table_decimal(texts: Iterable[pd.Series], separator: str | None) -> str | None:
    """The decimal mark that the table's numbers speak for; None if nothing speaks for one."""
    votes = {".": 0, ",": 0}
    for text in texts:
        sample = text.dropna().iloc[:5000]
        # Free text holds no evidence: only columns of numbers are heard.
        if not sample.empty and number_share(sample)[0] > 0.9:
            for mark, count in _decimal_evidence(sample).items():
                votes[mark] += count
    if not any(votes.values()):
        return None
    if votes["."] == votes[","]:
        return "," if separator == ";" else "."
    return max(votes, key=lambda mark: votes[mark])


def _column_decimal(text: pd.Series, separator: str | None) -> str:
    """The mark where a table gives no hint: "1,234" is decimal only between semicolons."""
    return "," if separator == ";" and text.str.contains(",", na=False).any() else "."


def _convert(
    text: pd.Series, decimal: str, kind: str | None, day_first: bool, formats: dict[str, str]
) -> pd.Series:
    if kind in ("text", "category"):
        return text
    if text.isna().all():
        return pd.Series(np.nan, index=text.index, name=text.name)
    if kind is not None and kind.startswith("date:"):
        dates = parse_dates(text, kind.removeprefix("date:"))
        return text if dates is None else dates
    if kind is None and _reads_as_code(text):
        return text
    # The table's mark first; a column that does not fit it may fit the other.
    for mark in (decimal, "," if decimal == "." else "."):
        numbers = parse_numbers(text, mark)
        if numbers is not None:
            return numbers
    if kind == "number":
        return text
    date_format = find_date_format(text, day_first)
    if date_format is None:
        return text
    dates = parse_dates(text, date_format)
    if dates is None:  # found on the present values, so it holds for the column
        return text
    formats[str(text.name)] = date_format
    return dates
