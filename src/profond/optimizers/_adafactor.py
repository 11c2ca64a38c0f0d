"""Adam's second moment in the memory of its rows and columns."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch

from profond.optimizers._layout import Places, Variables
from profond.optimizers._optimizer import Optimizer


class Adafactor(Optimizer):
    r"""Adafactor (Shazeer & Stern 2018, algorithms 4 and 5), without momentum.

    The mean square of a matrix's gradient is kept as the means R of its rows and C of its
    columns, $V = R C / mean(R)$; of a vector's as it is. At step t the decay is
    $1 - t^{\beta_2\_decay}$, the step $u = g / \sqrt{V}$ is clipped to a root mean square of
    `clip_threshold`, and $w \leftarrow w - \max(\epsilon_2, RMS(w)) \min(\rho, t^{-1/2}) u$.

    Args:
        learning_rate: Greatest relative rate $\rho$: a number, a schedule, or a callable
            without arguments.
        beta_2_decay: Exponent of the decay, < 0.
        epsilon_1: Added to the squared gradient.
        epsilon_2: Least size of the weights that the step is relative to.
        clip_threshold: Greatest root mean square of a step before the rate.
        relative_step: Accepted for Keras's sake: the rate is at most $t^{-1/2}$ in any case.
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
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
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
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def build(self, variables: Iterable[Any]) -> None:
        """Make the means of rows and columns of each matrix, and the mean square of each weight."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        self._r, self._c, self._v = Variables(), Variables(), Variables()
        for variable in variables:
            shape = tuple(variable.shape)
            matrix = len(shape) >= 2
            rows, columns = (shape[:-1], (*shape[:-2], shape[-1])) if matrix else ((), ())
            for made, size in ((self._r, rows), (self._c, columns)):
                value = torch.zeros(size, dtype=variable.dtype, device=variable.device)
                made.append(self._track(value, "factor", None))
            self._v.append(self.add_variable_from_reference(variable, "velocity"))

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        t = self._changes() + 1
        step = min(rate, 1 / math.sqrt(t))
        decay = 1 - t**self.beta_2_decay
        weights = self._trainable_variables.at(places)
        states = zip(self._r.at(places), self._c.at(places), self._v.at(places), strict=True)
        for grad, w, (r, c, v) in zip(grads, weights, states, strict=True):
            square = grad.square().add_(self.epsilon_1)
            if w.ndim >= 2:
                r.lerp_(square.mean(-1), 1 - decay)
                c.lerp_(square.mean(-2), 1 - decay)
                v.copy_((r / r.mean(-1, keepdim=True)).unsqueeze(-1) * c.unsqueeze(-2))
            else:
                v.lerp_(square, 1 - decay)
            u = grad / v.sqrt()
            size = _rms(w).clamp(min=self.epsilon_2) * step
            w.sub_(u * (size / (_rms(u) / self.clip_threshold).clamp(min=1.0)))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            **super().get_config(),
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }


def _rms(x: torch.Tensor) -> torch.Tensor:
    """Root mean square."""
    return x.square().mean().sqrt()
