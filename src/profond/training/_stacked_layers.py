r"""Dense networks of one shape, side by side: forward and back through all of them at once.

Everything has one axis more, in front, for the networks: inputs (networks, rows, features), kernels
(networks, inputs, units). The products of all networks are one batched product; the way back is
that of `_dense_stack`, for each of them

$\nabla_W = a^\top \delta, \quad \nabla_b = \sum \delta, \quad
\delta \leftarrow (\delta W^\top) \odot \varphi'(o)$.

All that a step works on lies in memory that stays: a step is a list of torch's operations on the
same tensors, made once for each number of rows. Memory of this size, asked for and given back at
every operation, costs a tenth of the time; and the less Python there is between two operations, the
less do threads, of which one at a time runs Python, wait for one another.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from profond import activations, random
from profond.layers import Activation, Dense, Dropout

_aten: Any = torch.ops.aten

# An operation on tensors that it holds.
_Call = Callable[[], Any]
# phi(o) into `out`, and the gradient by o, from that by a = phi(o), and a, in the place of the
# former.
_Known = tuple[Callable[..., Tensor], Callable[[Tensor, Tensor], _Call]]
_BY_HAND: dict[int, _Known] = {
    id(activations.relu): (
        partial(torch.clamp_min, min=0),
        lambda delta, a: partial(
            _aten.threshold_backward.grad_input, delta, a, 0, grad_input=delta
        ),
    ),
    id(activations.tanh): (
        torch.tanh,
        lambda delta, a: partial(_aten.tanh_backward.grad_input, delta, a, grad_input=delta),
    ),
    id(activations.sigmoid): (
        torch.sigmoid,
        lambda delta, a: partial(_aten.sigmoid_backward.grad_input, delta, a, grad_input=delta),
    ),
}


@dataclass
class _Plan:
    """A step with a certain number of rows.

    Attributes:
        x: Where the inputs go.
        sums: Where the last sums are after the calls of `forward`.
        delta: Where the gradient by them goes.
        forward: The calls that lead from inputs to sums.
        backward: Those that lead from there to the gradients by the weights.
    """

    x: Tensor
    sums: Tensor
    delta: Tensor
    forward: list[_Call]
    backward: list[_Call]


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
        self._plans: dict[int, _Plan] = {}
        for place, layer in enumerate(chain):
            if isinstance(layer, Dropout):
                if layer.rate:
                    self._stages.append(_Drop([other[place] for other in chains], generators))
                continue
            if isinstance(layer, Dense):
                kernel, bias = next(pairs), None if layer.bias is None else next(pairs)
                self._stages.append(_Product(kernel, bias))
            if place < len(chain) - 1 and layer.activation not in (None, activations.linear):
                by_hand = id(layer.activation) in _BY_HAND
                over = bool(self._stages) and isinstance(self._stages[-1], _Product)
                self._stages.append(
                    _Slope(layer.activation, over) if by_hand else _Recorded(layer.activation)
                )

    def forward(self, x: Float[Tensor, "nets rows inputs"]) -> Float[Tensor, "nets rows units"]:
        """The last sums in training."""
        plan = self._plans.get(x.shape[1]) or self._planned(x)
        plan.x.copy_(x)
        for call in plan.forward:
            call()
        return plan.sums.clone()

    def backward(self, delta: Float[Tensor, "nets rows units"]) -> None:
        """After `forward`: put the gradients into `gradients`, from that by the last sums."""
        plan = self._plans[delta.shape[1]]
        plan.delta.copy_(delta)
        for call in plan.backward:
            call()

    def _planned(self, x: Tensor) -> _Plan:
        """A step with as many rows as `x`."""
        door = torch.empty_like(x)
        out, forward, backward = door, [], []
        ways_back = []
        for stage in self._stages:
            out, calls, way_back = stage.plan(out)
            forward += calls
            ways_back.append(way_back)
        delta = last = torch.empty_like(out)
        for place in range(len(ways_back) - 1, -1, -1):
            calls, delta = ways_back[place](delta, place == 0)
            backward += calls
        return self._plans.setdefault(x.shape[1], _Plan(door, out, last, forward, backward))

    def infer(self, x: Float[Tensor, "nets rows inputs"]) -> Float[Tensor, "nets rows units"]:
        """The last sums outside of training."""
        for stage in self._stages:
            x = stage.infer(x)
        return x


# From where the gradient by the output is, and whether the stage is the first: the calls, and where
# the gradient by the input is then.
_WayBack = Callable[[Tensor, bool], tuple[list[_Call], Tensor]]


class _Stage(ABC):
    """A part of the stack."""

    @abstractmethod
    def plan(self, x: Tensor) -> tuple[Tensor, list[_Call], _WayBack]:
        """Where the output in training is, after these calls, and the way back.

        Args:
            x: Where the input is.
        """

    @abstractmethod
    def infer(self, x: Tensor) -> Tensor:
        """The output outside of training."""


class _Product(_Stage):
    """The sums of the networks' dense layers, $o = a W + b$; weights come with gradients."""

    def __init__(self, kernel: tuple[Tensor, Tensor], bias: tuple[Tensor, Tensor] | None) -> None:
        self._kernel, self._kernel_gradient = kernel
        self._bias = None if bias is None else bias[0].unsqueeze(1)
        self._bias_gradient = None if bias is None else bias[1]

    def plan(self, x: Tensor) -> tuple[Tensor, list[_Call], _WayBack]:
        kernel, gradient = self._kernel, self._kernel_gradient
        out = x.new_empty((*x.shape[:2], kernel.shape[2]))
        if self._bias is None:
            call = partial(torch.bmm, x, kernel, out=out)
        else:
            call = partial(torch.baddbmm, self._bias, x, kernel, out=out)

        def way_back(delta: Tensor, is_first: bool) -> tuple[list[_Call], Tensor]:
            calls: list[_Call] = [partial(torch.bmm, x.transpose(1, 2), delta, out=gradient)]
            if self._bias_gradient is not None:
                calls.append(partial(torch.sum, delta, 1, out=self._bias_gradient))
            if is_first:
                return calls, delta
            by_input = torch.empty_like(x)
            calls.append(partial(torch.bmm, delta, kernel.transpose(1, 2), out=by_input))
            return calls, by_input

        return out, [call], way_back

    def infer(self, x: Tensor) -> Tensor:
        if self._bias is None:
            return torch.bmm(x, self._kernel)
        return torch.baddbmm(self._bias, x, self._kernel)


class _Slope(_Stage):
    """An activation function whose derivative is known, written with its value.

    Args:
        function: The function.
        over: Whether its values may go where its arguments were.
    """

    def __init__(self, function: Any, over: bool) -> None:
        self._function, self._slope = _BY_HAND[id(function)]
        self._over = over

    def plan(self, x: Tensor) -> tuple[Tensor, list[_Call], _WayBack]:
        out = x if self._over else torch.empty_like(x)

        def way_back(delta: Tensor, is_first: bool) -> tuple[list[_Call], Tensor]:
            return [] if is_first else [self._slope(delta, out)], delta

        return out, [partial(self._function, x, out=out)], way_back

    def infer(self, x: Tensor) -> Tensor:
        return self._function(x, out=x) if self._over else self._function(x)


class _Recorded(_Stage):
    """Any other activation function, recorded by autograd."""

    def __init__(self, function: Any) -> None:
        self._function = function

    def plan(self, x: Tensor) -> tuple[Tensor, list[_Call], _WayBack]:
        out = torch.empty_like(x)
        pair: Any = []

        def record() -> None:
            with torch.enable_grad():
                # A copy: some functions keep their argument for their derivative.
                argument = x.clone().requires_grad_()
                pair[:] = self._function(argument), argument
            out.copy_(pair[0].detach())

        def way_back(delta: Tensor, is_first: bool) -> tuple[list[_Call], Tensor]:
            def differentiate() -> None:
                delta.copy_(torch.autograd.grad(pair[0], pair[1], delta)[0])

            return [] if is_first else [differentiate], delta

        return out, [record], way_back

    def infer(self, x: Tensor) -> Tensor:
        return self._function(x)


class _Drop(_Stage):
    """Dropout: factors of 0 or 1 / (1 - rate), those that each network would draw alone."""

    def __init__(self, layers: Sequence[Dropout], generators: Sequence[torch.Generator]) -> None:
        self._layers, self._generators = layers, generators

    def plan(self, x: Tensor) -> tuple[Tensor, list[_Call], _WayBack]:
        factors, out = torch.empty_like(x), torch.empty_like(x)

        def draw() -> None:
            factors.copy_(self._drawn(x))

        def way_back(delta: Tensor, is_first: bool) -> tuple[list[_Call], Tensor]:
            return [] if is_first else [partial(delta.mul_, factors)], delta

        return out, [draw, partial(torch.mul, x, factors, out=out)], way_back

    def _drawn(self, x: Tensor) -> Tensor:
        if self._layers[0].seed_generator is None:
            return random.dropout_factors(x, self._layers[0].rate, self._generators)
        ones = torch.ones_like(x[0])
        return torch.stack([layer.call(ones, training=True) for layer in self._layers])

    def infer(self, x: Tensor) -> Tensor:
        return x
