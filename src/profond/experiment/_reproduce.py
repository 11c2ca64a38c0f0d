"""The command that makes the same run again."""

import shlex
from dataclasses import fields

from profond.experiment._settings import TableSettings

_OPTIONS = {"categories": "--category", "drop": "--drop", "missing": "--missing"}


def changed_settings(settings: TableSettings) -> dict[str, object]:
    """The settings that differ from their defaults, without target and inferred task."""
    defaults = {f.name: f.default for f in fields(TableSettings)}
    return {
        name: getattr(settings, name)
        for name, default in defaults.items()
        if name not in ("target", "task") and getattr(settings, name) != default
    }


def command_line(source: str, settings: TableSettings) -> str:
    """`profond train ...` with every setting that is not a default.

    Args:
        source: Path of the table or name of the bundled set.
        settings: The settings of the run.
    """
    words = ["profond", "train", source, "--target", settings.target]
    if settings.task is not None:
        words += ["--task", settings.task]
    for name, value in changed_settings(settings).items():
        option = _OPTIONS.get(name, "--" + name.replace("_", "-"))
        if name == "hidden":
            words += [option, ",".join(map(str, settings.hidden))]
        elif isinstance(value, bool):
            words.append(option if value else option.replace("--", "--no-"))
        elif isinstance(value, tuple):
            words += [word for each in value for word in (option, str(each))]
        else:
            words += [option, "tab" if value == "\t" else str(value)]
    return shlex.join(words)


def python_call(settings: TableSettings) -> str:
    """The same as a call of `train_table` on a data frame."""
    given: dict[str, object] = {"target": settings.target, "task": settings.task}
    given |= changed_settings(settings)
    inside = ", ".join(f"{name}={value!r}" for name, value in given.items())
    return f"train_table(frame, {inside})"
