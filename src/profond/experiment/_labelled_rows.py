"""From a set of labelled series or images, and a description, to what networks learn from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from profond.data import ClassTarget, cross_validation, split_by_marks, split_rows
from profond.data._target import check_target, present_target
from profond.estimators._members import TrainingPart
from profond.experiment._prepare import (
    drawn,
    learned_target,
    read_target,
    said_task,
    transform_quietly,
)
from profond.experiment._rows import Prepared, Rows

_FEWEST = 10
_FEW_TEST = 50
NAME = "class"  # of labels that have no name


@dataclass(frozen=True)
class Ways:
    """How a set comes to labels and to a split, in a sentence each.

    Attributes:
        labels: How it comes to labels.
        split: How it says which rows are the test part.
    """

    labels: str
    split: str


def read_labelled_rows(found: Any, experiment: Any, *, called: str, ways: Ways) -> Rows:
    """Check a set against the description of a run, and split it.

    Args:
        found: The opened set, with labels.
        experiment: The description; `data.target` is given.
        called: What its rows are called: "series", "images".
        ways: How labels and a split come about, for messages.

    Raises:
        ValueError: If nothing can be learned from it; the message says what to do.
    """
    data = experiment.data
    name = str(data.target)
    if found.labels is None:
        raise ValueError(
            f"The {called} of {found.name or 'the set'} have no labels: there is nothing to learn. "
            f"{ways.labels}"
        )
    if len(found) < _FEWEST:
        raise ValueError(
            f"{len(found)} {called} are too few for a training and a test part; at least "
            f"{_FEWEST} are needed."
        )
    column = pd.Series(found.labels)
    present_target(column, name)  # refuses infinite numbers
    # Numbers in a file of classes are names: "1", "2".
    task, reason = check_target(column, name, data.task)
    experiment = experiment.with_settings({"target": name, "task": task})
    target, truth, scarce = read_target(column, name, task)
    notes = [*found.notes, found.describe(), said_task(task, target, reason)]
    classes = truth if isinstance(target, ClassTarget) else None
    splits = _splits(found, experiment, classes, ways)
    limit = data.max_rows
    if limit is not None and any(len(train) > limit for train, _ in splits):
        of_fold = "" if experiment.split.folds is None else " of a fold"
        notes.append(
            f"{limit} of the {len(splits[0][0])} training {called}{of_fold} are used, drawn at "
            "random"
        )
        seed = experiment.split.seed
        splits = [(drawn(train, limit, classes, seed), test) for train, test in splits]
    rows = Rows(
        experiment, found, target, truth, np.arange(len(found)), None, None, splits, found,
        notes, scarce,
    )  # fmt: skip
    tested = min(len(test) for _, test in splits)
    if experiment.split.folds is None and tested < _FEW_TEST:
        rows.warnings.append(
            f"The test part has only {tested} {called}: the numbers measured on it are rough."
        )
    return rows


def says_its_parts(found: Any) -> bool:
    """Whether a set says which of its rows are the training and the test part."""
    return found.part is not None and {"train", "test"} <= set(found.part)


def _splits(
    found: Any, experiment: Any, classes: np.ndarray | None, ways: Ways
) -> list[tuple[np.ndarray, np.ndarray]]:
    """All training and test rows, as described."""
    split = experiment.split
    given = says_its_parts(found)
    if split.kind == "given" and not given:
        raise ValueError(
            "`split.kind` is given, and the set does not say which of its rows are the test part: "
            f"{ways.split} Choose the split random."
        )
    count = len(found)
    if split.folds is not None:
        options = {"repeats": split.repeats, "seed": split.seed, "classes": classes}
        return cross_validation(count, split.folds, **options)
    if given and split.kind in ("auto", "given"):
        return [split_by_marks(found.part, train=("train", "validation"))]
    return [split_rows(count, split.test_size, seed=split.seed, classes=classes)]


def prepare_labelled(
    rows: Rows, train: np.ndarray, test: np.ndarray, preprocessor: Any
) -> Prepared:
    """Encode training rows and test rows.

    Args:
        rows: All rows.
        train: Which are learned from.
        test: Which are measured on; may be none.
        preprocessor: Fitted on the training rows.

    Raises:
        ValueError: If nothing can be learned from them, or a test row does not fit.
    """
    target, learned, weights = learned_target(rows, train)
    part = TrainingPart(
        transform_quietly(preprocessor, rows.inputs.take(train)),
        learned,
        target,
        preprocessor.layout,
        weights,
    )
    tested = rows.inputs.take(test) if len(test) else None
    inputs = part.inputs[:0] if tested is None else transform_quietly(preprocessor, tested)
    return Prepared(rows, part, preprocessor, train, test, inputs)
