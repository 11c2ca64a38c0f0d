"""Sum, difference, product, mean, maximum and minimum of several tensors."""

from typing import Any

import torch
from torch import Tensor

from profond.layers.merging._merge import Merge, folded, folded_with_masks, mask_over


class Add(Merge):
    """The sum of the inputs: a residual connection is `Add()([x, f(x)])`.

    Args:
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: a list of tensors that broadcast to one another. Output: their common shape.
    """

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """The sum."""
        return folded(torch.add, inputs)


class Subtract(Merge):
    """The first input less the second.

    Args:
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: a list of two tensors that broadcast to one another. Output: their common shape.
    """

    _number = 2

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """The difference."""
        return inputs[0] - inputs[1]


class Multiply(Merge):
    """The product of the inputs; a masked value counts as 1, or 0 where all are masked.

    Args:
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: a list of tensors that broadcast to one another. Output: their common shape.
    """

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """The product."""
        masks = [mask_over(x) for x in inputs]
        factors = [
            x if mask is None else torch.where(mask, x, 1)
            for x, mask in zip(inputs, masks, strict=True)
        ]
        result: Any = folded(torch.mul, factors)
        known = [mask for mask in masks if mask is not None]
        if len(known) == len(masks):
            counts = folded(torch.logical_or, known)
            result = torch.where(counts, result, 0)
            result._keras_mask = counts.any(-1)
        return result


class Average(Merge):
    """The mean of the inputs.

    Args:
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: a list of tensors that broadcast to one another. Output: their common shape.
    """

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """The mean."""
        return folded(torch.add, inputs) / len(inputs)


class Maximum(Merge):
    """The largest of the inputs at each place; masked values do not count.

    Args:
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: a list of tensors that broadcast to one another. Output: their common shape.
    """

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """The maximum."""
        return folded_with_masks(torch.maximum, inputs)


class Minimum(Merge):
    """The smallest of the inputs at each place; masked values do not count.

    Args:
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: a list of tensors that broadcast to one another. Output: their common shape.
    """

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """The minimum."""
        return folded_with_masks(torch.minimum, inputs)
