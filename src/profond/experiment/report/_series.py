"""The sections of a run on series."""

from profond.experiment._series_result import SeriesResult
from profond.experiment.report._answers import answers_section
from profond.experiment.report._html import Section, paragraph
from profond.experiment.report._network import network_section
from profond.experiment.report._remarks import remarks_section
from profond.experiment.report._reproduce import reproduce_section
from profond.experiment.report._scores import scores_section
from profond.experiment.report._set_errors import errors_table
from profond.experiment.report._study import Study
from profond.experiment.report._texts import plain, say
from profond.experiment.report._training import training_section

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
    listed = errors_table(result, called="series")
    if not listed:
        return Section("errors", say("errors"), paragraph(say("errors_none")))
    regression = result.model.task == "regression"
    body = paragraph(say("errors_series_numbers" if regression else "errors_series"))
    body += study.draw(result.figures.worst_series(_DRAWN), alt=plain("errors"))
    return Section("errors", say("errors"), body + listed)
