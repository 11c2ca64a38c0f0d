"""The losses of several networks at once, row by row, and their gradients by the last sums."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from profond import regularizers
from profond.layers._activate import activate
from profond.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from profond.training._closed_form import rule_for

# The gradient of each row's loss by the row's sums, from targets, whether these are known to be
# one-hot, and sums; None for targets that the loss has to look at itself. Axes: (nets, rows, ...).
_Rule = Callable[[Tensor, bool, Tensor], Tensor | None]


class StackedLoss:
    """A loss with one value, or several, for each row, of which each network takes its mean.

    The gradients of the usual losses with the activation that belongs to them have a closed form,
    as in `_closed_form`; those of others go through autograd.

    Args:
        loss: A loss of this package that is a mean over rows.
        activation: The last activation.
        dtype: Element type of the sums.
    """

    def __init__(self, loss: Any, activation: Any, dtype: torch.dtype) -> None:
        self._loss, self._activation = loss, activation
        self._rule: _Rule | None = None
        if rule_for(loss, activation, dtype) is not None:
            self._rule = _RULES[type(loss)]

    def slope(
        self,
        y: Tensor,
        one_hot: bool,
        sums: Float[Tensor, "nets rows units"],
        weight: Float[Tensor, "nets rows"] | None,
    ) -> Float[Tensor, "nets rows units"]:
        """The gradient of each network's mean loss by its last sums.

        Args:
            y: Targets, (networks, rows, ...).
            one_hot: Whether they are known to be one-hot.
            sums: Last sums.
            weight: The weight of each row, or None.
        """
        found = None if self._rule is None else self._rule(y, one_hot, sums)
        if found is not None:
            found.mul_(1.0 / sums.shape[1])
            return found if weight is None else found.mul_(weight.unsqueeze(-1).to(found.dtype))
        with torch.enable_grad():
            recorded = sums.detach().requires_grad_()
            outputs = activate(self._activation, recorded.flatten(0, 1))
            total = self.values(y, outputs, weight).mean(1).sum()
            return torch.autograd.grad(total, recorded)[0]

    def values(
        self, y: Tensor, outputs: Float[Tensor, "all_rows units"], weight: Tensor | None
    ) -> Float[Tensor, "nets rows"]:
        """The loss of each row, times its weight, by the loss itself.

        Args:
            y: Targets, (networks, rows, ...).
            outputs: The outputs, the rows of all networks one after the other.
            weight: The weight of each row, or None.
        """
        targets, outputs = self._loss._prepare(y.flatten(0, 1), outputs)
        values = self._loss.call(targets, outputs).view(*y.shape[:2], -1).mean(2)
        return values if weight is None else values * weight.to(values.dtype)


def _categorical(y: Tensor, one_hot: bool, sums: Tensor) -> Tensor | None:
    if not one_hot or y.shape != sums.shape or sums.shape[-1] == 1:
        return None
    return torch.softmax(sums, -1).sub_(y)


def _sparse(y: Tensor, one_hot: bool, sums: Tensor) -> Tensor | None:
    del one_hot
    if y.dtype is not torch.int64 or y.shape != sums.shape[:-1]:
        return None
    labels = y.unsqueeze(-1)
    minus = sums.new_full((1, 1, 1), -1.0).expand(labels.shape)
    return torch.softmax(sums, -1).scatter_add_(-1, labels, minus)


def _squared(y: Tensor, one_hot: bool, sums: Tensor) -> Tensor | None:
    del one_hot
    return (sums - y).mul_(2.0 / sums.shape[-1]) if _alike(y, sums) else None


def _binary(y: Tensor, one_hot: bool, sums: Tensor) -> Tensor | None:
    del one_hot
    return torch.sigmoid(sums).sub_(y).div_(sums.shape[-1]) if _alike(y, sums) else None


def _alike(y: Tensor, sums: Tensor) -> bool:
    return y.shape == sums.shape and y.dtype is sums.dtype


_RULES: dict[type, _Rule] = {
    BinaryCrossentropy: _binary,
    CategoricalCrossentropy: _categorical,
    SparseCategoricalCrossentropy: _sparse,
    MeanSquaredError: _squared,
}


class StackedPenalty:
    r"""$\lambda_1 \sum |w| + \lambda_2 \sum w^2$ of some weights, for each network by itself.

    Args:
        penalties: The penalty on each weight, or None; of the kinds in `PENALTIES`.
        weights: The stacked weights, (networks, ...).
    """

    def __init__(self, penalties: list[Any], weights: list[Tensor]) -> None:
        self._parts = [
            (place, weights[place], getattr(one, "l1", 0.0), getattr(one, "l2", 0.0))
            for place, one in enumerate(penalties)
            if one is not None
        ]

    def values(self) -> Tensor | None:
        """The penalty of each network, (networks,); None where nothing is penalised."""
        total: Any = None
        for _, weight, l1, l2 in self._parts:
            flat = weight.flatten(1)
            own = flat.abs().sum(1) * l1 + flat.square().sum(1) * l2
            total = own if total is None else total + own
        return total

    def add_to(self, gradients: list[Tensor]) -> None:
        """Add the gradients of the penalties to those of the losses."""
        for place, weight, l1, l2 in self._parts:
            if l1:
                gradients[place].add_(weight.sign(), alpha=l1)
            if l2:
                gradients[place].add_(weight, alpha=2.0 * l2)


PENALTIES = (regularizers.L1, regularizers.L2, regularizers.L1L2)
