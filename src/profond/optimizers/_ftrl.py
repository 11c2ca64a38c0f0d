"""Follow the regularized leader: sparse weights for linear models of many features."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from profond.initializers import Constant
from profond.optimizers._layout import Places, Variables
from profond.optimizers._optimizer import Optimizer


class Ftrl(Optimizer):
    r"""FTRL-proximal (McMahan et al. 2013, algorithm 1), for any power of the rate.

    With $n' = n + g^2$, p the `learning_rate_power` and $\lambda_s$ the shrinkage:

    $z \leftarrow z + g + 2 \lambda_s w - \frac{n'^{-p} - n^{-p}}{\rho} w$,
    $w \leftarrow \frac{clip(z, -\lambda_1, \lambda_1) - z}
    {n'^{-p} / \rho + 2 \lambda_2 + \beta / \rho}$, $n \leftarrow n'$

    so that w is exactly 0 where $|z| \le \lambda_1$.

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments.
        learning_rate_power: p <= 0; 0 for a fixed rate, -0.5 as in the paper.
        initial_accumulator_value: n at the start, >= 0.
        l1_regularization_strength: $\lambda_1$ >= 0.
        l2_regularization_strength: $\lambda_2$ >= 0.
        l2_shrinkage_regularization_strength: $\lambda_s$ >= 0, a penalty of the size of the
            weights that is added to the gradient.
        beta: $\beta$ of the paper.
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
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
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
        for what, value in {
            "initial_accumulator_value": initial_accumulator_value,
            "l1_regularization_strength": l1_regularization_strength,
            "l2_regularization_strength": l2_regularization_strength,
            "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
        }.items():
            if value < 0:
                raise ValueError(f"`{what}` must be >= 0; received {what}={value}.")
        if learning_rate_power > 0:
            raise ValueError(
                "`learning_rate_power` must be <= 0; "
                f"received learning_rate_power={learning_rate_power}."
            )
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    def build(self, variables: Iterable[Any]) -> None:
        """Make n and z of each weight."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        made = self.add_optimizer_variables(
            variables,
            ["accumulator", "linear"],
            [Constant(self.initial_accumulator_value), "zeros"],
        )
        self._accumulators: Variables = made[0]
        self._linears: Variables = made[1]

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        weights = self._trainable_variables.at(places)
        sums, linears = self._accumulators.at(places), self._linears.at(places)
        for grad, w, n, z in zip(grads, weights, sums, linears, strict=True):
            self._follow(grad, w, n, z, rate)

    def _follow(
        self, grad: torch.Tensor, w: torch.Tensor, n: torch.Tensor, z: torch.Tensor, rate: float
    ) -> None:
        """The equations above, for one weight."""
        power = -self.learning_rate_power
        before = n.pow(power)
        n.addcmul_(grad, grad)
        after = n.pow(power)
        z.add_(grad).add_(w, alpha=2 * self.l2_shrinkage_regularization_strength)
        z.addcmul_(after - before, w, value=-1 / rate)
        l1 = self.l1_regularization_strength
        l2 = self.l2_regularization_strength + self.beta / (2 * rate)
        w.copy_((z.clamp(-l1, l1) - z) / (after / rate + 2 * l2))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            **super().get_config(),
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
