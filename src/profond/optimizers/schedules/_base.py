"""What a learning rate schedule is."""

from typing import Any, Self

import numpy as np
import torch

from profond import _families
from profond._tensors import convert_to_numpy, convert_to_tensor


class LearningRateSchedule:
    """A learning rate that depends on the number of steps taken.

    One's own overrides `__call__`, and `get_config` to be saved:

        class Warmup(LearningRateSchedule):
            def __init__(self, top, steps):
                self.top, self.steps = top, steps

            def __call__(self, step):
                return self.top * min(1.0, (step + 1) / self.steps)

            def get_config(self):
                return {"top": self.top, "steps": self.steps}

    The schedules of this package compute in Python's float64: `at(step)` costs about a
    microsecond.
    """

    def __call__(self, step: Any) -> Any:
        """The learning rate after `step` steps.

        Args:
            step: A number, or a tensor or array of numbers.

        Returns:
            A tensor of the shape of `step`, in `config.floatx()`.
        """
        steps = np.asarray(convert_to_numpy(step), dtype=np.float64)
        rates = [self._at(s) for s in steps.ravel().tolist()]
        from profond.config import floatx

        return convert_to_tensor(np.reshape(rates, steps.shape), floatx())

    def at(self, step: int) -> float:
        """The learning rate after `step` steps, as a Python number."""
        if type(self).__call__ is LearningRateSchedule.__call__:
            return self._at(step)
        return float(self(torch.tensor(step, device="cpu")))

    def _at(self, step: float) -> float:
        """The learning rate after `step` steps; the built-in schedules' own part."""
        raise NotImplementedError(f"{type(self).__name__} must override `__call__(self, step)`.")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        raise NotImplementedError(
            f"{type(self).__name__} must override `get_config(self)` to be saved."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The schedule that `get_config` described."""
        return cls(**_families.decode(config))


def check_steps(value: float, name: str) -> None:
    """Refuse a number of steps that is not positive.

    Raises:
        ValueError: If it is not.
    """
    if value <= 0:
        raise ValueError(f"`{name}` must be > 0; received {name}={value}.")
