"""A layer around another."""

from typing import Any

from profond.layers._layer import Layer


class Wrapper(Layer):
    """The base of layers that change what another layer does; a subclass defines `call`.

    Args:
        layer: The layer inside, `self.layer`.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Raises:
        ValueError: If `layer` is not a layer.
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ValueError(
                f"`layer` must be a layer; received {layer!r} of type {type(layer).__name__}."
            )
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside for the same input."""
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
