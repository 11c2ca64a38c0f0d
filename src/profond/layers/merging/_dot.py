"""Products of the samples of two tensors."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import config
from profond.layers.merging._merge import Merge


class Dot(Merge):
    r"""For each sample the product of two tensors, summed over an axis of each.

    With matrices $a_{ij}$ and $b_{jk}$ of each sample and `axes=(2, 1)`, $\sum_j a_{ij}
    b_{jk}$; with vectors and `axes=1`, their scalar product.

    Args:
        axes: The axis of the sum, or one for each of the two tensors; not that of the batch.
        normalize: Whether the vectors along these axes are brought to norm 1 first: then the
            scalar product is the cosine of their angle.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: a list of two tensors, `(batch, ...)`. Output: the batch, the other axes of the
        first, the other axes of the second; `(batch, 1)` if there are none.

    Raises:
        ValueError: If `axes` is not one integer or two.
    """

    _number = 2
    _aligns = False

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pair = [axes, axes] if isinstance(axes, int) else axes
        if (
            not isinstance(pair, list | tuple)
            or len(pair) != 2
            or any(isinstance(a, bool) or not isinstance(a, int) for a in pair)
        ):
            raise ValueError(
                f"`axes` must be an integer, or two of them in a list; received {axes!r}."
            )
        self.axes = axes
        self.normalize = normalize
        self._pair = tuple(pair)

    def check_shapes(self, shapes: Any) -> None:
        """Refuse shapes without these axes, or of other sizes on them."""
        first, second = shapes
        if any(
            not -len(shape) <= a < len(shape) or a % len(shape) == 0
            for a, shape in zip(self._pair, shapes, strict=True)
        ):
            self._refuse(shapes, f"the axes {self._pair}, other than the batch's")
        sizes = {first[self._pair[0]], second[self._pair[1]]} - {None}
        if len(sizes) > 1:
            self._refuse(shapes, f"the same size on the axes {self._pair}")

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """The products."""
        # The axes of the sum last: (B, ..., d) and (B, ..., d).
        first, second = (x.movedim(a, -1) for x, a in zip(inputs, self._pair, strict=True))
        if self.normalize:
            first, second = (F.normalize(x, dim=-1, eps=config.epsilon()) for x in (first, second))
        rows, columns = first.shape[1:-1], second.shape[1:-1]
        # (B, i, d) and (B, d, k), where i and k count all other places; 1 for a vector.
        a = first.reshape(first.shape[0], math.prod(rows), first.shape[-1])
        b = second.reshape(second.shape[0], math.prod(columns), second.shape[-1])
        return torch.bmm(a, b.transpose(1, 2)).reshape(len(a), *((*rows, *columns) or (1,)))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """None: the axes are others."""
        del inputs, previous_mask
