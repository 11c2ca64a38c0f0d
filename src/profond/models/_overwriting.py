"""Rectified linear units that write into the memory of what they rectify.

A ReLU after a batch normalization, a sum or a convolution is the only one who reads these: written
to a place of its own, its output costs as much time as its arithmetic, and twice the memory.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.modules import module as torch_module

from profond import activations
from profond.layers._layer import Layer

# What a layer and what hears of its calls is asked for.
_HOOKS = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")


def may_overwrite(layer: Any, producer: Any, inputs: int = 1) -> bool:
    """Whether a layer may, as far as is known before a call, write into the output of another.

    Args:
        layer: The layer.
        producer: The layer whose output it alone takes.
        inputs: Number of inputs of the other.
    """
    from profond import layers

    if type(layer) not in (layers.Activation, layers.ReLU):
        return False
    if type(producer) is layers.Add:
        return inputs > 1
    return type(producer) in (layers.BatchNormalization, layers.Conv1D, layers.Conv2D)


def rectified(layer: Any, producer: Any, x: Any) -> Any:
    """`layer(x)`, in the memory of `x` if that is safe.

    Args:
        layer: A ReLU, or another activation, which is called as usual.
        producer: The layer that gave `x` to this one alone.
        x: Its output.
    """
    if not (
        type(x) is Tensor
        and _is_relu(layer)
        and (x.dtype is layer._compute or layer._in_half)
        and not x.is_meta
        and not (x.requires_grad and (x.is_leaf or x.retains_grad))
        and _is_unseen(layer)
        and _is_unseen(producer)
        and getattr(producer, "activation", None) in (None, activations.linear)
        and getattr(x, "_keras_mask", None) is None
        and not torch_module._has_any_global_hook()
        and not torch.compiler.is_compiling()
    ):
        return layer(x)
    base = x._base
    if base is None:
        return torch.relu_(x)
    # Torch's own output, which was given other axes: rectified before, it takes no detour in the
    # way back, as writing into a view does.
    again = _seen_as(x, base)
    if again is None:
        return layer(x)
    torch.relu_(base)
    return _seen_as(x, base)


def _is_relu(layer: Any) -> bool:
    if "activation" in layer.__dict__:
        return layer.activation is activations.relu
    return (
        getattr(layer, "max_value", 0) is None
        and layer.negative_slope == 0
        and layer.threshold == 0
    )


def _is_unseen(layer: Layer) -> bool:
    """Whether nobody hears of a layer's output, and its call is that of its class."""
    facts = vars(layer)
    return (
        layer.activity_regularizer is None
        and "call" not in facts
        and "forward" not in facts
        and not any(getattr(layer, hooks) for hooks in _HOOKS)
    )


def _seen_as(x: Tensor, base: Tensor) -> Tensor | None:
    """`base` with the axes of `x`, its view by one of our layers; None if it is another."""
    if base.ndim == 4:
        view = base.permute(0, 2, 3, 1)
        view = view.squeeze(1) if x.ndim == 3 else view
    elif base.ndim == 2 and base.numel() == x.numel():
        view = base.view(x.shape)
    else:
        return None
    same = (
        view.shape == x.shape
        and view.stride() == x.stride()
        and view.storage_offset() == x.storage_offset()
    )
    return view if same else None
