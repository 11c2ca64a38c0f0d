"""The rows that the networks get most wrong."""

from typing import Any

import numpy as np
import pandas as pd

from profond.experiment.report._html import Section, label, paragraph, table
from profond.experiment.report._study import TableStudy
from profond.experiment.report._texts import plain, say

_ROWS = 10
_COLUMNS = 5


def errors_section(study: TableStudy) -> Section:
    """A table of rows, with the columns that matter most."""
    result = study.result
    worst = result.worst_errors(_ROWS)
    if worst.empty:
        return Section("errors", say("errors"), paragraph(say("errors_none")))
    regression = result.model.task == "regression"
    answered = list(worst.columns[:3])
    chosen = study.important(_COLUMNS)
    # A column that is called like one of the answers has " (column)" behind its name.
    columns = [f"{name} (column)" if name in answered else name for name in chosen]
    numbers = result.evaluation.numbers
    lines = []
    for place, row in zip(worst.index, worst.to_dict("records"), strict=True):
        truth, predicted, off = (row[name] for name in answered)
        if regression:
            answers = [numbers(truth), numbers(predicted), numbers(off, sign=True)]
        else:
            answers = [label(truth), label(predicted), f"{off:.3f}"]
        lines.append([int(place) + 1, *answers, *(_cell(row[name]) for name in columns)])
    head = [plain("row"), *(plain(name) for name in answered), *chosen]
    places = [0, 3, *([1, 2] if regression else [])]
    places += [
        4 + i for i, c in enumerate(columns) if pd.api.types.is_numeric_dtype(worst[c].dtype)
    ]
    text = say("errors_numbers" if regression else "errors_classes")
    count = len(result.model.preprocessor.column_names)
    if count > len(chosen):
        text += " " + say("errors_columns", all=count, shown=len(chosen))
    return Section("errors", say("errors"), paragraph(text) + table(head, lines, numeric=places))


def _cell(value: Any) -> str:
    if isinstance(value, bool | np.bool):
        return str(value)
    if value is None or pd.api.types.is_scalar(value) and pd.isna(value):
        return "–"
    if isinstance(value, int | float | np.number):
        size = abs(float(value))
        whole = size.is_integer() or 1e5 <= size
        text = f"{size:.0f}" if whole and size < 1e15 else f"{size:.5g}"
        return f"\N{MINUS SIGN}{text}" if value < 0 else text
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return value.date().isoformat()
    return str(value)
