"""Steps in the unit of the weights: the ratio of recent steps to recent gradients."""

from collections.abc import Iterable, Sequence
from typing import Any

from profond.optimizers import _foreach as foreach
from profond.optimizers._layout import Places, Variables
from profond.optimizers._optimizer import Optimizer


class Adadelta(Optimizer):
    r"""Adadelta (Zeiler 2012, algorithm 1).

    $s \leftarrow \gamma s + (1 - \gamma) g^2$,
    $\delta = -g \sqrt{d + \epsilon} / \sqrt{s + \epsilon}$,
    $d \leftarrow \gamma d + (1 - \gamma) \delta^2$, $w \leftarrow w + \rho \delta$

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments. 1 is
            the paper's.
        rho: Decay $\gamma$ of both means, in [0, 1).
        epsilon: $\epsilon$ > 0; sets the size of the first steps.
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
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
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
        self.rho = rho
        self.epsilon = epsilon

    def build(self, variables: Iterable[Any]) -> None:
        """Make the mean squares of each weight's gradients and steps."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        made = self.add_optimizer_variables(
            variables, ["accumulated_grad", "accumulated_delta_var"]
        )
        self._accumulated_grads: Variables = made[0]
        self._accumulated_delta_vars: Variables = made[1]

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        squares = self._accumulated_grads.at(places)
        steps = self._accumulated_delta_vars.at(places)
        foreach.scale_(squares, self.rho)
        foreach.addcmul_(squares, grads, grads, value=1 - self.rho)
        deltas = foreach.plus(steps, self.epsilon)
        foreach.div_(deltas, foreach.plus(squares, self.epsilon))
        foreach.sqrt_(deltas)
        foreach.mul_(deltas, grads)  # minus the step
        foreach.scale_(steps, self.rho)
        foreach.addcmul_(steps, deltas, deltas, value=1 - self.rho)
        foreach.add_(self._trainable_variables.at(places), deltas, alpha=-rate)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
