"""How the answer depends on the columns that matter most."""

import numpy as np

from profond.data._conversion import column_of
from profond.experiment._on_test_rows import used_inputs
from profond.experiment.report._budget import MOST_COLUMNS
from profond.experiment.report._html import Section, beside, paragraph
from profond.experiment.report._study import TableStudy
from profond.experiment.report._texts import plain, say

_POINTS = 20  # values of a number or date
_LEVELS = 8  # of a category


def dependence_section(study: TableStudy) -> Section:
    """Partial dependence of the columns whose importance is above 0 for sure, or the first two."""
    result = study.result
    if study.importances is None:
        return Section("dependence", say("dependence"), "")
    sure = int(np.count_nonzero(study.importances["low"].to_numpy() > 0))
    names = study.important(min(max(sure, 2), MOST_COLUMNS))
    kinds = {column.name: column.kind for column in result.model.preprocessor.columns}
    points = {n: _LEVELS if kinds[n] in ("category", "boolean") else _POINTS for n in names}
    frame, _ = used_inputs(result)
    # A column may have no value in the test rows.
    names = [name for name in names if column_of(frame, name).notna().any()]
    rows = study.budget.dependence(len(names), sum(points[name] for name in names), len(frame))
    figures = [
        study.draw(
            result.figures.partial_dependence(
                result.dependence(name, points=points[name], rows=rows)
            ),
            alt=plain("alt_dependence", column=name),
        )
        for name in names
    ]
    several = len(result.model.networks) > 1
    text = say("dependence_text" if several else "dependence_text_one", rows=f"{rows:,}")
    return Section(
        "dependence",
        say("dependence"),
        paragraph(f"{text} {say('dependence_together')}") + beside(*figures),
    )
