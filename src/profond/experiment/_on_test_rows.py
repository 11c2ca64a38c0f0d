"""What the kept networks make of the columns, and where they are most wrong, on test rows."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from profond._lookup import unknown
from profond.experiment._detectable import small_test_warning
from profond.experiment._prepare import transform_quietly
from profond.experiment._result import RunResult, TableResult

if TYPE_CHECKING:
    from profond.figures import Dependence

# A probability of 0 is no infinite loss: float32 knows none below it beside 1.
_LEAST = 1e-7


def first_rows(result: RunResult) -> np.ndarray:
    """Places in the test part where each row of the table comes for the first time.

    A cross-validation that is repeated measures every row several times; pictures show each
    once, as their intervals take rows for independent.
    """
    return np.sort(np.unique(result.test.rows, return_index=True)[1])


def labels_of_classes(result: RunResult) -> np.ndarray:
    """The classes as an array of their own values, shape (classes,)."""
    labels = np.empty(len(result.model.classes), dtype=object)
    labels[:] = result.model.classes
    return labels


def used_inputs(result: TableResult) -> tuple[pd.DataFrame, np.ndarray]:
    """The columns that the networks use, of the test rows once each; and what is true of them.

    Returns:
        The table, and numbers or places of the classes, shape (rows,).
    """
    rows = first_rows(result)
    frame = result.test.inputs[result.model.preprocessor.column_names].iloc[rows]
    return frame, result.test.truth[rows]


def encoded_quietly(result: RunResult, inputs: Any) -> Any:
    """What the networks take, without warnings of what the training rows had not."""
    return transform_quietly(result.model.preprocessor, inputs)


def predictors(result: TableResult) -> list[Callable[[pd.DataFrame], Any]]:
    """The numbers, or the probabilities (rows, classes), of each network.

    All of them are asked about the same rows, which are encoded once.
    """
    model = result.model
    last: list[Any] = [None, None]

    def encoded(frame: pd.DataFrame) -> np.ndarray:
        if last[0] is None or not frame.equals(last[0]):
            last[:] = frame, encoded_quietly(result, frame)
        return last[1]

    def network(member: int) -> Callable[[pd.DataFrame], Any]:
        return lambda frame: model.outputs(encoded(frame), member)

    return [network(i) for i in range(len(model.networks))]


def importance_metric(result: TableResult) -> str:
    """The name of what increases when a column is shuffled."""
    return "RMSE" if result.model.task == "regression" else "log loss"


def importance_of(
    result: TableResult,
    *,
    rows: int | None,
    repeats: int,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """See `TableResult.importance`."""
    from profond.figures import permutation_importance_of

    frame, truth = used_inputs(result)
    regression = result.model.task == "regression"
    return permutation_importance_of(
        lambda rows: result.model.outputs(encoded_quietly(result, rows)),
        frame,
        truth,
        _squared_error if regression else _log_loss,
        rows=rows,
        repeats=repeats,
        seed=seed,
        of_mean=np.sqrt if regression else None,
        progress=progress,
    )


def _squared_error(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return (np.asarray(predicted) - truth) ** 2


def _log_loss(truth: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    likely = probabilities[np.arange(len(truth)), truth]
    return -np.log(np.clip(likely, _LEAST, 1.0))


def dependence_of(
    result: TableResult, column: str, *, points: int, rows: int, seed: int = 0
) -> "Dependence":
    """See `TableResult.dependence`."""
    from profond.figures import partial_dependence_of

    names = result.model.preprocessor.column_names
    if column not in names:
        raise ValueError(f"`column`: {unknown(column, map(str, names), 'column of the networks')}")
    frame, _ = used_inputs(result)
    return partial_dependence_of(
        predictors(result), frame, column, points=points, rows=rows, seed=seed
    )


def worst_of(result: TableResult, n: int) -> pd.DataFrame:
    """See `TableResult.worst_errors`."""
    from profond.figures import worst_errors

    rows = first_rows(result)
    frame = result.test.inputs.iloc[rows].set_axis(result.test.rows[rows], axis=0)
    truth, predicted = result.test.truth[rows], result.test.predictions[rows]
    if result.model.task == "regression":
        return worst_errors(frame, truth, predicted, n=n)
    labels = labels_of_classes(result)
    return worst_errors(frame, labels[truth], predicted, n=n, classes=result.model.classes)


def interval_coverage(result: RunResult, level: float = 0.9) -> float | None:
    """The share of test rows whose number lies inside its interval.

    Args:
        result: The run.
        level: Share that is to lie inside, in (0, 1).

    Returns:
        The share; None for classes, after a cross-validation (the kept networks learned from all
        rows), and where too few rows were held out for a finite interval.
    """
    from profond.estimators._conformal import rows_for_level

    model = result.model
    if model.task != "regression" or result.cross_validated or not model.residuals:
        return None
    if min(len(held_out) for held_out in model.residuals) < rows_for_level(level):
        return None
    ends = model.interval(encoded_quietly(result, result.test.inputs), level=level)
    inside = (ends[:, 0] <= result.test.truth) & (result.test.truth <= ends[:, 1])
    return float(inside.mean())


def small_test(result: RunResult) -> str | None:
    """A sentence if the test part is too small for the difference from the best baseline.

    It is said only where the verdict is open, of a single test part: in a cross-validation rows
    are not independent, and its corrected interval says it all.
    """
    evaluation = result.evaluation
    if evaluation.verdict != "undecided" or result.cross_validated or not evaluation.difference:
        return None
    metric, truth = evaluation.metric, result.test.truth
    best = result.test.baselines[evaluation.best_baseline]
    ours, theirs = (
        metric.linear_per_row(predictions, truth) for predictions in (result.test.predictions, best)
    )
    return small_test_warning(ours, theirs, of=metric.name, called=evaluation.called)
