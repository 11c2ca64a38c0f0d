"""Bounds on gradients, over a list of them at once."""

from collections.abc import Sequence
from functools import reduce

import torch

from profond.optimizers import _foreach as foreach


def clip_norms(grads: Sequence[torch.Tensor], limit: float) -> Sequence[torch.Tensor]:
    """Each gradient whose L2 norm exceeds `limit`, scaled down to that norm."""
    factors = foreach.clamp_min(foreach.norm(grads), limit)
    foreach.reciprocal_(factors)
    foreach.scale_(factors, limit)
    return foreach.mul(grads, factors)


def clip_global_norm(grads: Sequence[torch.Tensor], limit: float) -> Sequence[torch.Tensor]:
    """All gradients scaled by one factor, so that their common L2 norm is at most `limit`.

    A norm that is not finite makes all gradients NaN, as in Keras, rather than 0 (Pascanu et
    al. 2013, On the difficulty of training recurrent neural networks, algorithm 1).
    """
    home, dtype = grads[0].device, grads[0].dtype
    if any(grad.device != home or grad.dtype is not dtype for grad in grads):
        dtype = reduce(torch.promote_types, {grad.dtype for grad in grads})
        norms = torch.stack([norm.to(home, dtype) for norm in foreach.norm(grads)])
        factor = _factor(norms, limit)
        return [grad * factor.to(grad) for grad in grads]
    return foreach.mul(grads, _factor(torch.stack(foreach.norm(grads)), limit))


def _factor(norms: torch.Tensor, limit: float) -> torch.Tensor:
    """What brings the common norm down to `limit`."""
    norm = torch.linalg.vector_norm(norms)
    return limit / norm.clamp(min=limit) + (norm - norm)


def clip_values(grads: Sequence[torch.Tensor], limit: float) -> Sequence[torch.Tensor]:
    """Each element of each gradient brought into [-limit, limit]."""
    clipped = foreach.clamp_max(grads, limit)
    foreach.clamp_min_(clipped, -limit)
    return clipped
