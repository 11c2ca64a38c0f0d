"""Values brought to another scale by fixed numbers."""

from typing import Any

import torch
from jaxtyping import Float, Num
from torch import Tensor

from profond._tensors import convert_to_tensor
from profond.layers._layer import Layer


class Rescaling(Layer):
    r"""$x \cdot \text{scale} + \text{offset}$: pixels from 0..255 to 0..1 with 1 / 255.

    Args:
        scale: Factor, a number or one for each feature.
        offset: Added after it, a number or one for each feature.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: any, whole numbers too. Output: the same, in the type of the layer.
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset
        self._numbers = tuple(_as_number_or_tensor(value) for value in (scale, offset))
        self.supports_masking = True
        self.autocast = False

    def call(self, inputs: Num[Tensor, " *shape"]) -> Float[Tensor, " *shape"]:
        """The input in the other scale."""
        # In at least float32, also where the result is in half precision.
        wide = torch.promote_types(self._compute, torch.float32)
        x = inputs.to(wide)
        scale, offset = (
            value.to(x) if isinstance(value, Tensor) else value for value in self._numbers
        )
        out = x * scale
        if isinstance(offset, Tensor) or offset != 0:
            out = out + offset
        return out.to(self._compute)


def _as_number_or_tensor(value: Any) -> Any:
    """A number as it is, else a tensor."""
    return value if isinstance(value, int | float) else convert_to_tensor(value, "float64")
