"""What a layer's `call` and `build` take, read once per class."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from profond import _tree
from profond._symbolic import KerasTensor


class CallSignature:
    """The parameters of a `call` method.

    Args:
        function: The unbound `call` of a layer's class, `self` first.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        signature = inspect.signature(function)
        self.parameters = list(signature.parameters.values())[1:]
        self.signature = signature.replace(parameters=self.parameters)
        kinds = {p.kind for p in self.parameters}
        self.open_ended = inspect.Parameter.VAR_KEYWORD in kinds
        self.names = [p.name for p in self.parameters]
        self.takes_training = "training" in self.names
        self.takes_mask = "mask" in self.names
        default = signature.parameters.get("training")
        self.training_default = bool(
            default is not None
            and default.default not in (None, inspect.Parameter.empty)
            and default.default
        )

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any], layer: str) -> dict[str, Any]:
        """The arguments by name.

        Raises:
            TypeError: If they do not fit; the message has the layer's name.
        """
        try:
            return dict(self.signature.bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise TypeError(
                f"the layer {layer!r} is called as {layer}{self.signature}: {error}."
            ) from None


@functools.cache
def call_signature(function: Callable[..., Any]) -> CallSignature:
    """The signature of an unbound `call`, read once."""
    return CallSignature(function)


def is_tensor_tree(value: Any) -> bool:
    """Whether `value` is a tensor, symbolic or not, or a structure of nothing else."""
    import torch

    leaves = _tree.flatten(value)
    tensors = [isinstance(leaf, torch.Tensor | KerasTensor) for leaf in leaves]
    return any(tensors) and all(
        is_one or leaf is None for is_one, leaf in zip(tensors, leaves, strict=True)
    )


def shape_of(value: Any) -> Any:
    """The shape of a tensor, or the structure of shapes of a structure of tensors."""
    return _tree.map_structure(lambda x: None if x is None else tuple(x.shape), value)


def shapes_for(
    function: Callable[..., Any], bound: Mapping[str, Any], layer: str
) -> dict[str, Any]:
    """The shapes that `build` or `compute_output_shape` asks for, by its own names.

    A single parameter gets the shape of the first argument of the call; several are filled
    by name, `query_shape` with the shape of the argument `query`.

    Raises:
        ValueError: If a name belongs to no argument.
    """
    parameters = [
        p
        for p in inspect.signature(function).parameters.values()
        if p.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    ]
    tensors = {
        name: shape_of(value)
        for name, value in bound.items()
        if is_tensor_tree(value) and not name.endswith("mask")
    }
    if not tensors:
        return {}
    if len(parameters) == 1:
        return {parameters[0].name: next(iter(tensors.values()))}
    shapes = {}
    for p in parameters:
        argument = p.name.removesuffix("_shape")
        if argument in tensors:
            shapes[p.name] = tensors[argument]
        elif p.default is inspect.Parameter.empty:
            raise ValueError(
                f"`{function.__name__}` of the layer {layer!r} has a parameter {p.name!r}, and "
                f"`call` no tensor argument {argument!r} whose shape it could be. The tensor "
                f"arguments are {sorted(tensors)}: name the parameters "
                f"{', '.join(f'{name}_shape' for name in tensors)}."
            )
    return shapes
