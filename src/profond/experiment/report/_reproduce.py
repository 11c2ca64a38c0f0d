"""How the run is made again, and the model used."""

import platform

from profond.experiment._kinds import kind_of
from profond.experiment._reproduce import command_line, python_call
from profond.experiment._result import RunResult
from profond.experiment.report._html import Section, code, paragraph, subheading
from profond.experiment.report._study import Study
from profond.experiment.report._texts import say


def reproduce_section(study: Study) -> Section:
    """Command, description, versions, and how to predict."""
    result = study.result
    body = (
        subheading(say("again"))
        + code(_again(result))
        + paragraph(f"{say('again_text')} {say('versions', versions=_versions())}", "small")
        + subheading(say("use_title"))
        + code(kind_of(result.experiment).use)
        + paragraph(say("figures_text"), "small")
        + subheading(say("description"))
        + paragraph(say("description_text"), "small")
        + code(result.experiment.to_toml().strip(), long=True)
    )
    return Section("reproduce", say("reproduce"), body)


def _again(result: RunResult) -> str:
    if result.source in ("a data frame", ""):
        return python_call(result.experiment)
    return command_line(result.source, result.experiment)


def _versions() -> str:
    import numpy
    import sklearn
    import torch

    from profond import __version__

    found = {
        "profond": __version__,
        "Python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "scikit-learn": sklearn.__version__,
    }
    return ", ".join(f"{name} {version}" for name, version in found.items())
