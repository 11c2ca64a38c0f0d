"""One column of a table to one or several numbers, fitted on the training rows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from profond.data._conversion import is_missing_text, is_text
from profond.data._dates import parse_dates
from profond.data._reading import Reading
from profond.data._values import ColumnError, at_row, moments, to_labels, to_numbers

MAX_LEVELS = 30  # levels of a category with an input of their own; the others share one
_YEAR = 365.2425
_TRUE = {"true", "vrai", "yes", "oui", "1", "1.0", "t", "y"}
_FALSE = {"false", "faux", "no", "non", "0", "0.0", "f", "n"}
_STRETCHED = 100.0  # deviation over that of the middle half, from which few values make it


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
        low: The smallest training value.
        high: The largest.
    """

    name: str
    mean: float
    scale: float
    median: float
    indicator: bool
    low: float
    high: float
    kind: ClassVar[str] = "number"

    @classmethod
    def fit(cls, column: pd.Series, name: str) -> "NumberColumn":
        """Measure the training values, of which at least one must be present."""
        numbers = to_numbers(column, name)
        present = numbers[~np.isnan(numbers)]
        mean, scale = moments(present)
        low, high = float(present.min()), float(present.max())
        gaps = len(present) < len(numbers)
        return cls(name, mean, scale, float(np.median(present)), gaps, low, high)

    @property
    def features(self) -> list[str]:
        """Names of the outputs."""
        return [self.name, f"{self.name} missing"] if self.indicator else [self.name]

    @property
    def reading(self) -> Reading:
        """How a text of this column is read when nothing more is known."""
        return Reading("number")

    def doubts(self, column: pd.Series) -> list[str]:
        """What may be wrong with the training values: a few that dwarf all the others."""
        numbers = to_numbers(column, self.name)
        low, high = np.nanquantile(numbers, [0.25, 0.75])
        middle = (high - low) / 1.349  # the deviation of normal values with these quartiles
        if middle == 0 or self.scale / middle < _STRETCHED:
            return []
        far = int(np.nanargmax(np.abs(numbers - self.median)))
        return [
            f"Column {self.name!r} has value(s) so far out that the others hardly differ after "
            f"standardisation: {numbers[far]:g} in {at_row(int(column.index[far]))}, while half "
            f"of them lie between {low:g} and {high:g}. Correct it, or give the logarithm."
        ]

    def remarks(self, column: pd.Series) -> list[str]:
        """What is unusual about new values: none where training had all, far out of range.

        Rows are named by the column's index, as in `doubts`.
        """
        numbers = to_numbers(column, self.name)
        said = []
        missing = column.index[np.isnan(numbers)]
        if missing.size and not self.indicator:
            said.append(_gaps(self.name, missing, f"its median ({self.median:g}) is put there"))
        width = self.high - self.low
        far = np.flatnonzero((numbers < self.low - width) | (numbers > self.high + width))
        if far.size:
            said.append(
                f"Column {self.name!r} has {far.size} value(s) far out of the range in training "
                f"({self.low:g} to {self.high:g}); the first is {numbers[far[0]]:g} in "
                f"{at_row(int(column.index[far[0]]))}. What is predicted there is a guess."
            )
        return said

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
    def reading(self) -> Reading:
        """How a text of this column is read."""
        return Reading("text")

    def doubts(self, column: pd.Series) -> list[str]:
        """Nothing can be wrong with the training values."""
        del column
        return []

    def remarks(self, column: pd.Series) -> list[str]:
        """Nothing is unusual about new values that can be read."""
        del column
        return []

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
        numbers: Whether the levels are numbers, so that 5, 5.0 and "5.0" are the same one.
    """

    name: str
    levels: tuple[str, ...]
    other: bool
    missing: bool
    known: tuple[str, ...] = ()
    numbers: bool = False
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
            _are_numbers(column),
        )

    @property
    def features(self) -> list[str]:
        """Names of the outputs."""
        extra = ["(other)"] * self.other + ["(missing)"] * self.missing
        return [f"{self.name}={level}" for level in (*self.levels, *extra)]

    @property
    def reading(self) -> Reading:
        """How a text of this column is read when nothing more is known."""
        return Reading("number" if self.numbers else "text")

    def doubts(self, column: pd.Series) -> list[str]:
        """What may be wrong with the training values: that most levels have no output."""
        labels = to_labels(column).dropna()
        share = float((~labels.isin(self.levels)).mean())
        if share <= 0.5:
            return []
        return [
            f"Column {self.name!r} has {len(self.levels) + len(self.known)} levels; {share:.0%} of "
            f"its rows have none of the {len(self.levels)} most frequent and look all the same. "
            "Group the levels, or leave it out (--drop)."
        ]

    def remarks(self, column: pd.Series) -> list[str]:
        """What is unusual about new values: none where training had all, unknown levels."""
        said = []
        missing = column.index[to_labels(column).isna().to_numpy(bool)]
        if missing.size and not self.missing:
            said.append(_gaps(self.name, missing, "no level is put there"))
        unseen = self.unseen(column)
        if len(unseen):
            shown = ", ".join(repr(level) for level in unseen.index[:3])
            more = f" and {len(unseen) - 3} more" if len(unseen) > 3 else ""
            said.append(
                f"Column {self.name!r} has values that were not seen in training: "
                f"{shown}{more} ({int(unseen.sum())} row(s))."
            )
        return said

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
        """The labels in the spelling of the training table."""
        labels = to_labels(column)
        if self.numbers and is_text(column):  # one word among them kept the reader from it
            values = pd.Series(pd.to_numeric(labels, errors="coerce"), index=labels.index)
            labels = labels.mask(values.notna(), to_labels(values))
        words = self._truth_words()
        return labels.map(lambda label: words.get(str(label).lower(), label), na_action="ignore")

    def _truth_words(self) -> dict[str, str]:
        """Every way to write true and false, where the two levels are a pair of them."""
        seen = {level.lower(): level for level in (*self.levels, *self.known)}
        true, false = seen.keys() & _TRUE, seen.keys() & _FALSE
        if not (len(seen) == 2 and len(true) == len(false) == 1):
            return {}
        return dict.fromkeys(_TRUE, seen[true.pop()]) | dict.fromkeys(_FALSE, seen[false.pop()])


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
    def reading(self) -> Reading:
        """How a text of this column is read."""
        return Reading("date", date_format=self.date_format)

    def doubts(self, column: pd.Series) -> list[str]:
        """Nothing is looked for in the training values."""
        del column
        return []

    def remarks(self, column: pd.Series) -> list[str]:
        """What is unusual about new values: none where training had all."""
        missing = column.index[self._dates(column).isna().to_numpy(bool)]
        if self.indicator or not missing.size:
            return []
        return [_gaps(self.name, missing, "the middle of the training dates is put there")]

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
                    f"received {text.iloc[wrong]!r} in {at_row(wrong)}. Write it "
                    f"{_example(self.date_format)}, or leave the cell empty."
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


def _are_numbers(column: pd.Series) -> bool:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)


def _gaps(name: str, rows: pd.Index, what: str) -> str:
    return (
        f"Column {name!r} had a value in every training row and has none in {rows.size} row(s) "
        f"(the first is {at_row(int(rows[0]))}): {what}."
    )


def _example(date_format: str) -> str:
    """The last day of 2020 as it is written in a date column."""
    day = pd.Timestamp(2020, 12, 31)
    return "like " + day.strftime("%Y-%m-%d" if date_format == "ISO8601" else date_format)


def _days(dates: pd.Series) -> np.ndarray:
    """Days since 1970, NaN for missing dates."""
    elapsed = (dates - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    return elapsed.to_numpy(np.float64, na_value=np.nan)
