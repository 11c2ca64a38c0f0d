"""Batches of training in which every row is mixed with another, and so is its target."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from profond.layers import MixUp


@dataclass(frozen=True)
class Mixed:
    """A mixed batch.

    Attributes:
        x: The mixed inputs.
        targets: Targets with their weights, whose losses are added.
        measured: What metrics compare the outputs with.
    """

    x: Tensor
    targets: tuple[tuple[Tensor, Tensor | None], ...]
    measured: Tensor

    def loss(self, compute_loss: Callable[..., Any], compiled: Any, y_pred: Any) -> Any:
        """The loss of the batch.

        Args:
            compute_loss: The model's; what layers add to the loss is counted once.
            compiled: The loss of `compile` alone.
            y_pred: The outputs.
        """
        (y, weight), *others = self.targets
        loss = compute_loss(x=self.x, y=y, y_pred=y_pred, sample_weight=weight, training=True)
        for y, weight in others:
            loss = loss + compiled(y, y_pred, weight)
        return loss


class Mixing:
    r"""Mixup (Zhang et al. 2018, eq. 1) of each batch of a training.

    $\tilde x = \lambda x_i + (1 - \lambda) x_j$ and the same of the targets, with $j$ from a random
    order of the batch and $\lambda$ from Beta(alpha, alpha) for each row.

    Of classes the loss is $\lambda L(f(\tilde x), y_i) + (1 - \lambda) L(f(\tilde x), y_j)$: a
    cross-entropy is linear in the target, so that it is that of the mixed probabilities, and class
    numbers need not become vectors. Metrics compare with the target of the larger part.

    Args:
        alpha: Parameter of the distribution, > 0.
        numbers: Whether targets are numbers, which are mixed themselves, or classes.
    """

    def __init__(self, alpha: float = 0.2, *, numbers: bool = False) -> None:
        self._layer = MixUp(alpha)
        self.numbers = numbers

    def __call__(self, x: Tensor, y: Tensor, weight: Tensor | None) -> Mixed:
        """A batch of training, mixed: inputs (rows, ...), targets, weights (rows,) or None."""
        order, share = self._layer._drawn(x)
        mixed = self._layer._mixed(x, order, share)
        if self.numbers:
            y = self._layer._mixed(y, order, share)
            weight = None if weight is None else self._layer._mixed(weight, order, share)
            return Mixed(mixed, ((y, weight),), y)
        one, other = share, 1.0 - share
        if weight is not None:
            one, other = one * weight.reshape(-1), other * weight.reshape(-1)[order]
        larger = (share >= 0.5).reshape(-1, *[1] * (y.ndim - 1))
        return Mixed(mixed, ((y, one), (y[order], other)), torch.where(larger, y, y[order]))
