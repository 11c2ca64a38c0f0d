"""What a run learns from and is measured on, whatever the kind of data."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from profond.data import ClassTarget, Target
from profond.estimators._members import TrainingPart


@dataclass(frozen=True)
class Rows:
    """The rows (series, images) that have a target, checked, before anything is fitted.

    Attributes:
        experiment: The description, with the task filled in.
        inputs: What is predicted from, in the form of its kind: a data frame, a `SeriesSet`, ...
        target: The classes; of a regression, all numbers (each part fits its own).
        truth: Numbers, or places of the classes, shape (rows,).
        places: Where each row stands in the data, from 0.
        groups: Group of each row, where the split is by group.
        order: Time of each row, where the split is by time.
        splits: Training and test rows; several for a cross-validation.
        data: What was opened.
        notes: What was recognised or decided.
        warnings: What may be wrong with the data.
    """

    experiment: Any
    inputs: Any
    target: Target
    truth: np.ndarray
    places: np.ndarray
    groups: np.ndarray | None
    order: np.ndarray | None
    splits: list[tuple[np.ndarray, np.ndarray]]
    data: Any
    notes: list[str]
    warnings: list[str]

    @property
    def classes(self) -> np.ndarray | None:
        """The class of each row; None for a regression."""
        return self.truth if isinstance(self.target, ClassTarget) else None


@dataclass(frozen=True)
class Prepared:
    """Training rows with the preprocessing that was fitted on them, ready to train.

    Attributes:
        rows: All rows.
        part: The training rows, encoded.
        preprocessor: Fitted on them.
        train: Which of the rows they are.
        test: Which are the test rows; none for a final training on all.
        test_inputs: The test rows, encoded: an array, or what is read by rows.
    """

    rows: Rows
    part: TrainingPart
    preprocessor: Any
    train: np.ndarray
    test: np.ndarray
    test_inputs: Any

    @property
    def train_truth(self) -> np.ndarray:
        """The target of the training rows."""
        return self.rows.truth[self.train]

    @property
    def test_truth(self) -> np.ndarray:
        """The target of the test rows."""
        return self.rows.truth[self.test]
