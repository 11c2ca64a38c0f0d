"""Vectors brought to length 1."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Num
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond.layers._checks import axes_within, whole_axes
from profond.layers._layer import Layer

_SHORTEST = 1e-12


class UnitNormalization(Layer):
    r"""$x / \lVert x \rVert_2$: each sample divided by its norm, so that it has norm 1.

    Args:
        axis: Axis of the norm, or a list of axes.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any, the same. Zeros stay zeros.

    Raises:
        ValueError: If `axis` is not made of integers.
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = whole_axes(axis)
        self.supports_masking = True

    def call(self, inputs: Num[Tensor, " *shape"]) -> Num[Tensor, " *shape"]:
        """The input with norm 1."""
        inputs = inputs.to(self._compute)
        axes = axes_within(self.axis, inputs.shape, self.name)
        if len(axes) == 1:
            return F.normalize(inputs, dim=axes[0], eps=_SHORTEST)
        norm = torch.linalg.vector_norm(inputs, dim=axes, keepdim=True)
        return inputs / norm.clamp_min(_SHORTEST)
