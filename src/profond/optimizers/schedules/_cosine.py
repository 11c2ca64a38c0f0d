"""Cosine decay of the learning rate, with a warm-up or with restarts."""

import math
from typing import Any

from profond.optimizers.schedules._base import LearningRateSchedule, check_steps


class CosineDecay(LearningRateSchedule):
    r"""Half a cosine from the initial rate to `alpha` times it, after a linear warm-up.

    $\rho_t = \rho_0 [(1 - \alpha) (1 + \cos(\pi t / T)) / 2 + \alpha]$ up to $t = T$, constant
    after (Loshchilov & Hutter 2017, eq. 5, without restarts). With a warm-up the rate first goes
    in a straight line from $\rho_0$ to `warmup_target`, which then takes the place of $\rho_0$,
    and $t$ counts from the warm-up's end.

    Args:
        initial_learning_rate: Rate $\rho_0$ at step 0.
        decay_steps: Length $T$ of the decay in steps, > 0; the warm-up is not part of it.
        alpha: Final rate, as a fraction.
        name: Name.
        warmup_target: Rate at the warm-up's end; None for no warm-up.
        warmup_steps: Length of the warm-up in steps.

    Raises:
        ValueError: If `decay_steps` is not positive.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        check_steps(decay_steps, "decay_steps")
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def _at(self, step: float) -> float:
        top = self.initial_learning_rate
        if self.warmup_target is not None:
            if step < self.warmup_steps:
                return float(top + (self.warmup_target - top) * (step / self.warmup_steps))
            top = self.warmup_target
            step = step - self.warmup_steps
        fraction = min(step / self.decay_steps, 1.0)
        cosine = 0.5 * (1.0 + math.cos(math.pi * fraction))
        return float(top * ((1 - self.alpha) * cosine + self.alpha))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(LearningRateSchedule):
    r"""Half a cosine again and again, each longer and lower (Loshchilov & Hutter 2017, SGDR).

    Period i has the length $T_0 \cdot t\_mul^i$ and starts at $\rho_0 \cdot m\_mul^i$:
    $\rho_0 [(1 - \alpha) m\_mul^i (1 + \cos(\pi f)) / 2 + \alpha]$, f the fraction of the period.

    Args:
        initial_learning_rate: Rate $\rho_0$ at step 0.
        first_decay_steps: Length $T_0$ of the first period in steps, > 0.
        t_mul: Factor between the lengths of one period and the next, >= 1.
        m_mul: Factor between the initial rates of one period and the next.
        alpha: Final rate of each period, as a fraction of $\rho_0$.
        name: Name.

    Raises:
        ValueError: If `first_decay_steps` is not positive, or `t_mul` less than 1 (the periods
            would shrink to nothing within a finite number of steps).

    Note:
        Keras finds the period by a logarithm in float32, which at a restart itself can fall on
        either side; here a restart begins exactly at its step.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        check_steps(first_decay_steps, "first_decay_steps")
        if t_mul < 1:
            raise ValueError(f"`t_mul` must be >= 1; received t_mul={t_mul}.")
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def _at(self, step: float) -> float:
        period, fraction = self._period(step / self.first_decay_steps)
        cosine = 0.5 * self.m_mul**period * (1.0 + math.cos(math.pi * fraction))
        return float(self.initial_learning_rate * ((1 - self.alpha) * cosine + self.alpha))

    def _period(self, time: float) -> tuple[int, float]:
        """The number of restarts until `time` (in first periods) and the part of the last."""
        ratio = self.t_mul
        if ratio == 1:
            return math.floor(time), time % 1
        # Period i starts at (ratio^i - 1) / (ratio - 1); the logarithm may be off by rounding.
        i = math.floor(math.log(1.0 + time * (ratio - 1)) / math.log(ratio))
        while i > 0 and self._start(i) > time:
            i -= 1
        while self._start(i + 1) <= time:
            i += 1
        return i, (time - self._start(i)) / ratio**i

    def _start(self, period: int) -> float:
        """When a period starts, in first periods."""
        return (self.t_mul**period - 1) / (self.t_mul - 1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self.t_mul,
            "m_mul": self.m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }
