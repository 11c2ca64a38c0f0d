r"""Dense networks of one shape, side by side: forward and back through all of them at once.

Everything has one axis more, in front, for the networks: inputs (networks, rows, features), kernels
(networks, inputs, units). The products of all networks are one batched product; the way back is
that of `_dense_stack`, for each of them

$\nabla_W = a^\top \delta, \quad \nabla_b = \sum \delta, \quad
\delta \leftarrow (\delta W^\top) \odot \varphi'(o)$.

What a stage needs at each step is kept from one to the next: memory of this size, asked for and
given back at every operation, costs a tenth of the time.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from profond import activations, random
from profond.layers import Activation, Dense, Dropout

_aten: Any = torch.ops.aten

# phi(o) into `out`, and the gradient by o, from that by a = phi(o), and a, in the place of the
# former.
_BY_HAND: dict[int, tuple[Callable[..., Any], Callable[[Tensor, Tensor], Tensor]]] = {
    id(activations.relu): (
        lambda o, out: torch.clamp_min(o, 0, out=out),
        lambda delta, a: _aten.threshold_backward.grad_input(delta, a, 0, grad_input=delta),
    ),
    id(activations.tanh): (
        torch.tanh,
        lambda delta, a: _aten.tanh_backward.grad_input(delta, a, grad_input=delta),
    ),
    id(activations.sigmoid): (
        torch.sigmoid,
        lambda delta, a: _aten.sigmoid_backward.grad_input(delta, a, grad_input=delta),
    ),
}


class StackedLayers:
    """The layers of several networks between input and last sums.

    Args:
        chains: The layers of each network, alike in all: `Dense`, `Activation`, `Dropout`.
        weights: The stacked weights, (networks, ...), in the order of the layers, each kernel
            before its bias.
        generators: What each network's dropout draws from.

    Attributes:
        gradients: Where `backward` puts the gradients by the weights.
        last: The activation of the last sums.
    """

    def __init__(
        self,
        chains: Sequence[Sequence[Any]],
        weights: Sequence[Tensor],
        generators: Sequence[torch.Generator],
    ) -> None:
        self.gradients = [torch.empty_like(weight) for weight in weights]
        chain = chains[0]
        self.last = chain[-1].activation if isinstance(chain[-1], Activation | Dense) else None
        self._stages: list[_Stage] = []
        pairs = iter(zip(weights, self.gradients, strict=True))
        final = max(place for place, layer in enumerate(chain) if isinstance(layer, Dense))
        for place, layer in enumerate(chain):
            if isinstance(layer, Dropout):
                if layer.rate:
                    self._stages.append(_Drop([other[place] for other in chains], generators))
                continue
            if isinstance(layer, Dense):
                kernel, bias = next(pairs), None if layer.bias is None else next(pairs)
                # The last sums are kept to the end of the epoch: they get memory of their own.
                self._stages.append(_Product(kernel, bias, keeps=place != final))
            if place < len(chain) - 1 and layer.activation not in (None, activations.linear):
                by_hand = id(layer.activation) in _BY_HAND
                over = bool(self._stages) and isinstance(self._stages[-1], _Product)
                self._stages.append(
                    _Slope(layer.activation, over) if by_hand else _Recorded(layer.activation)
                )

    def forward(self, x: Float[Tensor, "nets rows inputs"]) -> Float[Tensor, "nets rows units"]:
        """The last sums in training."""
        for stage in self._stages:
            x = stage.forward(x)
        return x

    def backward(self, delta: Float[Tensor, "nets rows units"]) -> None:
        """Put the gradients into `gradients`.

        Args:
            delta: The gradient by the last sums, whose memory is used up.
        """
        for place in range(len(self._stages) - 1, -1, -1):
            delta = self._stages[place].backward(delta, is_first=place == 0)

    def infer(self, x: Float[Tensor, "nets rows inputs"]) -> Float[Tensor, "nets rows units"]:
        """The last sums outside of training."""
        for stage in self._stages:
            x = stage.infer(x)
        return x


class _Stage(ABC):
    """A part of the stack: its forward pass keeps what its backward pass needs."""

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """The output in training."""

    @abstractmethod
    def backward(self, delta: Tensor, is_first: bool) -> Any:
        """The gradient by the input, from that by the output; None if nobody needs it."""

    @abstractmethod
    def infer(self, x: Tensor) -> Tensor:
        """The output outside of training."""


class _Product(_Stage):
    """The sums of the networks' dense layers, $o = a W + b$."""

    def __init__(
        self, kernel: tuple[Tensor, Tensor], bias: tuple[Tensor, Tensor] | None, keeps: bool
    ) -> None:
        self._kernel, self._kernel_gradient = kernel
        self._transposed = self._kernel.transpose(1, 2)
        self._bias = None if bias is None else bias[0].unsqueeze(1)
        self._bias_gradient = None if bias is None else bias[1]
        self._keeps = keeps
        self._input: Any = None
        self._memory: dict[tuple[str, int], Tensor] = {}

    def _kept(self, what: str, x: Tensor, features: int) -> Tensor:
        """Memory for a result with the rows of `x`, the same at every call."""
        key = what, x.shape[1]
        if key not in self._memory:
            self._memory[key] = x.new_empty((*x.shape[:2], features))
        return self._memory[key]

    def forward(self, x: Tensor) -> Tensor:
        self._input = x
        out = self._kept("sums", x, self._kernel.shape[2]) if self._keeps else None
        return self._sums(x, out)

    def infer(self, x: Tensor) -> Tensor:
        return self._sums(x, None)

    def _sums(self, x: Tensor, out: Tensor | None) -> Tensor:
        if self._bias is None:
            return torch.bmm(x, self._kernel, out=out)
        return torch.baddbmm(self._bias, x, self._kernel, out=out)

    def backward(self, delta: Tensor, is_first: bool) -> Any:
        torch.bmm(self._input.transpose(1, 2), delta, out=self._kernel_gradient)
        if self._bias_gradient is not None:
            torch.sum(delta, 1, out=self._bias_gradient)
        if is_first:
            return None
        out = self._kept("delta", delta, self._kernel.shape[1])
        return torch.bmm(delta, self._transposed, out=out)


class _Slope(_Stage):
    """An activation function whose derivative is known, written with its value."""

    def __init__(self, function: Any, over: bool) -> None:
        """Take a function; `over`: its values may go where its arguments were."""
        self._function, self._slope = _BY_HAND[id(function)]
        self._over = over
        self._output: Any = None

    def forward(self, x: Tensor) -> Tensor:
        self._output = self._function(x, out=x if self._over else None)
        return self._output

    def infer(self, x: Tensor) -> Tensor:
        return self._function(x, out=x if self._over else None)

    def backward(self, delta: Tensor, is_first: bool) -> Any:
        del is_first
        return self._slope(delta, self._output)


class _Recorded(_Stage):
    """Any other activation function, recorded by autograd."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self._pair: Any = None

    def forward(self, x: Tensor) -> Tensor:
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            out = self._function(x)
        self._pair = out, x
        return out.detach()

    def infer(self, x: Tensor) -> Tensor:
        return self._function(x)

    def backward(self, delta: Tensor, is_first: bool) -> Any:
        out, x = self._pair
        return None if is_first else torch.autograd.grad(out, x, delta)[0]


class _Drop(_Stage):
    """Dropout: factors of 0 or 1 / (1 - rate), those that each network would draw alone."""

    def __init__(self, layers: Sequence[Dropout], generators: Sequence[torch.Generator]) -> None:
        self._layers, self._generators = layers, generators
        self._factors: Any = None

    def forward(self, x: Tensor) -> Tensor:
        if self._layers[0].seed_generator is None:
            self._factors = random.dropout_factors(x, self._layers[0].rate, self._generators)
        else:
            ones = torch.ones_like(x[0])
            drawn = [layer.call(ones, training=True) for layer in self._layers]
            self._factors = torch.stack(drawn)
        return x * self._factors

    def infer(self, x: Tensor) -> Tensor:
        return x

    def backward(self, delta: Tensor, is_first: bool) -> Any:
        return None if is_first else delta.mul_(self._factors)
