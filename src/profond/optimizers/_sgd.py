"""Gradient descent, plain, with momentum and with Nesterov's momentum."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from profond.optimizers import _foreach as foreach
from profond.optimizers._layout import Places, Variables
from profond.optimizers._optimizer import Optimizer


class SGD(Optimizer):
    r"""(Stochastic) gradient descent (notes 1.2.1 and 4.1).

    $w \leftarrow w - \rho g$; with momentum $\mu$

    $v \leftarrow \mu v - \rho g, \quad w \leftarrow w + v$,

    and with Nesterov's $w \leftarrow w + \mu v - \rho g$ in place of the last (Sutskever et al.
    2013). The rate is inside v, as in Keras: where it changes, past gradients keep the rate that
    they came with. (`torch.optim.SGD` multiplies by the rate of the day, equal only under a
    constant rate.)

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments.
        momentum: $\mu$ in [0, 1].
        nesterov: Whether to use Nesterov's momentum.
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
        ValueError: If `momentum` is outside [0, 1].
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
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
        if not 0 <= momentum <= 1:
            raise ValueError(f"`momentum` must be in [0, 1]; received momentum={momentum}.")
        self.momentum = momentum
        self.nesterov = nesterov

    def build(self, variables: Iterable[Any]) -> None:
        """Make one velocity per weight, if there is momentum."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        self.momentums: Variables = Variables()
        if self.momentum:
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        weights = self._trainable_variables.at(places)
        if not self.momentum:
            if self._layouts.on_cpu:
                _fused(weights, grads, [], lr=rate)
            else:
                foreach.add_(weights, grads, alpha=-rate)
            return
        velocities = self.momentums.at(places)
        if not self.nesterov and self._layouts.on_cpu and _exact(rate, weights[0].dtype):
            # torch's v = mu v + (1 - dampening) (-g), w = w - lr v, in one pass over memory.
            _fused(
                weights,
                grads,
                velocities,
                lr=-1.0,
                momentum=self.momentum,
                dampening=1.0 - rate,
                maximize=True,
            )
            return
        foreach.scale_(velocities, self.momentum)
        foreach.add_(velocities, grads, alpha=-rate)
        if self.nesterov:
            foreach.add_(weights, velocities, alpha=self.momentum)
            foreach.add_(weights, grads, alpha=-rate)
        else:
            foreach.add_(weights, velocities)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}


def _fused(
    weights: list[Any],
    grads: Sequence[Any],
    velocities: list[Any],
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    maximize: bool = False,
) -> None:
    """One step of torch's kernel, with velocities that exist already."""
    foreach.fused_sgd_(
        weights,
        grads,
        velocities,
        weight_decay=0.0,
        momentum=momentum,
        lr=lr,
        dampening=dampening,
        nesterov=False,
        maximize=maximize,
        is_first_step=False,
    )
    foreach.increment_version(weights)


def _exact(rate: float, dtype: torch.dtype) -> bool:
    """Whether 1 - (1 - rate) is the rate to the precision of the type."""
    return abs(1.0 - (1.0 - rate) - rate) <= rate * torch.finfo(dtype).eps / 4
