"""How many rows and repeats a report can afford: what it computes costs a share of the training."""

import time
from dataclasses import dataclass

import numpy as np

from profond.experiment._on_test_rows import encoded_quietly, used_inputs
from profond.experiment._result import TableResult
from profond.figures._frames import ROWS_AT_ONCE

_SHARE = 0.06  # of the training's time
_LEAST, _MOST = 1.5, 10.0  # seconds
_IMPORTANCE = 0.6  # of them; the others are for the dependence
_PROBED = 5000  # rows that the time is measured with: a call costs much, a row little
_FEW = 100  # rows that the time of a call is measured with
_PATIENCE = 4.0  # times its due that the smallest effort may take
_LITTLE = 1.5  # times the least effort that a larger one may take in any case
# Few steps, so that a run made again on the same machine has the same numbers.
_EFFORTS = (
    (2000, 10), (2000, 5), (1000, 5), (1000, 3), (500, 3), (250, 3), (250, 2), (100, 2),
)  # fmt: skip
_ROWS = (500, 250, 100, 50)
MOST_COLUMNS = 6  # with a picture of their dependence


@dataclass(frozen=True)
class Budget:
    """What may be computed.

    Attributes:
        per_call: Seconds that predicting costs, however few the rows.
        per_row: Seconds to predict a row more with all networks.
        seconds: For all of it.
    """

    per_call: float
    per_row: float
    seconds: float

    def importance(self, columns: int, available: int) -> tuple[int, int] | None:
        """Test rows and shufflings of each column; None where even few would take too long."""
        due = _IMPORTANCE * self.seconds
        efforts = [(min(rows, available), repeats) for rows, repeats in _EFFORTS]
        costs = [columns * self._cost(rows * repeats) for rows, repeats in efforts]
        if costs[-1] > _PATIENCE * due:
            return None
        # Where the calls themselves cost most, more rows come for little more.
        due = max(due, _LITTLE * costs[-1])
        return next(e for e, cost in zip(efforts, costs, strict=True) if cost <= due)

    def dependence(self, columns: int, values: int, available: int) -> int:
        """Test rows for the dependence on so many columns, with so many values in all."""
        due = (1 - _IMPORTANCE) * self.seconds - columns * self.per_call
        affordable = (rows for rows in _ROWS if self.per_row * rows * values <= due)
        return min(next(affordable, _ROWS[-1]), available)

    def _cost(self, rows: int) -> float:
        return self.per_call * -(-rows // ROWS_AT_ONCE) + self.per_row * rows


def budget_of(result: TableResult) -> Budget:
    """The budget of a run, after a look at how long its networks take."""
    frame, _ = used_inputs(result)

    def seconds(rows: int) -> float:
        probe = frame.iloc[np.arange(rows) % len(frame)]
        began = time.perf_counter()
        result.model.outputs(encoded_quietly(result, probe))
        return time.perf_counter() - began

    seconds(_FEW)  # the first call costs more
    few, many = seconds(_FEW), seconds(_PROBED)
    per_row = max(many - few, 0.0) / (_PROBED - _FEW)
    return Budget(few, per_row, min(max(_SHARE * result.seconds, _LEAST), _MOST))
