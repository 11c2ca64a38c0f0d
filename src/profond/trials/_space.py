"""The space of a search: which settings are tried, and between which values."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

# Of these sections a setting may be searched: the others say what is learned and measured.
_SEARCHED = ("preprocessing", "network", "training")
# With these, the scores of two trials would not be of the same thing.
_FIXED = (
    "training.class_weight",
    "training.validation_size",
    "training.calibrate",
    "training.augment",  # scores of windows of series beside scores of whole ones
)
_HOW = (
    "(low, high), (low, high, 'log'), a list of choices, or a distribution of "
    "`optuna.distributions`"
)


@dataclass(frozen=True)
class Dimension:
    """One setting of the space.

    Attributes:
        name: The setting.
        distribution: Optuna's distribution of it.
        choices: The choices by the label that the storage keeps; None for numbers.
    """

    name: str
    distribution: Any
    choices: dict[Any, Any] | None = None

    def decode(self, kept: Any) -> Any:
        """The value of the setting that a storage keeps as `kept`."""
        return kept if self.choices is None else self.choices[kept]

    def encode(self, value: Any) -> Any:
        """What a storage keeps of a value of the setting that lies in the space."""
        if self.choices is not None:
            return next(k for k, v in self.choices.items() if _same(v, value))
        return value

    def holds(self, value: Any) -> bool:
        """Whether a value of the setting lies in the space."""
        if self.choices is not None:
            return any(_same(v, value) for v in self.choices.values())
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return bool(self.distribution.low <= value <= self.distribution.high)

    @property
    def described(self) -> str:
        """The dimension in a few words, the same in every session."""
        return repr(self.distribution)

    @property
    def log(self) -> bool:
        """Whether it is drawn on a logarithmic scale."""
        return bool(getattr(self.distribution, "log", False))


def dimensions(space: Mapping[str, Any], integers: Mapping[str, bool] | None = None) -> Any:
    """The dimensions of a space.

    Args:
        space: By name: a range, choices, or a distribution of Optuna.
        integers: For some names, whether a range is of whole numbers; by its ends otherwise.

    Returns:
        The dimensions, in order.

    Raises:
        ValueError: If the space is empty, or an entry is none of these.
    """
    if not isinstance(space, Mapping) or not space:
        raise ValueError(f"`space` must give a {_HOW} for each name; received {space!r}.")
    nameless = [name for name in space if not isinstance(name, str)]
    if nameless:
        raise ValueError(f"`space` must have names that are texts; received {nameless[0]!r}.")
    known = integers or {}
    return [_dimension(name, value, known.get(name)) for name, value in space.items()]


def setting_space(experiment: Any, space: Mapping[str, Any] | None) -> list[Dimension]:
    """The dimensions of a space of an experiment's settings, by section and name.

    Raises:
        ValueError: If a name is unknown or not to be searched, or an end or a choice is a value
            that the setting cannot have.
    """
    from profond._lookup import unknown

    plain_names = experiment.plain_names()
    allowed = [place for place in plain_names.values() if _may_be_searched(place)]
    named: dict[str, Any] = {}
    for name, value in dict(experiment.default_space if space is None else space).items():
        full = plain_names.get(name, name)
        if full not in plain_names.values():
            known = [name for name, place in plain_names.items() if place in allowed]
            names = allowed if "." in name else known
            raise ValueError(unknown(name, names, "setting in `space`"))
        if full not in allowed:
            raise ValueError(
                f"`space` must hold settings of {', '.join(_SEARCHED)} that leave the scores "
                f"comparable; received {name!r}. Fix it in the experiment."
            )
        if full in named:
            raise ValueError(f"`space` must name each setting once; received {full!r} twice.")
        takes_list = isinstance(_field(experiment, full).default, tuple)
        if takes_list and isinstance(value, tuple):
            raise ValueError(
                f"`space[{name!r}]` must be a list of choices, like [(64,), (128, 128)]; received "
                f"the range {value!r}."
            )
        named[full] = _listed(value) if takes_list and isinstance(value, list) else value
    found = dimensions(named, {name: _is_whole(_field(experiment, name)) for name in named})
    for dimension in found:
        for value in _extremes(dimension):
            experiment.with_settings({dimension.name: value})
    return found


def read_space(texts: Sequence[str]) -> dict[str, Any]:
    """A space as the command line writes it: `NAME=LOW..HIGH`, `NAME=LOW..HIGH:log`, `NAME=A|B|C`.

    Raises:
        ValueError: If a text is written otherwise.
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, said = (part.strip() for part in text.partition("="))
        ends = re.fullmatch(r"(.+?)\.\.(.+?)(:log)?", said)
        if not equals or not name or not said or (ends is None and "|" not in said):
            raise ValueError(
                "--space takes NAME=LOW..HIGH, NAME=LOW..HIGH:log or NAME=CHOICE|CHOICE, like "
                f"training.learning_rate=1e-4..1e-1:log; received {text!r}."
            )
        if ends is None:
            found[name] = [_choice(part.strip()) for part in said.split("|")]
            continue
        try:
            low, high = (_number(end) for end in ends.groups()[:2])
        except ValueError:
            raise ValueError(
                f"--space takes numbers on both sides of '..'; received {text!r}."
            ) from None
        found[name] = (low, high, "log") if ends[3] else (low, high)
    return found


def _may_be_searched(place: str) -> bool:
    return place.partition(".")[0] in _SEARCHED and place not in _FIXED


def _field(experiment: Any, name: str) -> Any:
    """The field of a setting, by section and name."""
    from profond.experiment._run_description import section_class

    section, _, field = name.partition(".")
    return section_class(type(experiment), section).model_fields[field]


def _is_whole(field: Any) -> bool:
    """Whether a setting is a whole number."""
    said = field.json_schema_extra
    return isinstance(said, dict) and "whole number" in str(said["due"])


def _listed(choices: list[Any]) -> list[Any]:
    """Choices of a list: one of a single entry may be that entry, one of texts have commas."""

    def listed(choice: Any) -> Any:
        if isinstance(choice, list | tuple):
            return tuple(choice)
        if choice is None or choice == "none":
            return ()
        return tuple(choice.replace(" ", "").split(",")) if isinstance(choice, str) else (choice,)

    return [listed(choice) for choice in choices]


def _dimension(name: str, value: Any, whole: bool | None) -> Dimension:
    from optuna.distributions import (
        BaseDistribution,
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if isinstance(value, CategoricalDistribution):
        return Dimension(name, value, {choice: choice for choice in value.choices})
    if isinstance(value, BaseDistribution):
        return Dimension(name, value)
    if isinstance(value, list) and value:
        choices = {_label(choice): choice for choice in value}
        if len(choices) < len(value) and any(map(callable, value)):  # lambdas have all one name
            choices = {repr(c) if callable(c) else _label(c): c for c in value}
        if len(choices) < len(value):
            raise ValueError(f"the choices of {name!r} must be different; received {value!r}.")
        return Dimension(name, CategoricalDistribution(tuple(choices)), choices)
    if not _is_range(value):
        raise ValueError(f"`space[{name!r}]` must be {_HOW}; received {value!r}.")
    low, high, log = value[0], value[1], len(value) == 3
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"the range of {name!r} must have finite ends; received {value!r}.")
    if not low < high or (log and low <= 0):
        above = "0 < low < high" if log else "low < high"
        raise ValueError(f"the range of {name!r} must have {above}; received {value!r}.")
    if whole is None:
        whole = isinstance(low, Integral) and isinstance(high, Integral)
    if whole and (int(low) != low or int(high) != high):
        raise ValueError(f"the range of {name!r} must have whole ends; received {value!r}.")
    if whole:
        return Dimension(name, IntDistribution(int(low), int(high), log=log))
    return Dimension(name, FloatDistribution(float(low), float(high), log=log))


def _is_range(value: Any) -> bool:
    if not isinstance(value, tuple) or not (len(value) == 2 or value[2:] == ("log",)):
        return False
    return all(isinstance(v, Real) and not isinstance(v, bool) for v in value[:2])


def _label(choice: Any) -> Any:
    """What a storage keeps of a choice: itself, or a text."""
    if choice is None or isinstance(choice, bool | int | float | str):
        return choice
    if isinstance(choice, list | tuple):
        return ",".join(map(str, choice)) or "none"
    # A function by its name: its address is another in each session.
    return repr(getattr(choice, "__name__", choice))


def _extremes(dimension: Dimension) -> list[Any]:
    """The values that tell whether all are allowed."""
    if dimension.choices is not None:
        return list(dimension.choices.values())
    return [dimension.distribution.low, dimension.distribution.high]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return list(one) == list(other)
    return type(one) is type(other) and one == other


def _number(text: str) -> float | int:
    return int(text) if re.fullmatch(r"\s*[+-]?\d+\s*", text) else float(text)


def _choice(text: str) -> Any:
    """A choice of the command line: a number, several with commas, none, or a text."""
    if re.fullmatch(r"\d+(\s*,\s*\d+)+", text):
        return tuple(int(part) for part in text.split(","))
    try:
        return _number(text)
    except ValueError:
        return text


def plain(values: Mapping[str, Any]) -> str:
    """Settings in a line: "learning_rate=0.0031, hidden=128,128"."""

    def shown(value: Any) -> str:
        return f"{value:.3g}" if isinstance(value, float) else str(_label(value))

    return ", ".join(f"{name.rpartition('.')[2]}={shown(v)}" for name, v in values.items())
