"""A table to the numbers that a network takes, fitted on the training rows and kept with it."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from profond._lookup import nearest
from profond.data._columns import (
    MAX_LEVELS,
    BooleanColumn,
    CategoryColumn,
    Column,
    DateColumn,
    NumberColumn,
    column_from_dict,
    column_to_dict,
)
from profond.data._conversion import column_of, is_missing_text, is_text
from profond.data._numbers import number_share
from profond.data._reading import Reading
from profond.data._values import ColumnError, at_row, to_labels

_NEARLY_NUMBERS = 0.9  # share of numbers from which a text among them is taken for a mistake


class TablePreprocessor:
    """Encodes the columns of a table side by side.

    Numbers are standardised, categories one-hot encoded, dates cut into parts, missing values
    filled in and told; see `NumberColumn`, `BooleanColumn`, `CategoryColumn`, `DateColumn`.

    Attributes:
        columns: The fitted columns, in the order of the training table.
        readings: How a text of each column is read, by name; what `open_table` has to know to
            read another table in the same way.
        missing: The user's own markers of missing values.
        dropped: Columns of the training table that are not used, with the reason.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        readings: Mapping[str, Reading] | None = None,
        missing: Iterable[str] = (),
        dropped: Mapping[str, str] | None = None,
    ) -> None:
        self.columns = tuple(columns)
        self.readings = {c.name: (readings or {}).get(c.name, c.reading) for c in self.columns}
        self.missing = tuple(missing)
        self.dropped = dict(dropped or {})

    @classmethod
    def fit(
        cls,
        frame: pd.DataFrame,
        *,
        categories: Iterable[str] = (),
        readings: Mapping[str, Reading] | None = None,
        missing: Iterable[str] = (),
    ) -> "TablePreprocessor":
        """Choose how to encode each column and measure what that needs.

        Columns without any value, with a single one, or with a different text in nearly every
        row are left out and listed in `dropped`.

        Args:
            frame: The training rows, without the target.
            categories: Number columns to treat as categories.
            readings: How columns were read from text, by name.
            missing: Further markers of missing values, kept for later tables.

        Raises:
            ColumnError: If a column of numbers holds a text or an infinite value.
            ValueError: If no column is left.
        """
        categories = set(categories)
        columns: list[Column] = []
        dropped: dict[str, str] = {}
        for name in map(str, frame.columns):
            column = column_of(frame, name)
            reason = _why_drop(column, name in categories)
            if reason:
                dropped[name] = reason
            else:
                reading = (readings or {}).get(name)
                columns.append(_fit_column(column, name, name in categories, reading))
        if not columns:
            said = "; ".join(f"{name!r} {reason}" for name, reason in dropped.items())
            raise ValueError(f"No column is left to predict from: {said or 'none was given'}.")
        return cls(columns, readings=readings, missing=missing, dropped=dropped)

    @property
    def column_names(self) -> list[str]:
        """The columns that a table must have."""
        return [column.name for column in self.columns]

    @property
    def feature_names(self) -> list[str]:
        """Names of the encoded columns, in order."""
        return [feature for column in self.columns for feature in column.features]

    def doubts(self, frame: pd.DataFrame) -> list[str]:
        """What may be wrong with the columns of the training rows, one sentence each."""
        return [
            text for column in self.columns for text in column.doubts(column_of(frame, column.name))
        ]

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """Encode a table.

        Columns may stand in any order, and others beside them. Warnings name what training had
        not: categories, gaps, numbers far out of the range, rows without any value.

        Args:
            frame: A table with the columns `column_names`.

        Returns:
            Array of shape (rows, features), float32.

        Raises:
            ValueError: If a column is missing; the message has the nearest name.
            ColumnError: If a value does not fit its column.
        """
        self._check_columns(frame)
        if len(frame) == 0:
            return np.zeros((0, len(self.feature_names)), dtype=np.float32)
        parts = [column.encode(column_of(frame, column.name)) for column in self.columns]
        self._warn(frame)
        encoded = np.column_stack(parts)
        # Far outliers stay finite in float32, and so do the activations after them.
        return np.clip(encoded, -1e6, 1e6).astype(np.float32)

    def _check_columns(self, frame: pd.DataFrame) -> None:
        names = [str(name) for name in frame.columns]
        absent = [name for name in self.column_names if name not in names]
        if not absent:
            return
        parts = []
        for name in absent:
            guess = nearest(name, [n for n in names if n not in self.column_names])
            parts.append(f"{name!r}" + (f" (is it {guess!r}?)" if guess else ""))
        have = ", ".join(name or "(no name)" for name in names)
        raise ValueError(
            f"Missing column(s): {', '.join(parts)}. The model needs: "
            f"{', '.join(self.column_names)}. The table has: {have}." + single_column_hint(names)
        )

    def _warn(self, frame: pd.DataFrame) -> None:
        frame = frame.filter(self.column_names).reset_index(drop=True)  # messages number the rows
        present = frame.apply(_is_present).to_numpy(bool)
        hollow = np.flatnonzero(~present.any(axis=1))
        if hollow.size:
            warnings.warn(
                f"{hollow.size} row(s) without a value in any column (the first is "
                f"{at_row(hollow[0])}): what is predicted there only reflects typical values.",
                stacklevel=3,
            )
        filled = frame.drop(index=hollow)
        for column in self.columns:
            for text in column.remarks(column_of(filled, column.name)):
                warnings.warn(text, stacklevel=3)

    def to_dict(self) -> dict[str, Any]:
        """The fitted state as plain values for JSON."""
        return {
            "columns": [column_to_dict(column) for column in self.columns],
            "readings": {name: reading.to_dict() for name, reading in self.readings.items()},
            "missing": list(self.missing),
            "dropped": self.dropped,
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> "TablePreprocessor":
        """A fitted preprocessor from `to_dict`.

        Raises:
            ValueError: If the description is not one of a preprocessor.
        """
        try:
            return cls(
                [column_from_dict(column) for column in state["columns"]],
                readings={
                    name: Reading.from_dict(reading) for name, reading in state["readings"].items()
                },
                missing=state["missing"],
                dropped=state["dropped"],
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"Not the description of a preprocessing: {error}.") from error


def single_column_hint(names: Sequence[str]) -> str:
    """What to say beside a missing column where a whole line may have been taken for one."""
    return "" if len(names) != 1 else " Is another character between the fields? (--separator)"


def _is_present(column: pd.Series) -> pd.Series:
    if is_text(column):
        return pd.Series(~is_missing_text(column.astype("str").where(column.notna()).str.strip()))
    return column.notna().reset_index(drop=True)


def _why_drop(column: pd.Series, is_category: bool) -> str | None:
    """Why a column says nothing, or None if it may say something."""
    labels = column if not is_text(column) else to_labels(column)
    if labels.isna().all():
        return "has no values"
    if labels.nunique(dropna=False) == 1:
        return "has the same value in every row"
    if is_text(column) and not is_category:
        different = labels.nunique()
        if different > MAX_LEVELS and different > 0.5 * labels.notna().sum():
            share, stray = number_share(labels)
            if stray is None:
                return "has a different code in most rows"
            if share < _NEARLY_NUMBERS:
                return "has a different text in most rows (a name or a free text)"
    return None


def _fit_column(column: pd.Series, name: str, is_category: bool, reading: Reading | None) -> Column:
    if is_category:
        return CategoryColumn.fit(column, name)
    if pd.api.types.is_bool_dtype(column.dtype):
        return BooleanColumn.fit(column, name)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return DateColumn.fit(column, name, reading.date_format if reading else "ISO8601")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return NumberColumn.fit(column, name)
    if is_text(column):
        _refuse_stray_text(to_labels(column), name)
    elif pd.api.types.is_timedelta64_dtype(column.dtype):
        raise ColumnError(
            f"Column {name!r} holds time spans; give them as numbers, for instance in days."
        )
    return CategoryColumn.fit(column, name)


def _refuse_stray_text(labels: pd.Series, name: str) -> None:
    """Refuse a text among numbers: it would silently turn all of them into categories."""
    share, position = number_share(labels)
    if position is not None and share >= _NEARLY_NUMBERS:
        value = labels.iloc[position]
        row = int(labels.index[position])
        raise ColumnError(
            f"Column {name!r} holds numbers, but {value!r} in {at_row(row)}. Correct it, or "
            f"say what it means: a missing value (--missing {value!r}) or a category "
            f"(--category {name!r})."
        )
