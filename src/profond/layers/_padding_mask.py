"""A mask for what fills up series of unequal lengths."""

from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from profond.layers._layer import Layer

_LOWEST = -1e29


class PaddingMask(Layer):
    """Time steps without a value are masked, and set to 0.

    A step has none if every channel is NaN, or at most -1e29 (which stands for NaN where numbers
    must be finite; it is the value of nothing measured). Other than by `Masking(0.0)`, no value
    that occurs is taken for padding. `output._keras_mask`, True where a step counts, travels with
    the output through the layers that support masks: convolutions, pooling, normalizations.

    A missing value in some channels of a step is no padding: fill it in before.

    Args:
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: `(batch, time, channels)`, the same.
    """

    accepts_non_finite = True  # for `fit`, which refuses NaN otherwise

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Float[Tensor, " *steps channels"]) -> Float[Tensor, " *steps channels"]:
        """The input with the masked steps at 0, and its mask."""
        # No comparison with NaN is true.
        counts = (inputs > _LOWEST).any(-1, keepdim=True)
        outputs: Any = torch.where(counts, inputs, 0)
        outputs._keras_mask = counts.squeeze(-1)
        return outputs

    def compute_mask(
        self, inputs: Float[Tensor, " *steps channels"], previous_mask: Any = None
    ) -> Bool[Tensor, " *steps"]:
        """True at the time steps that count."""
        del previous_mask
        return (inputs > _LOWEST).any(-1)
