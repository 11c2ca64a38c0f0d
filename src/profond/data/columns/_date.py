"""A column of dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from profond.data._conversion import is_missing_text, is_text
from profond.data._dates import has_offset, parse_dates
from profond.data._reading import Reading
from profond.data._values import ColumnError, at_row, moments
from profond.data.columns._common import gaps

_YEAR = 365.2425


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
    def roles(self) -> Sequence[str]:
        """What each output is to the network."""
        return ["number", *["plain"] * (len(self.features) - 1)]

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
        return [gaps(self.name, missing, "the middle of the training dates is put there")]

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
                read = pd.to_datetime(text, format=self.date_format, errors="coerce", utc=True)
                unread = np.flatnonzero((read.isna() & text.notna()).to_numpy(bool))
                if not unread.size:
                    raise ColumnError(self._mixed(text))
                wrong = int(unread[0])
                raise ColumnError(
                    f"Column {self.name!r} must hold dates in the format {self.date_format}; "
                    f"received {text.iloc[wrong]!r} in {at_row(wrong)}. Write it "
                    f"{_example(self.date_format)}, or leave the cell empty."
                )
            return dates
        if column.isna().all():
            return pd.Series(pd.NaT, index=column.index, dtype="datetime64[ns]")
        if isinstance(column.dtype, pd.PeriodDtype):  # a month or a quarter by its first day
            return column.dt.to_timestamp()
        if isinstance(column.dtype, pd.ArrowDtype) and column.dtype.kind == "M":
            column = _from_arrow(column)
        if not pd.api.types.is_datetime64_any_dtype(column.dtype):
            raise ColumnError(f"Column {self.name!r} must hold dates; received {column.dtype}.")
        if getattr(column.dt, "tz", None) is not None:
            return column.dt.tz_convert("UTC").dt.tz_localize(None)
        return column

    def _mixed(self, text: pd.Series) -> str:
        """What is wrong where some times have an offset from UTC and some have none."""
        bare = int(np.flatnonzero((text.notna() & ~has_offset(text)).to_numpy(bool))[0])
        return (
            f"Column {self.name!r} must hold times that all have an offset from UTC or all have "
            f"none; received {text.iloc[bare]!r} without one in {at_row(bare)}. Write it like "
            "2020-12-31 12:00:00+00:00, or take the offsets off."
        )

    def encode_one(self, value: Any) -> Sequence[float] | None:
        """A date is always looked at more closely."""
        del value
        return None


def _from_arrow(column: pd.Series) -> pd.Series:
    """Arrow's days and moments, of which pandas's tools know only a part, as those of numpy."""
    import pyarrow as pa

    dates = pa.array(column.array).to_pandas(date_as_object=False)
    return pd.Series(dates.array, index=column.index, name=column.name)


def _example(date_format: str) -> str:
    """The last day of 2020 as it is written in a date column."""
    day = pd.Timestamp(2020, 12, 31)
    return "like " + day.strftime("%Y-%m-%d" if date_format == "ISO8601" else date_format)


def _days(dates: pd.Series) -> np.ndarray:
    """Days since 1970, NaN for missing dates."""
    elapsed = (dates - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    return elapsed.to_numpy(np.float64, na_value=np.nan)
