"""Conditions that weights are brought back to after each step, under Keras's names.

A constraint is any callable from a weight's values to the values it is to have.
"""

from typing import Any, Self

import torch

from profond import _families
from profond._tensors import convert_to_tensor

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

Axes = int | list[int] | tuple[int, ...]


class Constraint:
    """Base class of constraints: one's own overrides `__call__` and `get_config`."""

    def __call__(self, w: torch.Tensor) -> torch.Tensor:
        """The values that `w` is to have."""
        return w

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The constraint that `get_config` described."""
        return cls(**_families.decode(config))


class MaxNorm(Constraint):
    """Each unit's incoming weights have an L2 norm of at most `max_value`.

    Longer ones are shortened, the others left (Srivastava et al. 2014, Dropout, section 5.1).

    Args:
        max_value: Greatest norm, >= 0.
        axis: Axis or axes over which a norm is taken: 0 for a `Dense` kernel (one norm per
            unit), `(0, 1, 2)` for a `Conv2D` kernel (one norm per filter).
    """

    def __init__(self, max_value: float = 2, axis: Axes = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: torch.Tensor) -> torch.Tensor:
        """The values that `w` is to have."""
        w = convert_to_tensor(w)
        norms = _norms(w, self.axis)
        return w * (norms.clamp(0, self.max_value) / (_epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {"max_value": self.max_value, "axis": self.axis}


class NonNeg(Constraint):
    """No weight is negative: those that are become 0."""

    def __call__(self, w: torch.Tensor) -> torch.Tensor:
        """The values that `w` is to have."""
        return convert_to_tensor(w).clamp(min=0)


class UnitNorm(Constraint):
    """Each unit's incoming weights have an L2 norm of 1.

    Args:
        axis: Axis or axes over which a norm is taken; see `MaxNorm`.
    """

    def __init__(self, axis: Axes = 0) -> None:
        self.axis = axis

    def __call__(self, w: torch.Tensor) -> torch.Tensor:
        """The values that `w` is to have."""
        w = convert_to_tensor(w)
        return w / (_epsilon() + _norms(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {"axis": self.axis}


class MinMaxNorm(Constraint):
    """Each unit's incoming weights have an L2 norm between two values, or move towards it.

    Args:
        min_value: Least norm, >= 0.
        max_value: Greatest norm, >= `min_value`.
        rate: Part of the way to go at each step, in [0, 1]: 1 clips the norm at once, less
            than 1 brings it to the interval over several steps.
        axis: Axis or axes over which a norm is taken; see `MaxNorm`.
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Axes = 0,
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: torch.Tensor) -> torch.Tensor:
        """The values that `w` is to have."""
        w = convert_to_tensor(w)
        norms = _norms(w, self.axis)
        clipped = norms.clamp(self.min_value, self.max_value)
        desired = self.rate * clipped + (1 - self.rate) * norms
        return w * (desired / (_epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

_BY_NAME: dict[str, type[Constraint]] = {
    "MaxNorm": MaxNorm,
    "MinMaxNorm": MinMaxNorm,
    "NonNeg": NonNeg,
    "UnitNorm": UnitNorm,
    "max_norm": MaxNorm,
    "min_max_norm": MinMaxNorm,
    "non_neg": NonNeg,
    "unit_norm": UnitNorm,
}


def get(identifier: Any) -> Any:
    """The constraint that `identifier` means.

    Args:
        identifier: A name (`"max_norm"`, `"non_neg"`, `"unit_norm"`, `"min_max_norm"`), a
            configuration dict, a class, a callable from a tensor to a tensor, or None.

    Returns:
        A callable; None for None.

    Raises:
        ValueError: If the name is unknown.
        TypeError: If it is none of these.
    """
    return _families.interpret(identifier, _BY_NAME, "constraint")


def serialize(constraint: Any) -> Any:
    """The constraint in Keras's JSON form."""
    return _families.serialize(constraint)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The constraint that `serialize` described."""
    return _families.from_config(config, _BY_NAME, custom_objects)


def _norms(w: torch.Tensor, axis: Axes) -> torch.Tensor:
    """L2 norms over `axis`, which is kept with size 1."""
    return w.square().sum(axis, keepdim=True).sqrt()


def _epsilon() -> float:
    """Keras's small number, which keeps a weight of zeros from dividing by 0."""
    from profond.config import epsilon

    return epsilon()
