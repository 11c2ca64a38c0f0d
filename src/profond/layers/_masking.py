"""A mask for the time steps that only fill up a series."""

from typing import Any

import torch
from jaxtyping import Bool, Num
from torch import Tensor

from profond.layers._layer import Layer


class Masking(Layer):
    """Time steps at which all features have `mask_value` are masked, and set to 0.

    The layers that follow leave them out: `output._keras_mask`, True where a step counts,
    travels with the output through the layers that support masks.

    Args:
        mask_value: The value that fills up.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: `(batch, time, features)`, the same (or any with features last).
    """

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True

    def call(self, inputs: Num[Tensor, " *steps features"]) -> Num[Tensor, " *steps features"]:
        """The input with the masked steps at 0, and its mask."""
        counts = (inputs != self.mask_value).any(-1, keepdim=True)
        outputs: Any = torch.where(counts, inputs, 0)
        outputs._keras_mask = counts.squeeze(-1)
        return outputs

    def compute_mask(
        self, inputs: Num[Tensor, " *steps features"], previous_mask: Any = None
    ) -> Bool[Tensor, " *steps"]:
        """True at the time steps that count."""
        del previous_mask
        return (inputs != self.mask_value).any(-1)
