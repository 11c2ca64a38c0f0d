"""A column of categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from profond.data._conversion import is_text
from profond.data._reading import Reading
from profond.data._values import to_labels
from profond.data.columns._common import FALSE, TRUE, gaps

MAX_LEVELS = 30  # levels of a category with an input of their own; the others share one
_RARE = 2  # rows of a level from which it has an embedding of its own


@dataclass(frozen=True)
class CategoryColumn:
    """One of several levels as a one among zeros (one-hot), or as the code of an embedding.

    A missing value is a level of its own where training values were missing. One-hot, of more
    than `MAX_LEVELS` levels the most frequent have an output of their own and the others share
    one. A level that was not seen in training goes to that shared output, or to zeros everywhere.
    Embedded, there is a single output: 0 for a level that was seen in a single row or never, and
    k for the k-th of the others.

    Attributes:
        name: Name of the column.
        levels: The levels with an output of their own, the most frequent first.
        other: Whether there is a shared output for the other levels.
        missing: Whether there is an output for missing values.
        known: Further levels that were seen in training.
        numbers: Whether the levels are numbers, so that 5, 5.0 and "5.0" are the same one.
        embedded: Whether the output is a code, for a network that embeds it.
    """

    name: str
    levels: tuple[str, ...]
    other: bool
    missing: bool
    known: tuple[str, ...] = ()
    numbers: bool = False
    embedded: bool = False
    kind: ClassVar[str] = "category"

    @classmethod
    def fit(cls, column: pd.Series, name: str, embed_from: int | None = None) -> "CategoryColumn":
        """Count the training values.

        Args:
            column: The training values.
            name: Name of the column.
            embed_from: Number of levels from which they are given as codes; None: never.
        """
        labels = to_labels(column)
        counts = labels.value_counts()
        # Ties in alphabetical order, so that the order of the rows does not matter.
        ordered = sorted(counts.index, key=lambda level: (-counts[level], level))
        absent, numbers = bool(labels.isna().any()), _are_numbers(column)
        if embed_from is not None and len(ordered) >= embed_from:
            often = dict(zip(counts.index, counts.to_numpy() >= _RARE, strict=True))
            levels = tuple(level for level in ordered if often[level])
            rare = tuple(ordered[len(levels) :])  # the frequent ones come first
            return cls(name, levels, False, absent, rare, numbers, embedded=True)
        many = len(ordered) > MAX_LEVELS
        return cls(
            name,
            tuple(ordered[:MAX_LEVELS]),
            many,
            absent,
            tuple(ordered[MAX_LEVELS:]),
            numbers,
        )

    @property
    def features(self) -> list[str]:
        """Names of the outputs."""
        if self.embedded:
            return [f"{self.name} code"]
        extra = ["(other)"] * self.other + ["(missing)"] * self.missing
        return [f"{self.name}={level}" for level in (*self.levels, *extra)]

    @property
    def roles(self) -> Sequence[str]:
        """What each output is to the network."""
        if self.embedded:
            return ["code"]
        return ["plain"] * len(self.features)

    @property
    def codes(self) -> int:
        """How many codes an embedding has to hold."""
        return 1 + len(self.levels) + self.missing

    @property
    def reading(self) -> Reading:
        """How a text of this column is read when nothing more is known."""
        return Reading("number" if self.numbers else "text")

    def doubts(self, column: pd.Series) -> list[str]:
        """What may be wrong with the training values: that most levels have no output."""
        labels = to_labels(column).dropna()
        share = float((~labels.isin(self.levels)).mean())
        if self.embedded or share <= 0.5:
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
            said.append(gaps(self.name, missing, "no level is put there"))
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
        """The column as zeros and ones or as a code, shape (rows, outputs)."""
        labels = self._labels(column)
        places = labels.map(self._places)
        codes = np.array(places.to_numpy(np.float64, na_value=np.nan))  # a copy, to write into
        absent = labels.isna().to_numpy(bool)
        if self.embedded:
            if self.missing:
                codes[absent] = len(self.levels)
            return np.nan_to_num(codes + 1.0, nan=0.0)[:, None]
        if self.other:
            codes[np.isnan(codes) & ~absent] = len(self.levels)
        if self.missing:
            codes[absent] = len(self.levels) + self.other
        encoded = np.zeros((len(labels), len(self.features)))
        rows = np.flatnonzero(~np.isnan(codes))
        encoded[rows, codes[rows].astype(int)] = 1.0
        return encoded

    def encode_one(self, value: Any) -> Sequence[float] | None:
        """One ordinary value as numbers; None if it needs a closer look."""
        place = self._spelled_places.get(value) if type(value) is str else None
        if place is None:
            return None
        if self.embedded:
            return (place + 1.0,)
        return self._rows[place]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {level: i for i, level in enumerate(self.levels)}

    @cached_property
    def _spelled_places(self) -> dict[str, int]:
        """The place of each level where `encode` puts it: that of "True" for "true" too."""
        words = self._truth_words()
        said = {level: words.get(level.lower(), level) for level in self.levels}
        return {level: self._places[word] for level, word in said.items()}

    @cached_property
    def _rows(self) -> list[Sequence[float]]:
        """The outputs of each level, one-hot."""
        return [tuple(row) for row in np.eye(len(self.levels), len(self.features)).tolist()]

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
        seen: dict[str, str] = {}  # in its most frequent spelling
        for level in (*self.levels, *self.known):
            seen.setdefault(level.lower(), level)
        true, false = seen.keys() & TRUE, seen.keys() & FALSE
        if not (len(seen) == 2 and len(true) == len(false) == 1):
            return {}
        return dict.fromkeys(TRUE, seen[true.pop()]) | dict.fromkeys(FALSE, seen[false.pop()])


def _are_numbers(column: pd.Series) -> bool:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
