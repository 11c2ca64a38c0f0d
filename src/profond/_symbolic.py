"""Symbolic tensors: shapes that flow through layers and functions and record a graph.

A `KerasTensor` has a shape and an element type but no values. Whatever is called with one
records a `Node` and answers with more of them; `profond.Model(inputs, outputs)` reads the
nodes back. Shapes are found by running the real computation: on zeros where they are few,
else on torch's meta device, which works out shapes only. Nothing repeats a layer's arithmetic
for that. Each size that is not known (None) is tried with two values, and a dimension of the
result that differs is None.
"""

import functools
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import torch

from profond import _tensors, _tree
from profond._dtypes import dtype_name, torch_dtype
from profond._naming import unique_name

P = ParamSpec("P")
R = TypeVar("R")
Shape = tuple[int | None, ...]

# The sizes that an unknown dimension is tried with: (batch, any other axis). The second are
# divisible by the usual strides and pool sizes.
_TRIALS = ((2, 96), (3, 192))

# Up to so many values are tried as zeros, for real: that is quicker than the first use of the
# meta device, which has torch import two seconds' worth of Python.
_FEW_VALUES = 2**22

# Whether shapes are being inferred.
_inferring = False


class KerasTensor:
    """A tensor to be: shape and element type, and the node that makes it.

    Args:
        shape: Sizes of the axes, None where not known (the batch, usually).
        dtype: Element type.
        name: Name, for messages and saved models.
    """

    __array_priority__ = 1000  # numpy arrays leave `array + tensor` to us
    _keras_mask: "KerasTensor | None" = None  # the mask that comes along

    def __init__(
        self,
        shape: Sequence[int | None],
        dtype: Any = "float32",
        name: str | None = None,
        *,
        node: "Node | None" = None,
        index: int = 0,
    ) -> None:
        self.shape: Shape = tuple(shape)
        self.dtype = dtype_name(dtype)
        self.name = name or unique_name("keras_tensor")
        self.node = node
        self.index = index

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        raise TypeError(f"the length of a symbolic tensor is not known: {self!r}.")

    def __bool__(self) -> bool:
        raise TypeError(
            f"a symbolic tensor has no values to decide on: {self!r}. Use `ops.where` or "
            "`ops.cond`, or put the decision into a layer's `call`."
        )

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(f"a symbolic tensor cannot be iterated: {self!r}. Use `ops.unstack`.")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise ValueError(
            f"a symbolic tensor has no values for numpy: {self!r}. Use a function of "
            "`profond.ops`, or put the numpy code into a layer."
        )

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        # torch functions record a node too: `torch.relu(x)` works in a functional model.
        del types
        return operation(func)(*args, **(kwargs or {}))

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"


def _operator(name: str, *, swapped: bool = False) -> Callable[..., Any]:
    """A method of `KerasTensor` that calls the function `name` of `profond.ops`."""

    def apply(self: KerasTensor, *others: Any) -> Any:
        from profond import ops

        arguments = (*others, self) if swapped else (self, *others)
        return getattr(ops, name)(*arguments)

    return apply


for _python, _function in {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "mod",
    "pow": "power",
    "matmul": "matmul",
}.items():
    setattr(KerasTensor, f"__{_python}__", _operator(_function))
    setattr(KerasTensor, f"__r{_python}__", _operator(_function, swapped=True))
for _python, _function in {
    "neg": "negative",
    "abs": "absolute",
    "invert": "logical_not",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "ne": "not_equal",
    "getitem": "getitem",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}.items():
    setattr(KerasTensor, f"__{_python}__", _operator(_function))
for _function in ("reshape", "squeeze"):
    setattr(KerasTensor, _function, _operator(_function))


class Node:
    """One call of a layer or function: what went in, what came out.

    Args:
        operation: The layer, model or `FunctionOperation` that was called.
        args: Positional arguments, with `KerasTensor`s in them.
        kwargs: Keyword arguments.
        outputs: What came out, nested as it came; each `KerasTensor` in it is marked.
    """

    def __init__(
        self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any
    ) -> None:
        self.operation = operation
        self.args = args
        self.kwargs = kwargs
        self.inputs: list[KerasTensor] = symbolic_leaves(args, kwargs)
        self.outputs = outputs
        for index, tensor in enumerate(_tree.flatten(outputs)):
            if isinstance(tensor, KerasTensor):
                tensor.node, tensor.index = self, index

    @property
    def parents(self) -> list["Node"]:
        """The nodes whose outputs this one takes, in order."""
        return [tensor.node for tensor in self.inputs if tensor.node is not None]


class FunctionOperation:
    """A function in a graph, in the place where else a layer stands."""

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.function = function
        self.name = name or unique_name(self.name_of_function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function."""
        return self.function(*args, **kwargs)

    def __reduce__(self) -> Any:
        # A pickle holds names: of the function inside, unless the module has the one around it.
        function = self.function
        module = sys.modules.get(getattr(function, "__module__", None) or "")
        if getattr(module, self.name_of_function, None) is not function:
            function = getattr(function, "__wrapped__", function)
        return FunctionOperation, (function, self.name)

    @property
    def name_of_function(self) -> str:
        """The name of the function itself."""
        return getattr(self.function, "__name__", "function")


def symbolic_leaves(*trees: Any) -> list[KerasTensor]:
    """All symbolic tensors in `trees`, in order."""
    return [leaf for leaf in _tree.leaves_of(trees) if isinstance(leaf, KerasTensor)]


def is_symbolic(*trees: Any) -> bool:
    """Whether there is a symbolic tensor anywhere in `trees`."""
    return any(isinstance(leaf, KerasTensor) for leaf in _tree.leaves_of(trees))


def operation(function: Callable[P, R]) -> Callable[P, R]:
    """Make `function` accept symbolic tensors, by recording a node instead of computing."""
    compute: Callable[..., R] = function

    @functools.wraps(function)
    def recording(*args: Any, **kwargs: Any) -> R:
        # Most calls have one plain tensor: decided without a walk through all arguments.
        if len(args) == 1 and not kwargs and type(args[0]) is torch.Tensor:
            return compute(*args)
        if not is_symbolic(args, kwargs):
            return compute(*args, **kwargs)
        outputs = infer_outputs(function, args, kwargs)
        Node(FunctionOperation(recording), args, kwargs, outputs)
        return outputs

    return recording  # type: ignore[return-value]


def infer_outputs(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """What `function` would answer, as symbolic tensors (see the module's words).

    Raises:
        Exception: Whatever `function` raises on zeros of the inferred shape.
    """
    global _inferring
    unknown = any(None in tensor.shape for tensor in symbolic_leaves(args, kwargs))
    before, _inferring = _inferring, True
    try:
        first = _try(function, args, kwargs, _TRIALS[0])
        second = _try(function, args, kwargs, _TRIALS[1]) if unknown else first
    finally:
        _inferring = before
    return _tree.map_structure(_merge, first, second)


@contextmanager
def for_real() -> Iterator[None]:
    """Inside a call that only finds out shapes, what lasts: weights are made."""
    global _inferring
    before, _inferring = _inferring, False
    try:
        yield
    finally:
        _inferring = before


def is_inferring() -> bool:
    """Whether the call that runs only finds out shapes, on values that mean nothing."""
    return _inferring


def may_be_unknown(size: int) -> bool:
    """Whether shapes are being found out, and `size` may stand for one that is not known."""
    return _inferring and size in (_TRIALS[0][1], _TRIALS[1][1])


def _merge(a: Any, b: Any) -> Any:
    """One symbolic tensor for the results of two trials."""
    if not isinstance(a, torch.Tensor):
        return a
    if a.ndim != b.ndim:
        raise ValueError(
            f"the number of axes of the result depends on the sizes of the input: {tuple(a.shape)} "
            f"and {tuple(b.shape)}. Give `compute_output_shape`."
        )
    shape = [m if m == n else None for m, n in zip(a.shape, b.shape, strict=True)]
    merged = KerasTensor(shape, a.dtype)
    mask, other = getattr(a, "_keras_mask", None), getattr(b, "_keras_mask", None)
    if mask is not None and other is not None:
        merged._keras_mask = _merge(mask, other)
    return merged


def _try(function: Callable[..., Any], args: Any, kwargs: Any, sizes: tuple[int, int]) -> Any:
    """Run `function` with each unknown size set, on zeros or on the meta device."""

    def fill(leaf: Any, device: str) -> Any:
        if not isinstance(leaf, KerasTensor):
            return leaf
        shape = _filled(leaf.shape, sizes)
        trial: Any = torch.zeros(shape, dtype=torch_dtype(leaf.dtype), device=device)
        if leaf._keras_mask is not None:
            trial._keras_mask = fill(leaf._keras_mask, device).logical_not()
        return trial

    def run(device: str) -> Any:
        trial_args, trial_kwargs = _tree.map_structure(lambda x: fill(x, device), (args, kwargs))
        return function(*trial_args, **trial_kwargs)

    def run_on_meta() -> Any:
        with on_meta():
            return run("meta")

    def run_on_zeros() -> Any:
        return run(str(_tensors.default_device()))

    values = sum(math.prod(_filled(x.shape, sizes)) for x in symbolic_leaves(args, kwargs))
    with torch.no_grad():
        if values <= _FEW_VALUES:
            return _first_of(run_on_zeros, run_on_meta)
        return _first_of(run_on_meta, run_on_zeros, show_last=True)


def _filled(shape: Shape, sizes: tuple[int, int]) -> list[int]:
    """The shape with a size in the place of each unknown one."""
    return [sizes[min(axis, 1)] if n is None else n for axis, n in enumerate(shape)]


def _first_of(
    run: Callable[[], Any], otherwise: Callable[[], Any], *, show_last: bool = False
) -> Any:
    """What `run` answers, or else `otherwise`; if both fail, the error of the one on zeros."""
    try:
        return run()
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001 - not all code runs on zeros, or on meta
        try:
            return otherwise()
        except Exception:
            if show_last:
                raise
            raise error from None


@contextmanager
def on_meta() -> Iterator[None]:
    """New tensors appear on the meta device; weights still on the default one."""
    previous = _tensors.real_device
    _tensors.real_device = _tensors.default_device()
    try:
        with torch.device("meta"):
            yield
    finally:
        _tensors.real_device = previous
