"""The losses of several networks at once, each network's mean by itself, and their gradients."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import activations, regularizers
from profond.layers._activate import activate
from profond.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from profond.training._closed_form import rule_for

# One loss for each row, and its gradient by the row's sums; None for targets that the loss has to
# look at itself.
_RowRule = Callable[[Tensor, Tensor | None, Tensor], tuple[Tensor, Tensor] | None]


class StackedLoss:
    """The mean loss of each network, from targets and last sums.

    The usual losses with the activation that belongs to them are computed with their gradients, as
    in `_closed_form`; others go through autograd.

    Args:
        loss: A loss of this package with one value per row, of which it takes the mean.
        activation: The last activation.
        dtype: Element type of the sums.
    """

    def __init__(self, loss: Any, activation: Any, dtype: torch.dtype) -> None:
        self._loss, self._activation = loss, activation
        self._rule: _RowRule | None = None
        if rule_for(loss, activation, dtype) is not None:
            self._rule = _RULES[type(loss)]

    def with_gradient(
        self,
        y: Tensor,
        numbers: Tensor | None,
        sums: Float[Tensor, "nets rows units"],
        weight: Tensor | None,
    ) -> tuple[Float[Tensor, " nets"], Float[Tensor, "nets rows units"]]:
        """The mean loss of each network, and the gradient of each by its last sums.

        Args:
            y: Targets, (networks, rows, ...).
            numbers: Their class numbers, where they are known to be one-hot.
            sums: Last sums.
            weight: The weight of each row, (networks, rows).
        """
        flat = sums.flatten(0, 1)
        found = self._by_rule(y, numbers, flat)
        if found is not None:
            values, slope = found
            if weight is None:
                slope.mul_(1.0 / sums.shape[1])
            else:
                slope.mul_(weight.reshape(-1, 1) * (1.0 / sums.shape[1]))
            return _means(values, sums, weight), slope.view(sums.shape)
        with torch.enable_grad():
            recorded = sums.detach().requires_grad_()
            means = self._recorded(y, recorded, weight)
            (slope,) = torch.autograd.grad(means.sum(), recorded)
        return means.detach(), slope

    def total(
        self, y: Tensor, numbers: Tensor | None, sums: Tensor, weight: Tensor | None
    ) -> Float[Tensor, " nets"]:
        """The sum over the rows of each network's losses; arguments as in `with_gradient`."""
        found = self._by_rule(y, numbers, sums.flatten(0, 1))
        if found is not None:
            return _means(found[0], sums, weight) * sums.shape[1]
        return self._recorded(y, sums, weight) * sums.shape[1]

    def _by_rule(
        self, y: Tensor, numbers: Tensor | None, flat: Tensor
    ) -> tuple[Tensor, Tensor] | None:
        if self._rule is None:
            return None
        return self._rule(y.flatten(0, 1), None if numbers is None else numbers.flatten(), flat)

    def _recorded(self, y: Tensor, sums: Tensor, weight: Tensor | None) -> Tensor:
        """The mean losses, by the loss itself on all rows of all networks."""
        outputs = activate(self._activation, sums.flatten(0, 1))
        targets, outputs = self._loss._prepare(y.flatten(0, 1), outputs)
        values = self._loss.call(targets, outputs)
        return _means(values, sums, weight)


def _means(values: Tensor, sums: Tensor, weight: Tensor | None) -> Tensor:
    """The mean of each network's losses, one or several for each row."""
    nets, rows = sums.shape[:2]
    by_row = values.view(nets, rows, -1)
    if weight is not None:
        by_row = by_row * weight.unsqueeze(-1).to(by_row.dtype)
    return by_row.mean((1, 2))


def _categorical(y: Tensor, numbers: Tensor | None, sums: Tensor) -> tuple[Tensor, Tensor] | None:
    if numbers is None or y.shape != sums.shape or sums.shape[1] == 1:
        return None
    return _of_labels(numbers, sums)


def _sparse(y: Tensor, numbers: Tensor | None, sums: Tensor) -> tuple[Tensor, Tensor] | None:
    del numbers
    if y.dtype is not torch.int64 or y.shape != sums.shape[:1]:
        return None
    return _of_labels(y, sums)


def _of_labels(labels: Tensor, sums: Tensor) -> tuple[Tensor, Tensor]:
    log_p = torch.log_softmax(sums, 1)
    labels = labels.unsqueeze(1)
    slope = log_p.exp()
    slope.scatter_add_(1, labels, slope.new_full((1, 1), -1.0).expand_as(labels))
    return log_p.gather(1, labels).neg_(), slope


def _squared(y: Tensor, numbers: Tensor | None, sums: Tensor) -> tuple[Tensor, Tensor] | None:
    del numbers
    if not _alike(y, sums):
        return None
    errors = sums - y
    return errors.square(), errors.mul_(2.0 / sums.shape[1])


def _binary(y: Tensor, numbers: Tensor | None, sums: Tensor) -> tuple[Tensor, Tensor] | None:
    del numbers
    if not _alike(y, sums):
        return None
    values = F.binary_cross_entropy_with_logits(sums, y, reduction="none")
    return values, (torch.sigmoid(sums) - y).div_(sums.shape[1])


def _alike(y: Tensor, sums: Tensor) -> bool:
    return y.shape == sums.shape and y.dtype is sums.dtype


_RULES: dict[type, _RowRule] = {
    BinaryCrossentropy: _binary,
    CategoricalCrossentropy: _categorical,
    SparseCategoricalCrossentropy: _sparse,
    MeanSquaredError: _squared,
}


class StackedPenalty:
    r"""$\lambda_1 \sum |w| + \lambda_2 \sum w^2$ of some weights, for each network by itself.

    Args:
        regularizers: The penalty on each weight, or None; of the kinds in `PENALTIES`.
        weights: The stacked weights, (networks, ...).
    """

    def __init__(self, regularizers: list[Any], weights: list[Tensor]) -> None:
        self._parts = [
            (place, weights[place], getattr(one, "l1", 0.0), getattr(one, "l2", 0.0))
            for place, one in enumerate(regularizers)
            if one is not None
        ]

    def values(self) -> Tensor | float:
        """The penalty of each network, (networks,); 0 where nothing is penalised."""
        total: Tensor | float = 0.0
        for _, weight, l1, l2 in self._parts:
            flat = weight.flatten(1)
            if l1:
                total = total + flat.abs().sum(1) * l1
            if l2:
                total = total + flat.square().sum(1) * l2
        return total

    def add_to(self, gradients: list[Tensor]) -> None:
        """Add the gradients of the penalties to those of the losses."""
        for place, weight, l1, l2 in self._parts:
            if l1:
                gradients[place].add_(weight.sign(), alpha=l1)
            if l2:
                gradients[place].add_(weight, alpha=2.0 * l2)


PENALTIES = (regularizers.L1, regularizers.L2, regularizers.L1L2)
