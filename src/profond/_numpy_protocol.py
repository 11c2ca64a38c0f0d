"""Weights among numpy's functions and arrays."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from profond import _tree
from profond._tensors import convert_to_numpy


class NumpyProtocol:
    """What numpy asks of an object that its functions and operators meet.

    For a tensor that shows itself as an array: numpy's functions, and an array as the first
    operand (`x @ weight`), give arrays, as with Keras's variables. The weight as the first operand
    (`weight * x`), a numpy number or a list as the other one, and all that happens in a layer's
    call give tensors, which autograd can follow. Torch computes with its own operands.
    """

    __array_priority__ = None

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        del types
        return func(*_as_arrays(args), **_as_arrays(kwargs))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from profond import ops
        from profond.layers._scopes import current

        name = _OPERATIONS.get(ufunc) if method == "__call__" and not kwargs else None
        if name is not None and isinstance(inputs[0], np.generic):
            return getattr(ops, name)(inputs[0].item(), inputs[1])
        if name is not None and current.inside:
            return getattr(ops, name)(*inputs)
        return getattr(ufunc, method)(*_as_arrays(inputs), **_as_arrays(kwargs))


_OPERATIONS = {
    np.add: "add",
    np.subtract: "subtract",
    np.multiply: "multiply",
    np.true_divide: "true_divide",
    np.floor_divide: "floor_divide",
    np.remainder: "mod",
    np.power: "power",
    np.matmul: "matmul",
    np.less: "less",
    np.less_equal: "less_equal",
    np.greater: "greater",
    np.greater_equal: "greater_equal",
    np.equal: "equal",
    np.not_equal: "not_equal",
}
"""What operators do on arrays, and the functions of `profond.ops` that do it on tensors."""

_ARITHMETIC = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "mod",
    "pow": "power",
    "matmul": "matmul",
}

_COMPARISONS = {  # Python itself turns `[...] < weight` into `weight > [...]`
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}


_ARRAYS = (np.ndarray, list, tuple)  # made once: `X | Y` takes as long as an operator's work


def _operator(of_torch: Callable[..., Any], name: str) -> Callable[..., Any]:
    """An operator of torch that takes an array, a list or a tuple as its second operand too."""

    @functools.wraps(of_torch)
    def apply(self: Any, other: Any) -> Any:
        if isinstance(other, _ARRAYS):
            from profond import ops

            return getattr(ops, name)(self, other)
        return of_torch(self, other)

    return apply


def _reflected(of_torch: Callable[..., Any], name: str) -> Callable[..., Any]:
    """An operator of torch that takes a list or a tuple as its first operand too."""

    @functools.wraps(of_torch)
    def apply(self: Any, other: Any) -> Any:
        if isinstance(other, torch.Tensor):
            return NotImplemented  # Python asks a subclass first; the tensor's own is quicker
        if isinstance(other, _ARRAYS):
            from profond import ops

            return getattr(ops, name)(other, self)
        return of_torch(self, other)

    return apply


for _python, _name in (_ARITHMETIC | _COMPARISONS).items():
    _method = f"__{_python}__"
    setattr(NumpyProtocol, _method, _operator(getattr(torch.Tensor, _method), _name))
for _python, _name in _ARITHMETIC.items():
    _method = f"__r{_python}__"
    setattr(NumpyProtocol, _method, _reflected(getattr(torch.Tensor, _method), _name))
NumpyProtocol.__hash__ = torch.Tensor.__hash__  # type: ignore[method-assign] - lost with `__eq__`


def _as_arrays(tree: Any) -> Any:
    """The structure with an array in the place of each tensor."""
    return _tree.map_structure(
        lambda leaf: convert_to_numpy(leaf) if isinstance(leaf, torch.Tensor) else leaf, tree
    )
