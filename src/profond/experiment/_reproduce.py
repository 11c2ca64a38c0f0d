"""The command, and the call, that make the same run again."""

import shlex
from typing import Any

from profond.experiment._run_description import RunDescription

# Settings with an option of their own on the command line, where it is not called like them.
_OPTIONS = {"categories": "--category", "drop": "--drop", "missing": "--missing"}
_LISTS = ("drop", "categories", "missing")  # given by one option for each
_SET_ONLY = ("name", "source", "target", "task")


def changed_settings(experiment: RunDescription) -> dict[str, Any]:
    """The settings that differ from their defaults, by plain name, without target and task."""
    found = {}
    for name, place in experiment.plain_names().items():
        section, _, field = place.partition(".")
        changed = getattr(experiment, section).changed()
        if field in changed and name not in _SET_ONLY:
            found[name] = changed[field]
    return found


def command_line(source: str, experiment: RunDescription) -> str:
    """`profond train ...` with every setting that is not a default.

    Args:
        source: Path of the data or name of the bundled set.
        experiment: The description of the run.
    """
    from profond.cli._setting_options import OPTIONS  # what a person would type

    words = ["profond", "train", source]
    if experiment.kind != "table":
        words += ["--kind", experiment.kind]
    if experiment.data.target is not None:
        words += ["--target", str(experiment.data.target)]
    if experiment.data.task is not None:
        words += ["--task", experiment.data.task]
    for name, value in changed_settings(experiment).items():
        place = experiment.plain_names()[name]
        option = _OPTIONS.get(name, "--" + name.replace("_", "-"))
        if name in _LISTS:
            words += [word for each in value for word in (option, str(each))]
        elif name not in OPTIONS and not place.startswith("reading."):
            words += ["--set", f"{place}={_as_text(value)}"]
        elif isinstance(value, bool):
            words.append(option if value else option.replace("--", "--no-"))
        elif isinstance(value, tuple):
            words += [option, ",".join(map(str, value))]
        else:
            words += [option, "tab" if value == "\t" else _as_text(value)]
    return shlex.join(words)


def python_call(experiment: RunDescription) -> str:
    """The same from Python, on data in memory."""
    given: dict[str, Any] = {"target": experiment.data.target, "task": experiment.data.task}
    given |= changed_settings(experiment)
    inside = ", ".join(f"{name}={value!r}" for name, value in given.items())
    if experiment.kind == "table":
        return f"from profond.experiment import train_table\ntrain_table(frame, {inside})"
    described = type(experiment).__name__
    call = f"{described}.of({inside}).run({experiment.kind})"
    return f"from profond.experiment import {described}\n{call}"


def _as_text(value: Any) -> str:
    """A value as `--set` reads it."""
    import tomli_w

    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)} = {_as_text(v)}" for k, v in value.items()) + "}"
    return tomli_w.dumps({"x": list(value) if isinstance(value, tuple) else value})[4:].strip()


def _key(name: str) -> str:
    return name if name.isidentifier() else f'"{name}"'
