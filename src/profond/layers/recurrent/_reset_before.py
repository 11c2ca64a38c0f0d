"""All steps of a GRU as the notes write it, forward and backward by hand.

Torch has one operation for the GRU whose reset gate acts after the product, and none for that of
the notes. Step by step through autograd it takes several times as long: each step makes a dozen
small tensors, and as many nodes of a graph.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable


def reset_before_steps(
    projected: Float[Tensor, "batch time gates"],
    state: Float[Tensor, "batch units"],
    weight: Float[Tensor, "gates units"],
) -> tuple[Float[Tensor, "batch time units"], Float[Tensor, "batch units"]]:
    r"""The states of a GRU whose reset gate acts before the product, all steps in one operation.

    $z, r = \sigma(p + U h), \quad \tilde h = \tanh(p_h + U_h (r \odot h)), \quad
    h \leftarrow z \odot h + (1 - z) \odot \tilde h$

    Args:
        projected: $p$, what the input gives to z, r and $\tilde h$, side by side.
        state: h before the first step.
        weight: U, of z, r and $\tilde h$, one above the other.

    Returns:
        The states after each step, and after the last.
    """
    outputs: Any = _Steps.apply(projected.transpose(0, 1), state, weight)
    return outputs.transpose(0, 1), outputs[-1]


class _Steps(torch.autograd.Function):
    """Time first, so that what belongs to a step lies in one piece."""

    @staticmethod
    def forward(ctx: Any, projected: Tensor, state: Tensor, weight: Tensor) -> Tensor:
        time, batch, gates = projected.shape
        units = gates // 3
        of_gates, of_new = weight[: 2 * units].T, weight[2 * units :].T
        gate = projected.new_empty((time, batch, 2 * units))
        new = projected.new_empty((time, batch, units))
        kept = projected.new_empty((time, batch, units))  # r * h
        outputs = projected.new_empty((time, batch, units))
        h = state
        for t in range(time):
            both = torch.addmm(projected[t, :, : 2 * units], h, of_gates, out=gate[t]).sigmoid_()
            z, r = both[:, :units], both[:, units:]
            torch.mul(r, h, out=kept[t])
            candidate = torch.addmm(projected[t, :, 2 * units :], kept[t], of_new, out=new[t])
            h = torch.lerp(candidate.tanh_(), h, z, out=outputs[t])
        ctx.save_for_backward(state, weight, gate, new, kept, outputs)
        return outputs

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *gradients: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        (slope,) = gradients
        state, weight, gate, new, kept, outputs = ctx.saved_tensors
        time, batch, units = outputs.shape
        of_gates, of_new = weight[: 2 * units], weight[2 * units :]
        before = torch.cat([state.unsqueeze(0), outputs[:-1]])
        z, r = gate[..., :units], gate[..., units:]
        # What does not depend on later steps, for all steps at once.
        by_z = (before - new).mul_(z * (1 - z))
        by_new = (1 - z).mul_(1 - new * new)
        by_r = before * r * (1 - r)
        all_slopes = outputs.new_empty((time, batch, 3 * units))
        dh = torch.zeros_like(state)
        for t in range(time - 1, -1, -1):
            dh = dh + slope[t]
            d = all_slopes[t]
            torch.mul(dh, by_z[t], out=d[:, :units])
            dnew = torch.mul(dh, by_new[t], out=d[:, 2 * units :])
            dkept = dnew @ of_new
            torch.mul(dkept, by_r[t], out=d[:, units : 2 * units])
            dh = torch.addmm(dh * z[t], d[:, : 2 * units], of_gates).addcmul_(dkept, r[t])
        flat = all_slopes.flatten(0, 1)
        by_weight = torch.cat(
            [
                flat[:, : 2 * units].T @ before.flatten(0, 1),
                flat[:, 2 * units :].T @ kept.flatten(0, 1),
            ]
        )
        return all_slopes, dh, by_weight
