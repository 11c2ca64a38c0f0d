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

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from profond import activations
from profond.layers import Activation, Dense, Dropout, TableEmbedding
from profond.layers._activate import activate
from profond.training._closed_form import Rule, rule_for
from profond.training._stages import BY_HAND, Drop, Product, Slope, Stage
from profond.training._table_stage import Table


class DenseStack:
    """The layers of a model between its input and its last sums, and their gradients.

    `forward` and, once autograd has been through the loss, `backward` stand for the model's own
    call and the rest of its backward pass.

    Args:
        features: Size of the inputs' last axis.
        stages: A table's embedding, dense layers, activations, dropout, in order; a dense layer
            comes last.
        last: The activation of the last sums.
    """

    def __init__(self, features: int, stages: Sequence[Stage], last: Any) -> None:
        self._stages = stages
        self._last = last
        self._weights = [weight for stage in stages for weight in stage.weights]
        self._addresses = [weight.data_ptr() for weight in self._weights]
        self._features, self._dtype = features, self._weights[0].dtype
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
        stages: list[Stage] = []
        for layer in chain:
            if not all(map(_is_plain, layer._flatten_layers())):
                return None
            if type(layer) is TableEmbedding and layer is chain[0]:
                table = Table.of(layer)
                if table is None:
                    return None
                stages.append(table)
                continue
            if type(layer) is Dropout and layer.seed_generator is None and not layer.noise_shape:
                if layer.rate:
                    stages.append(Drop(layer))
                continue
            if type(layer) is Dense:
                stages.append(Product(layer))
            elif type(layer) is not Activation:
                return None
            if layer is not chain[-1] and layer.activation not in (None, activations.linear):
                if id(layer.activation) not in BY_HAND:
                    return None
                stages.append(Slope(layer.activation))
        weights = [weight for stage in stages for weight in stage.weights]
        uniform = len({(weight.dtype, weight.device) for weight in weights}) == 1
        if not uniform or any(map(_is_watched, weights)):
            return None
        return cls(door.shape[-1], stages, last)

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
