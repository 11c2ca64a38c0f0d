"""The parts of a convolutional network that its pictures need, and what flows through them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from profond._tensors import convert_to_tensor
from profond.models._leaves import leaf_layers

_GLOBAL_MEANS = ("GlobalAveragePooling1D", "GlobalAveragePooling2D")
_BETWEEN = ("Dropout", "Flatten", "Activation", "Softmax", "GaussianNoise", "AlphaDropout")
_CONVOLUTIONS = (
    "Conv1D", "Conv2D", "SeparableConv1D", "SeparableConv2D", "DepthwiseConv1D",
    "DepthwiseConv2D", "Conv1DTranspose", "Conv2DTranspose",
)  # fmt: skip


def kind(layer: Any) -> str:
    """The name of a layer's class."""
    return type(layer).__name__


def head_of(model: Any) -> Any:
    """The dense layer that gives the outputs.

    Raises:
        ValueError: If the model ends in none.
    """
    for _, layer in reversed(leaf_layers(model)):
        if kind(layer) == "Dense":
            return layer
        if kind(layer) not in _BETWEEN:
            break
    raise ValueError(
        f"the model {model.name!r} must end in a `Dense` layer with an output for each class; it "
        f"ends in {kind(leaf_layers(model)[-1][1])}."
    )


def mean_before(model: Any, head: Any) -> Any:
    """The global average pooling right before the head; None if there is none."""
    names = leaf_layers(model)
    place = next(i for i, (_, layer) in enumerate(names) if layer is head)
    for _, layer in reversed(names[:place]):
        if kind(layer) in _GLOBAL_MEANS:
            return layer
        if kind(layer) not in _BETWEEN:
            return None
    return None


def convolutions(model: Any) -> list[tuple[str, Any]]:
    """The layers with sliding kernels, with their names.

    Raises:
        ValueError: If there are none.
    """
    found = [(name, layer) for name, layer in leaf_layers(model) if kind(layer) in _CONVOLUTIONS]
    if not found:
        raise ValueError(f"the model {model.name!r} has no convolution.")
    return found


def layer_named(model: Any, name: str) -> Any:
    """The layer of a name, in a model inside too.

    Raises:
        ValueError: If there is none; the message has the nearest name.
    """
    known = dict(leaf_layers(model))
    if name not in known:
        from profond._lookup import unknown

        raise ValueError(unknown(name, known, "layer"))
    return known[name]


def samples(model: Any, x: Any) -> Tensor:
    """`x` as a tensor with the axes of the model's input, batch first.

    Raises:
        ValueError: If it has other axes.
    """
    tensor = convert_to_tensor(x)
    shape = model.input_shape
    if tensor.ndim != len(shape):
        one = tensor.ndim == len(shape) - 1
        way = " Of a single sample, give `x[None]`." if one else ""
        raise ValueError(
            f"`x` must have the axes of the input of the model {model.name!r}, {shape}; received "
            f"shape {tuple(tensor.shape)}.{way}"
        )
    return tensor


def mask_of(tensor: Tensor) -> Tensor | None:
    """Which steps count, (batch, time); None where all do."""
    return getattr(tensor, "_keras_mask", None)


def as_array(maps: Tensor, mask: Tensor | None) -> np.ndarray:
    """Maps (batch, ...), with or without channels, as float32; NaN where they are masked."""
    if mask is not None:
        maps = maps.masked_fill(~mask.reshape(*mask.shape, *(1,) * (maps.ndim - mask.ndim)), np.nan)
    return maps.detach().float().cpu().numpy()


@contextmanager
def _hooked(hooks: Iterable[Any]) -> Iterator[None]:
    """The hooks of torch, removed at the end."""
    handles = list(hooks)
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def inputs_of(model: Any, layers: dict[str, Any], x: Tensor) -> tuple[Any, dict[str, Tensor]]:
    """The model's outputs, and what goes into each of `layers`, in inference."""
    found: dict[str, Tensor] = {}

    def noting(name: str) -> Any:
        def note(module: Any, args: Any) -> None:
            del module
            found[name] = args[0]

        return note

    with _hooked(layer.register_forward_pre_hook(noting(n)) for n, layer in layers.items()):
        outputs = model(x, training=False)
    return outputs, found


def outputs_of(model: Any, layers: dict[str, Any], x: Tensor) -> dict[str, Tensor]:
    """What comes out of each of `layers`, in inference."""
    found: dict[str, Tensor] = {}

    def noting(name: str) -> Any:
        def note(module: Any, args: Any, output: Any) -> None:
            del module, args
            found[name] = output

        return note

    with _hooked(layer.register_forward_hook(noting(n)) for n, layer in layers.items()):
        model(x, training=False)
    return found


def cut_at(layer: Any, *, entrance: bool, kept: dict[str, Tensor]) -> Any:
    """A hook that makes what goes into a layer, or comes out of it, the start of a gradient.

    Args:
        layer: The layer.
        entrance: Whether its input is meant, not its output.
        kept: Gets the tensor, under `"map"`.
    """

    def begin(tensor: Tensor) -> Tensor:
        fresh = tensor.detach().requires_grad_()
        mask = mask_of(tensor)
        if mask is not None:
            fresh._keras_mask = mask  # type: ignore[attr-defined]
        kept["map"] = fresh
        return fresh

    if entrance:
        return layer.register_forward_pre_hook(lambda module, args: (begin(args[0]), *args[1:]))
    return layer.register_forward_hook(lambda module, args, output: begin(output))


@contextmanager
def cutting(*hooks: Any) -> Iterator[None]:
    """With the hooks of `cut_at`, removed at the end."""
    with _hooked(hooks):
        yield


def scores_of(head: Any, features: Tensor) -> Tensor:
    """What the head computes before its activation, (batch, outputs)."""
    y = features.to(head.kernel.dtype) @ head.kernel
    return y if head.bias is None else y + head.bias


def class_places(scores: Tensor, class_index: Any) -> np.ndarray:
    """The class that each sample's map is of.

    Args:
        scores: The head's numbers before its activation, (batch, outputs).
        class_index: One for all, one for each sample, or None for the likeliest.

    Raises:
        ValueError: If there is no such class, or there are not as many as samples.
    """
    batch, outputs = scores.shape
    classes = max(outputs, 2)  # one output speaks for the second of two classes
    if class_index is None:
        likeliest = (scores[:, 0] > 0).long() if outputs == 1 else scores.argmax(1)
        return likeliest.detach().cpu().numpy()
    places = np.asarray(class_index)
    if places.dtype.kind not in "iu" or places.ndim > 1 or (places.ndim and len(places) != batch):
        raise ValueError(
            f"`class_index` must be a whole number, or one for each of the {batch} samples; "
            f"received {class_index!r}."
        )
    if places.size and not 0 <= places.min() <= places.max() < classes:
        raise ValueError(
            f"`class_index` must be from 0 to {classes - 1}, as the model has {outputs} "
            f"output(s); received {class_index!r}."
        )
    return np.broadcast_to(places, (batch,))


def signed(scores: Tensor, places: np.ndarray) -> Tensor:
    """The number of each sample's class, (batch,); of one output, its opposite is of class 0."""
    chosen = torch.as_tensor(places.copy(), device=scores.device)
    if scores.shape[1] == 1:
        return scores[:, 0] * (2 * chosen - 1)
    return scores.gather(1, chosen[:, None])[:, 0]
