"""What holds during a call: whether it is training, and in which form the weights are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakSet

import torch
from torch import nn


class _Current:
    """What surrounds a call.

    Attributes:
        training: The value of `training` that a surrounding call was given, if any.
        inside: Whether a layer's call is running.
        holders: The layers that hold losses of `add_loss`, as long as they live.
    """

    training: bool | None = None
    inside: bool = False

    def __init__(self) -> None:
        self.holders: WeakSet[nn.Module] = WeakSet()


current = _Current()


@contextmanager
def training_is(value: bool | None) -> Iterator[None]:
    """Inside, layers take `training=value` unless told otherwise; None leaves it open."""
    previous = current.training
    if value is not None:
        current.training = bool(value)
    try:
        yield
    finally:
        current.training = previous


@contextmanager
def weights_as(module: nn.Module, change: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
    """Inside, the module's own weights (not its sublayers') are `change(weight)`.

    The way to compute in another precision, or on the meta device, with the code unchanged.
    """
    own = module._parameters
    kept = dict(own)
    try:
        for name, weight in kept.items():
            if weight is not None:
                own[name] = change(weight)  # type: ignore[assignment]
        yield
    finally:
        for name, weight in kept.items():
            own[name] = weight


def on_meta_device(dtype: torch.dtype | None) -> Callable[[torch.Tensor], torch.Tensor]:
    """A function that takes weights' values away; what is assigned to the result is lost.

    Args:
        dtype: What float weights are converted to, as by `in_dtype`; None leaves them.
    """
    from profond._weight import Weight

    def convert(weight: torch.Tensor) -> torch.Tensor:
        autocast = weight.is_floating_point() and getattr(weight, "autocast", True)
        meta = torch.empty_like(weight, device="meta", dtype=dtype if autocast else None)
        if not isinstance(weight, Weight):
            return meta
        return Weight(meta, name=weight.name, path=weight.path)

    return convert


def in_dtype(dtype: torch.dtype) -> Callable[[torch.Tensor], torch.Tensor]:
    """A function that converts float weights to `dtype`, seen by autograd.

    What is assigned to the converted weight goes to the weight itself. A weight made with
    `autocast=False` stays as it is.
    """
    from profond._weight import Weight

    def convert(weight: torch.Tensor) -> torch.Tensor:
        if not isinstance(weight, Weight):
            return weight.to(dtype) if weight.is_floating_point() else weight
        return weight.cast(dtype) if weight.autocast and weight.is_floating_point() else weight

    return convert
