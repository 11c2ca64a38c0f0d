"""A column of true and false."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from profond.data._reading import Reading
from profond.data._values import ColumnError, at_row, to_labels
from profond.data.columns._common import FALSE, TRUE


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
    def roles(self) -> Sequence[str]:
        """What each output is to the network."""
        return ["plain"]

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
        true, false = labels.isin(TRUE), labels.isin(FALSE)
        wrong = np.flatnonzero((labels.notna() & ~true & ~false).to_numpy(bool))
        if wrong.size:
            raise ColumnError(
                f"Column {self.name!r} must hold true or false; received "
                f"{to_labels(column).iloc[wrong[0]]!r} in {at_row(wrong[0])}."
            )
        return (true.to_numpy(np.float64) - false.to_numpy(np.float64))[:, None]

    def encode_one(self, value: Any) -> Sequence[float] | None:
        """One ordinary value as numbers; None if it needs a closer look."""
        return ((1.0,) if value else (-1.0,)) if type(value) is bool else None
