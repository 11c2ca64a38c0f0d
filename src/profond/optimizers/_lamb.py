"""Adam with each layer's step in proportion to its weights, for large batches."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from profond.optimizers import _foreach as foreach
from profond.optimizers._layout import Places, Variables
from profond.optimizers._optimizer import Optimizer
from profond.optimizers._options import check_unit


class Lamb(Optimizer):
    r"""Layer-wise adaptive moments (You et al. 2020, algorithm 2).

    With $u = \hat m / (\sqrt{\hat v} + \epsilon)$ from the corrected means of `Adam`,
    $w \leftarrow w - \rho \frac{\|w\|}{\|u\|} u$, the ratio being 1 where a norm is 0.

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments.
        beta_1: Decay of the mean of the gradient, in [0, 1).
        beta_2: Decay of the mean of its square, in [0, 1).
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

    def build(self, variables: Iterable[Any]) -> None:
        """Make the two means of each weight."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        made = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        self._momentums: Variables = made[0]
        self._velocities: Variables = made[1]

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        t = self._changes() + 1
        means, squares = self._momentums.at(places), self._velocities.at(places)
        foreach.lerp_(means, grads, 1 - self.beta_1)
        foreach.scale_(squares, self.beta_2)
        foreach.addcmul_(squares, grads, grads, value=1 - self.beta_2)
        roots = foreach.scale(squares, 1 / (1 - self.beta_2**t))
        foreach.sqrt_(roots)
        foreach.plus_(roots, self.epsilon)
        updates = foreach.scale(means, 1 / (1 - self.beta_1**t))
        foreach.div_(updates, roots)
        weights = self._trainable_variables.at(places)
        norms = zip(foreach.norm(weights), foreach.norm(updates), strict=True)
        ratios = [torch.where((w > 0) & (u > 0), w / u, 1.0).to(w.dtype) for w, u in norms]
        foreach.addcmul_(weights, updates, ratios, value=-rate)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            **super().get_config(),
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
