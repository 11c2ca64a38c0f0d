"""A layer, at each time step."""

from typing import Any

from jaxtyping import Bool, Num
from torch import Tensor

from profond.layers._layer import Layer
from profond.layers._wrapper import Wrapper


class TimeDistributed(Wrapper):
    """The same layer at each time step, with the same weights.

    All steps of a batch are one batch of the layer inside: where it treats each row by itself
    (nearly all do), this is the same as one step after the other. Batch normalization takes its
    mean over all steps together.

    Args:
        layer: The layer.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input: `(batch, time, *rest)`. Output: `(batch, time, *outputs)`, where the layer makes
        `outputs` of `rest`. `mask`: `(batch, time)`; it goes on to the output.

    Raises:
        ValueError: If `layer` is not a layer, or the input has no axis of time.
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside for the input of a step.

        Raises:
            ValueError: If there is no axis of time.
        """
        shape = tuple(input_shape)
        if len(shape) < 3:
            raise ValueError(
                f"the input of the layer {self.name!r} must have axes (batch, time, ...), three "
                f"at least; received shape {shape}."
            )
        super().build((shape[0], *shape[2:]))

    def call(
        self,
        inputs: Num[Tensor, "batch time *rest"],
        training: bool | None = None,
        mask: Bool[Tensor, "batch time *axes"] | None = None,
    ) -> Any:
        """The layer's output at each step."""
        batch, time = inputs.shape[:2]
        options: dict[str, Any] = {}
        if self.layer._signature.takes_training:
            options["training"] = training
        if mask is not None and self.layer._signature.takes_mask and mask.ndim > 2:
            options["mask"] = mask.reshape(batch * time, *mask.shape[2:])
        outputs = self.layer(inputs.reshape(batch * time, *inputs.shape[2:]), **options)
        return outputs.reshape(batch, time, *outputs.shape[1:])

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the steps."""
        del inputs
        return previous_mask
