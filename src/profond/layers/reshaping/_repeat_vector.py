"""A vector as a series."""

from typing import Any

from jaxtyping import Shaped
from torch import Tensor

from profond.layers._checks import positive_integer
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class RepeatVector(Layer):
    """Each sample `n` times, as the time steps of a series.

    Args:
        n: Number of time steps, > 0.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, features)`. Output: `(batch, n, features)`.

    Raises:
        ValueError: If `n` is not a positive integer.
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = positive_integer(n, "n")
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Shaped[Tensor, "batch features"]) -> Shaped[Tensor, "batch n features"]:
        """The repeated input."""
        return inputs.unsqueeze(1).repeat(1, self.n, 1)
