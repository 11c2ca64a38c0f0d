"""Masks: taken from the tensors that come in, given to `call`, put on what goes out."""

import warnings
from typing import Any

import torch

from profond import _tree
from profond._symbolic import KerasTensor, operation
from profond.layers._attributes import Attributes
from profond.layers._signature import CallSignature, is_tensor_tree


class Masked(Attributes):
    """Passes the masks of a layer's inputs on."""

    # Whether outputs may get a mask where inputs have none. Built-in layers that make one attach
    # it in `call`, so that the short way of a call stays open to them.
    _makes_masks = False
    supports_masking: bool
    _signature: CallSignature

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the output, given that of the input; the same one by default."""
        del inputs
        return previous_mask

    def _fill_masks(self, bound: dict[str, Any], kwargs: dict[str, Any]) -> Any:
        """Give `call` the masks that came with its tensors; returns the first one's."""
        tensors = {k: v for k, v in bound.items() if is_tensor_tree(v) and not k.endswith("mask")}
        masks = {name: _masks_of(value) for name, value in tensors.items()}
        names = self._signature.names
        first = next(iter(masks.values()), None)
        if len(masks) == 1 and "mask" in names and bound.get("mask") is None:
            if _any_mask(first):
                kwargs["mask"] = first
        for name, mask in masks.items():
            argument = f"{name}_mask"
            if argument in names and bound.get(argument) is None and _any_mask(mask):
                kwargs[argument] = mask
        return bound["mask"] if bound.get("mask") is not None else first

    def _set_masks(self, first: Any, outputs: Any, previous: Any) -> None:
        """Attach the output's mask to it, if this layer passes masks on."""
        has_mask = _any_mask(previous)
        if not self.supports_masking:
            if has_mask and self._is_mask_lost():
                warnings.warn(
                    f"the layer {self.name!r} ({type(self).__name__}) does not support masks: "
                    "the mask of its input ends here.",
                    stacklevel=5,
                )
            return
        if not has_mask and type(self).compute_mask is Masked.compute_mask:
            return
        outputs_flat = [t for t in _tree.flatten(outputs) if isinstance(t, torch.Tensor)]
        if all(getattr(t, "_keras_mask", None) is not None for t in outputs_flat):
            return
        masks = self.compute_mask(first, previous)
        if masks is None:
            return
        flat_masks = [masks] if isinstance(masks, torch.Tensor) else _tree.flatten(masks)
        for tensor, mask in zip(outputs_flat, flat_masks, strict=False):
            if mask is not None and getattr(tensor, "_keras_mask", None) is None:
                tensor._keras_mask = mask  # type: ignore[attr-defined]

    def _is_mask_lost(self) -> bool:
        """Whether a mask that is not passed on deserves a warning."""
        return not self._signature.takes_mask

    def _set_symbolic_mask(self, first: Any, outputs: Any) -> None:
        """Attach the symbolic mask, for those who look at it; the real one comes at run time."""
        previous = _masks_of(first)
        own = type(self).compute_mask is not Masked.compute_mask
        if not isinstance(outputs, KerasTensor) or not (own or _any_mask(previous)):
            return
        mask = operation(self.compute_mask)(first, previous) if own else previous
        if isinstance(mask, KerasTensor):
            outputs._keras_mask = mask


def _masks_of(value: Any) -> Any:
    """The masks attached to the tensors of a structure, in the same structure."""
    return _tree.map_structure(lambda x: getattr(x, "_keras_mask", None), value)


def _any_mask(masks: Any) -> bool:
    """Whether there is a mask anywhere in the structure."""
    return any(mask is not None for mask in _tree.leaves_of(masks))
