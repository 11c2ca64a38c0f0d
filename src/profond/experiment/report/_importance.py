"""How much the columns matter to the networks."""

from profond.experiment._on_test_rows import importance_metric
from profond.experiment.report._html import Section, paragraph
from profond.experiment.report._study import TableStudy
from profond.experiment.report._texts import plain, say


def importance_section(study: TableStudy) -> Section:
    """Permutation importance, and what it was computed with."""
    result = study.result
    title = say("importance")
    if study.importances is None:
        count = f"{len(result.model.preprocessor.column_names):,}"
        return Section("importance", title, paragraph(say("importance_none", columns=count)))
    rows, repeats = study.effort
    metric = importance_metric(result)
    text = say("importance_text", metric=metric, rows=f"{rows:,}", repeats=repeats)
    body = paragraph(text)
    if result.cross_validated:
        body += paragraph(say("importance_folds"))
    figure = result.figures.permutation_importance(study.importances)
    body += study.draw(figure, say("importance_blue"), alt=plain("alt_importance"))
    return Section("importance", title, body)
