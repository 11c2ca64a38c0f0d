"""One axis of all."""

from typing import Any

from jaxtyping import Shaped
from torch import Tensor

from profond.layers._checks import channels_last
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class Flatten(Layer):
    """All values of a sample in one axis, the last one running fastest.

    Args:
        data_format: None or `"channels_last"`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, ...)`. Output: `(batch, product of the others)`; `(batch, 1)` if there
        are no others.

    Raises:
        ValueError: If `data_format` is another.
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = channels_last(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Shaped[Tensor, " batch *sizes"]) -> Shaped[Tensor, "batch features"]:
        """The input with two axes."""
        return inputs.flatten(1) if inputs.ndim > 1 else inputs.unsqueeze(1)
