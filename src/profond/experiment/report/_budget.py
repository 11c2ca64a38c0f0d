"""How many rows and repeats a report can afford: what it computes costs a share of the training."""

import time
from dataclasses import dataclass

from profond.experiment._on_test_rows import encoded_quietly, used_inputs
from profond.experiment._result import TableResult

_SHARE = 0.06  # of the training's time
_LEAST, _MOST = 0.8, 10.0  # seconds
_IMPORTANCE = 0.6  # of them; the others are for the dependence
_PROBED = 500  # rows that the time is measured with
_PATIENCE = 4.0  # times its due that the smallest effort may take
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
        per_row: Seconds to predict a row with all networks.
        seconds: For all of it.
    """

    per_row: float
    seconds: float

    def importance(self, columns: int, available: int) -> tuple[int, int] | None:
        """Test rows and shufflings of each column; None where even few would take too long."""
        due = _IMPORTANCE * self.seconds
        for rows, repeats in _EFFORTS:
            rows = min(rows, available)
            if self.per_row * rows * repeats * columns <= due:
                return rows, repeats
        least = self.per_row * min(_EFFORTS[-1][0], available) * _EFFORTS[-1][1] * columns
        return (rows, repeats) if least <= _PATIENCE * due else None

    def dependence(self, values: int, available: int) -> int:
        """Test rows for the dependence on `values` values of columns in all."""
        due = (1 - _IMPORTANCE) * self.seconds
        affordable = (rows for rows in _ROWS if self.per_row * rows * values <= due)
        return min(next(affordable, _ROWS[-1]), available)


def budget_of(result: TableResult) -> Budget:
    """The budget of a run, after a look at how long its networks take for a row."""
    frame, _ = used_inputs(result)
    probe = frame.iloc[[i % len(frame) for i in range(_PROBED)]]
    result.model.outputs(encoded_quietly(result, probe.iloc[:20]))  # the first call costs more
    began = time.perf_counter()
    result.model.outputs(encoded_quietly(result, probe))
    per_row = (time.perf_counter() - began) / _PROBED
    return Budget(per_row, min(max(_SHARE * result.seconds, _LEAST), _MOST))
