"""Dates as people write them, in one format per column."""

import re
from collections.abc import Iterable

import pandas as pd

from profond.data._numbers import present_values

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
    *(
        f"{day}{time}"
        for day in ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")
        for time in ("", " %H:%M", " %H:%M:%S")
    ),
)
# Years of two digits are only believed where one order of day and month is possible.
_SHORT_FORMATS = ("%d/%m/%y", "%m/%d/%y")
_DATE_LIKE = re.compile(
    r"(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
    r"|\d{1,2} [A-Za-z]{3,9} \d{4}|[A-Za-z]{3,9} \d{1,2}, \d{4})([ T].*)?"
)
_SHORT_DATE_LIKE = re.compile(r"\d{1,2}/\d{1,2}/\d{2}")
_OFFSET = r"[ T]\d{1,2}.*(?:Z|[+-]\d{2}(?::?\d{2})?)$"  # from UTC, at the end of a time


def parse_dates(text: pd.Series, date_format: str) -> pd.Series | None:
    """A text column as dates, or None if one present value is not in this format.

    Times with an offset from UTC become times in UTC; the offset may change, as it does with
    daylight saving, but all values must have one or none.

    Args:
        text: Column of strings, missing values as NA.
        date_format: One of `DATE_FORMATS`.
    """
    try:
        dates = pd.to_datetime(text, format=date_format, errors="coerce")
    except ValueError:  # offsets that differ
        if not has_offset(text.dropna()).all():
            return None
        dates = pd.to_datetime(text, format=date_format, errors="coerce", utc=True)
    if not pd.api.types.is_datetime64_any_dtype(dates) or (dates.isna() & text.notna()).any():
        return None
    if getattr(dates.dt, "tz", None) is not None:
        dates = dates.dt.tz_convert("UTC").dt.tz_localize(None)
    return dates


def has_offset(text: pd.Series) -> pd.Series:
    """Which texts end like a time with its offset from UTC: "03:00:00+02:00", "03:00Z"."""
    return text.str.contains(_OFFSET, regex=True, na=False)


def find_date_format(text: pd.Series, day_first: bool) -> str | None:
    """The format in which every present value of a text column is a date, if there is one.

    Args:
        text: Column of strings, missing values as NA.
        day_first: Which of day and month comes first where both readings are possible.
    """
    present = present_values(text)
    if present.empty:
        return None
    if _SHORT_DATE_LIKE.fullmatch(present.iloc[0]):
        fitting = [f for f in _SHORT_FORMATS if _fits(present, f)]
        return fitting[0] if len(fitting) == 1 else None
    if not _DATE_LIKE.fullmatch(present.iloc[0]):
        return None
    formats = DATE_FORMATS if day_first else _month_first(DATE_FORMATS)
    return next((f for f in formats if _fits(present, f)), None)


def _fits(present: pd.Series, date_format: str) -> bool:
    try:
        return parse_dates(present, date_format) is not None
    except (ValueError, OverflowError):  # dates out of range
        return False


def _month_first(formats: Iterable[str]) -> list[str]:
    return sorted(formats, key=lambda f: f.startswith("%d/"))  # stable: the rest keeps its order
