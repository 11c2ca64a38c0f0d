"""What a run on series gives back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profond.data.series import SeriesSet
from profond.estimators import SeriesModel
from profond.experiment._on_test_rows import first_rows
from profond.experiment._result import RunResult
from profond.experiment._series_schema import SeriesExperiment

if TYPE_CHECKING:
    import pandas as pd

    from profond.experiment._series_figures import SeriesFigures


@dataclass(frozen=True)
class SeriesResult(RunResult):
    """A finished run on time series.

    Attributes:
        learned: The training series.
        learned_truth: Their numbers, or places of their classes.
    """

    experiment: SeriesExperiment
    model: SeriesModel
    learned: SeriesSet
    learned_truth: np.ndarray

    @property
    def figures(self) -> "SeriesFigures":
        """Every picture of the report, one method each: `result.figures.learning_curves()`."""
        from profond.experiment._series_figures import SeriesFigures

        return SeriesFigures(self)

    @property
    def told_size(self) -> str:
        """Steps and channels of the series."""
        found = self.model.preprocessor
        steps = f"{found.longest}" if found.equal else f"{found.shortest} to {found.longest}"
        channels = len(found.centre)
        return f"{steps} steps of {channels} channel{'s' if channels != 1 else ''}"

    def worst_errors(self, n: int = 10) -> "pd.DataFrame":
        """The test series on which the networks are most wrong; see `figures.worst_errors`.

        The index is the place of the series in the set, from 0; `steps` is its length.
        """
        import pandas as pd

        from profond.experiment._on_test_rows import labels_of_classes
        from profond.figures import worst_errors

        rows = first_rows(self)
        test = self.test
        named = {"name": list(test.inputs.take(rows).names)} if test.inputs.names else {}
        frame = pd.DataFrame({**named, "steps": test.inputs.lengths[rows]}, index=test.rows[rows])
        truth, predicted = test.truth[rows], test.predictions[rows]
        if self.model.task == "regression":
            return worst_errors(frame, truth, predicted, n=n)
        labels = labels_of_classes(self)
        return worst_errors(frame, labels[truth], predicted, n=n, classes=self.model.classes)
