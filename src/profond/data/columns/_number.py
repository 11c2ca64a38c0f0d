"""A column of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from profond.data._reading import Reading
from profond.data._scaling import Scaling, fit_scaling
from profond.data._values import at_row, moments, to_numbers
from profond.data.columns._common import gaps

_STRETCHED = 100.0  # deviation over that of the middle half, from which few values make it


@dataclass(frozen=True)
class NumberColumn:
    """Numbers, scaled to about unit size, missing values replaced by the median.

    Attributes:
        name: Name of the column.
        scaling: How they are scaled.
        median: Their median, put in the place of missing values.
        indicator: Whether a second output tells 1 for missing, 0 for present; it exists when
            training values were missing.
        low: The smallest training value.
        high: The largest.
    """

    name: str
    scaling: Scaling
    median: float
    indicator: bool
    low: float
    high: float
    kind: ClassVar[str] = "number"

    @classmethod
    def fit(cls, column: pd.Series, name: str, scaling: str = "standard") -> "NumberColumn":
        """Measure the training values, of which at least one must be present."""
        numbers = to_numbers(column, name)
        present = numbers[~np.isnan(numbers)]
        low, high = float(present.min()), float(present.max())
        told = len(present) < len(numbers)
        median = float(np.median(present))
        return cls(name, fit_scaling(scaling, present), median, told, low, high)

    @property
    def features(self) -> list[str]:
        """Names of the outputs."""
        return [self.name, f"{self.name} missing"] if self.indicator else [self.name]

    @property
    def roles(self) -> Sequence[str]:
        """What each output is to the network."""
        return ["number", "plain"] if self.indicator else ["number"]

    @property
    def reading(self) -> Reading:
        """How a text of this column is read when nothing more is known."""
        return Reading("number")

    def doubts(self, column: pd.Series) -> list[str]:
        """What may be wrong with the training values: a few that dwarf all the others."""
        numbers = to_numbers(column, self.name)
        low, high = np.nanquantile(numbers, [0.25, 0.75])
        middle = (high - low) / 1.349  # the deviation of normal values with these quartiles
        if self.scaling.kind != "standard" or middle == 0:
            return []  # the other scalings do not mind
        if moments(numbers[~np.isnan(numbers)])[1] / middle < _STRETCHED:
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
            said.append(gaps(self.name, missing, f"its median ({self.median:g}) is put there"))
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
        scaled = self.scaling(filled)
        return np.column_stack([scaled, missing]) if self.indicator else scaled[:, None]

    def encode_one(self, value: Any) -> Sequence[float] | None:
        """One ordinary value as numbers; None if it needs a closer look."""
        if type(value) not in (float, int) or not self.low <= value <= self.high:
            return None  # missing, a text, out of the range of training
        scaled = float(self.scaling(value))
        return (scaled, 0.0) if self.indicator else (scaled,)
