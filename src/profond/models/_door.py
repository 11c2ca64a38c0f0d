"""What comes into a model, checked against what was declared and brought into its form."""

from typing import Any

from torch import Tensor

from profond._dtypes import torch_dtype
from profond._symbolic import KerasTensor
from profond.layers._input_layer import InputLayer


class Door:
    """One declared input of a model.

    Args:
        tensor: The symbolic input.
    """

    def __init__(self, tensor: KerasTensor) -> None:
        layer = tensor.node.operation if tensor.node is not None else None
        self.name = layer.name if isinstance(layer, InputLayer) else tensor.name
        self.shape = tensor.shape
        self.dtype = torch_dtype(tensor.dtype)
        self.optional = bool(getattr(layer, "optional", False))
        self._ndim = len(tensor.shape)
        self._sizes = [(axis, n) for axis, n in enumerate(tensor.shape) if n is not None]

    def admit(self, x: Any, model: str) -> Any:
        """`x` in the declared type and shape; a missing or extra last axis of 1 is mended.

        Args:
            x: A tensor, with values or symbolic; None for an optional input.
            model: Name of the model, for the message.

        Raises:
            ValueError: If the shape does not fit, or the input is missing.
        """
        if x is None:
            if self.optional:
                return None
            raise ValueError(
                f"the input {self.name!r} of the model {model!r} is required; received None."
            )
        if not hasattr(x, "shape"):
            raise ValueError(
                f"the input {self.name!r} of the model {model!r} must be a tensor; received "
                f"{x!r} of type {type(x).__name__}."
            )
        mask = getattr(x, "_keras_mask", None)
        have = x.shape
        if len(have) != self._ndim:
            if len(have) == self._ndim - 1 and self.shape[-1] == 1:
                x = x[..., None]
            elif len(have) == self._ndim + 1 and have[-1] == 1:
                x = x[..., 0]
            else:
                raise self._misfit(have, model)
        shape = x.shape
        for axis, size in self._sizes:
            if shape[axis] != size and shape[axis] is not None:
                raise self._misfit(have, model)
        if isinstance(x, Tensor):
            if x.dtype is not self.dtype:
                x = x.to(self.dtype)
            if mask is not None:
                x._keras_mask = mask  # type: ignore[attr-defined]
        return x

    def _misfit(self, shape: Any, model: str) -> ValueError:
        return ValueError(
            f"the input {self.name!r} of the model {model!r} must have the shape {self.shape} "
            f"(None: any size); received {tuple(shape)}."
        )
