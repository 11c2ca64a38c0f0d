"""Softmax of scores with a mask, and sums of values weighted with it."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F


def causal_mask(queries: int, keys: int, device: torch.device) -> Bool[Tensor, "queries keys"]:
    """True where a key does not come after the query."""
    return torch.ones((queries, keys), dtype=torch.bool, device=device).tril()


def check_fits(mask: Tensor | None, due: Sequence[int], layer: str) -> None:
    """Refuse a mask that does not broadcast to the scores.

    Raises:
        ValueError: Naming layer and shapes.
    """
    if mask is None:
        return
    shape = (*[1] * (len(due) - mask.ndim), *mask.shape)
    if len(shape) != len(due) or any(n not in (1, m) for n, m in zip(shape, due, strict=True)):
        raise ValueError(
            f"the masks of the layer {layer!r} must together broadcast to its scores, "
            f"{tuple(due)}; received {tuple(mask.shape)}."
        )


def check_rows(tensors: Sequence[Tensor], layer: str) -> None:
    """Refuse queries, keys and values of different batches.

    Raises:
        ValueError: Naming layer and shapes.
    """
    if len({len(one) for one in tensors}) > 1:
        shapes = ", ".join(str(tuple(one.shape)) for one in tensors)
        raise ValueError(
            f"the inputs of the layer {layer!r} must have the same batch, their first axis; "
            f"received {shapes}."
        )


def masked_softmax(
    scores: Float[Tensor, "*rows keys"], mask: Bool[Tensor, " *broadcasts"] | None
) -> Float[Tensor, "*rows keys"]:
    r"""$\mathrm{softmax}$ over the keys that a mask leaves.

    Args:
        scores: One for each query and key.
        mask: True where a key may be attended to; it broadcasts to `scores`.

    Returns:
        Weights that sum to 1; all 0 where no key is left, and so is the gradient.
    """
    if mask is None:
        return scores.softmax(-1)
    # The lowest number and not -inf: a row without any key would become NaN.
    lowest = torch.finfo(scores.dtype).min
    return torch.where(mask, torch.where(mask, scores, lowest).softmax(-1), 0)


def attended(
    query: Float[Tensor, "batch heads queries dim"],
    key: Float[Tensor, "batch heads keys dim"],
    value: Float[Tensor, "batch heads keys out"],
    mask: Bool[Tensor, " *broadcasts"] | None,
    *,
    causal: bool,
    scale: float,
    dropout: float = 0.0,
) -> Float[Tensor, "batch heads queries out"]:
    r"""$\mathrm{softmax}(s\, Q K^T) V$, the weights not kept: memory is linear in the length.

    Torch's operation. It gives 0, not NaN, for a query without any key, where the mask says so.

    Args:
        query: Q.
        key: K.
        value: V.
        mask: True where a key may be attended to; None for all.
        causal: Whether a query attends to keys up to its own place only.
        scale: $s$.
        dropout: Share of the weights that is dropped.
    """
    if causal and mask is not None:
        mask = mask & causal_mask(query.shape[-2], key.shape[-2], query.device)
        causal = False
    return F.scaled_dot_product_attention(
        query, key, value, attn_mask=mask, dropout_p=dropout, is_causal=causal, scale=scale
    )
