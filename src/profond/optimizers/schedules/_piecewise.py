"""A learning rate that is constant in pieces."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from profond.optimizers.schedules._base import LearningRateSchedule


class PiecewiseConstantDecay(LearningRateSchedule):
    """`values[0]` up to step `boundaries[0]` included, then `values[1]`, and so on.

    Args:
        boundaries: Increasing numbers of steps; none for a constant rate.
        values: Learning rates, one more than there are boundaries.
        name: Name.

    Raises:
        ValueError: If the lengths do not fit, or the boundaries decrease.
    """

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "`values` must have one entry more than `boundaries`; "
                f"received boundaries={boundaries} and values={values}."
            )
        if any(a > b for a, b in zip(boundaries, boundaries[1:], strict=False)):
            raise ValueError(f"`boundaries` must not decrease; received boundaries={boundaries}.")
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def _at(self, step: float) -> float:
        return float(self.values[bisect_left(self.boundaries, step)])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            "boundaries": list(self.boundaries),
            "values": list(self.values),
            "name": self.name,
        }
