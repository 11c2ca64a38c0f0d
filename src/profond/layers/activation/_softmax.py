"""Probabilities from scores."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Num
from torch import Tensor

from profond import activations
from profond.layers._checks import whole_axes
from profond.layers._layer import Layer


class Softmax(Layer):
    r"""$e^{o_i} / \sum_j e^{o_j}$: scores to probabilities (notes, 2.3.1).

    Where a mask is False the probability is 0, and the others sum to 1. After a softmax over
    the last axis without mask, the cross-entropies are computed from the scores, exactly.

    Args:
        axis: Axis of the sum, or a list of axes.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any, the same; `mask`: broadcasts to it.

    Raises:
        ValueError: If `axis` is not made of integers.
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = whole_axes(axis)
        self.supports_masking = True

    def call(
        self, inputs: Num[Tensor, " *shape"], mask: Tensor | None = None
    ) -> Num[Tensor, " *shape"]:
        """The probabilities.

        Raises:
            ValueError: If the mask does not broadcast to the input.
        """
        axis = self.axis[0] if isinstance(self.axis, list) and len(self.axis) == 1 else self.axis
        if mask is None and isinstance(axis, int):
            return activations.softmax(inputs, axis)
        if mask is not None:
            mask = self._as_bool(mask, inputs)
            # Finite, so that a row without any True does not become NaN.
            lowest = -3e4 if inputs.dtype is torch.float16 else -1e9
            inputs = torch.where(mask, inputs, lowest)
        if isinstance(axis, int):
            probabilities = torch.softmax(inputs, axis)
        else:
            probabilities = torch.exp(inputs - torch.logsumexp(inputs, axis, keepdim=True))
        return probabilities if mask is None else torch.where(mask, probabilities, 0.0)

    def _as_bool(self, mask: Tensor, inputs: Tensor) -> Tensor:
        """The mask as True and False; numbers count as True above 0.5."""
        sizes = tuple(mask.shape), tuple(inputs.shape)
        pairs = zip(reversed(sizes[0]), reversed(sizes[1]), strict=False)
        if mask.ndim > inputs.ndim or any(m not in (1, n) for m, n in pairs):
            raise ValueError(
                f"`mask` of the layer {self.name!r} must broadcast to its input, of shape "
                f"{sizes[1]}; received {sizes[0]}. A mask of whole time steps has no place in a "
                "softmax over other axes: pass `mask[..., None]`."
            )
        return mask if mask.dtype is torch.bool else mask > 0.5
