"""What a run gives back."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from profond._progress import Progress
from profond.estimators import TableModel
from profond.estimators._trained_model import TrainedModel
from profond.experiment._evaluation import Evaluation, Interval
from profond.experiment._run_description import RunDescription
from profond.experiment._schema import Experiment

if TYPE_CHECKING:
    from profond.experiment._figures import ResultFigures
    from profond.experiment._table_figures import TableFigures
    from profond.figures import Dependence


@dataclass(frozen=True)
class TestPart:
    """The rows that were measured on, and that no network had learned from.

    Attributes:
        rows: Their places in the data, from 0.
        truth: Numbers, or places of the classes.
        predictions: Of the networks together: numbers, or probabilities (rows, classes). In a
            cross-validation, of those that did not learn from the row.
        inputs: What was predicted from: their columns, or series, or images.
        baselines: What each baseline predicts for them, by name, as `predictions`.
    """

    __test__ = False  # not a test, whatever pytest thinks of the name

    rows: np.ndarray
    truth: np.ndarray
    predictions: np.ndarray
    inputs: Any
    baselines: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class RunResult:
    """A finished run: the model, how good it is, and how it came about.

    Attributes:
        model: The trained model; `predict` uses it.
        evaluation: All scores on the test part, and the verdict.
        history: One row per seed and epoch: losses and metrics.
        experiment: The description of the run, with task and target filled in.
        source: Where the data came from.
        name: Its short name.
        notes: What was recognised, left out or restarted.
        warnings: What may be wrong with the data.
        sizes: Number of rows: "train" (with the inner validation rows) and "test".
        best_epochs: The epoch kept of each network, counted from 1.
        restarts: How many fresh starts each network took because its output had died at 0.
        held_out: How many of the training rows each network held out to decide when to stop.
        seconds: How long training took.
        test: The test part.
    """

    model: TrainedModel
    evaluation: Evaluation
    history: pd.DataFrame
    experiment: RunDescription
    source: str
    name: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    sizes: Mapping[str, int]
    best_epochs: tuple[int, ...]
    restarts: tuple[int, ...]
    held_out: tuple[int, ...]
    seconds: float
    test: TestPart

    @property
    def told_size(self) -> str:
        """How large what each answer comes from is, in a few words."""
        raise NotImplementedError

    @property
    def figures(self) -> "ResultFigures":
        """Every picture of the report, one method each: `result.figures.learning_curves()`."""
        from profond.experiment._figures import ResultFigures

        return ResultFigures(self)

    @property
    def cross_validated(self) -> bool:
        """Whether the result was measured in folds; the kept networks learned from all rows."""
        return self.evaluation.resampled == "folds"

    @property
    def verdict(self) -> str:
        """How the networks compare with the best baseline, in one sentence."""
        return self.evaluation.sentence

    def table(self) -> pd.DataFrame:
        """The scores, one row per model.

        Returns:
            Columns: `model`; the headline metric; `over_seeds` (half of Student's 95 % interval
            of the mean over seeds); `low` and `high` (95 % interval over test rows or folds);
            the other metrics.
        """
        metric = self.evaluation.metric.name
        return pd.DataFrame(
            [
                {
                    "model": score.name,
                    metric: score.value,
                    "over_seeds": score.over_seeds.half if score.over_seeds else np.nan,
                    "low": score.over_rows.low,
                    "high": score.over_rows.high,
                    **score.further,
                }
                for score in self.evaluation.scores
            ]
        )

    def predict(self, data: Any, *, member: int | None = None) -> np.ndarray:
        """Predict other rows; see the model's `predict`."""
        return self.model.predict(data, member=member)

    def save(self, folder: str | os.PathLike[str], *, progress: Progress | None = None) -> None:
        """Keep model, metrics, history and report in a folder.

        The folder appears whole or not at all. An older model folder of this name is replaced
        when the new one is complete; any other folder is left alone. Writing the report takes
        a few seconds, after a long training at most about 20.

        Args:
            folder: Where to; see DESIGN for the files in it.
            progress: Where to show that the report is being written.

        Raises:
            ValueError: If the folder exists and is not a kept model.
            OSError: If it cannot be written; an older folder is then as it was.
        """
        from profond.experiment._folder import check_folder, result_files, write_folder

        write_folder(check_folder(folder), result_files(self, progress))

    def metrics(self) -> dict[str, Any]:
        """Everything measured, as it stands in `metrics.json`."""
        e = self.evaluation
        return {
            "task": e.task,
            "metric": e.metric.name,
            "lower_is_better": e.metric.lower_is_better,
            "rows": dict(self.sizes),
            "scores": plain_scores(e),
            "verdict": e.verdict,
            "sentence": e.sentence,
            "gain_over_best_baseline": e.difference,
            "gain_95": _ends(e.difference_interval),
            "best_epochs": list(self.best_epochs),
            "restarts": list(self.restarts),
            "held_out": list(self.held_out),
            "seconds": round(self.seconds, 3),
        }

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.name!r}: {self.verdict}>"


@dataclass(frozen=True)
class TableResult(RunResult):
    """A finished run on a table.

    Attributes:
        profile: One row per column of the table: name, kind, missing share, use.
        sample: Rows that were used, with all columns, at most 20000 of them, chosen by chance.
    """

    experiment: Experiment
    model: TableModel
    profile: pd.DataFrame
    sample: pd.DataFrame

    @property
    def told_size(self) -> str:
        """How many columns the networks use."""
        count = len(self.model.preprocessor.columns)
        return f"{count:,} column{'s' if count != 1 else ''}"

    @property
    def figures(self) -> "TableFigures":
        """Every picture of the report, one method each: `result.figures.learning_curves()`."""
        from profond.experiment._table_figures import TableFigures

        return TableFigures(self)

    def importance(
        self,
        *,
        rows: int | None = 2000,
        repeats: int = 5,
        seed: int = 0,
        progress: Callable[[int, int], None] | None = None,
    ) -> pd.DataFrame:
        """How much worse the predictions for the test rows are when a column is shuffled.

        The increase of the RMSE in the target's unit, of classes that of the log loss in nats;
        see `profond.figures.permutation_importance_of`. In a cross-validation the kept networks
        learned from these rows: it is then what they use, not what helps on new rows.

        Args:
            rows: At most so many test rows, chosen by chance; all when None.
            repeats: Shufflings of each column, >= 1.
            seed: Of the choice and the shufflings.
            progress: Called with the number of shufflings done and their total.

        Returns:
            Columns `column`, `importance`, `low`, `high` (95 %), the most important first.
        """
        from profond.experiment._on_test_rows import importance_of

        return importance_of(self, rows=rows, repeats=repeats, seed=seed, progress=progress)

    def dependence(
        self, column: str, *, points: int = 20, rows: int = 500, seed: int = 0
    ) -> "Dependence":
        """What each network predicts, on average over test rows, by the value of a column.

        Args:
            column: Its name.
            points: At most so many values of it, >= 2.
            rows: At most so many test rows, chosen by chance.
            seed: Of the choice.

        Returns:
            The dependence; `figures.partial_dependence(column)` draws it.

        Raises:
            ValueError: If the networks do not use such a column.
        """
        from profond.experiment._on_test_rows import dependence_of

        return dependence_of(self, column, points=points, rows=rows, seed=seed)

    def worst_errors(self, n: int = 10) -> pd.DataFrame:
        """The test rows on which the networks are most wrong; see `figures.worst_errors`.

        The index is the row's place in the table, from 0.
        """
        from profond.experiment._on_test_rows import worst_of

        return worst_of(self, n)


def plain_scores(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The scores as they stand in `metrics.json`."""
    return [
        {
            "model": score.name,
            "role": score.role,
            "value": score.value,
            "over_seeds_95": _ends(score.over_seeds),
            f"over_{evaluation.resampled.replace(' ', '_')}_95": _ends(score.over_rows),
            "per_seed": list(score.per_seed),
            **score.further,
        }
        for score in evaluation.scores
    ]


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]
