r"""Mean losses whose gradient by the last sums $o$ is known: the usual end of a network.

With the softmax, the sigmoid or no activation at the end, and the loss that belongs to it
(notes, 2.3.1 and 3), the gradient is $(\hat y - y) / n$, and twice that over the number of
outputs for the squared error; behind a ReLU, where its output is positive. It is computed by the
operations that autograd would use.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import activations
from profond.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from profond.losses._labels import known_class_numbers

_aten: Any = torch.ops.aten
_MEAN, _NO_LABEL = 1, torch.iinfo(torch.int64).min

Found = tuple[Tensor, Tensor] | None
Rule = Callable[[Tensor, Tensor], Found]


def rule_for(loss: Any, activation: Any, dtype: torch.dtype) -> Rule | None:
    """A function of targets and last sums that gives the mean loss and its gradient by the sums.

    Args:
        loss: The loss.
        activation: The last activation.
        dtype: Element type of the sums.

    Returns:
        The function; it gives None for targets that the loss has to look at itself. None for
        other losses than the usual ones with their usual options.
    """
    rule = _RULES.get((type(loss), id(activation)))
    if rule is None or loss.get_config() != type(loss)(name=loss.name).get_config():
        return None
    as_it_is = dtype is torch.float64 or dtype is torch.float32 is loss._torch_dtype
    return rule if as_it_is else None


def _categorical(y: Tensor, sums: Tensor) -> Found:
    numbers = known_class_numbers(y)
    if numbers is None or y.shape != sums.shape or sums.shape[1] == 1:
        return None
    return _of_labels(numbers, sums)


def _sparse(y: Tensor, sums: Tensor) -> Found:
    if y.dtype is not torch.int64 or y.shape != sums.shape[:1]:
        return None
    return _of_labels(y, sums)


def _of_labels(labels: Tensor, sums: Tensor) -> Found:
    log_p = torch.log_softmax(sums, 1)
    try:
        mean, weight = _aten.nll_loss_forward(log_p, labels, None, _MEAN, _NO_LABEL)
    except IndexError:  # a label out of range, which the loss itself names
        return None
    one = torch.ones((), dtype=sums.dtype, device=sums.device)
    slope = _aten.nll_loss_backward(one, log_p, labels, None, _MEAN, _NO_LABEL, weight)
    return mean, _aten._log_softmax_backward_data(slope, log_p, 1, sums.dtype)


def _squared(y: Tensor, sums: Tensor) -> Found:
    if not _alike(y, sums):
        return None
    one = torch.ones((), dtype=sums.dtype, device=sums.device)
    return F.mse_loss(sums, y), _aten.mse_loss_backward(one, sums, y, _MEAN)


def _squared_of_relu(y: Tensor, sums: Tensor) -> Found:
    output = torch.relu(sums)
    found = _squared(y, output)
    return found and (found[0], _aten.threshold_backward(found[1], output, 0))


def _binary(y: Tensor, sums: Tensor) -> Found:
    if not _alike(y, sums):
        return None
    mean = F.binary_cross_entropy_with_logits(sums, y)
    return mean, (torch.sigmoid(sums) - y).div_(sums.numel())


def _alike(y: Tensor, sums: Tensor) -> bool:
    return y.shape == sums.shape and y.dtype is sums.dtype


_RULES: dict[tuple[type, int], Rule] = {
    (BinaryCrossentropy, id(activations.sigmoid)): _binary,
    (CategoricalCrossentropy, id(activations.softmax)): _categorical,
    (SparseCategoricalCrossentropy, id(activations.softmax)): _sparse,
    (MeanSquaredError, id(None)): _squared,
    (MeanSquaredError, id(activations.linear)): _squared,
    (MeanSquaredError, id(activations.relu)): _squared_of_relu,
}
