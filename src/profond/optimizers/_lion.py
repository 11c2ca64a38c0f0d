"""Steps of one size, in the direction of the sign of the momentum."""

from collections.abc import Iterable, Sequence
from typing import Any

from profond.optimizers import _foreach as foreach
from profond.optimizers._layout import Places, Variables
from profond.optimizers._optimizer import Optimizer


class Lion(Optimizer):
    r"""Evolved sign momentum (Chen et al. 2023, algorithm 2).

    $w \leftarrow w - \rho \, sign(\beta_1 m + (1 - \beta_1) g)$, then
    $m \leftarrow \beta_2 m + (1 - \beta_2) g$

    Every element of the weights moves by $\rho$: rates 3 to 10 times smaller than Adam's fit, and
    decays as many times greater.

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments.
        beta_1: $\beta_1$ in (0, 1].
        beta_2: $\beta_2$ in [0, 1].
        weight_decay: Decoupled decay of the weights; this and the rest as in `Optimizer`.
        clipnorm: Greatest norm of each gradient.
        clipvalue: Greatest magnitude of each element.
        global_clipnorm: Greatest norm of all gradients together.
        use_ema: Keep a moving average of the weights.
        ema_momentum: Part of the old average in the new one.
        ema_overwrite_frequency: Put the average in place every so many steps.
        loss_scale_factor: Factor of the loss against underflow.
        gradient_accumulation_steps: Change the weights every so many calls.
        name: Name of the optimizer.
        **kwargs: None is known; each is refused by name.

    Raises:
        ValueError: If `beta_1` is outside (0, 1].
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            use_ema=use_ema,
            ema_momentum=ema_momentum,
            ema_overwrite_frequency=ema_overwrite_frequency,
            loss_scale_factor=loss_scale_factor,
            gradient_accumulation_steps=gradient_accumulation_steps,
            name=name,
            **kwargs,
        )
        if not 0 < beta_1 <= 1:
            raise ValueError(
                "`beta_1` must be in (0, 1] (0 would be the sign of the gradient alone); "
                f"received beta_1={beta_1}."
            )
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def build(self, variables: Iterable[Any]) -> None:
        """Make the mean of each weight's gradient."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        self._momentums: Variables = self.add_optimizer_variables(variables, "momentum")

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        momentums = self._momentums.at(places)
        directions = foreach.lerp(momentums, grads, 1 - self.beta_1)
        foreach.sign_(directions)
        foreach.add_(self._trainable_variables.at(places), directions, alpha=-rate)
        foreach.lerp_(momentums, grads, 1 - self.beta_2)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
