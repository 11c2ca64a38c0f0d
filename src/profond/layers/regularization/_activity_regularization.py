"""A penalty on the values that pass through."""

from typing import Any

from jaxtyping import Num
from torch import Tensor

from profond import regularizers
from profond.layers._layer import Layer


class ActivityRegularization(Layer):
    r"""The input as it is; $\sum (l_1 |x| + l_2 x^2)$ / batch is added to the training loss.

    Args:
        l1: Weight of the sum of absolute values, >= 0.
        l2: Weight of the sum of squares, >= 0.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input and output: any, the same.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2
        self.supports_masking = True

    def call(self, inputs: Num[Tensor, " *shape"]) -> Num[Tensor, " *shape"]:
        """The input."""
        return inputs
