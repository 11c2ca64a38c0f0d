"""Command-line options made from the settings of an experiment: one description for all doors."""

import inspect
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any

import typer

from profond.experiment._kinds import NAMES, description_class
from profond.experiment._run_description import section_class

# Settings that have an option of their own, with their panel in `--help`. The others are reached
# by `--set`.
_DATA, _SPLIT, _NETWORK, _TRAINING = "Data", "Split", "Network", "Training"
OPTIONS = {
    "id_column": _DATA,
    "time_column": _DATA,
    "drop": _DATA,
    "categories": _DATA,
    "missing": _DATA,
    "task": _DATA,
    "max_rows": _DATA,
    "scaling": _DATA,
    "size": _DATA,
    "split": _SPLIT,
    "split_column": _SPLIT,
    "test_size": _SPLIT,
    "split_seed": _SPLIT,
    "folds": _SPLIT,
    "architecture": _NETWORK,
    "hidden": _NETWORK,
    "activation": _NETWORK,
    "augment": _NETWORK,
    "pretrained": _NETWORK,
    "frozen": _NETWORK,
    "numbers": _NETWORK,
    "output": _NETWORK,
    "dropout": _NETWORK,
    "l2": _NETWORK,
    "seeds": _TRAINING,
    "seed": _TRAINING,
    "epochs": _TRAINING,
    "patience": _TRAINING,
    "batch_size": _TRAINING,
    "learning_rate": _TRAINING,
    "validation_size": _TRAINING,
    "class_weight": _TRAINING,
    "precision": _TRAINING,
}
_CALLED = {"categories": "category"}  # one of them at a time
_LISTS = ("drop", "categories", "missing")


def with_setting_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that ends in `**settings` an option for each setting in `OPTIONS`.

    The command gets those that were given, by plain name, as texts; one that it has an option for
    itself is left to it.
    """
    own = list(inspect.signature(function).parameters.values())[:-1]
    taken = {parameter.name for parameter in own}
    offered = {name: panel for name, panel in OPTIONS.items() if name not in taken}
    made = [_parameter(name, panel) for name, panel in offered.items()]

    def command(**given: Any) -> Any:
        settings = {
            name: _as_value(name, value)
            for name in offered
            if (value := given.pop(_CALLED.get(name, name))) is not None
        }
        return function(**given, **settings)

    # typer reads the options off the signature.
    command.__signature__ = inspect.Signature(own[:1] + own[1:] + made)  # pyright: ignore[reportFunctionMemberAccess]
    command.__annotations__ = {p.name: p.annotation for p in own + made}
    command.__doc__, command.__name__ = function.__doc__, function.__name__
    return command


def option_name(name: str) -> str:
    """The option of a setting, as a person types it."""
    return f"--{_CALLED.get(name, name).replace('_', '-')}"


def _parameter(name: str, panel: str) -> inspect.Parameter:
    fields = _fields(name)
    called = _CALLED.get(name, name)
    option = typer.Option(
        option_name(name),
        help=_help(name, fields),
        rich_help_panel=panel,
        metavar=_metavar_of(list(fields.values())),
    )
    kind = list[str] | None if name in _LISTS else str | None
    return inspect.Parameter(
        called, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option]
    )


def _fields(name: str) -> dict[str, Any]:
    """The field of a setting in each kind of description that has it."""
    found = {}
    for kind in NAMES:
        described = description_class(kind)
        section, _, field = described.plain_names().get(name, "").partition(".")
        if field:
            found[kind] = section_class(described, section).model_fields[field]
    return found


def _choices(field: Any) -> tuple[Any, ...]:
    literal = typing.get_origin(field.annotation) is typing.Literal
    return typing.get_args(field.annotation) if literal else ()


def _help(name: str, fields: dict[str, Any]) -> str:
    field = next(iter(fields.values()))
    different = {_choices(one) for one in fields.values()}
    if len(different) > 1:  # the choices are those of the kind
        told = [f"{kind}: {', '.join(map(str, _choices(one)))}" for kind, one in fields.items()]
        return f"{name.capitalize()}; {'; '.join(told)} (the first)."
    if len({_metavar(one.annotation) for one in fields.values()}) > 1:
        return " ".join(f"{kind.capitalize()}: {one.description}" for kind, one in fields.items())
    text = field.description.rstrip(".")
    if name in _LISTS:
        return f"{text}; may be repeated."
    default = field.default
    if default is None or any(one.default != default for one in fields.values()):
        return f"{text}."
    shown = (
        ",".join(map(str, default))
        if isinstance(default, tuple)
        else f"{default:g}"
        if (isinstance(default, float))
        else str(default)
    )
    return f"{text} ({shown})."


def _metavar_of(fields: list[Any]) -> str:
    """What stands for a value in `--help`: NAME, where the kinds of data have other choices."""
    shown = {_metavar(field.annotation) for field in fields}
    return shown.pop() if len(shown) == 1 else "NAME"


def _metavar(annotation: Any) -> str:
    """What stands for a value in `--help`."""
    if typing.get_origin(annotation) is typing.Literal:
        return "|".join(map(str, typing.get_args(annotation)))
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return _metavar(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is typing.Annotated:
        return _metavar(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) is tuple:
        inner = typing.get_args(annotation)[0]
        return "TEXT" if inner is str else "UNITS,..."
    return {int: "NUMBER", float: "NUMBER", bool: "yes|no"}.get(annotation, "TEXT")


def _as_value(name: str, text: Any) -> Any:
    if name == "hidden":
        try:
            return [int(part) for part in text.replace(" ", ",").split(",") if part]
        except ValueError:
            raise ValueError(
                f"--hidden takes whole numbers with commas between, like 128,64; received {text!r}."
            ) from None
    return text


def parse_set(texts: list[str]) -> dict[str, Any]:
    """The settings in `--set section.name=value`, values as TOML writes them, or plain text.

    Raises:
        ValueError: If a text has no equals sign.
    """
    import tomllib

    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ValueError(
                f"--set takes section.name=value, like training.learning_rate=0.01; received "
                f"{text!r}."
            )
        try:
            found[name.strip()] = tomllib.loads(f"x = {value}")["x"]
        except tomllib.TOMLDecodeError:
            found[name.strip()] = value.strip()
    return found
