"""What a run on a table gives back."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from profond.estimators import TableModel
from profond.experiment._evaluation import Evaluation, Interval
from profond.experiment._schema import Experiment


@dataclass(frozen=True)
class TestPart:
    """The rows that were measured on, and that no network had learned from.

    Attributes:
        rows: Their places in the table, from 0.
        truth: Numbers, or places of the classes.
        predictions: Of the networks together: numbers, or probabilities (rows, classes). In a
            cross-validation, of those that did not learn from the row.
        inputs: Their other columns.
    """

    __test__ = False  # not a test, whatever pytest thinks of the name

    rows: np.ndarray
    truth: np.ndarray
    predictions: np.ndarray
    inputs: pd.DataFrame


@dataclass(frozen=True)
class TableResult:
    """A finished run: the model, how good it is, and how it came about.

    Attributes:
        model: The trained model; `predict` uses it.
        evaluation: All scores on the test part, and the verdict.
        history: One row per seed and epoch: losses and metrics.
        experiment: The description of the run, with task and target filled in.
        source: Where the table came from.
        name: Its short name.
        notes: What was recognised, left out or restarted.
        warnings: What may be wrong with the table.
        sizes: Number of rows: "train" (with the inner validation rows) and "test".
        best_epochs: The epoch kept of each network, counted from 1.
        restarts: How many fresh starts each network took because its output had died at 0.
        held_out: How many of the training rows each network held out to decide when to stop.
        seconds: How long training took.
        test: The test part.
        profile: One row per column of the table: name, kind, missing share, use.
    """

    model: TableModel
    evaluation: Evaluation
    history: pd.DataFrame
    experiment: Experiment
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
    profile: pd.DataFrame

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
        """Predict the rows of another table; see `TableModel.predict`."""
        return self.model.predict(data, member=member)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Keep model, metrics, history and report in a folder.

        The folder appears whole or not at all. An older model folder of this name is replaced
        when the new one is complete; any other folder is left alone.

        Args:
            folder: Where to; see DESIGN for the files in it.

        Raises:
            ValueError: If the folder exists and is not a kept model.
            OSError: If it cannot be written; an older folder is then as it was.
        """
        from profond.experiment._folder import result_files, write_folder

        write_folder(folder, result_files(self))

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
        return f"<TableResult of {self.name!r}: {self.verdict}>"


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
