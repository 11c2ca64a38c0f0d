"""Gradient descent with each weight's rate divided by the size of its recent gradients."""

from collections.abc import Iterable, Sequence
from typing import Any

from profond.optimizers import _foreach as foreach
from profond.optimizers._layout import Places, Variables
from profond.optimizers._optimizer import Optimizer


class RMSprop(Optimizer):
    r"""Root mean square propagation (Hinton 2012, Neural networks, lecture 6e).

    $v \leftarrow \gamma v + (1 - \gamma) g^2, \quad w \leftarrow w - \rho g / \sqrt{v + \epsilon}$

    With momentum $\mu$ the last step becomes $m \leftarrow \mu m + \rho g / \sqrt{v + \epsilon}$,
    $w \leftarrow w - m$. `centered` subtracts the square of the mean gradient from v (Graves 2013,
    eq. 39). Keras's epsilon is inside the root; `torch.optim.RMSprop` has it outside.

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments.
        rho: Decay $\gamma$ of the mean square, in [0, 1).
        momentum: $\mu$ >= 0.
        epsilon: $\epsilon$ > 0, in units of the squared gradient.
        centered: Whether to divide by the deviation rather than the root mean square.
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
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
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
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def build(self, variables: Iterable[Any]) -> None:
        """Make the mean square of each weight's gradient, and what the options need."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        self._velocities: Variables = self.add_optimizer_variables(variables, "velocity")
        self._momentums: Variables = Variables()
        if self.momentum > 0:
            self._momentums = self.add_optimizer_variables(variables, "momentum")
        self._average_gradients: Variables = Variables()
        if self.centered:
            self._average_gradients = self.add_optimizer_variables(variables, "average_gradient")

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        weights = self._trainable_variables.at(places)
        squares = self._velocities.at(places)
        foreach.scale_(squares, self.rho)
        foreach.addcmul_(squares, grads, grads, value=1 - self.rho)
        inverse = foreach.plus(squares, self.epsilon)
        if self.centered:
            means = self._average_gradients.at(places)
            foreach.lerp_(means, grads, 1 - self.rho)
            foreach.addcmul_(inverse, means, means, value=-1)
        foreach.rsqrt_(inverse)  # and a product: faster than a root and a quotient
        if self.momentum > 0:
            momentums = self._momentums.at(places)
            foreach.scale_(momentums, self.momentum)
            foreach.addcmul_(momentums, grads, inverse, value=rate)
            foreach.sub_(weights, momentums)
        else:
            foreach.addcmul_(weights, grads, inverse, value=-rate)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            **super().get_config(),
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
