"""A loss scale that finds its size by itself, for float16."""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Self

import torch

from profond import _families
from profond.optimizers import _foreach as foreach
from profond.optimizers._optimizer import Optimizer
from profond.optimizers._scalars import ScalarVariable

# Gradients that overflow in float16 even so are not saved by a smaller factor.
_LEAST = 2.0**-10


class LossScaleOptimizer(Optimizer):
    """Wraps an optimizer: the loss is multiplied by a factor, the gradients divided by it.

    Small gradients underflow in float16. The factor doubles after `dynamic_growth_steps` steps
    with finite gradients; a step whose gradients are not finite is left out and halves it
    (Micikevicius et al. 2018, Mixed precision training, section 3.2), though never below 1/1024:
    such a step is then warned of. (In Keras it falls to 0, and all steps are left out.) Each step
    waits for the device, to see whether they are.

    Args:
        inner_optimizer: The optimizer that changes the weights; all options are set on it.
        initial_scale: Factor at the start.
        dynamic_growth_steps: Steps after which the factor doubles, >= 1.
        name: Name.
        **kwargs: None is known; each is refused by name.

    Raises:
        TypeError: If an option of the inner optimizer is given here.
    """

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        given = {key: value for key, value in kwargs.items() if value}
        if given:
            raise TypeError(
                f"LossScaleOptimizer does not take {', '.join(map(repr, given))}: set such options "
                "on its `inner_optimizer`."
            )
        self.inner_optimizer = inner_optimizer
        super().__init__(learning_rate=0.0, name=name)
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        self.dynamic_scale = float(initial_scale)
        self.step_counter = 0
        inner_optimizer.loss_scale_factor = None

    def build(self, variables: Iterable[Any]) -> None:
        """Build the inner optimizer."""
        if self.built:
            return
        variables = list(variables)
        self.inner_optimizer.build(variables)
        super().build(variables)

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> None:
        """Change weights by gradients of the scaled loss, unless these are not finite."""
        if not self.built and trainable_variables is not None:
            self.build(trainable_variables)
        present = [grad for grad in grads if grad is not None]
        if present and not self.check_finite(present):
            self._lower()
            return
        unscaled = iter(foreach.scale(present, 1.0 / self.dynamic_scale) if present else ())
        grads = [None if grad is None else next(unscaled) for grad in grads]
        self.inner_optimizer.apply(grads, trainable_variables)
        self.step_counter += 1
        if self.step_counter == self.dynamic_growth_steps:
            self.dynamic_scale *= 2.0
            self.step_counter = 0

    def _lower(self) -> None:
        """Halve the factor, down to the least one, after a step that is left out."""
        self.step_counter = 0
        if self.dynamic_scale > _LEAST:
            self.dynamic_scale = max(_LEAST, self.dynamic_scale * 0.5)
            return
        warnings.warn(
            f"LossScaleOptimizer: the gradients are not finite at the least scale of the loss, "
            f"{_LEAST:g}, either, and the step was left out. Float16 overflows in the model "
            "itself: try a smaller learning rate, scaled inputs, or 'mixed_bfloat16'.",
            RuntimeWarning,
            stacklevel=2,
        )

    @staticmethod
    def check_finite(grads: Sequence[torch.Tensor]) -> bool:
        """Whether no gradient holds an infinity or NaN."""
        greatest = foreach.norm(list(grads), float("inf"))
        return bool(torch.isfinite(torch.stack([g.double() for g in greatest])).all())

    def scale_loss(self, loss: Any) -> Any:
        """The loss times the factor, to be differentiated in its place."""
        return loss * self.dynamic_scale

    def _numbers(self) -> list[Any]:
        path = f"{self.name}/"
        return [
            # Keras's wrapper has these two as well, and uses neither.
            ScalarVariable.of(self._iterations, "iteration", path + "iteration", self._set_calls),
            ScalarVariable.of(0.0, "learning_rate", path + "learning_rate", lambda value: None),
            ScalarVariable.of(
                self.step_counter, "step_counter", path + "step_counter", self._set_counter
            ),
            ScalarVariable.of(
                self.dynamic_scale, "dynamic_scale", path + "dynamic_scale", self._set_scale
            ),
        ]

    def _set_counter(self, value: int) -> None:
        self.step_counter = int(value)

    def _set_scale(self, value: float) -> None:
        self.dynamic_scale = float(value)

    @property
    def variables(self) -> list[Any]:
        """The factor and its counter, then the variables of the inner optimizer."""
        return [*super().variables, *self.inner_optimizer.variables]

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's learning rate."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner_optimizer.learning_rate = learning_rate

    @property
    def iterations(self) -> Any:
        """The inner optimizer's count of changes."""
        return self.inner_optimizer.iterations

    def finalize_variable_values(self, var_list: Iterable[Any]) -> None:
        """End of training, for the inner optimizer."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            "name": self.name,
            "inner_optimizer": _families.serialize(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Self:
        """The optimizer that `get_config` described, without its state."""
        return cls(**_families.decode(config, custom_objects))
