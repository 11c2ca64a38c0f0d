"""The types that normalizations compute and answer in.

They follow the weights where these were converted (`model.double()`, `.half()`), and the layer's
policy otherwise.
"""

from typing import Any

import torch


def computed_in(inputs: torch.Tensor, weight: torch.Tensor | None) -> torch.dtype:
    """The widest of the two types, and at least float32: sums of squares need it."""
    kept = torch.float32 if weight is None else weight.dtype
    return torch.promote_types(torch.promote_types(inputs.dtype, kept), torch.float32)


def answered_in(layer: Any, weight: torch.Tensor | None) -> torch.dtype:
    """The type of the output of `layer`, of whose weights `weight` is one, if it has any."""
    if weight is None or weight.dtype is layer.dtype_policy.torch_variable_dtype:
        return layer._compute
    return weight.dtype
