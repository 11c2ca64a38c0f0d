"""What the layers that merge tensors share."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from profond.layers._layer import Layer
from profond.layers._scopes import current


class Merge(Layer):
    """The base of layers that take a list of tensors and give one; a subclass defines `merge`.

    Tensors of fewer axes get axes of size 1 after the batch. The mask of the output is True
    where that of any input is; there is none unless all inputs have one.

    Args:
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.
    """

    # How many inputs there must be; None for any number.
    _number: int | None = None
    # Whether inputs are first given the same number of axes.
    _aligns = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The usual call, on plain tensors of the layer's type, takes a short way as in `Layer`."""
        if (
            current.inside
            and self.built
            and len(args) == 1
            and not kwargs
            and type(args[0]) is list
            and self.activity_regularizer is None
            and not self._makes_masks
            and all(map(self._is_usual, args[0]))
        ):
            return self.call(args[0])
        return super().forward(*args, **kwargs)

    def _is_usual(self, x: Any) -> bool:
        """Whether nothing has to be done with an input before `call`."""
        return (
            type(x) is Tensor
            and (x.dtype is self._compute or (self._in_half is not None and x.is_floating_point()))
            and not x.is_meta
            and getattr(x, "_keras_mask", None) is None
        )

    def build(self, input_shape: Any) -> None:
        """Check that the shapes go together.

        Raises:
            ValueError: Naming the shapes, if they do not.
        """
        several = isinstance(input_shape, list | tuple) and all(
            isinstance(shape, list | tuple) for shape in input_shape
        )
        if not several or not input_shape:
            self._refuse_single(input_shape)
        if self._number is not None and len(input_shape) != self._number:
            raise ValueError(
                f"the layer {self.name!r} ({type(self).__name__}) must be called on a list of "
                f"{self._number} tensors; received {len(input_shape)}."
            )
        if len({shape[0] for shape in input_shape if shape} - {None}) > 1:
            self._refuse(input_shape, "the same batch size")
        self.check_shapes(input_shape)

    def check_shapes(self, shapes: Sequence[Sequence[int | None]]) -> None:
        """Refuse shapes that do not broadcast to one another, the batch left aside."""
        longest = max(len(shape) for shape in shapes)
        aligned = [(1,) * (longest - len(shape)) + tuple(shape[1:]) for shape in shapes]
        for sizes in zip(*aligned, strict=True):
            if len(set(sizes) - {1, None}) > 1:
                self._refuse(shapes, "shapes that broadcast to one another")

    def _refuse_single(self, shape: Any) -> None:
        """Say that a list is required."""
        raise ValueError(
            f"the layer {self.name!r} ({type(self).__name__}) must be called on a list of "
            f"tensors; received one of shape {shape}."
        )

    def _refuse(self, shapes: Any, requirement: str) -> None:
        """Say which shapes do not go together."""
        received = ", ".join(str(tuple(shape)) for shape in shapes)
        raise ValueError(
            f"the inputs of the layer {self.name!r} ({type(self).__name__}) must have "
            f"{requirement}; received {received}."
        )

    def merge(self, inputs: list[Tensor]) -> Tensor:
        """One tensor of the inputs, which have the same number of axes.

        Raises:
            NotImplementedError: If the class does not define it.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `merge(self, inputs)`.")

    def call(self, inputs: Any) -> Tensor:
        """The merged tensor."""
        if not isinstance(inputs, list | tuple):
            self._refuse_single(tuple(inputs.shape))
        ndims = {x.ndim for x in inputs}
        if self._aligns and len(ndims) > 1:
            most = max(ndims)
            inputs = [x[(slice(None), *[None] * (most - x.ndim))] for x in inputs]
        try:
            return self.merge(list(inputs))
        except RuntimeError:
            # torch's message names neither the layer nor the shapes; they were others at `build`.
            self.check_shapes([tuple(x.shape) for x in inputs])
            raise

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The masks joined by "or"; None unless all inputs have one."""
        del inputs
        if not isinstance(previous_mask, list | tuple) or any(m is None for m in previous_mask):
            return None
        joined = previous_mask[0]
        for mask in previous_mask[1:]:
            joined = joined | mask
        return joined


def mask_over(x: Tensor) -> Tensor | None:
    """The mask that came with `x`, in the shape of `x`; None without any."""
    mask = getattr(x, "_keras_mask", None)
    return None if mask is None else mask.unsqueeze(-1).expand_as(x)


def folded(function: Callable[[Tensor, Tensor], Tensor], inputs: Sequence[Tensor]) -> Tensor:
    """`function` of the first two, then of the result and the third, and so on."""
    result = inputs[0]
    for x in inputs[1:]:
        result = function(result, x)
    return result


def folded_with_masks(
    function: Callable[[Tensor, Tensor], Tensor], inputs: Sequence[Tensor]
) -> Tensor:
    """`folded`, where a masked value leaves the place to the other tensor's.

    The result carries the mask, True where any value counts, if all inputs have one.
    """
    if all(getattr(x, "_keras_mask", None) is None for x in inputs):
        return folded(function, inputs)
    result: Any = inputs[0]
    counts = mask_over(result)
    for x in inputs[1:]:
        own = mask_over(x)
        here = x if own is None else torch.where(own, x, result)
        if counts is not None:
            result = torch.where(counts, result, here)
        counts = None if counts is None or own is None else counts | own
        result = function(result, here)
    if counts is not None:
        result._keras_mask = counts.any(-1)
    return result
