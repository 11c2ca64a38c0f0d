"""Rows whose target is known, as a kept model reads them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from profond._lookup import nearest
from profond.data import ClassTarget, SeveralTargets, open_table
from profond.data._bundled import BUNDLED
from profond.data._conversion import column_of, convert_text_columns, is_text
from profond.data._target import present_target
from profond.data._values import ColumnError, at_row, to_labels, to_numbers
from profond.estimators import TableModel

_SHOWN = 5  # unknown classes named in a message


@dataclass(frozen=True)
class KnownRows:
    """Rows with a target, to measure a model on.

    Attributes:
        inputs: The rows, with all columns of the table; the series.
        truth: Numbers, or places of the classes, shape (rows,).
        places: Where each row stands in the table, from 0.
        left_out: How many rows without a target there were beside them.
        name: Short name of the table.
        source: Where it came from.
        notes: How it was read, one sentence each.
        learned_from: Whether it is the file that the model was trained on.
    """

    inputs: Any
    truth: np.ndarray
    places: np.ndarray
    left_out: int
    name: str
    source: str
    notes: tuple[str, ...]
    learned_from: bool = False


def read_known_rows(
    model: Any,
    data: Any,
    target: str | None = None,
    reading: Mapping[str, Any] | None = None,
) -> KnownRows:
    """Read data as those that a model learned from were read, their target too.

    Args:
        model: The model.
        data: A path, a bundled set, or the data themselves.
        target: In a table, the column with the truth; the model's own when None.
        reading: How a table's file is written, as `open_table` takes it, where it differs.

    Raises:
        ValueError: If the target is absent or does not fit the model.
        FileNotFoundError: If there is no such file.
    """
    from profond.experiment._kinds import kind_named

    return kind_named(model.kind).known(model, data, target, reading)


def known_rows_of_table(
    model: TableModel,
    data: Any,
    target: str | None = None,
    reading: Mapping[str, Any] | None = None,
) -> KnownRows:
    """Read a table as the model's training table was read, its target too.

    Args:
        model: The model.
        data: A path, a bundled set, or a pandas or polars data frame.
        target: The column with the truth; the model's own when None.
        reading: How the file is written, as `open_table` takes it, where it differs.

    Raises:
        ValueError: If the model predicts several columns, the target is absent or has no value,
            or holds a class that the model does not know.
        ColumnError: If numbers are due and the target holds something else.
        FileNotFoundError: If there is no such file.
    """
    goal = model.target
    if isinstance(goal, SeveralTargets):
        raise ValueError(
            f"The model predicts several columns ({goal.name}); it is measured from Python, one "
            "column at a time, with `predict`."
        )
    data = os.fspath(data) if isinstance(data, os.PathLike) else data
    given = {**model.reading, **(reading or {})}
    preprocessor = model.preprocessor
    names = [target or goal.name]
    table = open_table(
        data, missing=preprocessor.missing, readings=preprocessor.readings, names=names, **given
    )
    name = _target_column(table.frame, names[0])
    column = column_of(table.frame, name)
    if is_text(column) and not _of_texts(goal):
        marks = {reading.decimal for reading in table.readings.values() if reading.decimal}
        known = given.get("decimal") or (marks.pop() if len(marks) == 1 else None)
        converted, _, _ = convert_text_columns(
            column.to_frame(),
            separator=table.separator,
            decimal=known,
            missing=preprocessor.missing,
        )
        column = column_of(converted, name)
    present = present_target(column, name)
    places = np.flatnonzero(present)
    truth = (
        places_of(column, name, goal) if isinstance(goal, ClassTarget) else _numbers(column, name)
    )
    return KnownRows(
        table.frame.iloc[places].reset_index(drop=True),
        truth[places],
        places,
        int(len(present) - len(places)),
        table.name,
        table.source,
        table.notes,
        is_training_file(table.source, model.experiment.get("data", {}).get("source")),
    )


def is_training_file(source: str, known: Any) -> bool:
    """Whether a table comes from the file, or is the bundled set, that a model learned from."""
    if not isinstance(known, str):
        return False
    if source in BUNDLED and not os.path.exists(source):
        return source == known
    return os.path.exists(source) and os.path.exists(known) and os.path.samefile(source, known)


def _target_column(frame: pd.DataFrame, name: str) -> str:
    names = [str(column) for column in frame.columns]
    if name in names:
        return name
    alike = [other for other in names if other.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    guess = nearest(name, names)
    hint = f" (is it {guess!r}?)" if guess else ""
    raise ValueError(
        f"There is no column {name!r}{hint}, which holds the truth to measure on. The columns "
        f"are: {', '.join(names)}. Say which one it is (--target)."
    )


def _of_texts(target: Any) -> bool:
    return isinstance(target, ClassTarget) and all(isinstance(c, str) for c in target.classes)


def _numbers(column: pd.Series, name: str) -> np.ndarray:
    return to_numbers(column, name)


def places_of(column: pd.Series, name: str, target: ClassTarget) -> np.ndarray:
    """The place of each label among the model's classes; -1 where it is missing."""
    spelled = to_labels(pd.Series(list(target.classes), dtype=object))
    known = {str(label): i for i, label in enumerate(spelled)}
    labels = to_labels(column)
    places = labels.map(known).to_numpy(np.float64, na_value=np.nan)
    strange = np.flatnonzero(np.isnan(places) & labels.notna().to_numpy(bool))
    if strange.size:
        counts = labels.iloc[strange].value_counts()
        shown = ", ".join(repr(label) for label in counts.index[:_SHOWN])
        more = f" and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else ""
        raise ColumnError(
            f"The target {name!r} holds {shown}{more} in {strange.size} row(s) (the first is "
            f"{at_row(int(strange[0]))}), which is no class of the model: it knows "
            f"{', '.join(map(repr, target.classes))}. Leave these rows out, or train on them."
        )
    return np.nan_to_num(places, nan=-1.0).astype(np.intp)
