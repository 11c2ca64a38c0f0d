"""From opened series and their description to series that networks learn from, and test ones."""

import numpy as np
import pandas as pd

from profond.data import ClassTarget, NumberTarget, cross_validation, split_by_marks, split_rows
from profond.data._target import check_target, present_target
from profond.data.series import SeriesPreprocessor, SeriesSet
from profond.estimators._class_weights import class_weights
from profond.estimators._members import TrainingPart
from profond.experiment._prepare import read_target, said_task, starts_at_zero, transform_quietly
from profond.experiment._rows import Prepared, Rows
from profond.experiment._series_schema import SeriesExperiment

MIN_SERIES = 10
_FEW_TEST = 50
NAME = "class"  # of labels that have no name


def read_series_rows(series: SeriesSet, experiment: SeriesExperiment) -> Rows:
    """Check series against the description of a run, and split them.

    Args:
        series: The opened series, with labels.
        experiment: The description; `data.target` is given.

    Raises:
        ValueError: If they cannot be learned from; the message says what to do.
    """
    data = experiment.data
    name = str(data.target)
    if series.labels is None:
        raise ValueError(
            f"The series of {series.name or 'the set'} have no labels: there is nothing to learn. "
            "A .ts file says `@classLabel true ...` or `@targetlabel true`; arrays come with "
            "`series_from_arrays(values, labels)`."
        )
    if len(series) < MIN_SERIES:
        raise ValueError(
            f"{len(series)} series are too few for a training and a test part; at least "
            f"{MIN_SERIES} are needed."
        )
    column = pd.Series(series.labels)
    present_target(column, name)  # refuses infinite numbers
    # Numbers in a file of classes are names: "1", "2".
    task, reason = check_target(column, name, data.task)
    experiment = experiment.with_settings({"target": name, "task": task})
    target, truth, scarce = read_target(column, name, task)
    notes = [series.describe(), *series.notes, said_task(task, target, reason)]
    classes = truth if isinstance(target, ClassTarget) else None
    splits = _splits(series, experiment, classes)
    rows = Rows(
        experiment, series, target, truth, np.arange(len(series)), None, None, splits, series,
        notes, scarce,
    )  # fmt: skip
    tested = min(len(test) for _, test in splits)
    if experiment.split.folds is None and tested < _FEW_TEST:
        rows.warnings.append(
            f"The test part has only {tested} series: the numbers measured on it are rough."
        )
    return rows


def _splits(
    series: SeriesSet, experiment: SeriesExperiment, classes: np.ndarray | None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and test series as described, the training series at most as many as wanted."""
    split = experiment.split
    given = series.part is not None and {"train", "test"} <= set(series.part)
    if split.kind == "given" and not given:
        raise ValueError(
            "`split.kind` is given, and the series do not say which of them are the test part: "
            "their file must be NAME_TRAIN with NAME_TEST beside it, or an .npz file with X_train "
            "and X_test. Choose the split random."
        )
    count = len(series)
    if split.folds is not None:
        options = {"repeats": split.repeats, "seed": split.seed, "classes": classes}
        pairs = cross_validation(count, split.folds, **options)
    elif given and split.kind in ("auto", "given"):
        pairs = [split_by_marks(series.part, train=("train", "validation"))]
    else:
        pairs = [split_rows(count, split.test_size, seed=split.seed, classes=classes)]
    limit = experiment.data.max_rows
    if limit is None:
        return pairs
    return [(_drawn(train, limit, classes, split.seed), test) for train, test in pairs]


def _drawn(train: np.ndarray, limit: int, classes: np.ndarray | None, seed: int) -> np.ndarray:
    if len(train) <= limit:
        return train
    of_train = None if classes is None else classes[train]
    _, chosen = split_rows(len(train), limit / len(train), seed=seed, classes=of_train)
    return train[chosen]


def prepare_series(rows: Rows, train: np.ndarray, test: np.ndarray) -> Prepared:
    """Fit the preprocessing on training series, and encode them and the test series.

    Args:
        rows: All series.
        train: Which are learned from.
        test: Which are measured on; may be none.

    Raises:
        ValueError: If nothing can be learned from them, or a test series does not fit.
    """
    experiment = rows.experiment
    preprocessor = SeriesPreprocessor.fit(
        rows.inputs.take(train),
        scaling=experiment.preprocessing.scaling,
        fixed=experiment.network.fixed_length,
    )
    target, learned, weights = rows.target, rows.truth[train], None
    balance = experiment.training.class_weight
    if isinstance(target, ClassTarget):
        if balance is not None:
            weights = class_weights(balance, target, learned)[learned]
    elif balance is not None:
        raise ValueError(
            "`training.class_weight` must be none for a regression; received "
            f"{balance!r}: there are no classes."
        )
    else:
        non_negative = starts_at_zero(experiment, learned)
        target = NumberTarget.fit(learned, target.name, non_negative)
        learned = target.encode(learned)
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
