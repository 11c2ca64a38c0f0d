"""What several sections of the page look at, computed once."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from profond.experiment._on_test_rows import first_rows, used_inputs
from profond.experiment._result import TableResult
from profond.experiment.report._budget import Budget, budget_of
from profond.experiment.report._drawing import Drawings

_SEED = 0


@dataclass(frozen=True)
class Study:
    """A run, and what draws it.

    Attributes:
        result: The run.
        draw: Puts figures into the page.
    """

    result: Any
    draw: Drawings = field(default_factory=Drawings, kw_only=True)

    @property
    def repeated(self) -> bool:
        """Whether rows were measured several times."""
        return len(first_rows(self.result)) < len(self.result.test.rows)


@dataclass(frozen=True)
class TableStudy(Study):
    """A run on a table, and what is found out about its columns for the report.

    Attributes:
        budget: What may be computed.
        importances: Permutation importance of the columns; None where it would take long.
        effort: Test rows and shufflings of each column that it was computed with.
    """

    result: TableResult
    budget: Budget
    importances: pd.DataFrame | None
    effort: tuple[int, int]

    def important(self, most: int) -> list[str]:
        """The columns that matter, the most important first; all of them where it is not known."""
        if self.importances is None:
            return self.result.model.preprocessor.column_names[:most]
        return self.importances["column"].tolist()[:most]


def study_of(result: TableResult) -> TableStudy:
    """Look at a run as closely as its budget allows."""
    budget = budget_of(result)
    names = result.model.preprocessor.column_names
    effort = budget.importance(len(names), len(used_inputs(result)[0]))
    if effort is None:
        return TableStudy(result, budget, None, (0, 0))
    importances = result.importance(rows=effort[0], repeats=effort[1], seed=_SEED)
    return TableStudy(result, budget, importances, effort)
