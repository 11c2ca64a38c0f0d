"""Weights under torch's names and in torch's layout: `layer1.0.conv1.weight` as in torchvision."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from profond.architectures.pretrained._places import Place

# The last part of a name in torch, and what it may be here.
_HERE = {
    "weight": ("kernel", "gamma"),
    "bias": ("bias", "beta"),
    "running_mean": ("moving_mean",),
    "running_var": ("moving_variance",),
}
_COUNTER = "num_batches_tracked"  # torch's count of steps, which nothing is computed from
_WRAPPERS = ("module.", "_orig_mod.")  # of DataParallel and `torch.compile`


def is_torch_naming(names: Any) -> bool:
    """Whether all names end as torch's do."""
    last = {name.rpartition(".")[2] for name in names}
    return "weight" in last and last <= {*_HERE, _COUNTER}


def grouped(state: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """The tensors by layer, `layer1.0.conv1` as `layer1_0_conv1`, and by torch's word."""
    found: dict[str, dict[str, Tensor]] = {}
    for name, value in state.items():
        for wrapper in _WRAPPERS:
            name = name.removeprefix(wrapper)
        layer, _, word = name.rpartition(".")
        if word != _COUNTER:
            found.setdefault(layer.replace(".", "_"), {})[word] = value
    return found


def in_our_layout(place: Place, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Torch's tensors of a layer by our names, in Keras's layout; unknown words as they are."""
    own = place.weights
    found: dict[str, Tensor] = {}
    for word, value in tensors.items():
        name = next((name for name in _HERE.get(word, ()) if name in own), word)
        found[name] = _turned(place, value) if name == "kernel" else value
    return found


def _turned(place: Place, value: Tensor) -> Tensor:
    """A kernel (outputs, inputs, *sizes) as (*sizes, inputs, outputs)."""
    if value.ndim == 2:
        if place.flattened and value.shape[1] == _product(place.flattened):
            # Torch flattens (channels, *sizes), channels first.
            *sizes, channels = place.flattened
            last = value.reshape(value.shape[0], channels, *sizes).movedim(1, -1)
            value = last.reshape(value.shape[0], -1)
        return value.T
    return value.permute(*range(2, value.ndim), 1, 0)


def _product(sizes: tuple[int, ...]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total
