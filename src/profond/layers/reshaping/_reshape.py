"""The same values in another shape."""

import math
from collections.abc import Sequence
from typing import Any

from jaxtyping import Shaped
from torch import Tensor

from profond._symbolic import KerasTensor
from profond.layers._layer import Layer


class Reshape(Layer):
    """Each sample in another shape, its values in the same order (the last axis fastest).

    Args:
        target_shape: Shape of a sample; one size may be -1 (or None), which is then worked out.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, ...)`. Output: `(batch, *target_shape)`.

    Raises:
        ValueError: If `target_shape` has a size below -1 or more than one that is not given, or
            at the call does not hold as many values as the input.
    """

    def __init__(self, target_shape: Sequence[int | None], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(target_shape, Sequence) or isinstance(target_shape, str):
            raise ValueError(
                f"`target_shape` must be a tuple of integers; received {target_shape!r}."
            )
        sizes = tuple(-1 if n is None else n for n in target_shape)
        if any(isinstance(n, bool) or not hasattr(n, "__index__") or n < -1 for n in sizes):
            raise ValueError(
                "`target_shape` must hold integers >= 0, or -1 for a size to be worked out; "
                f"received {target_shape!r}."
            )
        if sizes.count(-1) > 1:
            raise ValueError(
                "`target_shape` must have at most one size of -1 (or None); "
                f"received {target_shape!r}."
            )
        self.target_shape = tuple(int(n) for n in sizes)

    def compute_output_spec(self, inputs: KerasTensor) -> KerasTensor:  # type: ignore[override]
        """The symbolic output.

        Worked out here, since trial sizes in the place of unknown ones would seldom divide.
        """
        return KerasTensor(self._shape_for(inputs.shape), inputs.dtype)

    def _shape_for(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        """The shape of the output, None where a size is not known.

        Raises:
            ValueError: If the target cannot hold as many values.
        """
        target, sizes = self.target_shape, input_shape[1:]
        known = [n for n in sizes if n is not None]
        if len(known) < len(sizes):
            return (input_shape[0], *(None if n == -1 else n for n in target))
        have, given = math.prod(known), math.prod(n for n in target if n != -1)
        if (have != given) if -1 not in target else (given == 0 or have % given):
            raise ValueError(
                f"`target_shape` of the layer {self.name!r} must hold as many values as a sample "
                f"of its input; received target_shape={target} for the input shape "
                f"{tuple(input_shape)}, {have} values per sample."
            )
        return (input_shape[0], *(have // given if n == -1 else n for n in target))

    def call(self, inputs: Shaped[Tensor, " batch *sizes"]) -> Shaped[Tensor, " batch *target"]:
        """The input in the target shape."""
        return inputs.reshape(self._shape_for(inputs.shape))  # type: ignore[arg-type]
