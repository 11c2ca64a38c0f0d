"""The command, and the call, that make the same run again."""

import shlex
from typing import Any

from profond.experiment._schema import PLAIN, Experiment

# Settings with an option of their own on the command line, where it is not called like them.
_OPTIONS = {"categories": "--category", "drop": "--drop", "missing": "--missing"}
_LISTS = ("drop", "categories", "missing")  # given by one option for each
_SET_ONLY = ("name", "source", "target", "task")


def changed_settings(experiment: Experiment) -> dict[str, Any]:
    """The settings that differ from their defaults, by plain name, without target and task."""
    found = {}
    for name, place in PLAIN.items():
        section, _, field = place.partition(".")
        changed = getattr(experiment, section).changed()
        if field in changed and name not in _SET_ONLY:
            found[name] = changed[field]
    return found


def command_line(source: str, experiment: Experiment) -> str:
    """`profond train ...` with every setting that is not a default.

    Args:
        source: Path of the table or name of the bundled set.
        experiment: The description of the run.
    """
    from profond.cli._setting_options import OPTIONS  # what a person would type

    words = ["profond", "train", source, "--target", str(experiment.data.target)]
    if experiment.data.task is not None:
        words += ["--task", experiment.data.task]
    for name, value in changed_settings(experiment).items():
        place = PLAIN[name]
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


def python_call(experiment: Experiment) -> str:
    """The same as a call of `train_table` on a data frame."""
    given: dict[str, Any] = {"target": experiment.data.target, "task": experiment.data.task}
    given |= changed_settings(experiment)
    inside = ", ".join(f"{name}={value!r}" for name, value in given.items())
    return f"train_table(frame, {inside})"


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
