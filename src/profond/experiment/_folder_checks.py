"""Whether what was read from a kept model's files can be a model: types, sizes, finite numbers."""

import dataclasses
import math
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from profond.data import SeveralTargets, TablePreprocessor, Target

_POSITIVE = ("scale", "width")  # fields that divide


def refuse_not_finite(value: Any, where: str) -> None:
    """Refuse NaN and infinite numbers in JSON, which has none of its own.

    Raises:
        ValueError: Names the place.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where} is {value}, not a finite number")
    if isinstance(value, list):
        for i, one in enumerate(value):
            refuse_not_finite(one, f"{where}[{i}]")
    elif isinstance(value, dict):
        for name, one in value.items():
            refuse_not_finite(one, f"{where}.{name}")


def check_target(target: Target) -> None:
    """Refuse values that no fit leaves: of another type, or a scale that is not positive.

    Raises:
        ValueError: Names the target and the value.
    """
    for part in target.parts if isinstance(target, SeveralTargets) else (target,):
        check_fields(part, f"target {part.name!r}")


def check_columns(preprocessor: TablePreprocessor) -> None:
    """The same of the columns of a table.

    Raises:
        ValueError: Names the column and the value.
    """
    names = preprocessor.column_names
    if len(set(names)) < len(names):
        raise ValueError("a column stands twice in the preprocessing")
    for column in preprocessor.columns:
        check_fields(column, f"column {column.name!r}")
    if not all(isinstance(text, str) for text in preprocessor.missing):
        raise ValueError("the markers of missing values are not texts")


def check_fields(fitted: Any, where: str) -> None:
    """Refuse fields of a dataclass of another type than declared, or not positive."""
    hints = typing.get_type_hints(type(fitted))
    for field in dataclasses.fields(fitted):
        value, due = getattr(fitted, field.name), hints[field.name]
        if dataclasses.is_dataclass(value):
            check_fields(value, where)
        elif not _fits(value, due):
            shown = due.__name__ if isinstance(due, type) else due
            raise ValueError(f"{where}: {field.name} must be {shown}; received {value!r:.60}")
        numbers: Any = value if isinstance(value, tuple) else (value,)
        if field.name in _POSITIVE and not all(number > 0 for number in numbers):
            raise ValueError(f"{where}: {field.name} must be > 0; received {value!r}")


def _fits(value: Any, due: Any) -> bool:
    origin = typing.get_origin(due)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, one) for one in typing.get_args(due))
    if origin is tuple:
        kind = typing.get_args(due)[0]
        return isinstance(value, tuple) and all(_fits(one, kind) for one in value)
    if due is float:
        return type(value) in (int, float) and abs(value) < np.finfo(np.float64).max
    return type(value) is due if isinstance(due, type) else True


def check_members(
    target: Target,
    seeds: Sequence[int],
    temperatures: Sequence[float],
    arrays: Mapping[str, np.ndarray],
) -> list[np.ndarray]:
    """Refuse temperatures and residuals that do not fit the networks.

    Returns:
        The residuals of each network, or none at all.

    Raises:
        ValueError: Names what does not fit.
    """
    if len(set(seeds)) < len(seeds):
        raise ValueError(f"a seed stands twice: {list(seeds)}")
    if len(temperatures) != len(seeds):
        raise ValueError(f"there are {len(temperatures)} temperatures for {len(seeds)} network(s)")
    if not all(0 < one < math.inf for one in temperatures):
        raise ValueError(f"temperatures must be > 0 and finite; received {list(temperatures)}")
    names = [f"network_{i}.residuals" for i in range(len(seeds))]
    present = [arrays[name] for name in names if name in arrays]
    if not present:
        return []
    if target.task != "regression":
        raise ValueError(f"residuals are of no use to a {target.task} model")
    if len(present) < len(seeds):
        raise ValueError(f"there are residuals for {len(present)} of {len(seeds)} networks")
    for name, values in zip(names, present, strict=True):
        width = () if not isinstance(target, SeveralTargets) else (target.outputs,)
        empty = values.shape == (0,)
        if values.dtype.kind != "f" or (values.shape[1:] != width and not empty):
            due = f"(rows{', ' + str(width[0]) if width else ','})"
            raise ValueError(
                f"{name} must be numbers of shape {due}; received {values.dtype} of shape "
                f"{values.shape}"
            )
        if not values.ndim or not np.isfinite(values).all():
            raise ValueError(f"{name} must be finite, one or more for each row")
    return present


def check_weights(network: Any, given: Sequence[np.ndarray], names: Sequence[str]) -> None:
    """Refuse weights of another shape or type than the network's, or that are not finite.

    Raises:
        ValueError: Names the tensor.
    """
    for due, array, name in zip(network.get_weights(), given, names, strict=True):
        if array.shape != due.shape:
            raise ValueError(
                f"{name} in weights.safetensors has shape {array.shape}; the network's is "
                f"{due.shape}"
            )
        if array.dtype != due.dtype:
            raise ValueError(
                f"{name} in weights.safetensors has type {array.dtype}; the network's is "
                f"{due.dtype}"
            )
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{name} in weights.safetensors is not finite")


def refuse_other_tensors(arrays: Mapping[str, np.ndarray], known: set[str]) -> None:
    """Refuse tensors that belong to no network.

    Raises:
        ValueError: Names the first.
    """
    strange = sorted(set(arrays) - known)
    if strange:
        more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        raise ValueError(
            f"weights.safetensors holds {strange[0]!r}{more}, which no network of the model has"
        )
