"""The sections of a run on series."""

from profond.experiment._series_result import SeriesResult
from profond.experiment.report._answers import answers_section
from profond.experiment.report._html import Section, label, paragraph, table
from profond.experiment.report._network import network_section
from profond.experiment.report._remarks import remarks_section
from profond.experiment.report._reproduce import reproduce_section
from profond.experiment.report._scores import scores_section
from profond.experiment.report._study import Study
from profond.experiment.report._texts import plain, say
from profond.experiment.report._training import training_section

_ROWS = 10
_DRAWN = 6


def series_sections(result: SeriesResult) -> list[Section]:
    """The sections, in the order of the page."""
    study = Study(result)
    build = (
        scores_section,
        remarks_section,
        _data_section,
        network_section,
        _seeing_section,
        training_section,
        answers_section,
        _errors_section,
        reproduce_section,
    )
    return [section for make in build if (section := make(study)).body]


def _data_section(study: Study) -> Section:
    """Examples of the training series."""
    result = study.result
    text = say("series_data", train=f"{len(result.learned):,}", size=result.told_size)
    figure = result.figures.series_examples()
    key = "series_examples" if result.model.classes else "series_by_number"
    return Section(
        "data",
        say("data"),
        paragraph(text) + study.draw(figure, say(key), alt=plain("alt_series"), tall=True),
    )


def _seeing_section(study: Study) -> Section:
    """What a network has learned to find: its first filters, and when it finds it."""
    pictures = study.result.figures
    body = ""
    if "learned_filters" in pictures.names:
        body += study.draw(pictures.learned_filters(), say("filters"), alt=plain("alt_filters"))
    if "class_activation" in pictures.names:
        figure = pictures.class_activation()
        body += study.draw(figure, say("finds"), alt=plain("alt_finds"))
    return Section("seeing", say("seeing"), body)


def _errors_section(study: Study) -> Section:
    """The series that the networks get most wrong: a picture, and a table."""
    result = study.result
    worst = result.worst_errors(_ROWS)
    if worst.empty:
        return Section("errors", say("errors"), paragraph(say("errors_none")))
    regression = result.model.task == "regression"
    figure = result.figures.worst_series(_DRAWN)
    body = paragraph(say("errors_series_numbers" if regression else "errors_series"))
    body += study.draw(figure, alt=plain("errors"))
    numbers = result.evaluation.numbers
    answered = list(worst.columns[:3])
    lines = []
    for place, row in zip(worst.index, worst.to_dict("records"), strict=True):
        truth, predicted, off = (row[name] for name in answered)
        if regression:
            answers = [numbers(truth), numbers(predicted), numbers(off, sign=True)]
        else:
            answers = [label(truth), label(predicted), f"{off:.3f}"]
        lines.append([int(place) + 1, *answers, *(row[name] for name in worst.columns[3:])])
    head = [plain("series"), *map(plain, answered), *(plain(name) for name in worst.columns[3:])]
    right = [0, 3, len(head) - 1, *([1, 2] if regression else [])]
    return Section("errors", say("errors"), body + table(head, lines, numeric=right))
