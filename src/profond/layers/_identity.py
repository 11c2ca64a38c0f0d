"""The layer that does nothing."""

from typing import Any

from profond.layers._layer import Layer


class Identity(Layer):
    """The input as it is: a place in a network that something else may take later.

    Args:
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any tensor, or structure of tensors, the same.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """The input."""
        return inputs
