"""Steps of training in half precision: `compile(..., precision="bfloat16")`.

Weights, their gradients' sums, the statistics of batch normalization and the loss stay in float32;
products, which take the time, are in bfloat16 (Micikevicius et al. 2018, Mixed Precision
Training; bfloat16 has the range of float32, so that the loss needs no scale). A layer's policy
`dtype="mixed_bfloat16"` does that for good, in inference too, and is kept with the model;
`precision` is of the run only: the model stays one of float32.
"""

import functools
from collections.abc import Iterable
from typing import Any

import torch

from profond import _tree
from profond._policy import DTypePolicy

_CHOICES = ("float32", "bfloat16")


def check_precision(value: Any) -> str | None:
    """`precision`, None for that of the layers.

    Raises:
        ValueError: If it is no precision that there is.
    """
    if value is None or value in _CHOICES:
        return None if value == "float32" else value
    way = ""
    if value in ("float16", "mixed_float16"):
        way = " Make the layers with dtype='mixed_float16' for float16, whose loss is scaled."
    elif isinstance(value, str) and value.removeprefix("mixed_") in _CHOICES:
        way = f" For {value!r} give {value.removeprefix('mixed_')!r}."
    raise ValueError(
        f"`precision` must be None or one of {', '.join(map(repr, _CHOICES))}; received {value!r}."
        f"{way}"
    )


class HalfSteps:
    """Inside (`with`), layers compute in half precision; afterwards as before.

    Layers of sums of products convert their input and, seen by autograd, their weights, once per
    step; layers that only pass values on take what comes. The rest, layers of a user's own and
    those that give the outputs stay as they are, and convert what comes to float32.

    Args:
        model: The model, built.
        layers: All layers in it.
        dtype: `"bfloat16"`.
    """

    def __init__(self, model: Any, layers: Iterable[Any], dtype: str) -> None:
        policy = DTypePolicy(f"mixed_{dtype}")
        computes = {
            "_in_half": "computes",
            "dtype_policy": policy,
            "_compute": policy.torch_compute_dtype,
        }
        follows = {"_in_half": "follows", "autocast": False}
        last = {id(layer) for layer in _last_layers(model)}
        # What to put into a layer's attributes, and what was there.
        self._changes: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = []
        for layer in layers:
            if id(layer) in last or layer.dtype_policy.name != "float32":
                continue
            facts = layer.__dict__
            new = computes if type(layer) in _computing() else follows
            if new is computes or type(layer) in _following():
                old = {"_in_half": None, **{name: facts[name] for name in new if name in facts}}
                self._changes.append((facts, new, old))

    def __enter__(self) -> None:
        for facts, new, _ in self._changes:
            facts.update(new)

    def __exit__(self, *error: object) -> None:
        for facts, _, old in self._changes:
            facts.update(old)


def widened(outputs: Any) -> Any:
    """Outputs, and the logits that they remember, in float32 at least."""
    return _tree.map_structure(_widened, outputs)


def _widened(output: Any) -> Any:
    if not isinstance(output, torch.Tensor) or output.dtype is not torch.bfloat16:
        return output
    wide = output.float()
    vars(wide).update(vars(output))
    if hasattr(output, "_keras_logits"):
        wide._keras_logits = output._keras_logits.float()  # type: ignore[attr-defined]
    return wide


def _last_layers(model: Any) -> list[Any]:
    """The layers that give the outputs, where the model knows them."""
    row = model._in_a_row()
    if row:
        return [row[-1]]
    steps = getattr(model, "_steps", None)
    if steps is None:
        return []
    exits = {slot.place for slot in _tree.flatten(steps.outputs)}
    return [step.operation for step in steps.calls if exits & set(step.places)]


@functools.cache
def _computing() -> frozenset[type]:
    """Layers of sums of products, whose time half precision shortens."""
    from profond import layers

    return frozenset(
        {
            layers.Conv1D,
            layers.Conv1DTranspose,
            layers.Conv2D,
            layers.Conv2DTranspose,
            layers.Dense,
            layers.DepthwiseConv1D,
            layers.DepthwiseConv2D,
            layers.EinsumDense,
            layers.SeparableConv1D,
            layers.SeparableConv2D,
        }
    )


@functools.cache
def _following() -> frozenset[type]:
    """Layers that pass values on in the type that comes."""
    from profond import layers

    names = (
        "Activation ReLU LeakyReLU ELU BatchNormalization Dropout SpatialDropout1D "
        "SpatialDropout2D Flatten Reshape Permute RepeatVector Identity Cropping1D Cropping2D "
        "ZeroPadding1D ZeroPadding2D UpSampling1D UpSampling2D Add Subtract Multiply Average "
        "Maximum Minimum Concatenate MaxPooling1D MaxPooling2D AveragePooling1D "
        "AveragePooling2D GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D "
        "GlobalMaxPooling2D"
    )
    return frozenset(getattr(layers, name) for name in names.split())
