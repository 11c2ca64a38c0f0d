"""Conversions, gradients that are cut or replaced, branches and loops."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from profond import _tensors
from profond._dtypes import dtype_name
from profond._symbolic import KerasTensor, operation
from profond._tree import flatten, map_structure
from profond.ops._operands import TensorLike, refuse_sparse


def is_tensor(x: Any) -> bool:
    """Whether `x` is a torch tensor."""
    return isinstance(x, Tensor)


def dtype(x: TensorLike) -> str:
    """The element type by its name: `"float32"`."""
    if isinstance(x, Tensor | KerasTensor | np.ndarray):
        return dtype_name(x.dtype)
    return dtype_name(_tensors.convert_to_tensor(x).dtype)


@operation
def convert_to_tensor(
    x: TensorLike, dtype: object = None, sparse: bool | None = None, ragged: bool | None = None
) -> Tensor:
    """A torch tensor of an array, DataFrame, list or number, without a copy where possible.

    Args:
        x: Numbers.
        dtype: Element type; None keeps that of `x`. Python floats become `config.floatx()`,
            Python integers int32.
        sparse: Must not be True.
        ragged: Must not be True.
    """
    refuse_sparse(sparse)
    if ragged:
        raise ValueError(
            "`ragged` must be False: pad the rows to one length (`utils.pad_sequences`); "
            "received ragged=True."
        )
    return _tensors.convert_to_tensor(x, dtype)


@operation
def array(x: TensorLike, dtype: object = None) -> Tensor:
    """A torch tensor: `convert_to_tensor`."""
    return _tensors.convert_to_tensor(x, dtype)


def convert_to_numpy(x: TensorLike) -> np.ndarray:
    """A numpy array of a tensor (from any device, cut from the gradient), list or number."""
    if isinstance(x, list | tuple) and any(isinstance(leaf, Tensor) for leaf in flatten(x)):
        return np.array(map_structure(_tensors.convert_to_numpy, x))
    return _tensors.convert_to_numpy(x)


@operation
def cast(x: TensorLike, dtype: object) -> Tensor:
    """`x` in another element type."""
    return _tensors.convert_to_tensor(x, dtype)


@operation
def copy(x: TensorLike) -> Tensor:
    """A tensor of the same numbers in memory of its own."""
    return _tensors.convert_to_tensor(x).clone()


@operation
def stop_gradient(variable: TensorLike) -> Tensor:
    """`variable` as a constant: no gradient flows back through it."""
    return _tensors.convert_to_tensor(variable).detach()


class _CustomGradient(torch.autograd.Function):
    """Forward and backward of a function decorated with `custom_gradient`."""

    @staticmethod
    def forward(ctx: Any, function: Callable[..., Any], *args: Any) -> Any:  # type: ignore[override]
        result = function(*args)
        if not isinstance(result, tuple) or len(result) != 2 or not callable(result[1]):
            raise TypeError(
                f"a function under `custom_gradient` must return `(result, gradient function)`; "
                f"{getattr(function, '__name__', function)} returned {type(result).__name__}."
            )
        output, ctx.gradient = result
        ctx.count = len(args)
        return output

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:  # type: ignore[override]
        gradients = ctx.gradient(*upstream)
        if not isinstance(gradients, tuple | list):
            gradients = (gradients,)
        return None, *gradients, *[None] * (ctx.count - len(gradients))


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator for a function with a gradient of its own.

    Args:
        f: Returns `(result, grad)`, where `grad(upstream)` gives the gradients with respect to
            the arguments of `f`, from the one with respect to the result.

    Returns:
        A function that returns the result alone.
    """

    def wrapped(*args: Any) -> Any:
        tensors = (x if isinstance(x, Tensor) else _tensors.convert_to_tensor(x) for x in args)
        return _CustomGradient.apply(f, *tensors)

    wrapped.__name__ = getattr(f, "__name__", "custom_gradient")
    wrapped.__doc__ = f.__doc__
    return wrapped


def cond(pred: TensorLike, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`true_fn()` if `pred` holds, else `false_fn()`; both without arguments.

    While shapes are inferred there is no `pred` to look at: `true_fn` is taken.
    """
    if isinstance(pred, Tensor) and pred.is_meta:
        return true_fn()
    return true_fn() if pred else false_fn()


def switch(index: TensorLike, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """`branches[index](*operands)`, with `index` brought into range."""
    if isinstance(index, Tensor) and index.is_meta:
        return branches[0](*operands)
    return branches[min(max(int(index), 0), len(branches) - 1)](*operands)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:
    """`loop_vars = body(*loop_vars)` as long as `cond(*loop_vars)`.

    Args:
        cond: Whether to go on.
        body: The next values, as many as it takes.
        loop_vars: The first values, a tuple or list (or a single one).
        maximum_iterations: Where to stop at the latest.

    Returns:
        The last values, in the form of `loop_vars`.
    """
    several = isinstance(loop_vars, tuple | list)
    values = tuple(loop_vars) if several else (loop_vars,)
    values = map_structure(_tensors.convert_to_tensor, values)
    count = 0
    while (maximum_iterations is None or count < maximum_iterations) and cond(*values):
        values = body(*values)
        values = tuple(values) if isinstance(values, tuple | list) else (values,)
        count += 1
    return values if several else values[0]


def fori_loop(lower: int, upper: int, body_fun: Callable[[int, Any], Any], init_val: Any) -> Any:
    """`value = body_fun(i, value)` for i from `lower` to `upper` - 1, from `init_val`."""
    value = init_val
    for i in range(int(lower), int(upper)):
        value = body_fun(i, value)
    return value


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """A loop along the first axis that carries a state and collects results.

    Args:
        f: `(state, x) -> (state, result)`.
        init: First state, nested as one likes.
        xs: Tensors of one first size, nested; None for no x.
        length: Number of steps; the first size of `xs` if None.
        reverse: Whether to go from the end.
        unroll: Accepted for Keras's sake.

    Returns:
        The last state, and the results stacked in the order of `xs`.

    Raises:
        ValueError: If neither `xs` nor `length` is given.
    """
    del unroll
    if xs is None and length is None:
        raise ValueError("`length` must be given where `xs` is None; received neither.")
    state = map_structure(_tensors.convert_to_tensor, init)
    if xs is not None:
        xs = map_structure(_tensors.convert_to_tensor, xs)
    n = int(length) if length is not None else len(flatten(xs)[0])
    results = []
    for i in reversed(range(n)) if reverse else range(n):
        x = None if xs is None else map_structure(lambda t, i=i: t[i], xs)
        state, result = f(state, x)
        results.append(result)
    if reverse:
        results.reverse()
    if not results or results[0] is None:
        return state, None
    return state, map_structure(lambda *parts: torch.stack(parts), *results)


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """`f` of each slice of `xs` along the first axis, the results stacked."""
    return scan(lambda state, x: (state, f(x)), (), xs)[1]


def vectorized_map(function: Callable[..., Any], elements: Any) -> Any:
    """`function` of each slice of `elements` along the first axis, all of them at once."""
    elements = map_structure(_tensors.convert_to_tensor, elements)
    return torch.vmap(function, randomness="different")(elements)
