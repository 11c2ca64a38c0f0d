"""The weights of a model at its best epoch, and back to them."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch


def copies_of(weights: Iterable[Any]) -> list[torch.Tensor]:
    """A copy of each weight, ours or a parameter of a torch module in the model."""
    return [weight.detach().as_subclass(torch.Tensor).clone() for weight in weights]


def put_back(weights: Sequence[Any], copies: Sequence[torch.Tensor]) -> None:
    """Give the weights the values that `copies_of` has taken."""
    with torch.no_grad():
        for weight, copy in zip(weights, copies, strict=True):
            weight.copy_(copy)
