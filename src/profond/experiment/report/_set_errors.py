"""The series or images that the networks get most wrong, in a table."""

from typing import Any

from profond.experiment.report._html import label, table
from profond.experiment.report._texts import plain

_ROWS = 10


def errors_table(result: Any, *, called: str) -> str:
    """Place, truth, answer, and how wrong it is; nothing if no row is wrong.

    Args:
        result: A run on series or images.
        called: The heading of the place.
    """
    worst = result.worst_errors(_ROWS)
    if worst.empty:
        return ""
    regression = result.model.task == "regression"
    numbers, answered, further = result.evaluation.numbers, worst.columns[:3], worst.columns[3:]
    lines = []
    for place, row in zip(worst.index, worst.to_dict("records"), strict=True):
        truth, predicted, off = (row[name] for name in answered)
        if regression:
            answers = [numbers(truth), numbers(predicted), numbers(off, sign=True)]
        else:
            answers = [label(truth), label(predicted), f"{off:.3f}"]
        lines.append([int(place) + 1, *answers, *(row[name] for name in further)])
    head = [plain(called), *map(plain, answered), *map(plain, further)]
    right = [0, 3, *([1, 2] if regression else [])]
    right += [4 + i for i, name in enumerate(further) if name == "steps"]
    return table(head, lines, numeric=right)
