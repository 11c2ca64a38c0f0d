"""Arguments that all optimizers share: what is accepted, and what is refused."""

import inspect
import warnings
from typing import Any

import numpy as np
import torch

from profond import _families
from profond._lookup import refuse_unknown_keywords
from profond.optimizers.schedules import LearningRateSchedule


def refuse_unknown(cls: type, given: dict[str, Any]) -> None:
    """Refuse unknown keywords, naming the near ones; `decay` of old scripts is ignored.

    Raises:
        TypeError: If there are any; the message has all of them.
    """
    given = dict(given)
    if given.pop("decay", None) is not None:
        warnings.warn(
            "Argument `decay` is no longer supported and will be ignored; pass a "
            "`schedules.InverseTimeDecay` as `learning_rate` instead.",
            stacklevel=4,
        )
    if "lr" in given:
        raise TypeError(f"{cls.__name__} got unknown keyword 'lr' (did you mean 'learning_rate'?).")
    names: set[str] = set()
    for base in cls.__mro__:
        if "__init__" in vars(base):
            names |= set(inspect.signature(base.__init__).parameters)  # type: ignore[misc]
    refuse_unknown_keywords(given, names - {"self", "args", "kwargs"}, cls.__name__)


def check_clipping(**limits: float | None) -> None:
    """Refuse two ways of clipping at once, and negative limits.

    Raises:
        ValueError: In both cases.
    """
    received = ", ".join(f"{name}={value}" for name, value in limits.items())
    if sum(value is not None for value in limits.values()) > 1:
        raise ValueError(
            "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set; "
            f"received {received}."
        )
    if any(value is not None and value < 0 for value in limits.values()):
        raise ValueError(
            f"`clipnorm`, `clipvalue` and `global_clipnorm` must be > 0; received {received}."
        )


def check_average(momentum: float, every: Any) -> None:
    """Refuse a momentum of the average, or a frequency of its use, out of range.

    Raises:
        ValueError: If one is.
    """
    if not 0 <= momentum <= 1:
        raise ValueError(f"`ema_momentum` must be in [0, 1]; received ema_momentum={momentum}.")
    if every and (not isinstance(every, int) or every < 1):
        raise ValueError(
            "`ema_overwrite_frequency` must be an int >= 1 or None; "
            f"received ema_overwrite_frequency={every}."
        )


def check_accumulation(steps: int | None) -> None:
    """Refuse a number of steps to accumulate over that is less than 2.

    Raises:
        ValueError: If it is.
    """
    if steps and steps < 2:
        raise ValueError(
            "`gradient_accumulation_steps` must be an int >= 2 or None; "
            f"received gradient_accumulation_steps={steps}."
        )


def check_unit(**values: float) -> None:
    """Refuse decay rates outside [0, 1), where their correction would divide by 0.

    Raises:
        ValueError: If one is outside.
    """
    for name, value in values.items():
        if not 0 <= value < 1:
            raise ValueError(f"`{name}` must be in [0, 1); received {name}={value}.")


def as_rate(learning_rate: Any) -> Any:
    """A learning rate as a float, a schedule or a callable.

    Raises:
        TypeError: If it is none of these.
        ValueError: If it is negative or NaN.
    """
    if isinstance(learning_rate, LearningRateSchedule):
        return learning_rate
    if isinstance(learning_rate, dict):
        return _families.decode({"rate": learning_rate})["rate"]
    if isinstance(learning_rate, int | float | np.generic | np.ndarray | torch.Tensor):
        rate = float(learning_rate)
        if not rate >= 0:
            raise ValueError(f"`learning_rate` must be >= 0; received {rate}.")
        return rate
    if callable(learning_rate):
        return learning_rate
    raise TypeError(
        "`learning_rate` must be a number, a `schedules.LearningRateSchedule` or a callable "
        f"without arguments; received {learning_rate!r} of type {type(learning_rate).__name__}."
    )
