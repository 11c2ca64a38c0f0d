"""Cosine and sine of the same angles, whose gradient computes neither again."""

import inspect
from typing import Any

import torch
from torch import Tensor


class _CosSin(torch.autograd.Function):
    """Autograd's gradients of `cos` and `sin` compute the other of the two once more.

    These are most of the cost of a periodic embedding; all that they need is in the output.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(angles: Tensor) -> Tensor:
        return torch.cat([angles.cos(), angles.sin()], 1)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        del inputs
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        to_cos, to_sin = gradients[0].chunk(2, 1)
        cos, sin = ctx.saved_tensors[0].chunk(2, 1)
        return torch.addcmul(to_sin * cos, to_cos, sin, value=-1)


# torch asks for it at each call, and finding it takes longer than a small batch's cosines.
_CosSin.forward.__signature__ = inspect.signature(_CosSin.forward)  # type: ignore[attr-defined]


def cos_sin(angles: Tensor) -> Tensor:
    """`concatenate([cos(angles), sin(angles)], axis=1)`."""
    return _CosSin.apply(angles)  # type: ignore[no-any-return]
