"""Where in a series or an image a network finds a class."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from profond.inspection._network import (
    as_array,
    class_places,
    convolutions,
    cut_at,
    cutting,
    head_of,
    inputs_of,
    kind,
    layer_named,
    mask_of,
    mean_before,
    samples,
    scores_of,
    signed,
)

_POOLINGS = ("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D",
             "GlobalMaxPooling2D")  # fmt: skip


def class_activation_map(model: Any, x: Any, class_index: Any = None) -> np.ndarray:
    r"""The class activation map of each sample (Zhou et al. 2016, eq. 2).

    $M_c(p) = \sum_k w_k^c A_k(p)$, with $A_k$ the last maps and $w_k^c$ the weights of the dense
    layer behind global average pooling. Its mean over all places p, plus the bias, is the
    number that the network gives the class before softmax: the map says how much each place
    contributes, for the class where it is positive and against it where it is negative.

    Args:
        model: A network that ends in global average pooling and a `Dense` layer (`fcn`,
            `resnet1d`, `inception_time`, `resnet18`, ...).
        x: Samples, (batch, time, channels) or (batch, height, width, channels).
        class_index: Number of the class, or one for each sample; the likeliest by default. Of a
            network with one output, 1 is the class it speaks for and 0 the other, with the
            opposite map.

    Returns:
        (batch, steps) or (batch, rows, columns), in the resolution of the last maps; NaN in
        steps that are masked.

    Raises:
        ValueError: If the network does not end so (use `grad_cam`), or `x` or `class_index` do
            not fit.
    """
    head = head_of(model)
    pooling = mean_before(model, head)
    if pooling is None:
        raise ValueError(
            f"`class_activation_map` needs a network that ends in global average pooling and a "
            f"`Dense` layer; the model {model.name!r} does not. Use `grad_cam`, which takes any "
            "convolutional network."
        )
    with torch.no_grad():
        _, found = inputs_of(model, {"maps": pooling, "head": head}, samples(model, x))
        maps, scores = found["maps"], scores_of(head, found["head"])
        places = class_places(scores, class_index)
        weights, sign = _weights_of(head, places)
        result = (maps.to(weights.dtype) * _spread(weights * sign, maps)).sum(-1)
        return as_array(result, mask_of(maps))


def grad_cam(
    model: Any, x: Any, class_index: Any = None, *, layer: str | None = None, relu: bool = True
) -> np.ndarray:
    r"""The gradient-weighted class activation map (Selvaraju et al. 2017, eq. 1 and 2).

    $L^c(p) = \text{ReLU}\big(\sum_k \alpha_k^c A_k(p)\big)$ with
    $\alpha_k^c = \frac{1}{Z} \sum_p \partial y^c / \partial A_k(p)$, Z places, and $y^c$ the number
    of the class before softmax. For a network that ends in global average pooling it is the
    positive part of `class_activation_map`, divided by Z.

    Args:
        model: A convolutional network that ends in a `Dense` layer.
        x: Samples, (batch, time, channels) or (batch, height, width, channels).
        class_index: Number of the class, or one for each sample; the likeliest by default.
        layer: Name of the layer whose output is $A$; by default what global pooling takes, or
            the last convolution's output.
        relu: Whether what speaks against the class is cut off, as in the paper.

    Returns:
        (batch, steps) or (batch, rows, columns), in the resolution of the maps; NaN in steps that
        are masked.

    Raises:
        ValueError: If the model has no convolution or no dense layer at its end, `layer` gives
            no maps, or `x` or `class_index` do not fit.
    """
    head = head_of(model)
    at, entrance = _maps_at(model, layer)
    tensor = samples(model, x)
    kept: dict[str, Tensor] = {}
    with torch.enable_grad(), cutting(cut_at(at, entrance=entrance, kept=kept)):
        _, found = inputs_of(model, {"head": head}, tensor)
        maps = kept["map"]
        if maps.ndim not in (3, 4):
            raise ValueError(
                f"`layer` must give maps, (batch, time, channels) or (batch, height, width, "
                f"channels); {layer!r} gives shape {tuple(maps.shape)}."
            )
        scores = scores_of(head, found["head"])
        places = class_places(scores, class_index)
        (gradient,) = torch.autograd.grad(signed(scores, places).sum(), maps)
    mask = mask_of(maps)
    with torch.no_grad():
        axes = tuple(range(1, maps.ndim - 1))
        if mask is None:
            alpha = gradient.mean(axes)
        else:  # over the steps that count
            steps = mask.sum(1, keepdim=True).clamp(min=1)
            alpha = gradient.sum(1) / steps
        result = (maps * _spread(alpha, maps)).sum(-1)
        return as_array(result.clamp(min=0) if relu else result, mask)


def _weights_of(head: Any, places: np.ndarray) -> tuple[Tensor, Tensor]:
    """The head's weights of each sample's class (batch, features), and their sign (batch, 1)."""
    kernel = head.kernel.detach()
    chosen = torch.as_tensor(places.copy(), device=kernel.device)
    if kernel.shape[1] == 1:
        return kernel[:, 0].expand(len(places), -1), (2 * chosen - 1)[:, None].to(kernel.dtype)
    return kernel.T[chosen], torch.ones_like(chosen, dtype=kernel.dtype)[:, None]


def _maps_at(model: Any, layer: str | None) -> tuple[Any, bool]:
    """The layer where the maps are, and whether they go into it rather than come out of it."""
    last_name, last = convolutions(model)[-1]
    del last_name
    if layer is not None:
        return layer_named(model, layer), False
    from profond.models._leaves import leaf_layers

    pooling = [one for _, one in leaf_layers(model) if kind(one) in _POOLINGS]
    return (pooling[-1], True) if pooling else (last, False)


def _spread(weights: Tensor, maps: Tensor) -> Tensor:
    """Weights (batch, features) over all places of maps (batch, ..., features)."""
    return weights.reshape(len(weights), *(1,) * (maps.ndim - 2), -1)
