"""The merging layers as functions: `add([x, y])` is `Add()([x, y])`."""

from typing import Any

from profond.layers.merging._concatenate import Concatenate
from profond.layers.merging._dot import Dot
from profond.layers.merging._elementwise import Add, Average, Maximum, Minimum, Multiply, Subtract


def add(inputs: Any, **kwargs: Any) -> Any:
    """The sum of the tensors in the list `inputs`; `kwargs` go to `Add`."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """The first tensor in the list `inputs` less the second; `kwargs` go to `Subtract`."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """The product of the tensors in the list `inputs`; `kwargs` go to `Multiply`."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """The mean of the tensors in the list `inputs`; `kwargs` go to `Average`."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """The largest of the tensors in the list `inputs`; `kwargs` go to `Maximum`."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """The smallest of the tensors in the list `inputs`; `kwargs` go to `Minimum`."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """The tensors in the list `inputs` behind one another; `kwargs` go to `Concatenate`."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """The product of the two tensors in the list `inputs`; `kwargs` go to `Dot`."""
    return Dot(axes=axes, **kwargs)(inputs)
