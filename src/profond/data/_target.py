"""The column to predict: what kind of task it makes, and its way into and out of a network."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from profond._lookup import unknown
from profond.data._conversion import is_missing_text, is_text
from profond.data._numbers import number_share
from profond.data._values import ColumnError, at_row, moments, to_numbers

TASKS = ("regression", "binary", "multiclass")  # of one column
MAX_NUMBER_CLASSES = 20  # distinct whole numbers up to which they are taken for classes
_FAR = 1000.0  # deviations between 0 and the mean from which float32 has too few digits for both
ROWS_PER_CLASS = 5  # rows that each of them must have on average

Label = str | int | float | bool


def never_negative(values: np.ndarray) -> bool:
    """Whether a target is one that is never negative: no value is, and 0 is within reach.

    Of numbers that lie more than 1000 standard deviations above 0, such as seconds since 1970, a
    float32 that is not centred has too few digits for what they differ by, and none that is
    predicted comes near 0: they are centred as others are.

    Args:
        values: Of the training rows, shape (rows,) or (rows, columns).
    """
    if (values < 0).any():
        return False
    columns = np.reshape(values, (len(values), -1)).T
    return all(mean <= _FAR * scale for mean, scale in map(moments, columns))


@dataclass(frozen=True)
class NumberTarget:
    """A number to predict; the network sees (y - centre) / scale.

    A target that is never negative is scaled but not centred, so that a ReLU output (which
    gives any number >= 0, notes 2.3.1) can reach all of it; see `never_negative`.

    Attributes:
        name: Name of the column.
        centre: Mean of the training values, 0 if `non_negative`.
        scale: Their standard deviation, 1 where that is 0.
        non_negative: Whether it is taken to be never negative.
        start: Mean of the training values as the network sees them.
    """

    name: str
    centre: float
    scale: float
    non_negative: bool
    start: float
    kind: ClassVar[str] = "number"
    task: ClassVar[str] = "regression"
    outputs: ClassVar[int] = 1

    @classmethod
    def fit(cls, values: np.ndarray, name: str, non_negative: bool | None = None) -> "NumberTarget":
        """Measure the training values.

        Args:
            values: Numbers, shape (rows,).
            name: Name of the column.
            non_negative: Whether to treat the target as never negative; read from the values
                when None.
        """
        mean, scale = moments(values)
        if non_negative is None:
            non_negative = never_negative(values)
        centre = 0.0 if non_negative else mean
        return cls(name, centre, scale, non_negative, (mean - centre) / scale)

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Numbers to what the network learns, shape (rows, 1), float32."""
        scaled = np.asarray(values, dtype=np.float64) / self.scale - self.centre / self.scale
        return scaled.astype(np.float32)[:, None]

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Network outputs, shape (rows, 1), to numbers in the target's unit, shape (rows,)."""
        return np.asarray(outputs, dtype=np.float64)[:, 0] * self.scale + self.centre


@dataclass(frozen=True)
class ClassTarget:
    """A class to predict.

    Attributes:
        name: Name of the column.
        classes: The labels in order; with two classes the second is the positive one.
    """

    name: str
    classes: tuple[Label, ...]
    kind: ClassVar[str] = "class"

    @property
    def task(self) -> str:
        """What it makes: "binary" or "multiclass"."""
        return "binary" if len(self.classes) <= 2 else "multiclass"

    @property
    def outputs(self) -> int:
        """Neurons of the output layer: one for two classes, else one for each (notes 2.2)."""
        return 1 if self.task == "binary" else len(self.classes)

    def encode(self, labels: pd.Series) -> np.ndarray:
        """Labels to places in `classes`, shape (rows,), int64."""
        places = {label: i for i, label in enumerate(self.classes)}
        return np.array([places[_plain(label)] for label in labels], dtype=np.int64)

    def decode(self, probabilities: np.ndarray) -> list[Label]:
        """The label of the largest probability in each row of shape (rows, classes)."""
        return [self.classes[i] for i in probabilities.argmax(axis=1)]


@dataclass(frozen=True)
class SeveralTargets:
    """Several columns to predict at once: all of them numbers, or all of two classes.

    Attributes:
        parts: One target per column.
    """

    parts: tuple[NumberTarget, ...] | tuple[ClassTarget, ...]
    kind: ClassVar[str] = "several"

    @property
    def name(self) -> str:
        """The names of the columns."""
        return ", ".join(part.name for part in self.parts)

    @property
    def task(self) -> str:
        """What it makes: "regression" or "multilabel"."""
        return "regression" if isinstance(self.parts[0], NumberTarget) else "multilabel"

    @property
    def outputs(self) -> int:
        """One neuron for each column."""
        return len(self.parts)

    @property
    def non_negative(self) -> bool:
        """Whether no training value of any column is negative."""
        return all(isinstance(part, NumberTarget) and part.non_negative for part in self.parts)

    @classmethod
    def of_numbers(
        cls, values: np.ndarray, names: Sequence[str], non_negative: bool | None = None
    ) -> "SeveralTargets":
        """Measure the training values of several numbers, shape (rows, columns).

        A ReLU output is one for all: unless every column is never negative, all are centred.
        """
        if non_negative is None:
            non_negative = never_negative(values)
        parts = [NumberTarget.fit(values[:, k], name, non_negative) for k, name in enumerate(names)]
        return cls(tuple(parts))

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Columns to what the network learns, shape (rows, columns), float32."""
        columns = np.asarray(values).T
        encoded = [
            np.asarray(part.encode(column), dtype=np.float32).reshape(-1, 1)
            for part, column in zip(self.parts, columns, strict=True)
        ]
        return np.hstack(encoded)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Network outputs, shape (rows, columns), in the columns' units; shares as they are."""
        outputs = np.asarray(outputs, dtype=np.float64)
        if self.task == "multilabel":
            return outputs
        parts = [p for p in self.parts if isinstance(p, NumberTarget)]
        return np.column_stack([p.decode(outputs[:, [k]]) for k, p in enumerate(parts)])


Target = NumberTarget | ClassTarget | SeveralTargets


def target_to_dict(target: Target) -> dict[str, Any]:
    """The target as plain values for JSON."""
    if isinstance(target, SeveralTargets):
        return {"kind": target.kind, "parts": [target_to_dict(part) for part in target.parts]}
    return {"kind": target.kind, **asdict(target)}


def target_from_dict(state: Mapping[str, Any]) -> Target:
    """A target from `target_to_dict`.

    Raises:
        ValueError: If the description is not one of a target.
    """
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in state.items() if k != "kind"}
    try:
        if state["kind"] == SeveralTargets.kind:
            parts = tuple(target_from_dict(part) for part in state["parts"])
            if len({type(part) for part in parts} - {SeveralTargets}) != 1:
                raise TypeError("of several kinds")
            return SeveralTargets(parts)  # pyright: ignore[reportArgumentType]
        return {"number": NumberTarget, "class": ClassTarget}[str(state["kind"])](**values)
    except (KeyError, TypeError) as error:
        raise ValueError(f"Not the description of a target: {dict(state)!r}.") from error


def infer_task(column: pd.Series) -> tuple[str, str]:
    """The task that a target column makes, and why, in a few words.

    - Texts, categories and booleans are classes.
    - Numbers with decimals are to be predicted as numbers: regression.
    - Whole numbers are classes if there are two of them, or at most 20 with at least five rows
      each on average; else regression.

    Two classes make a binary task, more a multi-class one (notes 2.2).

    Args:
        column: The target's values, none missing.

    Returns:
        "regression", "binary" or "multiclass", and the reason.
    """
    different = column.nunique()
    classes = "binary" if different <= 2 else "multiclass"
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return classes, f"{different} different labels"
    numbers = column.to_numpy(np.float64)
    if not np.equal(np.mod(numbers, 1.0), 0.0).all():
        return "regression", "numbers with decimals"
    if different <= 2:
        return "binary", f"{different} different whole numbers"
    if different <= MAX_NUMBER_CLASSES and len(numbers) >= ROWS_PER_CLASS * different:
        return "multiclass", f"only {different} different whole numbers"
    return "regression", f"{different} different whole numbers"


def check_target(column: pd.Series, name: str, task: str | None) -> tuple[str, str]:
    """The task of a target column, after a check that its values allow it.

    Args:
        column: The target's values, none missing.
        name: Name of the column.
        task: What the user asked for; inferred when None.

    Returns:
        The task and the reason for it.

    Raises:
        ValueError: If the task is unknown, or there is only one class or one number, or nearly
            every row has a class of its own.
        ColumnError: If numbers are due and the column holds something else.
    """
    if task is not None and task not in TASKS:
        raise ValueError(unknown(task, TASKS, "task"))
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise ColumnError(
            f"The target {name!r} holds dates, which are neither numbers nor classes. Give the "
            "days since a date of your choice, or choose another target."
        )
    if task == "regression" or pd.api.types.is_float_dtype(column.dtype):
        try:
            column = pd.Series(to_numbers(column, name), index=column.index)
        except ColumnError as error:
            raise ColumnError(
                f"{error} It is the target of a regression: choose a column of numbers as target, "
                "or leave the task open (words are classes)."
            ) from None
    elif is_text(column) and task is None:
        _refuse_stray_text(column, name)
    different = column.nunique()
    if different < 2:
        number = pd.api.types.is_numeric_dtype(column.dtype) and task in (None, "regression")
        what = "number" if number else "class"
        raise ValueError(
            f"The target {name!r} has a single {what} ({_plain(column.iloc[0])}) in its "
            f"{len(column)} row(s): there is nothing to learn. At least two are needed."
        )
    inferred, reason = infer_task(column)
    if task is None:
        task = inferred
    else:
        reason = "as asked"
    if task == "binary" and different > 2:
        raise ValueError(
            f"A binary task needs two classes; the target {name!r} has {different}. "
            "Ask for the task 'multiclass'."
        )
    if task == "multiclass" and different == 2:
        task = "binary"
    if task != "regression" and different > max(MAX_NUMBER_CLASSES, len(column) // 2):
        raise ValueError(
            f"The target {name!r} has {different} different values in {len(column)} rows: too "
            "many for classes. Choose another target, or the task 'regression' for numbers."
        )
    return task, reason


def present_target(column: pd.Series, name: str) -> np.ndarray:
    """Which rows have a target value.

    Raises:
        ColumnError: If a value is infinite.
        ValueError: If no row has one.
    """
    if is_text(column):
        text = column.astype("str").where(column.notna()).str.strip()
        present = ~is_missing_text(text)
    else:
        present = column.notna().to_numpy(bool)
    if not present.any():
        raise ValueError(f"The target {name!r} has no values.")
    if pd.api.types.is_float_dtype(column.dtype):
        to_numbers(column, name)  # names an infinite value by its row
    return present


def fit_classes(column: pd.Series, name: str) -> ClassTarget:
    """The classes of a target column, in order: numbers by size, texts by alphabet."""
    return ClassTarget(name, tuple(sorted({_plain(label) for label in column})))


def _plain(label: Any) -> Label:
    """A label as a plain Python value; whole floats (a column with gaps) as integers."""
    if isinstance(label, np.generic):
        label = label.item()
    if isinstance(label, float) and label.is_integer():
        return int(label)
    return label if isinstance(label, bool | int | float) else str(label).strip()


def _refuse_stray_text(column: pd.Series, name: str) -> None:
    text = column.astype("str").str.strip()
    share, position = number_share(text)
    if position is not None and share >= 0.9:
        value = text.iloc[position]
        raise ColumnError(
            f"The target {name!r} holds numbers, but {value!r} in "
            f"{at_row(int(column.index[position]))}. Correct it, or say that it means a missing "
            f"value (--missing {value!r}), or that the values are classes (--task multiclass)."
        )
