"""What global pooling is in one dimension and in two."""

from typing import Any

from profond.layers._checks import channels_last
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class GlobalPooling(Layer):
    """One vector for all places of a series or an image."""

    def __init__(
        self, dimensions: int, data_format: Any, keepdims: bool, kwargs: dict[str, Any]
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = channels_last(data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=dimensions + 2)
