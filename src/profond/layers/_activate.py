"""Activation of a layer's weighted sums, with the sums kept where the loss wants them."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from profond import activations

_KEPT = {activations.softmax: "softmax", activations.sigmoid: "sigmoid"}


def activate(function: Callable[[Tensor], Tensor] | None, sums: Tensor) -> Tensor:
    """`function(sums)`; softmax and sigmoid outputs remember the sums.

    The logistic losses are computed from the sums (logits): exact where the probability rounds
    to 0 or 1, and faster.
    """
    if function is None or function is activations.linear:
        return sums
    return remember_sums(function, sums, function(sums))


def remember_sums(function: Any, sums: Tensor, out: Tensor) -> Tensor:
    """`out`, which carries `sums` if it is their softmax (over the last axis) or sigmoid."""
    if function is activations.softmax or function is activations.sigmoid:
        out._keras_logits = sums  # type: ignore[attr-defined]
        out._keras_activation = _KEPT[function]  # type: ignore[attr-defined]
    return out
