"""Parts of a network that know the way back by hand, for `_dense_stack`."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import activations
from profond.layers import Dense, Dropout
from profond.random import dropout_factors

_aten: Any = torch.ops.aten

# phi, and the gradient by o from that by a = phi(o), and a; or o, for those of the second table.
_Pair = tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]
_BY_OUTPUT: dict[int, _Pair] = {
    id(activations.relu): (torch.relu, lambda delta, a: _aten.threshold_backward(delta, a, 0)),
    id(activations.tanh): (torch.tanh, _aten.tanh_backward),
    id(activations.sigmoid): (torch.sigmoid, _aten.sigmoid_backward),
}
_BY_SUMS: dict[int, _Pair] = {id(activations.silu): (F.silu, _aten.silu_backward)}
BY_HAND = _BY_OUTPUT | _BY_SUMS


class Stage(ABC):
    """A part of the stack: its forward pass keeps what its backward pass needs.

    Attributes:
        weights: Those whose gradients the backward pass adds.
    """

    weights: Sequence[Any] = ()

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """The output."""

    @abstractmethod
    def backward(self, delta: Tensor, is_first: bool) -> Any:
        """The gradient by the input, from that by the output; None if nobody needs it."""


class Product(Stage):
    """The sums of a dense layer, $o = a W + b$."""

    def __init__(self, layer: Dense) -> None:
        kernel, bias = layer.kernel, layer.bias
        self.weights = [kernel] if bias is None else [kernel, bias]
        # Plain tensors over the same memory: operations on subclasses cost more.
        self._kernel = kernel.detach().as_subclass(Tensor)
        self._transposed = self._kernel.t()
        self._bias = None if bias is None else bias.detach().as_subclass(Tensor)
        self._input: Any = None

    def forward(self, x: Tensor) -> Tensor:
        self._input = x
        if self._bias is None:
            return torch.mm(x, self._kernel)
        return torch.addmm(self._bias, x, self._kernel)

    def backward(self, delta: Tensor, is_first: bool) -> Any:
        kernel, *bias = self.weights
        add_gradient(kernel, torch.mm(self._input.t(), delta))
        for weight in bias:
            add_gradient(weight, delta.sum(0))
        self._input = None
        return None if is_first else torch.mm(delta, self._transposed)


class Slope(Stage):
    r"""An activation function, whose derivative $\varphi'(o)$ is found from $\varphi(o)$ or o."""

    def __init__(self, function: Any) -> None:
        self._function, self._slope = BY_HAND[id(function)]
        self._by_sums = id(function) in _BY_SUMS
        self._kept: Any = None

    def forward(self, x: Tensor) -> Tensor:
        output = self._function(x)
        self._kept = x if self._by_sums else output
        return output

    def backward(self, delta: Tensor, is_first: bool) -> Any:
        del is_first
        kept, self._kept = self._kept, None
        return self._slope(delta, kept)


class Drop(Stage):
    """Dropout: factors of 0 or 1 / (1 - rate)."""

    def __init__(self, layer: Dropout) -> None:
        self._rate = layer.rate
        self._factors: Any = None

    def forward(self, x: Tensor) -> Tensor:
        (self._factors,) = dropout_factors(x.unsqueeze(0), self._rate, [None])
        return x * self._factors

    def backward(self, delta: Tensor, is_first: bool) -> Any:
        factors, self._factors = self._factors, None
        return None if is_first else delta * factors


def add_gradient(weight: Any, gradient: Tensor) -> None:
    if weight.grad is None:
        weight.grad = gradient
    else:
        weight.grad += gradient
