"""How good the networks are, beside the baselines."""

from html import escape

from profond.experiment._evaluation import Score
from profond.experiment._result import RunResult
from profond.experiment.report._html import Section, paragraph, table
from profond.experiment.report._study import Study
from profond.experiment.report._texts import networks, plain, say


def verdict(result: RunResult) -> str:
    """The sentence that everything comes to."""
    return paragraph(escape(result.verdict), f"verdict {result.evaluation.verdict}")


def scores_section(study: Study) -> Section:
    """The table of scores and its picture."""
    result = study.result
    evaluation, count = result.evaluation, len(result.model.networks)
    metric = evaluation.metric.name
    caption = say("comparison", metric=metric, over=evaluation.over)
    if count > 1:
        caption += say("dots", networks=networks(count))
    how = "scores_folds" if result.cross_validated else "scores" if count > 1 else "scores_one"
    body = (
        _scores(result)
        + paragraph(say(how, called=evaluation.called), "small")
        + study.draw(
            result.figures.comparison(), caption, alt=plain("alt_comparison", metric=metric)
        )
    )
    title = say("result_folds") if result.cross_validated else say("result")
    return Section("result", title, body)


def _scores(result: RunResult) -> str:
    evaluation = result.evaluation
    show, further = evaluation.numbers, list(evaluation.scores[0].further)

    def row(score: Score) -> list[str]:
        return [
            score.name,
            show(score.value),
            f"± {show(score.over_seeds.half)}" if score.over_seeds else "",
            f"{show(score.over_rows.low)} to {show(score.over_rows.high)}",
            *(show.of(n, score.further[n]) if n in score.further else "" for n in further),
        ]

    head = [
        plain("model"),
        evaluation.metric.name,
        plain("over_seeds"),
        plain("over", over=evaluation.over),
        *further,
    ]
    kept = evaluation.scores.index(evaluation.kept)
    rows = [row(score) for score in evaluation.scores]
    return table(head, rows, numeric=range(1, len(head)), kept=kept)
