"""Exponential decay of the learning rate."""

import math
from typing import Any

from profond.optimizers.schedules._base import LearningRateSchedule, check_steps


class ExponentialDecay(LearningRateSchedule):
    r"""$\rho_t = \rho_0 \cdot decay\_rate^{t / decay\_steps}$.

    Args:
        initial_learning_rate: Rate $\rho_0$ at step 0.
        decay_steps: Steps over which the rate is multiplied by `decay_rate` once, > 0.
        decay_rate: Factor.
        staircase: Round the exponent down, so that the rate changes every `decay_steps`.
        name: Name.

    Raises:
        ValueError: If `decay_steps` is not positive.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        check_steps(decay_steps, "decay_steps")
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def _at(self, step: float) -> float:
        exponent = step / self.decay_steps
        if self.staircase:
            exponent = math.floor(exponent)
        return float(self.initial_learning_rate * self.decay_rate**exponent)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }
