"""Gradient descent with each weight's rate divided by the size of all its gradients."""

from collections.abc import Iterable, Sequence
from typing import Any

from profond.initializers import Constant
from profond.optimizers import _foreach as foreach
from profond.optimizers._layout import Places, Variables
from profond.optimizers._optimizer import Optimizer


class Adagrad(Optimizer):
    r"""Adaptive gradients (Duchi et al. 2011).

    $s \leftarrow s + g^2, \quad w \leftarrow w - \rho g / \sqrt{s + \epsilon}$

    Keras's epsilon is inside the root; `torch.optim.Adagrad` has it outside.

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments. The
            rates of the paper are nearer to 1 than the default.
        initial_accumulator_value: s at the start, >= 0.
        epsilon: $\epsilon$ > 0, in units of the squared gradient.
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
        ValueError: If `initial_accumulator_value` is negative.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
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
        if initial_accumulator_value < 0:
            raise ValueError(
                "`initial_accumulator_value` must be >= 0; "
                f"received initial_accumulator_value={initial_accumulator_value}."
            )
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def build(self, variables: Iterable[Any]) -> None:
        """Make the sum of squares of each weight's gradients."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        self._accumulators: Variables = self.add_optimizer_variables(
            variables, "accumulator", Constant(self.initial_accumulator_value)
        )

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        sums = self._accumulators.at(places)
        foreach.addcmul_(sums, grads, grads)
        inverse = foreach.plus(sums, self.epsilon)
        foreach.rsqrt_(inverse)  # and a product: faster than a root and a quotient
        weights = self._trainable_variables.at(places)
        foreach.addcmul_(weights, grads, inverse, value=-rate)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            **super().get_config(),
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
