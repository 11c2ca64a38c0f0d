"""From an opened table and settings to training and test parts, with every check on the way."""

import re
import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from profond._lookup import nearest
from profond.data import ClassTarget, NumberTarget, Table, TablePreprocessor, Target, split_rows
from profond.data._columns import CategoryColumn, Column
from profond.data._conversion import column_of
from profond.data._preprocessor import single_column_hint
from profond.data._target import check_target, fit_classes, present_target
from profond.data._values import at_row, refuse_infinite, to_numbers
from profond.experiment._settings import TableSettings
from profond.experiment._training import TrainingPart

MIN_ROWS = 20
_FEW_TEST_ROWS = 50
_ROWS_A_CLASS = 5
_SHOWN = 6  # classes named in a message
_CALLED_NUMBER = re.compile(r"(?i:(^|[^a-z])(id|index|num|numéro|no|n°)$)|[a-z](Id|ID)$")
_LARGEST = 1e150  # of a target: squared errors are to stay finite


@dataclass(frozen=True)
class Prepared:
    """A run that is ready to train.

    Attributes:
        settings: The settings, with the task filled in.
        part: The training rows, encoded.
        preprocessor: Fitted on them.
        test_inputs: Encoded columns of the test rows.
        test_truth: Their target: numbers, or places of the classes, shape (rows,).
        train_truth: The same for the training rows.
        test_rows: Places of the test rows in the table.
        notes: What was recognised or decided.
        warnings: What may be wrong with the table.
        profile: One row per column: name, kind, share of missing values, use.
    """

    settings: TableSettings
    part: TrainingPart
    preprocessor: TablePreprocessor
    test_inputs: np.ndarray
    test_truth: np.ndarray
    train_truth: np.ndarray
    test_rows: np.ndarray
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    profile: pd.DataFrame


def prepare(table: Table, settings: TableSettings) -> Prepared:
    """Check a table against the settings, split it, and fit the preprocessing.

    Args:
        table: The opened table.
        settings: The settings of the run.

    Raises:
        ValueError: If the table cannot be learned from; the message says what to do.
    """
    frame, name = table.frame, settings.target
    _check_names(table, settings)
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
    rows = np.flatnonzero(present)
    column = column.iloc[rows]
    if len(rows) < MIN_ROWS:
        raise ValueError(
            f"{len(rows)} row(s) with a value of {name!r} are too few for a training, a "
            f"validation and a test part; at least {MIN_ROWS} are needed."
        )
    task, reason = check_target(column, name, settings.task)
    if task != "regression" and name in table.labels:
        # "4 kg" is the name of a class, and so it is predicted.
        column = table.labels[name].iloc[rows]
        task, reason = check_target(column, name, settings.task)
        notes.append(f"the classes of {name!r} keep their unit: {column.iloc[0]!r} and so on")
    settings = replace(settings, task=task)
    target, truth, scarce = _read_target(column, name, task)
    warned += scarce
    notes.append(_task_note(task, target, reason))
    inputs = frame.drop(columns=[name, *settings.drop]).iloc[rows]
    for other in inputs.columns:
        _check_finite(column_of(inputs, other), other)

    classes = truth if isinstance(target, ClassTarget) else None
    train, test = split_rows(
        len(rows), settings.test_size, seed=settings.split_seed, classes=classes
    )
    if settings.max_rows is not None and len(train) > settings.max_rows:
        _, chosen = split_rows(
            len(train),
            settings.max_rows / len(train),
            seed=settings.split_seed,
            classes=None if classes is None else classes[train],
        )
        notes.append(f"{len(chosen)} of the {len(train)} training rows are used, drawn at random")
        train = train[chosen]
    if len(test) < _FEW_TEST_ROWS:
        warned.append(
            f"The test part has only {len(test)} rows: the numbers measured on it are rough."
        )
    preprocessor = TablePreprocessor.fit(
        inputs.iloc[train],
        categories=settings.categories,
        readings=table.readings,
        missing=settings.missing,
    )
    warned += [f"Column {c!r} {why}; it is not used." for c, why in preprocessor.dropped.items()]
    warned += preprocessor.doubts(inputs.iloc[train])
    warned += [
        f"Column {c!r} seems to number the rows; if it says nothing else, leave it out (--drop)."
        for c in preprocessor.column_names
        if _numbers_rows(column_of(inputs, c), c)
    ]
    if isinstance(target, NumberTarget):
        target = NumberTarget.fit(truth[train], name, _non_negative(settings, truth[train]))
        learned = target.encode(truth[train])
    else:
        learned = truth[train]
    return Prepared(
        settings,
        TrainingPart(_transform_quietly(preprocessor, inputs.iloc[train]), learned, task, target),
        preprocessor,
        _transform_quietly(preprocessor, inputs.iloc[test]),
        truth[test],
        truth[train],
        rows[test],
        tuple(notes),
        tuple(warned),
        _profile(frame, preprocessor, settings),
    )


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
            f"has: {', '.join(map(str, table.frame.columns))}.{_where_else(table)}"
        )
    return name


def _check_names(table: Table, settings: TableSettings) -> None:
    frame = table.frame
    asked = {
        "target": [settings.target],
        "drop": settings.drop,
        "category": settings.categories,
    }
    for what, names in asked.items():
        for name in names:
            if name not in frame.columns:
                raise ValueError(_no_column(name, what, table))
    if settings.target in settings.drop:
        raise ValueError(f"The target {settings.target!r} cannot be dropped.")
    if frame.shape[1] - len({settings.target, *settings.drop}) < 1:
        raise ValueError(
            f"There is no column beside the target {settings.target!r} to predict it from."
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


def _read_target(column: pd.Series, name: str, task: str) -> tuple[Target, np.ndarray, list[str]]:
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


def _task_note(task: str, target: Target, reason: str) -> str:
    if isinstance(target, ClassTarget):
        shown = ", ".join(str(label) for label in target.classes[:_SHOWN])
        more = ", ..." if len(target.classes) > _SHOWN else ""
        kind = "binary" if task == "binary" else "multi-class"
        return (
            f"task: {kind} classification of {target.name!r} ({reason}: {shown}{more}); "
            "--task changes it"
        )
    return f"task: regression of {target.name!r} ({reason}); --task changes it"


def _non_negative(settings: TableSettings, values: np.ndarray) -> bool:
    """Whether the target is scaled without centring, for a ReLU output."""
    if settings.output == "relu" and (values < 0).any():
        raise ValueError(
            f"A ReLU output is never negative, and the target {settings.target!r} has negative "
            "values; use the output 'auto' or 'linear'."
        )
    return settings.output != "linear" and bool((values >= 0).all())


def _transform_quietly(preprocessor: TablePreprocessor, frame: pd.DataFrame) -> np.ndarray:
    """Encode rows of the table itself, where what is unusual is part of what is measured."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return preprocessor.transform(frame)


def _profile(
    frame: pd.DataFrame, preprocessor: TablePreprocessor, settings: TableSettings
) -> pd.DataFrame:
    kinds = {column.name: column.kind for column in preprocessor.columns}
    inputs = {column.name: _inputs(column) for column in preprocessor.columns}
    lines = []
    for name in map(str, frame.columns):
        if name == settings.target:
            use = "target"
        elif name in settings.drop:
            use = "dropped as asked"
        elif name in kinds:
            use = inputs[name]
        else:
            use = f"not used: {preprocessor.dropped[name]}"
        column = column_of(frame, name)
        lines.append(
            {
                "column": name,
                "kind": kinds.get(name, "target" if name == settings.target else ""),
                "missing": float(column.isna().mean()),
                "different": int(column.nunique()),
                "use": use,
            }
        )
    return pd.DataFrame(lines)


def _inputs(column: Column) -> str:
    count = f"{len(column.features)} input(s)"
    if isinstance(column, CategoryColumn) and column.other:
        levels, rare = len(column.levels), len(column.known)
        return f"{count}: {levels} levels, and one for the other {rare}"
    return count


def _some_rows(rows: np.ndarray) -> str:
    shown = ", ".join(str(row + 1) for row in rows[:5])
    more = ", ..." if len(rows) > 5 else ""
    return f"row(s) {shown}{more}"
