"""Time steps that count, and windows of them."""

import torch
from jaxtyping import Bool, Num
from torch import Tensor


def only_counted(
    x: Num[Tensor, "batch time channels"], mask: Bool[Tensor, "batch time"], other: float = 0.0
) -> Num[Tensor, "batch time channels"]:
    """`x`, with `other` at the steps that do not count."""
    return torch.where(mask.bool().unsqueeze(-1), x, other)


def whole_windows(
    mask: Bool[Tensor, "batch time"], window: int, stride: int
) -> Bool[Tensor, "batch windows"]:
    """True for the windows inside a series whose first and last step count.

    Of a series filled up at its end these are the windows that it has by itself.
    """
    mask = mask.bool()
    first = mask[:, : max(mask.shape[1] - window + 1, 0) : stride]
    return first & mask[:, window - 1 :: stride]
