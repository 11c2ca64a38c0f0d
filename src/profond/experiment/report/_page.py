"""The page: head, contents and sections in order."""

import warnings

from profond._progress import Progress, duration
from profond.experiment._kinds import kind_of
from profond.experiment._result import RunResult, TableResult
from profond.experiment.report._answers import answers_section
from profond.experiment.report._data import data_section
from profond.experiment.report._dependence import dependence_section
from profond.experiment.report._errors import errors_section
from profond.experiment.report._html import Section
from profond.experiment.report._importance import importance_section
from profond.experiment.report._network import network_section
from profond.experiment.report._remarks import remarks_section
from profond.experiment.report._reproduce import reproduce_section
from profond.experiment.report._scores import scores_section, verdict
from profond.experiment.report._study import study_of
from profond.experiment.report._style import STYLE
from profond.experiment.report._texts import networks, say
from profond.experiment.report._training import training_section

_OF_TABLES = (
    scores_section,
    remarks_section,
    data_section,
    network_section,
    training_section,
    answers_section,
    importance_section,
    dependence_section,
    errors_section,
    reproduce_section,
)


def report_html(result: RunResult, *, progress: Progress | None = None) -> str:
    """The report of a run, an HTML page that needs no other file, no script and no network.

    What is computed for it (permutation importance, partial dependence) takes as many rows and
    repeats as a few per cent of the training's time allow; the page says how many.

    Args:
        result: The run.
        progress: Where to show that the page is being written.
    """
    if progress is not None:
        progress.stage("writing the report")
    with warnings.catch_warnings():
        # The text stays text in the page, and a browser has the letters that our font lacks.
        warnings.filterwarnings("ignore", r"Glyph .* missing from")
        sections = kind_of(result.experiment).report(result)
    title = say("title", name=result.name, target=result.model.target.name)
    body = "\n".join(map(str, sections))
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{STYLE}</style></head><body>
<header>
<h1>{title}</h1>
<p class="under">{_facts(result)}</p>
{verdict(result)}{_contents(sections)}</header>
<main>
{body}
</main>
</body></html>
"""


def table_sections(result: TableResult) -> list[Section]:
    """The sections of a run on a table."""
    study = study_of(result)
    return [section for build in _OF_TABLES if (section := build(study)).body]


def _contents(sections: list[Section]) -> str:
    links = "".join(f'<li><a href="#{s.anchor}">{s.title}</a></li>' for s in sections)
    return f'<nav aria-label="{say("contents")}"><ul>{links}</ul></nav>\n'


def _facts(result: RunResult) -> str:
    model = result.model
    return say(
        "facts_folds" if result.cross_validated else "facts",
        kind=say(model.task, count=len(model.classes)),
        train=f"{result.sizes['train']:,}",
        test=f"{result.sizes['test']:,}",
        columns=result.told_size,
        called=result.evaluation.called,
        networks=networks(len(model.networks)),
        time=duration(result.seconds) if result.seconds >= 1 else say("at_once"),
    )
