"""Steps of matrices made orthogonal; Adam for all that is not a matrix."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import torch

from profond.optimizers._adam import adam_step
from profond.optimizers._layout import Places, Variables, both, path_of
from profond.optimizers._optimizer import Optimizer
from profond.optimizers._options import check_unit


class Muon(Optimizer):
    r"""Momentum orthogonalised by Newton-Schulz iterations (Jordan 2024; Liu et al. 2025).

    For a matrix of n rows and m columns, $M \leftarrow \mu M + g$ and
    $W \leftarrow W - \rho \cdot rms\_rate \sqrt{\max(n, m)} \, O(g + \mu M)$, where O(X) has
    singular values near 1 in place of X's: `ns_steps` times
    $X \leftarrow a X + (b X X^T + c (X X^T)^2) X$, begun at $X / \|X\|$.
    All that is not a matrix, embeddings, and what `exclude_layers` names (the output layer,
    as a rule) is changed by `AdamW`.

    Args:
        learning_rate: Rate $\rho$: a number, a schedule, or a callable without arguments.
        adam_beta_1: Adam's decay of the mean of the gradient, in [0, 1).
        adam_beta_2: Adam's decay of the mean of its square, in [0, 1).
        adam_weight_decay: Decay of the weights that Adam changes; None for none.
        epsilon: Adam's small number.
        weight_decay: Decay of the weights that Muon changes; None for none.
        clipnorm: Greatest norm of each gradient; this and the next as in `Optimizer`.
        clipvalue: Greatest magnitude of each element.
        global_clipnorm: Greatest norm of all gradients together.
        use_ema: Keep a moving average of the weights.
        ema_momentum: Part of the old average in the new one.
        ema_overwrite_frequency: Put the average in place every so many steps.
        loss_scale_factor: Factor of the loss against underflow.
        gradient_accumulation_steps: Change the weights every so many calls.
        name: Name of the optimizer.
        exclude_layers: Regular expressions; weights whose path has one are left to Adam.
        exclude_embeddings: Leave weights whose path has "embedding" to Adam.
        muon_a: a of the iteration.
        muon_b: b of the iteration.
        muon_c: c of the iteration.
        adam_lr_ratio: Adam's rate as a multiple of $\rho$.
        momentum: $\mu$.
        ns_steps: Number of iterations.
        nesterov: Orthogonalise $g + \mu M$ rather than M.
        rms_rate: Root mean square of a step of rate 1, about that of Adam's, so that both can
            share rate and decay; None for steps without that factor and the root.
        **kwargs: None is known; each is refused by name.

    Raises:
        ValueError: If a beta is outside [0, 1).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
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
        check_unit(adam_beta_1=adam_beta_1, adam_beta_2=adam_beta_2)
        self.adam_beta_1 = adam_beta_1
        self.adam_beta_2 = adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = epsilon
        self.exclude_layers = list(exclude_layers or ())
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def build(self, variables: Iterable[Any]) -> None:
        """Make the momentum of each weight, and the mean square where Adam needs it."""
        if self.built:
            return
        variables = list(variables)
        super().build(variables)
        self.momentums, self.adam_velocities = Variables(), Variables()
        for variable in variables:
            self.momentums.append(self.add_variable_from_reference(variable, "momentum"))
            by_adam = self._should_use_adamw(variable)
            self.adam_velocities.append(
                self.add_variable_from_reference(variable, "velocity") if by_adam else None
            )
        self._by_adam = [i for i, v in enumerate(self.adam_velocities) if v is not None]
        self._by_muon = [i for i, v in enumerate(self.adam_velocities) if v is None]

    def _should_use_adamw(self, variable: Any) -> bool:
        """Whether a weight is left to Adam."""
        path = path_of(variable)
        return (
            variable.ndim != 2
            or (self.exclude_embeddings and "embedding" in path.lower())
            or any(re.search(part, path) for part in self.exclude_layers)
        )

    def _decay_weights(self, places: Places, rate: float) -> None:
        for chosen, decay in (
            (self._by_adam, self.adam_weight_decay),
            (self._by_muon, self.weight_decay),
        ):
            if decay is not None:
                self._shrink(both(both(places, chosen), self._decaying()), rate * decay)

    def _update(self, grads: Sequence[Any], places: Places, rate: float) -> None:
        where = range(len(grads)) if places is None else places
        by_place = dict(zip(where, grads, strict=True))
        chosen = [place for place in self._by_adam if place in by_place]
        if chosen:
            adam_step(
                self._layouts,
                [by_place[place] for place in chosen],
                self._trainable_variables.at(chosen),
                self.momentums.at(chosen),
                self.adam_velocities.at(chosen),
                [],
                t=self._changes() + 1,
                rate=rate * self.adam_lr_ratio,
                beta_1=self.adam_beta_1,
                beta_2=self.adam_beta_2,
                epsilon=self.epsilon,
            )
        chosen = [place for place in self._by_muon if place in by_place]
        weights, momentums = self._trainable_variables.at(chosen), self.momentums.at(chosen)
        for place, w, m in zip(chosen, weights, momentums, strict=True):
            grad = by_place[place]
            m.mul_(self.momentum).add_(grad)
            direction = grad.add(m, alpha=self.momentum) if self.nesterov else m
            size = 1.0 if self.rms_rate is None else self.rms_rate * max(w.shape) ** 0.5
            w.sub_(self.orthogonalized(direction), alpha=rate * size)

    def orthogonalized(self, x: torch.Tensor) -> torch.Tensor:
        """A matrix with the singular vectors of `x` and singular values near 1."""
        tall = x.shape[0] > x.shape[1]
        x = x.T if tall else x
        x = x / (torch.linalg.vector_norm(x) + 1e-7)
        for _ in range(self.ns_steps):
            gram = x @ x.T
            x = self.muon_a * x + (self.muon_b * gram + self.muon_c * gram @ gram) @ x
        return x.T if tall else x

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            **super().get_config(),
            "adam_beta_1": self.adam_beta_1,
            "adam_beta_2": self.adam_beta_2,
            "epsilon": self.epsilon,
            "exclude_layers": self.exclude_layers,
            "muon_a": self.muon_a,
            "muon_b": self.muon_b,
            "muon_c": self.muon_c,
            "adam_lr_ratio": self.adam_lr_ratio,
            "momentum": self.momentum,
            "ns_steps": self.ns_steps,
            "nesterov": self.nesterov,
            "exclude_embeddings": self.exclude_embeddings,
            "adam_weight_decay": self.adam_weight_decay,
            "rms_rate": self.rms_rate,
        }
