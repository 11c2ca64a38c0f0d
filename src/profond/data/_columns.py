"""One column of a table to one or several numbers, fitted on the training rows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from profond.data._conversion import (
    is_missing_text,
    is_text,
    parse_dates,
    parse_numbers,
    present_values,
)

MAX_LEVELS = 30  # levels of a category with an input of their own; the others share one
_YEAR = 365.2425
_TRUE = {"true", "vrai", "yes", "oui", "1", "1.0", "t", "y"}
_FALSE = {"false", "faux", "no", "non", "0", "0.0", "f", "n"}


class ColumnError(ValueError):
    """A value that a column cannot hold, named by column and row."""


def at_row(position: int) -> str:
    """How messages name a row: counted from 1, the header not counted."""
    return f"row {position + 1}"


def refuse_infinite(numbers: np.ndarray, name: str) -> None:
    """Refuse infinite numbers.

    Args:
        numbers: Column of numbers, shape (rows,).
        name: Name of the column.

    Raises:
        ColumnError: If there are any; names the column and the first row.
    """
    where = np.flatnonzero(np.isinf(numbers))
    if where.size:
        more = f" and {where.size - 1} more row(s)" if where.size > 1 else ""
        raise ColumnError(
            f"Column {name!r} holds an infinite value in {at_row(where[0])}{more}; "
            "replace it, or leave the cell empty for a missing value."
        )


def to_numbers(column: pd.Series, name: str) -> np.ndarray:
    """A column as float64, missing values as NaN.

    Raises:
        ColumnError: If it holds something that is no number, or an infinite number.
    """
    if is_text(column) or isinstance(column.dtype, pd.CategoricalDtype):
        text = column.astype("str").where(column.notna()).str.strip()
        text = text.mask(is_missing_text(text))
        parsed = parse_numbers(text, ".")
        if parsed is None:
            parsed = parse_numbers(text, ",")
        if parsed is None:
            one_by_one = (parse_numbers(text.iloc[[i]], ".") for i in range(len(text)))
            wrong = next((i for i, value in enumerate(one_by_one) if value is None), 0)
            raise ColumnError(
                f"Column {name!r} must hold numbers; received {text.iloc[wrong]!r} "
                f"in {at_row(wrong)}."
            )
        column = parsed
    elif not (
        pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)
    ):
        raise ColumnError(f"Column {name!r} must hold numbers; received {column.dtype}.")
    if pd.api.types.is_complex_dtype(column.dtype):
        raise ColumnError(f"Column {name!r} must hold real numbers; received {column.dtype}.")
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    refuse_infinite(numbers, name)
    return numbers


def to_labels(column: pd.Series) -> pd.Series:
    """A column as text, one spelling per value: 3, 3.0 and "3" are all "3"; missing stays."""
    different = present_values(column).unique()
    spelled = {value: _spell(value) for value in different}
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(column.cat.categories.dtype)
    text = column.map(spelled).astype("str").where(column.notna())
    return text.mask(is_missing_text(text))


def _spell(value: Any) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return str(value).strip()


@dataclass(frozen=True)
class NumberColumn:
    """Numbers, standardised: (x - mean) / scale, missing values replaced by the median.

    Attributes:
        name: Name of the column.
        mean: Mean of the training values.
        scale: Their standard deviation (divisor n), 1 where that is 0.
        median: Their median, put in the place of missing values.
        indicator: Whether a second output tells 1 for missing, 0 for present; it exists when
            training values were missing.
    """

    name: str
    mean: float
    scale: float
    median: float
    indicator: bool
    kind: ClassVar[str] = "number"

    @classmethod
    def fit(cls, column: pd.Series, name: str) -> "NumberColumn":
        """Measure the training values, of which at least one must be present."""
        numbers = to_numbers(column, name)
        present = numbers[~np.isnan(numbers)]
        mean, scale = moments(present)
        return cls(name, mean, scale, float(np.median(present)), len(present) < len(numbers))

    @property
    def features(self) -> list[str]:
        """Names of the outputs."""
        return [self.name, f"{self.name} missing"] if self.indicator else [self.name]

    @property
    def reader_kind(self) -> str:
        """What the reader has to know about the column."""
        return "number"

    def encode(self, column: pd.Series) -> np.ndarray:
        """The column as numbers of about unit size, shape (rows, outputs)."""
        numbers = to_numbers(column, self.name)
        missing = np.isnan(numbers)
        filled = np.where(missing, self.median, numbers)
        # Divided before the difference is taken, so that the largest float64 do not overflow.
        scaled = filled / self.scale - self.mean / self.scale
        return np.column_stack([scaled, missing]) if self.indicator else scaled[:, None]


@dataclass(frozen=True)
class BooleanColumn:
    """True and false as 1 and -1, a missing value as 0.

    Attributes:
        name: Name of the column.
    """

    name: str
    kind: ClassVar[str] = "boolean"

    @classmethod
    def fit(cls, column: pd.Series, name: str) -> "BooleanColumn":
        """Nothing is measured."""
        del column
        return cls(name)

    @property
    def features(self) -> list[str]:
        """Names of the outputs."""
        return [self.name]

    @property
    def reader_kind(self) -> str:
        """What the reader has to know about the column."""
        return "category"

    def encode(self, column: pd.Series) -> np.ndarray:
        """The column as 1, -1 and 0, shape (rows, 1).

        Raises:
            ColumnError: If a value is neither true nor false.
        """
        labels = to_labels(column).str.lower()
        true, false = labels.isin(_TRUE), labels.isin(_FALSE)
        wrong = np.flatnonzero((labels.notna() & ~true & ~false).to_numpy(bool))
        if wrong.size:
            raise ColumnError(
                f"Column {self.name!r} must hold true or false; received "
                f"{column.iloc[wrong[0]]!r} in {at_row(wrong[0])}."
            )
        return (true.to_numpy(np.float64) - false.to_numpy(np.float64))[:, None]


@dataclass(frozen=True)
class CategoryColumn:
    """One of several levels as a one among zeros (one-hot).

    A missing value is a level of its own where training values were missing. Of more than
    `MAX_LEVELS` levels the most frequent have an output of their own and the others share one.
    A level that was not seen in training goes to that shared output, or to zeros everywhere.

    Attributes:
        name: Name of the column.
        levels: The levels with an output of their own, the most frequent first.
        other: Whether there is a shared output for the other levels.
        missing: Whether there is an output for missing values.
        known: Further levels that were seen in training.
    """

    name: str
    levels: tuple[str, ...]
    other: bool
    missing: bool
    known: tuple[str, ...] = ()
    kind: ClassVar[str] = "category"

    @classmethod
    def fit(cls, column: pd.Series, name: str) -> "CategoryColumn":
        """Count the training values."""
        labels = to_labels(column)
        counts = labels.value_counts()
        # Ties in alphabetical order, so that the order of the rows does not matter.
        ordered = sorted(counts.index, key=lambda level: (-counts[level], level))
        many = len(ordered) > MAX_LEVELS
        return cls(
            name,
            tuple(ordered[:MAX_LEVELS]),
            many,
            bool(labels.isna().any()),
            tuple(ordered[MAX_LEVELS:]),
        )

    @property
    def features(self) -> list[str]:
        """Names of the outputs."""
        extra = ["(other)"] * self.other + ["(missing)"] * self.missing
        return [f"{self.name}={level}" for level in (*self.levels, *extra)]

    @property
    def reader_kind(self) -> str:
        """What the reader has to know about the column."""
        return "category"

    def encode(self, column: pd.Series) -> np.ndarray:
        """The column as zeros and ones, shape (rows, outputs)."""
        labels = self._labels(column)
        places = labels.map({level: i for i, level in enumerate(self.levels)})
        codes = np.array(places.to_numpy(np.float64, na_value=np.nan))  # a copy, to write into
        absent = labels.isna().to_numpy(bool)
        if self.other:
            codes[np.isnan(codes) & ~absent] = len(self.levels)
        if self.missing:
            codes[absent] = len(self.levels) + self.other
        encoded = np.zeros((len(labels), len(self.features)))
        rows = np.flatnonzero(~np.isnan(codes))
        encoded[rows, codes[rows].astype(int)] = 1.0
        return encoded

    def unseen(self, column: pd.Series) -> pd.Series:
        """Counts of the levels that were not seen in training."""
        labels = self._labels(column).dropna()
        return labels.mask(labels.isin([*self.levels, *self.known])).value_counts()

    def _labels(self, column: pd.Series) -> pd.Series:
        labels = to_labels(column)
        if pd.api.types.is_bool_dtype(column.dtype):
            # "true" of a CSV file and True of a data frame are the same level.
            spelled = {level.lower(): level for level in (*self.levels, *self.known)}
            labels = labels.map(lambda label: spelled.get(str(label).lower(), label))
        return labels


@dataclass(frozen=True)
class DateColumn:
    """Dates as elapsed time and as places in the year, the week and the day.

    The elapsed time is standardised; a place is a pair (sin, cos) of its angle, so that December
    is next to January. A missing date is 0 everywhere, with an indicator where training dates
    were missing.

    Attributes:
        name: Name of the column.
        date_format: Format of the dates in text files ("ISO8601" or as in `strptime`).
        mean: Mean of the training dates, in days since 1970.
        scale: Their standard deviation in days, 1 where that is 0.
        parts: The cycles that vary in training: "year", "week", "day".
        indicator: Whether a last output tells 1 for missing.
    """

    name: str
    date_format: str
    mean: float
    scale: float
    parts: tuple[str, ...]
    indicator: bool
    kind: ClassVar[str] = "date"

    @classmethod
    def fit(cls, column: pd.Series, name: str, date_format: str = "ISO8601") -> "DateColumn":
        """Measure the training dates, of which at least one must be present."""
        dates = cls(name, date_format, 0.0, 1.0, (), False)._dates(column)
        present = dates.dropna()
        days = _days(present)
        mean, scale = moments(days)
        varies = {
            "year": present.dt.day_of_year.nunique() > 1,
            "week": present.dt.day_of_week.nunique() > 1,
            "day": pd.Series(days % 1.0).nunique() > 1,
        }
        parts = tuple(part for part, many in varies.items() if many)
        return cls(name, date_format, mean, scale, parts, len(present) < len(dates))

    @property
    def features(self) -> list[str]:
        """Names of the outputs."""
        cycles = [f"{self.name} {wave} {part}" for part in self.parts for wave in ("sin", "cos")]
        return [f"{self.name} days", *cycles, *[f"{self.name} missing"] * self.indicator]

    @property
    def reader_kind(self) -> str:
        """What the reader has to know about the column."""
        return f"date:{self.date_format}"

    def encode(self, column: pd.Series) -> np.ndarray:
        """The column as numbers of about unit size, shape (rows, outputs)."""
        dates = self._dates(column)
        missing = dates.isna().to_numpy(bool)
        days = _days(dates)
        turns = {
            "year": (dates.dt.day_of_year.to_numpy(np.float64) - 1) / _YEAR,
            "week": (dates.dt.day_of_week.to_numpy(np.float64) + days % 1.0) / 7,
            "day": days % 1.0,
        }
        outputs = [(days - self.mean) / self.scale]
        for part in self.parts:
            outputs += [np.sin(2 * np.pi * turns[part]), np.cos(2 * np.pi * turns[part])]
        encoded = np.where(missing[:, None], 0.0, np.column_stack(outputs))
        return np.column_stack([encoded, missing]) if self.indicator else encoded

    def _dates(self, column: pd.Series) -> pd.Series:
        if is_text(column):
            text = column.astype("str").where(column.notna()).str.strip()
            text = text.mask(is_missing_text(text))
            dates = parse_dates(text, self.date_format)
            if dates is None:
                read = pd.to_datetime(text, format=self.date_format, errors="coerce")
                wrong = int(np.flatnonzero((read.isna() & text.notna()).to_numpy(bool))[0])
                raise ColumnError(
                    f"Column {self.name!r} must hold dates in the format {self.date_format}; "
                    f"received {text.iloc[wrong]!r} in {at_row(wrong)}."
                )
            return dates
        if column.isna().all():
            return pd.Series(pd.NaT, index=column.index, dtype="datetime64[ns]")
        if not pd.api.types.is_datetime64_any_dtype(column.dtype):
            raise ColumnError(f"Column {self.name!r} must hold dates; received {column.dtype}.")
        if getattr(column.dt, "tz", None) is not None:
            return column.dt.tz_convert("UTC").dt.tz_localize(None)
        return column


Column = NumberColumn | BooleanColumn | CategoryColumn | DateColumn
_KINDS: dict[str, type[Any]] = {
    c.kind: c for c in (NumberColumn, BooleanColumn, CategoryColumn, DateColumn)
}


def column_to_dict(column: Column) -> dict[str, Any]:
    """The fitted column as plain values for JSON."""
    return {"kind": column.kind, **asdict(column)}


def column_from_dict(state: Mapping[str, Any]) -> Column:
    """A fitted column from `column_to_dict`.

    Raises:
        ValueError: If the description is not one of a column.
    """
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in state.items() if k != "kind"}
    try:
        return _KINDS[str(state["kind"])](**values)
    except (KeyError, TypeError) as error:
        raise ValueError(f"Not the description of a column: {dict(state)!r}.") from error


def moments(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation (1 where it is 0), without overflow for large values."""
    unit = float(np.abs(values).max(initial=0.0)) or 1.0
    scaled = values / unit
    deviation = float(scaled.std()) * unit
    # Rounding leaves about 1e-16 of deviation in a constant column.
    constant = deviation <= 1e-12 * unit
    return float(scaled.mean()) * unit, 1.0 if constant else deviation


def _days(dates: pd.Series) -> np.ndarray:
    """Days since 1970, NaN for missing dates."""
    elapsed = (dates - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    return elapsed.to_numpy(np.float64, na_value=np.nan)
