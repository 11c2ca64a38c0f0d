"""Polynomial decay of the learning rate to a final value."""

import math
from typing import Any

from profond.optimizers.schedules._base import LearningRateSchedule, check_steps


class PolynomialDecay(LearningRateSchedule):
    r"""From the initial rate to the final one, along a power of the time that is left.

    $\rho_t = (\rho_0 - \rho_{end}) (1 - t / T)^{power} + \rho_{end}$ up to $t = T$, then
    $\rho_{end}$.

    Args:
        initial_learning_rate: Rate $\rho_0$ at step 0.
        decay_steps: $T$, when `end_learning_rate` is reached, > 0.
        end_learning_rate: Rate $\rho_{end}$ from then on.
        power: Exponent; 1 is a straight line.
        cycle: Start again after T, with the next multiple of T in its place: the rate jumps up,
            each time less.
        name: Name.

    Raises:
        ValueError: If `decay_steps` is not positive.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        check_steps(decay_steps, "decay_steps")
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def _at(self, step: float) -> float:
        end = self.decay_steps
        if self.cycle:
            end *= max(1, math.ceil(step / end))
        else:
            step = min(step, end)
        span = self.initial_learning_rate - self.end_learning_rate
        return float(span * (1 - step / end) ** self.power + self.end_learning_rate)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }
