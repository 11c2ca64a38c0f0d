"""Tensors put behind one another."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from profond.layers.merging._merge import Merge


class Concatenate(Merge):
    """The inputs put behind one another along an axis.

    Args:
        axis: The axis along which they may differ in size.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: a list of tensors, of the same sizes but on `axis`. Output: the same, with the
        sum of the sizes on `axis`.

    Raises:
        ValueError: If `axis` is not an integer.
    """

    _aligns = False

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(axis, bool) or not isinstance(axis, int):
            raise ValueError(f"`axis` must be an integer; received {axis!r}.")
        self.axis = axis

    def check_shapes(self, shapes: Sequence[Sequence[int | None]]) -> None:
        """Refuse shapes that differ on another axis."""
        ndims = {len(shape) for shape in shapes}
        if len(ndims) > 1 or not -min(ndims) <= self.axis < min(ndims):
            self._refuse(shapes, f"the same number of axes, among them {self.axis}")
        axis = self.axis % min(ndims)
        for place, sizes in enumerate(zip(*shapes, strict=True)):
            if place != axis and len(set(sizes) - {None}) > 1:
                self._refuse(shapes, f"the same sizes but on axis {self.axis}")

    def build(self, input_shape: Any) -> None:
        """Check that the shapes go together; on axis 0 the batches may differ."""
        if self.axis == 0 and isinstance(input_shape, list | tuple):
            self.check_shapes(input_shape)
            return
        super().build(input_shape)

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """The inputs behind one another."""
        return torch.cat(inputs, self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The masks behind one another, all True for an input without; None without any."""
        if not isinstance(previous_mask, list | tuple) or all(m is None for m in previous_mask):
            return None
        masks = []
        for x, mask in zip(inputs, previous_mask, strict=True):
            if mask is None:
                mask = torch.ones_like(x, dtype=torch.bool)
            elif mask.ndim < x.ndim:
                mask = mask.unsqueeze(-1).expand_as(x)
            masks.append(mask)
        return torch.cat(masks, self.axis).any(-1)
