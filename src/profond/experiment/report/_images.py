"""The sections of a run on images."""

from profond.experiment._image_result import ImageResult
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


def image_sections(result: ImageResult) -> list[Section]:
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
    """Examples of the training images."""
    result = study.result
    text = say("image_data", train=f"{len(result.learned):,}", size=result.told_size)
    figure = result.figures.image_examples()
    key = "image_examples" if result.model.classes else "images_by_number"
    return Section(
        "data",
        say("data"),
        paragraph(text) + study.draw(figure, say(key), alt=plain("alt_images"), tall=True),
    )


def _seeing_section(study: Study) -> Section:
    """What a network has learned to see: its first filters, and where it looks."""
    pictures = study.result.figures
    body = study.draw(pictures.learned_filters(), say("filters"), alt=plain("alt_filters"))
    if "class_activation" in pictures.names:
        body += study.draw(pictures.class_activation(), say("looks"), alt=plain("alt_looks"))
    return Section("seeing", say("seeing"), body)


def _errors_section(study: Study) -> Section:
    """The images that the networks get most wrong: a picture, and a table."""
    result = study.result
    listed = errors_table(result, called="image")
    if not listed:
        return Section("errors", say("errors"), paragraph(say("errors_none")))
    regression = result.model.task == "regression"
    body = paragraph(say("errors_images_numbers" if regression else "errors_images"))
    if "most_confident_errors" in result.figures.names:
        figure = result.figures.most_confident_errors()
        body += study.draw(figure, say("surest"), alt=plain("errors"))
    return Section("errors", say("errors"), body + listed)
