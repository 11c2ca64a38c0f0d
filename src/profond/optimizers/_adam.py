"""Adaptive moment estimation."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch

from profond.optimizers import _foreach as foreach
from profond.optimizers._layout import Layouts, Places, Variables
from profond.optimizers._optimizer import Optimizer
from profond.optimizers._options import check_unit

# The fused kernels correct the moments themselves, by 1 - beta^step: at this step by 1.
_NEVER = float(2**62)


class Adam(Optimizer):
    r"""Adam (Kingma & Ba 2015), in the form at the end of its section 2, as Keras.

    With the means of the gradient and of its square

    $m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2$

    and $\rho_t = \rho \sqrt{1 - \beta_2^t} / (1 - \beta_1^t)$ at step t = 1, 2, ...

    $w \leftarrow w - \rho_t m / (\sqrt{v} + \epsilon)$.

    Algorithm 1 of the paper writes the same with corrected copies $\hat m = m / (1 - \beta_1^t)$,
    $\hat v = v / (1 - \beta_2^t)$, $w \leftarrow w - \rho \hat m / (\sqrt{\hat v} + \hat\epsilon)$,
    where $\hat\epsilon = \epsilon / \sqrt{1 - \beta_2^t}$. (`torch.optim.Adam` keeps $\hat\epsilon$
    constant instead.)

    Note:
        The notes (4.2) print $\mathbf{m}^{(t+1)} \leftarrow [\beta_1 \mathbf{m}^{(t)} +
        (1 - \beta_1) \nabla] / (1 - \beta_1^t)$, and the same for s: the corrected value is fed
        back and corrected again at the next step. (Besides, t must count from 1; at t = 0 the
        factor is 1/0.) The means then estimate nothing: an early step multiplies s by nearly
        $1 / (1 - \beta_2^t)$, a thousand at first, so that after ten steps s is $10^{20}$ times
        the squared gradient, and the weights stand still.
        What is meant, and done here, is to correct copies and keep m and v as they are.
        The notes also put $\epsilon$ inside the root, $\sqrt{s + \epsilon}$: in the unit of the
        squared gradient, so their $\epsilon$ of 1e-7 weighs like one of about 3e-4 here. The
        two agree as long as $\epsilon$ is small beside the gradient (beside its square there).

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments.
        beta_1: $\beta_1$ in [0, 1).
        beta_2: $\beta_2$ in [0, 1).
        epsilon: $\epsilon$ > 0, in units of the gradient: "epsilon hat" of the paper's section 2.
        amsgrad: Use the greatest v so far in place of v (Reddi et al. 2018).
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
        amsgrad: bool = False,
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
        self.amsgrad = amsgrad

    def build(self, variables: Iterable[Any]) -> None:
        """Make the two means of each weight, and the greatest of the second for `amsgrad`."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        made = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        self._momentums: Variables = made[0]
        self._velocities: Variables = made[1]
        self._velocity_hats: Variables = Variables()
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(variables, "velocity_hat")

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        self._adam(grads, places, rate, decay=0.0)

    def _decay_and_update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        if not self.weight_decay:
            self._adam(grads, places, rate, decay=0.0)
        elif self._decaying() is None:
            self._adam(grads, places, rate, decay=rate * self.weight_decay)
        else:
            super()._decay_and_update(grads, places, rate)

    def _adam(self, grads: Sequence[Any], places: Places, rate: float, decay: float) -> None:
        """Shrink the weights by the part `decay`, then one step."""
        adam_step(
            self._layouts,
            grads,
            self._trainable_variables.at(places),
            self._momentums.at(places),
            self._velocities.at(places),
            self._velocity_hats.at(places) if self.amsgrad else [],
            t=self._changes() + 1,
            rate=rate,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
            decay=decay,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


def adam_step(
    layouts: Layouts,
    grads: Sequence[Any],
    weights: Sequence[torch.Tensor],
    means: Sequence[torch.Tensor],
    squares: Sequence[torch.Tensor],
    greatest: Sequence[torch.Tensor],
    *,
    t: int,
    rate: float,
    beta_1: float,
    beta_2: float,
    epsilon: float,
    decay: float = 0.0,
) -> None:
    """Step `t` of Adam on lists of tensors, in place, by one fused kernel where there is one.

    Args:
        layouts: How the weights lie in memory.
        grads: Gradients.
        weights: Weights.
        means: Means of the gradient.
        squares: Means of its square.
        greatest: Greatest mean squares so far, for AMSGrad; else empty.
        t: Number of the step, from 1.
        rate: Learning rate.
        beta_1: Decay of the means.
        beta_2: Decay of the mean squares.
        epsilon: Keras's small number, "epsilon hat".
        decay: Part of the weights to take away before the step.
    """
    corrected = rate * math.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    if layouts.fusable:
        # AdamW's kernel multiplies the weights by 1 - lr * weight_decay before the step.
        kernel = foreach.fused_adamw_ if decay else foreach.fused_adam_
        kernel(
            weights,
            grads,
            means,
            squares,
            greatest,
            layouts.scalars(_NEVER, weights),
            lr=corrected,
            beta1=beta_1,
            beta2=beta_2,
            weight_decay=decay / corrected if decay else 0.0,
            eps=epsilon,
            amsgrad=bool(greatest),
            maximize=False,
        )
        foreach.increment_version(weights)
        return
    if decay:
        foreach.scale_(weights, 1 - decay)
    foreach.lerp_(means, grads, 1 - beta_1)
    foreach.scale_(squares, beta_2)
    foreach.addcmul_(squares, grads, grads, value=1 - beta_2)
    if greatest:
        foreach.maximum_(greatest, squares)
    roots = foreach.sqrt(greatest or squares)
    foreach.plus_(roots, epsilon)
    foreach.addcdiv_(weights, means, roots, value=-corrected)


class AdamW(Adam):
    r"""Adam with decay of the weights (Loshchilov & Hutter 2019, algorithm 2).

    Before each step of `Adam`, $w \leftarrow w - \rho \lambda w$, $\lambda$ the `weight_decay`.
    It is `Adam(weight_decay=...)` with a decay by default.

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments.
        weight_decay: $\lambda$ >= 0.
        beta_1: Decay of the mean of the gradient, in [0, 1).
        beta_2: Decay of the mean of its square, in [0, 1).
        epsilon: Small number in units of the gradient; see `Adam`.
        amsgrad: Use the greatest mean square so far.
        clipnorm: Greatest norm of each gradient; this and the rest as in `Optimizer`.
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
        ValueError: If `weight_decay` is None, or a beta outside [0, 1).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        if weight_decay is None:
            raise ValueError(
                "`weight_decay` of AdamW must be a number; received None. Use `Adam` for no decay."
            )
        super().__init__(
            learning_rate=learning_rate,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            amsgrad=amsgrad,
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
