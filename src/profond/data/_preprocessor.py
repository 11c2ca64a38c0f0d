"""A table to the numbers that a network takes, fitted on the training rows and kept with it."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from profond._lookup import nearest
from profond.data._conversion import (
    column_of,
    convert_text_columns,
    is_missing_text,
    is_text,
)
from profond.data._numbers import number_share
from profond.data._reading import Reading
from profond.data._values import ColumnError, at_row, to_labels
from profond.data.columns import (
    MAX_LEVELS,
    BooleanColumn,
    CategoryColumn,
    Column,
    DateColumn,
    NumberColumn,
    column_from_dict,
    column_to_dict,
)
from profond.data.columns._common import ROLES

_NEARLY_NUMBERS = 0.9  # share of numbers from which a text among them is taken for a mistake


_LARGEST = 1e6  # encoded magnitude
_FEW_ROWS = 8  # up to which rows are encoded one by one


@dataclass(frozen=True)
class Layout:
    """What the encoded columns are, in order: numbers, then plain ones, then codes.

    Attributes:
        numbers: How many are scaled numbers.
        plain: How many are zeros, ones and their like.
        codes: Of each that is the code of an embedding, how many codes there are.
    """

    numbers: int
    plain: int
    codes: tuple[int, ...]

    @property
    def width(self) -> int:
        """Number of encoded columns."""
        return self.numbers + self.plain + len(self.codes)

    @property
    def shape(self) -> tuple[int]:
        """Shape of one encoded row."""
        return (self.width,)


class TablePreprocessor:
    """Encodes the columns of a table side by side: numbers first, then plain ones, then codes.

    Numbers are scaled, categories one-hot encoded or given as codes, dates cut into parts,
    missing values filled in and told; see `NumberColumn`, `BooleanColumn`, `CategoryColumn`,
    `DateColumn`.

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
        roles = [role for column in self.columns for role in column.roles]
        by_role = sorted(range(len(roles)), key=lambda place: ROLES.index(roles[place]))
        self._order = np.array(by_role, dtype=np.intp)
        counts = [c.codes for c in self.columns if isinstance(c, CategoryColumn) and c.embedded]
        self.layout = Layout(roles.count("number"), roles.count("plain"), tuple(counts))

    @classmethod
    def fit(
        cls,
        frame: pd.DataFrame,
        *,
        categories: Iterable[str] = (),
        readings: Mapping[str, Reading] | None = None,
        missing: Iterable[str] = (),
        scaling: str = "standard",
        embed_from: int | None = None,
    ) -> "TablePreprocessor":
        """Choose how to encode each column and measure what that needs.

        Columns without any value, with a single one, or with a different text in nearly every
        row are left out and listed in `dropped`.

        Args:
            frame: The training rows, without the target.
            categories: Number columns to treat as categories.
            readings: How columns were read from text, by name.
            missing: Further markers of missing values, kept for later tables.
            scaling: How numbers are scaled: "standard", "robust" or "quantile".
            embed_from: Number of levels from which a category is given as a code; None: never.

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
                is_category = name in categories
                columns.append(_fit_column(column, name, is_category, reading, scaling, embed_from))
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
        names = [feature for column in self.columns for feature in column.features]
        return [names[i] for i in self._order]

    def doubts(self, frame: pd.DataFrame) -> list[str]:
        """What may be wrong with the columns of the training rows, one sentence each."""
        return [
            text for column in self.columns for text in column.doubts(column_of(frame, column.name))
        ]

    def transform(self, frame: pd.DataFrame) -> np.ndarray:
        """Encode a table.

        Columns may stand in any order, and others beside them. Text in a column of numbers or
        dates is read as it was for training. Warnings name what training had not: categories,
        gaps, numbers far out of the range, rows without any value.

        Args:
            frame: A table with the columns `column_names`.

        Returns:
            Array of shape (rows, features), float32.

        Raises:
            ValueError: If a column is missing; the message has the nearest name.
            ColumnError: If a value does not fit its column.
        """
        few = self._few(frame) if 0 < len(frame) <= _FEW_ROWS else None
        if few is not None:
            return few
        self._check_columns(frame.columns)
        frame, _, _ = convert_text_columns(
            frame.filter(self.column_names), missing=self.missing, readings=self.readings
        )
        parts = [column.encode(column_of(frame, column.name)) for column in self.columns]
        self._warn(frame)
        return self._finished(np.column_stack(parts))

    def transform_one(self, row: Mapping[str, Any]) -> np.ndarray:
        """Encode a single row given as values by column; else as `transform`.

        Returns:
            Array of shape (1, features), float32.
        """
        self._check_columns(row)
        encoded = self.transform_few([[row[column.name] for column in self.columns]])
        if encoded is None:
            frame = pd.DataFrame({column.name: [row[column.name]] for column in self.columns})
            return self.transform(frame)
        return encoded

    def transform_few(self, rows: Iterable[Sequence[Any]]) -> np.ndarray | None:
        """Encode a few rows of plain values, without pandas's cost per column.

        Args:
            rows: The values of each row in the order of `columns`.

        Returns:
            As `transform`; None if a value needs a closer look: missing, unseen, out of range, of
            another type.
        """
        encoded = []
        for row in rows:
            outputs: list[float] = []
            for column, value in zip(self.columns, row, strict=True):
                found = column.encode_one(value)
                if found is None:
                    return None
                outputs += found
            encoded.append(outputs)
        return self._finished(np.array(encoded).reshape(len(encoded), len(self._order)))

    def _few(self, frame: pd.DataFrame) -> np.ndarray | None:
        """A few rows taken out of the table at once: column by column costs more than encoding."""
        places = {name: i for i, name in enumerate(frame.columns.tolist())}
        order = [places.get(column.name, -1) for column in self.columns]
        if min(order) < 0 or len(places) < frame.shape[1]:
            return None
        values = frame.to_numpy()
        if values.dtype.kind not in "fiubO":  # dates alone would look like whole numbers
            return None
        return self.transform_few([[row[i] for i in order] for row in values.tolist()])

    def _finished(self, encoded: np.ndarray) -> np.ndarray:
        """Outputs in the order of the layout; far outliers stay finite in float32."""
        return np.clip(encoded[:, self._order], -_LARGEST, _LARGEST).astype(np.float32)

    def _check_columns(self, given: Iterable[Any]) -> None:
        names = [str(name) for name in given]
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


def _fit_column(
    column: pd.Series,
    name: str,
    is_category: bool,
    reading: Reading | None,
    scaling: str,
    embed_from: int | None,
) -> Column:
    if is_category:
        return CategoryColumn.fit(column, name, embed_from)
    if pd.api.types.is_bool_dtype(column.dtype):
        return BooleanColumn.fit(column, name)
    is_period = isinstance(column.dtype, pd.PeriodDtype)
    if is_period or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return DateColumn.fit(column, name, reading.date_format if reading else "ISO8601")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return NumberColumn.fit(column, name, scaling)
    if is_text(column):
        _refuse_stray_text(to_labels(column), name)
    elif column.dtype.kind == "m":  # numpy's time spans and Arrow's
        raise ColumnError(
            f"Column {name!r} holds time spans; give them as numbers, for instance in days."
        )
    return CategoryColumn.fit(column, name, embed_from)


def _refuse_stray_text(labels: pd.Series, name: str) -> None:
    """Refuse a text among numbers: it would silently turn all of them into categories."""
    share, position = number_share(labels)
    if position is not None and share >= _NEARLY_NUMBERS:
        value = labels.iloc[position]
        row = int(labels.index[position])
        raise ColumnError(
            f"Column {name!r} holds numbers, but {value!r} in {at_row(row)}. Correct it, or "
            f"say what it means: a missing value (--missing {value!r}, or None in a data frame) or "
            f"a category (--category {name!r}, or `categories=[{name!r}]`)."
        )
