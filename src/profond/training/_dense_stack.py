r"""The chain rule by hand, for models that are a stack of dense layers.

Autograd notes every operation of a step and then walks back through its notes. Where a model is
dense layers one after the other, the way back is known beforehand: from the gradient $\delta$ by
the last sums, for each layer, last to first, with $a$ its input (notes, 4.3)

$\nabla_W = a^\top \delta, \quad \nabla_b = \sum \delta, \quad
\delta \leftarrow (\delta W^\top) \odot \varphi'(o)$.

The operations are those of autograd, so the results are the same to the last bit; what is saved
is the noting, an eighth of the time of a step in networks as small as the notes'. Losses that
have no closed form, and penalties on weights, are left to autograd.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from profond import activations
from profond.layers import Activation, Dense, Dropout
from profond.layers._activate import activate
from profond.training._closed_form import Rule, rule_for

_aten: Any = torch.ops.aten

# phi, and the gradient by o from that by a = phi(o), and a.
_Pair = tuple[Callable[[Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]
_BY_HAND: dict[int, _Pair] = {
    id(activations.relu): (torch.relu, lambda delta, a: _aten.threshold_backward(delta, a, 0)),
    id(activations.tanh): (torch.tanh, _aten.tanh_backward),
    id(activations.sigmoid): (torch.sigmoid, _aten.sigmoid_backward),
}


class DenseStack:
    """The layers of a model between its input and its last sums, and their gradients.

    `forward` and, once autograd has been through the loss, `backward` stand for the model's own
    call and the rest of its backward pass.

    Args:
        stages: Dense layers, activations, dropout, in order; a dense layer comes last.
        last: The activation of the last sums.
        weights: The weights of the dense layers.
    """

    def __init__(self, stages: Sequence["_Stage"], last: Any, weights: Sequence[nn.Parameter]):
        self._stages = stages
        self._last = last
        self._weights = weights
        self._addresses = [weight.data_ptr() for weight in weights]
        self._features, self._dtype = weights[0].shape[0], weights[0].dtype
        self._sums: Any = None
        self._delta: Tensor | None = None
        self._rule: Rule | None = None

    @classmethod
    def of(cls, model: Any) -> "DenseStack | None":
        """The stack that `model` is; None if it is, or does, anything else."""
        chain = list(model._in_a_row())
        if not chain or model.jit_compile or _is_observed(model):
            return None
        door = model.inputs[0]
        if door.shape[0] is not None or door.dtype != chain[0].compute_dtype:
            return None  # the model has to look at, or convert, each batch
        last = chain[-1].activation if type(chain[-1]) in (Activation, Dense) else None
        stages: list[_Stage] = []
        weights: list[nn.Parameter] = []
        for layer in chain:
            if not _is_plain(layer):
                return None
            if type(layer) is Dropout and layer.seed_generator is None and not layer.noise_shape:
                stages.append(_Drop(layer))
                continue
            if type(layer) is Dense:
                stages.append(_Product(layer))
                weights += [w for w in (layer.kernel, layer.bias) if w is not None]
            elif type(layer) is not Activation:
                return None
            if layer is not chain[-1] and layer.activation not in (None, activations.linear):
                if id(layer.activation) not in _BY_HAND:
                    return None
                stages.append(_Slope(layer.activation))
        uniform = len({(weight.dtype, weight.device) for weight in weights}) == 1
        if not uniform or any(map(_is_watched, weights)):
            return None
        return cls(stages, last, weights)

    def expect(self, loss: Any) -> None:
        """Use the closed form of a loss, if it has one."""
        self._rule = rule_for(loss, self._last, self._dtype)

    def takes(self, x: Any) -> bool:
        """Whether `x` is a plain batch of rows, and the layers are as they were."""
        return (
            type(x) is Tensor
            and x.ndim == 2
            and x.shape[1] == self._features
            and x.dtype is self._dtype
            and not x.requires_grad
            and getattr(x, "_keras_mask", None) is None
            and torch.is_grad_enabled()
            and not torch.is_autocast_enabled(x.device.type)
            and self._addresses == [weight.data_ptr() for weight in self._weights]
            and False not in [weight.requires_grad for weight in self._weights]
        )

    def forward(self, x: Tensor, y: Any = None) -> tuple[Tensor, Tensor | None]:
        """The model's output for a batch, and the mean loss where that has a closed form.

        Args:
            x: Inputs.
            y: Targets; None leaves the loss to others, who can follow the output back to the
                last sums by autograd.
        """
        self._delta = None
        with torch.no_grad():
            for stage in self._stages:
                x = stage.forward(x)
            found = self._rule(y, x) if self._rule is not None and type(y) is Tensor else None
            if found is not None:
                mean, self._delta = found
                return activate(self._last, x), mean
        self._sums = x.requires_grad_()
        return activate(self._last, x), None

    def backward(self) -> None:
        """Put the gradients into `weight.grad`, added to what penalties have put there.

        Comes after the backward pass of a loss that `forward` did not give; does nothing if
        that loss did not need the model's output.
        """
        delta = self._sums.grad if self._delta is None else self._delta
        self._sums = self._delta = None
        if delta is None:
            return
        with torch.no_grad():
            for place in range(len(self._stages) - 1, -1, -1):
                delta = self._stages[place].backward(delta, is_first=place == 0)


class _Stage(ABC):
    """A part of the stack: its forward pass keeps what its backward pass needs."""

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """The output."""

    @abstractmethod
    def backward(self, delta: Tensor, is_first: bool) -> Any:
        """The gradient by the input, from that by the output; None if nobody needs it."""


class _Product(_Stage):
    """The sums of a dense layer, $o = a W + b$."""

    def __init__(self, layer: Dense) -> None:
        self._weights = kernel, bias = layer.kernel, layer.bias
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
        kernel, bias = self._weights
        _add_gradient(kernel, torch.mm(self._input.t(), delta))
        if bias is not None:
            _add_gradient(bias, delta.sum(0))
        self._input = None
        return None if is_first else torch.mm(delta, self._transposed)


class _Slope(_Stage):
    r"""An activation function, whose derivative is $\varphi'(o)$, written with $a = \varphi(o)$."""

    def __init__(self, function: Any) -> None:
        self._function, self._slope = _BY_HAND[id(function)]
        self._output: Any = None

    def forward(self, x: Tensor) -> Tensor:
        self._output = self._function(x)
        return self._output

    def backward(self, delta: Tensor, is_first: bool) -> Any:
        del is_first
        output, self._output = self._output, None
        return self._slope(delta, output)


class _Drop(_Stage):
    """Dropout: factors of 0 or 1 / (1 - rate), which the layer makes of ones."""

    def __init__(self, layer: Dropout) -> None:
        self._layer = layer
        self._factors: Any = None

    def forward(self, x: Tensor) -> Tensor:
        self._factors = self._layer.call(torch.ones_like(x), training=True)
        return x * self._factors

    def backward(self, delta: Tensor, is_first: bool) -> Any:
        factors, self._factors = self._factors, None
        return None if is_first else delta * factors


def _add_gradient(weight: Any, gradient: Tensor) -> None:
    if weight.grad is None:
        weight.grad = gradient
    else:
        weight.grad += gradient


_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def _is_plain(layer: Any) -> bool:
    """Whether a layer's call is no more than its computation."""
    return layer.compute_dtype == layer.variable_dtype and not _is_observed(layer)


def _is_observed(layer: Any) -> bool:
    """Whether something besides the next layer has a part in a layer's calls."""
    return (
        layer.activity_regularizer is not None
        or any(name in vars(layer) for name in ("call", "forward"))  # put in the class's place
        or any(getattr(layer, hooks) for hooks in _HOOKS)
        or bool(nn.modules.module._has_any_global_hook())
    )


def _is_watched(weight: Any) -> bool:
    """Whether somebody wants to hear of a weight's gradient."""
    return bool(weight._backward_hooks or getattr(weight, "_post_accumulate_grad_hooks", None))
