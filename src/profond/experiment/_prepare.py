"""From an opened table and its description to rows that networks learn from, and test rows."""

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd

from profond._lookup import nearest
from profond.data import (
    ClassTarget,
    NumberTarget,
    Table,
    TablePreprocessor,
    Target,
    cross_validation,
    split_by_marks,
    split_rows,
)
from profond.data._conversion import column_of
from profond.data._encoded_rows import encoded_rows
from profond.data._preprocessor import single_column_hint
from profond.data._target import check_target, fit_classes, never_negative, present_target
from profond.data._values import at_row, refuse_infinite, to_numbers
from profond.data._warnings import table_warnings
from profond.data.columns import CategoryColumn, Column
from profond.estimators._class_weights import class_weights
from profond.estimators._members import TrainingPart
from profond.experiment._rows import Prepared, Rows
from profond.experiment._run_description import RunDescription
from profond.experiment._schema import Experiment

MIN_ROWS = 20
_FEW_TEST_ROWS = 50
_ROWS_A_CLASS = 5
_SHOWN = 6  # classes named in a message
_NAMED = 40  # columns named in a message
_CALLED_NUMBER = re.compile(r"(?i:(^|[^a-z])(id|index|num|numéro|no|n°)$)|[a-z](Id|ID)$")
_LARGEST = 1e150  # of a target: squared errors are to stay finite


def read_rows(table: Table, experiment: Experiment) -> Rows:
    """Check a table against the description of a run, and split its rows.

    Args:
        table: The opened table.
        experiment: The description; `data.target` is given.

    Raises:
        ValueError: If the table cannot be learned from; the message says what to do.
    """
    frame, data, split = table.frame, experiment.data, experiment.split
    name = str(data.target)
    _check_names(table, experiment)
    notes: list[str] = list(table.notes)
    warned: list[str] = []
    column = column_of(frame, name)
    present = present_target(column, name)
    if not present.all():
        lost = np.flatnonzero(~present)
        warned.append(
            f"{len(lost)} row(s) without a value of the target {name!r} were left out "
            f"({_some_rows(lost)})."
        )
    places = np.flatnonzero(present)
    column = column.iloc[places]
    if len(places) < MIN_ROWS:
        raise ValueError(
            f"{len(places)} row(s) with a value of {name!r} are too few for a training, a "
            f"validation and a test part; at least {MIN_ROWS} are needed."
        )
    task, reason = check_target(column, name, data.task)
    if task != "regression" and name in table.labels:
        # "4 kg" is the name of a class, and so it is predicted.
        column = table.labels[name].iloc[places]
        task, reason = check_target(column, name, data.task)
        notes.append(f"the classes of {name!r} keep their unit: {column.iloc[0]!r} and so on")
    experiment = experiment.with_settings({"target": name, "task": task})
    target, truth, scarce = read_target(column, name, task)
    notes.append(said_task(task, target, reason))
    unused = [split.column] if split.kind in ("group", "column") else []
    inputs = frame.drop(columns=[name, *data.drop, *filter(None, unused)]).iloc[places]
    for other in inputs.columns:
        _check_finite(column_of(inputs, other), other)
    marks = None if split.column is None else column_of(frame, split.column).iloc[places]
    groups = np.asarray(marks) if marks is not None and split.kind == "group" else None
    order = None
    if split.kind == "time":
        order = np.arange(len(places)) if marks is None else np.asarray(marks)
    rows = Rows(
        experiment, inputs, target, truth, places, groups, order, [], table, notes, warned + scarce
    )
    rows.splits.extend(_splits(rows, marks))
    tested = min(len(test) for _, test in rows.splits)
    if split.folds is None and tested < _FEW_TEST_ROWS:
        rows.warnings.append(
            f"The test part has only {tested} rows: the numbers measured on it are rough."
        )
    # What a cross-validation keeps learns from all rows.
    learned = rows.splits[0][0] if split.folds is None else np.arange(len(places))
    classes = list(target.classes) if isinstance(target, ClassTarget) else None
    rows.warnings.extend(table_warnings(inputs.iloc[learned], truth[learned], classes=classes))
    return rows


def _splits(rows: Rows, marks: pd.Series | None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and test rows as described, the training rows at most as many as wanted."""
    split = rows.experiment.split
    # Time goes before the classes: the last rows are the test part, whatever they are.
    options = {
        "seed": split.seed,
        "groups": rows.groups,
        "order": rows.order,
        "classes": rows.classes if rows.order is None else None,
    }
    count = len(rows.truth)
    if split.kind == "column":
        pairs = [split_by_marks(marks)]
    elif split.folds is not None:
        pairs = cross_validation(count, split.folds, repeats=split.repeats, **options)
    else:
        pairs = [split_rows(count, split.test_size, **options)]
    limit = rows.experiment.data.max_rows
    if limit is None or all(len(train) <= limit for train, _ in pairs):
        return pairs
    of_fold = "" if split.folds is None else " of a fold"
    final = "" if split.folds is None else f"; the networks that are kept learn from all {count}"
    rows.notes.append(
        f"{limit} of the {len(pairs[0][0])} training rows{of_fold} are used, drawn at random{final}"
    )
    seed = split.seed
    return [(drawn(train, limit, rows.classes, seed), test) for train, test in pairs]


def drawn(train: np.ndarray, limit: int, classes: np.ndarray | None, seed: int) -> np.ndarray:
    """At most so many of the training rows, each class with its share."""
    if len(train) <= limit:
        return train
    of_train = None if classes is None else classes[train]
    _, chosen = split_rows(len(train), limit / len(train), seed=seed, classes=of_train)
    return train[chosen]


def learned_target(rows: Rows, train: np.ndarray) -> tuple[Target, np.ndarray, np.ndarray | None]:
    """The target fitted on training rows, what the networks learn of them, and their weights.

    Raises:
        ValueError: If classes are weighed and there are none, or a ReLU output cannot give what is
            learned.
    """
    experiment = rows.experiment
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
        non_negative = _starts_at_zero(experiment, learned)
        target = NumberTarget.fit(learned, target.name, non_negative)
        learned = target.encode(learned)
    return target, learned, weights


def prepare(rows: Rows, train: np.ndarray, test: np.ndarray) -> Prepared:
    """Fit the preprocessing on training rows, and encode them and the test rows.

    Args:
        rows: All rows.
        train: Which are learned from.
        test: Which are measured on; may be none.

    Raises:
        ValueError: If no column is left to predict from, or a value does not fit its column.
    """
    experiment, inputs = rows.experiment, rows.inputs
    chosen = experiment.preprocessing
    preprocessor = TablePreprocessor.fit(
        inputs.iloc[train],
        categories=chosen.categories,
        readings=rows.data.readings,
        missing=experiment.data.missing,
        scaling=chosen.scaling,
        embed_from=chosen.embed_from,
    )
    target, learned, weights = learned_target(rows, train)
    part = TrainingPart(
        transform_quietly(preprocessor, inputs.iloc[train]),
        learned,
        target,
        preprocessor.layout,
        weights,
        None if rows.groups is None else rows.groups[train],
        None if rows.order is None else rows.order[train],
    )
    test_inputs = transform_quietly(preprocessor, inputs.iloc[test])
    return Prepared(rows, part, preprocessor, train, test, test_inputs)


def column_warnings(prepared: Prepared) -> list[str]:
    """What may be wrong with the columns of the training rows."""
    preprocessor = prepared.preprocessor
    inputs = prepared.rows.inputs
    said = [f"Column {c!r} {why}; it is not used." for c, why in preprocessor.dropped.items()]
    said += preprocessor.doubts(inputs.iloc[prepared.train])
    return said + [
        f"Column {c!r} seems to number the rows; if it says nothing else, leave it out (--drop)."
        for c in preprocessor.column_names
        if _numbers_rows(column_of(inputs, c), c)
    ]


def _numbers_rows(column: pd.Series, name: str) -> bool:
    """Whether a column holds a whole number of its own for every row, and is called so."""
    return (
        bool(_CALLED_NUMBER.search(name))
        and pd.api.types.is_integer_dtype(column.dtype)
        and bool(column.is_unique)
    )


def target_name(table: Table, target: str | None) -> str:
    """The column to predict: what was asked for, or the usual one of a bundled set.

    Raises:
        ValueError: If none was asked for and the table has no usual one.
    """
    name = target if target is not None else table.target
    if name is None:
        raise ValueError(
            "Say which column to predict (`target`, on the command line --target). The table "
            f"has: {_some_names(table.frame)}.{_may_be_series(table.frame)}{_where_else(table)}"
        )
    return name


def _some_names(frame: pd.DataFrame) -> str:
    """The columns, of very many the first ones."""
    names = list(map(str, frame.columns))
    if len(names) <= _NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: _NAMED // 2])} and {len(names) - _NAMED // 2} more"


def _may_be_series(frame: pd.DataFrame) -> str:
    """What to do if rows of many numbers without names are series, as in the UCR archive."""
    names = list(map(str, frame.columns))
    nameless = len(names) > _NAMED and all(re.fullmatch(r"column_\d+", name) for name in names)
    return " If each row is a time series, its label first, say --kind series." * nameless


def _check_names(table: Table, experiment: Experiment) -> None:
    frame, data, split = table.frame, experiment.data, experiment.split
    target = str(data.target)
    asked = {
        "target": [target],
        "drop": data.drop,
        "category": experiment.preprocessing.categories,
        "split column": [] if split.column is None else [split.column],
    }
    for what, names in asked.items():
        for name in names:
            if name not in frame.columns:
                raise ValueError(_no_column(name, what, table))
    twins = [name for name in table.renamed if re.fullmatch(rf"{re.escape(target)}\.\d+", name)]
    if twins and not set(twins) <= set(data.drop):
        # One of them would be predicted from the other.
        raise ValueError(
            f"The target {target!r} is the name of {len(twins) + 1} columns, of which the further "
            f"are called {', '.join(twins)} here. Rename them in the file, or leave those out that "
            f"are not meant (--drop {twins[0]!r})."
        )
    if target in data.drop:
        raise ValueError(f"The target {target!r} cannot be dropped.")
    if split.column == target:
        raise ValueError(f"The rows cannot be split by the target {target!r}; name another column.")
    if frame.shape[1] - len({target, *data.drop}) < 1:
        raise ValueError(
            f"There is no column beside the target {target!r} to predict it from."
            f"{_where_else(table)}"
        )


def _no_column(name: str, what: str, table: Table) -> str:
    names = list(map(str, table.frame.columns))
    guess = nearest(name, names)
    hint = f" Did you mean {guess!r}?" if guess else ""
    if all(re.fullmatch(r"column_\d+", known) for known in names):
        hint += " The first row was taken for data, not names; --header takes it for names."
    return (
        f"There is no column {name!r} ({what}).{hint} The columns are: {', '.join(names)}."
        f"{_where_else(table)}"
    )


def _where_else(table: Table) -> str:
    """Where a column that is not there may be: in another sheet, in a line that was not cut."""
    hint = single_column_hint(list(table.frame.columns)) if table.separator else ""
    if table.sheets:
        hint += f" The workbook has other sheets: {', '.join(table.sheets)} (--sheet)."
    return hint


def _check_finite(column: pd.Series, name: str) -> None:
    if pd.api.types.is_float_dtype(column.dtype):
        rows = column.index.to_numpy()
        numbers = np.zeros(rows.max() + 1)  # one place per row of the table, to name it
        numbers[rows] = column.to_numpy(np.float64, na_value=np.nan)
        refuse_infinite(numbers, name)


def read_target(column: pd.Series, name: str, task: str) -> tuple[Target, np.ndarray, list[str]]:
    """The target, its values as the run compares them, and a warning for scarce classes."""
    if task == "regression":
        truth = to_numbers(column, name)
        largest = int(np.abs(truth).argmax())
        if abs(truth[largest]) > _LARGEST:
            raise ValueError(
                f"The target {name!r} holds {truth[largest]:g} in "
                f"{at_row(int(column.index[largest]))}: too large for a squared error. Correct it, "
                "or predict the logarithm."
            )
        return NumberTarget.fit(truth, name), truth, []
    target = fit_classes(column, name)
    truth = target.encode(column)
    counts = np.bincount(truth, minlength=len(target.classes))
    scarce = [f"{target.classes[k]} ({counts[k]})" for k in np.flatnonzero(counts < _ROWS_A_CLASS)]
    if not scarce:
        return target, truth, []
    shown = ", ".join(scarce[:_SHOWN])
    more = f" and {len(scarce) - _SHOWN} more" if len(scarce) > _SHOWN else ""
    warning = (
        f"Class(es) with very few rows: {shown}{more}; they can hardly be learned or measured."
    )
    return target, truth, [warning]


def said_task(task: str, target: Target, reason: str) -> str:
    if isinstance(target, ClassTarget):
        shown = ", ".join(str(label) for label in target.classes[:_SHOWN])
        more = ", ..." if len(target.classes) > _SHOWN else ""
        kind = "binary" if task == "binary" else "multi-class"
        return (
            f"task: {kind} classification of {target.name!r} ({reason}: {shown}{more}); "
            "--task changes it"
        )
    return f"task: regression of {target.name!r} ({reason}); --task changes it"


def _starts_at_zero(experiment: RunDescription, values: np.ndarray) -> bool:
    """Whether the target is scaled without centring, for a ReLU output."""
    output = experiment.network.output
    if output == "relu" and (values < 0).any():
        raise ValueError(
            f"A ReLU output is never negative, and the target {experiment.data.target!r} has "
            "negative values; use the output 'auto' or 'linear'."
        )
    return output == "relu" or (output == "auto" and never_negative(values))


def transform_quietly(preprocessor: Any, inputs: Any) -> Any:
    """Encode rows of the data itself, where what is unusual is part of what is measured.

    Returns:
        An array, or of images in files what reads them by rows.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return encoded_rows(preprocessor, inputs)


def profile(prepared: Prepared) -> pd.DataFrame:
    """One row per column of the table: name, kind, share of missing values, use."""
    frame, preprocessor = prepared.rows.data.frame, prepared.preprocessor
    data, split = prepared.rows.experiment.data, prepared.rows.experiment.split
    kinds = {column.name: column.kind for column in preprocessor.columns}
    inputs = {column.name: _inputs(column) for column in preprocessor.columns}
    lines = []
    for name in map(str, frame.columns):
        if name == data.target:
            use = "target"
        elif name in data.drop:
            use = "dropped as asked"
        elif name in kinds:
            use = inputs[name]
        elif name == split.column:
            use = "says how the rows are split"
        else:
            use = f"not used: {preprocessor.dropped[name]}"
        column = column_of(frame, name)
        lines.append(
            {
                "column": name,
                "kind": kinds.get(name, "target" if name == data.target else ""),
                "missing": float(column.isna().mean()),
                "different": int(column.nunique()),
                "use": use,
            }
        )
    return pd.DataFrame(lines)


def _inputs(column: Column) -> str:
    count = f"{len(column.features)} input(s)"
    if isinstance(column, CategoryColumn) and column.embedded:
        return f"an embedding of {column.codes} codes"
    if isinstance(column, CategoryColumn) and column.other:
        levels, rare = len(column.levels), len(column.known)
        return f"{count}: {levels} levels, and one for the other {rare}"
    return count


def _some_rows(rows: np.ndarray) -> str:
    shown = ", ".join(str(row + 1) for row in rows[:5])
    more = ", ..." if len(rows) > 5 else ""
    return f"row(s) {shown}{more}"
