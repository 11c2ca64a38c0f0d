"""An activation function as a layer of its own."""

from typing import Any

from jaxtyping import Num
from torch import Tensor

from profond import activations
from profond.layers._activate import activate
from profond.layers._layer import Layer


class Activation(Layer):
    r"""An activation function $a = \varphi(o)$, applied to each value (notes, 2.3).

    After `softmax` and `sigmoid` the cross-entropies are computed from $o$, exactly.

    Args:
        activation: Name or function of $\varphi$.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any, the same.

    Raises:
        ValueError: If no activation has this name.
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True

    def call(self, inputs: Num[Tensor, " *shape"]) -> Num[Tensor, " *shape"]:
        """The function of the input."""
        return activate(self.activation, inputs)
