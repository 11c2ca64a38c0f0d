"""Adam with Nesterov's momentum."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from profond.optimizers import _foreach as foreach
from profond.optimizers._layout import Places, Variables
from profond.optimizers._optimizer import Optimizer
from profond.optimizers._options import check_unit
from profond.optimizers._scalars import ScalarVariable


class Nadam(Optimizer):
    r"""Nesterov-accelerated Adam (Dozat 2015, algorithm 2 with its momentum schedule).

    With m and v as in `Adam`, $\mu_t = \beta_1 (1 - 0.96^t / 2)$ and
    $\pi_t = \prod_{i \le t} \mu_i$:

    $\hat m = \frac{\mu_{t+1} m}{1 - \pi_{t+1}} + \frac{(1 - \mu_t) g}{1 - \pi_t}, \quad
    w \leftarrow w - \rho \hat m / (\sqrt{v / (1 - \beta_2^t)} + \epsilon)$

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments.
        beta_1: $\beta_1$ in [0, 1).
        beta_2: $\beta_2$ in [0, 1).
        epsilon: $\epsilon$ > 0, in units of the gradient.
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
        ValueError: If `beta_1` or `beta_2` is outside [0, 1).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
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
        check_unit(beta_1=beta_1, beta_2=beta_2)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self._product = 1.0

    def build(self, variables: Iterable[Any]) -> None:
        """Make the two means of each weight."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        made = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        self._momentums: Variables = made[0]
        self._velocities: Variables = made[1]

    @property
    def variables(self) -> list[Any]:
        """The state, with the product of the momenta last."""
        if not self.built:
            return super().variables
        path = f"{self.name}/u_product"
        product = ScalarVariable.of(self._product, "u_product", path, self._set_product)
        return [*super().variables, product]

    def _set_product(self, value: float) -> None:
        self._product = value

    def _momentum_at(self, t: int) -> float:
        return self.beta_1 * (1 - 0.5 * 0.96**t)

    def _begin_update(self) -> None:
        self._product *= self._momentum_at(self._changes() + 1)

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        t = self._changes() + 1
        now, coming = self._momentum_at(t), self._momentum_at(t + 1)
        means, squares = self._momentums.at(places), self._velocities.at(places)
        foreach.lerp_(means, grads, 1 - self.beta_1)
        foreach.scale_(squares, self.beta_2)
        foreach.addcmul_(squares, grads, grads, value=1 - self.beta_2)
        # sqrt(v / c) + eps = (sqrt(v) + eps sqrt(c)) / sqrt(c)
        root = math.sqrt(1 - self.beta_2**t)
        roots = foreach.sqrt(squares)
        foreach.plus_(roots, self.epsilon * root)
        weights = self._trainable_variables.at(places)
        part = rate * root * coming / (1 - self._product * coming)
        foreach.addcdiv_(weights, means, roots, value=-part)
        part = rate * root * (1 - now) / (1 - self._product)
        foreach.addcdiv_(weights, grads, roots, value=-part)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
