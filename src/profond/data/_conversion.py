"""Columns of text to numbers and dates, whatever the country they were written in."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np
import pandas as pd

from profond.data._dates import find_date_format, parse_dates
from profond.data._numbers import (
    decimal_evidence,
    has_marks,
    number_share,
    other_mark,
    parse_numbers,
    present_values,
    reads_as_code,
    split_unit,
    without_unit,
)
from profond.data._reading import Reading

MISSING_MARKERS = frozenset(
    {"", "?", "-", "--", ".", "na", "n/a", "#n/a", "nan", "null", "none", "nat", "<na>", "n.a."}
)
_VOTERS = 5000  # values of a column that are asked for the decimal mark


def column_of(frame: pd.DataFrame, name: Any) -> pd.Series:
    """One column of a table whose names are unique."""
    return cast(pd.Series, frame[name])


def is_text(column: pd.Series) -> bool:
    """Whether a column holds strings (or Python objects, which are read as strings)."""
    return pd.api.types.is_string_dtype(column.dtype) or pd.api.types.is_object_dtype(column.dtype)


def is_missing_text(text: pd.Series, extra: Iterable[str] = ()) -> np.ndarray:
    """Which values of a text column stand for a missing value: empty, NA, null, ?, ... .

    Args:
        text: Column of strings, without spaces around them.
        extra: Further markers of the user's own, compared as they are.
    """
    lowered = text.str.lower()
    return (text.isna() | lowered.isin(MISSING_MARKERS) | text.isin(list(extra))).to_numpy(bool)


def convert_text_columns(
    frame: pd.DataFrame,
    *,
    separator: str | None = None,
    decimal: str | None = None,
    missing: Iterable[str] = (),
    readings: Mapping[str, Reading] | None = None,
) -> tuple[pd.DataFrame, dict[str, Reading], list[str]]:
    """Turn the text columns of a table that hold numbers or dates into numbers and dates.

    A column becomes numbers if all its values are numbers under one decimal mark, all with the
    same known unit or none. If both marks fit ("1,234"), the mark that the table's other columns
    need decides, else a semicolon between fields speaks for the decimal comma. Whole numbers with a
    leading zero ("01000") are codes and stay text. Dates are ISO 8601 or one of the usual orders;
    "03/04/2020" has the day first in tables with the decimal comma or the semicolon, unless other
    rows say otherwise.

    With the `readings` of a kept model, a column's known decimal mark decides where both fit,
    unless the table's other columns need the other mark and none needs the known one.

    Args:
        frame: Any table; only its text columns are looked at.
        separator: The separator of the file that it came from.
        decimal: The decimal mark, if known.
        missing: Further markers of missing values.
        readings: How columns were read before, by name. When given, other text columns stay as
            they are, and a column that cannot be read in its way stays text.

    Returns:
        The table, the reading of each column that was converted, and notes on what was not
        certain.
    """
    texts: dict[Any, pd.Series] = {}
    for name in frame.columns:
        column = column_of(frame, name)
        if is_text(column):
            trimmed = _whole(column).astype("str").where(column.notna()).str.strip()
            texts[name] = trimmed.mask(is_missing_text(trimmed, missing))
    if readings is None:
        columns, found, notes = _detect(texts, separator, decimal)
    else:
        columns, found, notes = _follow(texts, readings, separator, decimal)
    parts = {name: columns[name] if name in columns else frame[name] for name in frame.columns}
    return pd.DataFrame(parts, index=frame.index, columns=frame.columns), found, notes


def _whole(column: pd.Series) -> pd.Series:
    """Whole floats among words as whole numbers: 3.0 is 3, as in a column of numbers alone."""
    kinds = ("floating", "mixed", "mixed-integer", "mixed-integer-float")
    if column.dtype != object or pd.api.types.infer_dtype(column) not in kinds:
        return column

    def spelled(value: Any) -> Any:
        is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
        return int(value) if is_whole else value

    return pd.Series([spelled(value) for value in column], index=column.index, dtype=object)


def _detect(
    texts: Mapping[Any, pd.Series], separator: str | None, decimal: str | None
) -> tuple[dict[Any, pd.Series], dict[str, Reading], list[str]]:
    """Find out what each column holds."""
    split = {name: split_unit(text) for name, text in texts.items()}
    table_mark = decimal or _table_decimal((numbers for numbers, _ in split.values()), separator)
    day_first = table_mark == "," or separator == ";"
    columns: dict[Any, pd.Series] = {}
    found: dict[str, Reading] = {}
    uncertain: dict[str, list[str]] = {}
    notes = []
    for name, text in texts.items():
        numbers, unit = split[name]
        mark = table_mark or _column_decimal(numbers, separator)
        columns[name], reading = _detect_column(text, numbers, unit, mark, day_first)
        if reading is None:
            continue
        if reading.kind == "number" and table_mark is None:
            if has_marks(numbers):
                uncertain.setdefault(mark, []).append(str(name))
            else:  # whole numbers speak for no mark
                reading = Reading("number", None, unit)
        if reading.unit:
            value = text.dropna().iloc[0]
            notes.append(f"column {name!r} is read as numbers in {unit} ({value!r} and so on)")
        found[str(name)] = reading
    for mark, names in uncertain.items():
        notes.append(_uncertain_note(names, mark, [split[n][0] for n in texts if str(n) in names]))
    if decimal is None:
        by_comma = {
            str(n): split[n][0] for n in texts if str(n) in found and found[str(n)].decimal == ","
        }
        notes += _grouped_notes(by_comma)
    return columns, found, notes


def _detect_column(
    text: pd.Series, numbers: pd.Series, unit: str, decimal: str, day_first: bool
) -> tuple[pd.Series, Reading | None]:
    if text.isna().all():
        return pd.Series(np.nan, index=text.index, name=text.name), None
    if reads_as_code(numbers):
        return text, None
    # The table's mark first; a column that does not fit it may fit the other.
    for mark in (decimal, other_mark(decimal)):
        parsed = parse_numbers(numbers, mark)
        if parsed is not None:
            return parsed, Reading("number", mark, unit)
    date_format = find_date_format(text, day_first)
    # Found on the present values, so it holds for the column.
    dates = None if date_format is None else parse_dates(text, date_format)
    if date_format is None or dates is None:
        return text, None
    return dates, Reading("date", date_format=date_format)


def _grouped_notes(columns: Mapping[str, pd.Series]) -> list[str]:
    """What to say of "1.234.567", which may be a version, where no decimal comma supports it."""
    if any(column.str.contains(",", regex=False, na=False).any() for column in columns.values()):
        return []
    notes = []
    for name, column in columns.items():
        several = column.str.contains(r"\.\d{3}\.", regex=True, na=False)
        grouped = present_values(column.where(several))
        if len(grouped):
            notes.append(
                f"column {name!r}: the points in {grouped.iloc[0]!r} are read as marks between "
                f"thousands; for codes, give --category {name!r}"
            )
    return notes


def _uncertain_note(names: list[str], mark: str, columns: list[pd.Series]) -> str:
    """What to say of columns like "1.234", which both marks read."""
    seen = _seen(columns, mark)
    return (
        f"column(s) {', '.join(map(repr, names))}: {seen!r} is read as {_as(seen, mark)}; "
        f"--decimal {other_mark(mark)} reads it as {_as(seen, other_mark(mark))}"
    )


def _seen(columns: Iterable[pd.Series], mark: str) -> str:
    """The mark that stands in columns where only one of the two does."""
    decimal = any(column.str.contains(mark, regex=False, na=False).any() for column in columns)
    return mark if decimal else other_mark(mark)


def _as(seen: str, mark: str) -> str:
    return "the decimal mark" if seen == mark else "a mark between thousands"


def _table_decimal(texts: Iterable[pd.Series], separator: str | None) -> str | None:
    """The decimal mark that the table's numbers speak for; None if nothing speaks for one."""
    votes = {".": 0, ",": 0}
    for text in texts:
        for mark, count in _votes(text).items():
            votes[mark] += count
    if not any(votes.values()):
        return None
    if votes["."] == votes[","]:
        return "," if separator == ";" else "."
    return max(votes, key=lambda mark: votes[mark])


def _votes(text: pd.Series) -> dict[str, int]:
    sample = text.dropna().iloc[:_VOTERS]
    # Free text and codes hold no evidence: only columns of numbers are heard.
    if sample.empty or reads_as_code(sample) or number_share(sample)[0] <= 0.9:
        return {".": 0, ",": 0}
    return decimal_evidence(sample)


def _column_decimal(text: pd.Series, separator: str | None) -> str:
    """The mark where a table gives no hint: "1,234" is decimal only between semicolons."""
    return "," if separator == ";" and text.str.contains(",", na=False).any() else "."


def _follow(
    texts: Mapping[Any, pd.Series],
    readings: Mapping[str, Reading],
    separator: str | None,
    decimal: str | None,
) -> tuple[dict[Any, pd.Series], dict[str, Reading], list[str]]:
    """Read each column in the way that is known."""
    columns = dict(texts)
    found: dict[str, Reading] = {}
    numbers: dict[str, pd.Series] = {}
    for name, text in texts.items():
        reading = readings.get(name, Reading("text"))
        if reading.kind == "number":
            numbers[name] = without_unit(text, reading.unit) if reading.unit else text
        elif reading.kind == "date":
            dates = parse_dates(text, reading.date_format)
            columns[name] = text if dates is None else dates
    marks, told = _known_marks(numbers, readings, separator)
    used: dict[tuple[str, str], list[str]] = {}
    for name, text in numbers.items():
        known = readings[name].decimal
        first = decimal or marks[name]
        columns[name] = text  # without the unit, so that a message shows what is wrong
        for mark in (first, other_mark(first)):
            parsed = parse_numbers(text, mark)
            if parsed is None:
                continue
            columns[name] = parsed
            found[name] = Reading("number", mark, readings[name].unit)
            if decimal is None and known is not None and has_marks(text):
                why = ", as in training"
                if mark != known:
                    why = f" (the decimal mark in training was {known!r})"
                if mark != known or not told:
                    used.setdefault((mark, why), []).append(name)
            break
    notes = [note for name in found if (note := _bare_note(name, texts[name], readings[name].unit))]
    for (mark, why), names in used.items():
        seen = _seen([numbers[name] for name in names], mark)
        shown = f"{', '.join(map(repr, names))}: {seen!r} is read as {_as(seen, mark)}"
        notes.append(f"column(s) {shown}{why}; --decimal sets the decimal mark")
    return columns, found, notes


def _bare_note(name: str, text: pd.Series, unit: str) -> str | None:
    """What to say of numbers without the unit that they had in training."""
    if not unit:
        return None
    bare = present_values(text.where((without_unit(text, unit) == text) & (text != "0")))
    if bare.empty:
        return None
    return (
        f"column {name!r}: {len(bare)} value(s) without {unit!r} (the first is "
        f"{bare.iloc[0]!r}) are taken to be in {unit}, as in training"
    )


def _known_marks(
    texts: Mapping[str, pd.Series], readings: Mapping[str, Reading], separator: str | None
) -> tuple[dict[str, str], bool]:
    """The decimal mark of each column of numbers, and whether the table tells of it.

    A column's own values come first, then what is known of it, unless the whole table is written
    in the other way.
    """
    needed: dict[str, str] = {}
    for name, text in texts.items():
        votes = _votes(text)
        if votes["."] != votes[","] and not (votes["."] and votes[","]):
            needed[name] = max(votes, key=lambda mark: votes[mark])
    known = {name: mark for name in texts if (mark := readings[name].decimal)}
    told = [needed[name] == known[name] for name in needed if name in known]
    # The whole table is written in the other way: all that can be told speaks for it.
    turned = bool(told) and not any(told)
    common = set(known.values())
    if not told and needed:  # nothing was known of these columns, but they tell of the table
        common = set(needed.values())
    marks = {}
    for name, text in texts.items():
        if name in needed:
            marks[name] = needed[name]
        elif name in known:
            marks[name] = other_mark(known[name]) if turned else known[name]
        elif len(common) == 1:
            (only,) = common
            marks[name] = other_mark(only) if turned else only
        else:
            marks[name] = _column_decimal(text, separator)
    return marks, bool(told)
