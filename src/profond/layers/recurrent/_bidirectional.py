"""A recurrent layer in both directions of time."""

from typing import Any

import torch
from jaxtyping import Bool, Num
from torch import Tensor

from profond.layers._layer import Layer
from profond.layers._serialization import deserialize, serialize

_MODES = ("concat", "sum", "ave", "mul", None)


class Bidirectional(Layer):
    """A recurrent layer from the first to the last step, and another one back, put together.

    Args:
        layer: A recurrent layer; the two of this one are made anew with its arguments.
        merge_mode: How the two outputs become one: `"concat"`, `"sum"`, `"ave"` (mean), `"mul"`
            (product), or None for a list of both.
        weights: What the weights of both begin with, those of the forward one first; None for
            their initializers.
        backward_layer: The layer that goes back, with the other `go_backwards`; None for one with
            the arguments of `layer`.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        As of the layer inside; with `"concat"` the output has twice as many features. With
        `return_state` the states of the forward layer come first. `mask`: `(batch, time)`; with
        `return_sequences` the output at steps that do not count is 0, in Keras too.

    Raises:
        ValueError: If `layer` is not a recurrent layer, `merge_mode` is none of these, or the two
            layers do not fit together.
    """

    def __init__(
        self,
        layer: Layer,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Layer | None = None,
        **kwargs: Any,
    ) -> None:
        for name, one in (("layer", layer), ("backward_layer", backward_layer)):
            if one is not None and not hasattr(one, "go_backwards"):
                raise ValueError(
                    f"`{name}` must be a recurrent layer, with `go_backwards`; received {one!r} of "
                    f"type {type(one).__name__}."
                )
        if merge_mode not in _MODES:
            raise ValueError(
                f"`merge_mode` must be one of {', '.join(map(repr, _MODES))}; received "
                f"{merge_mode!r}."
            )
        super().__init__(**kwargs)
        self.merge_mode = merge_mode
        self.forward_layer: Any = _again(layer, "forward")
        self.backward_layer: Any = (
            _again(layer, "backward", go_backwards=not layer.go_backwards)
            if backward_layer is None
            else backward_layer
        )
        self._check_pair()
        for one in (self.forward_layer, self.backward_layer):
            if hasattr(one, "zero_output_for_mask"):
                one.zero_output_for_mask = one.return_sequences
        self.return_sequences: bool = self.forward_layer.return_sequences
        self.return_state: bool = self.forward_layer.return_state
        self.stateful: bool = self.forward_layer.stateful
        self._start = None if weights is None else list(weights)
        self.supports_masking = True

    def _check_pair(self) -> None:
        """Refuse two layers that do not fit together.

        Raises:
            ValueError: Naming what differs, or does not.
        """
        there, back = self.forward_layer, self.backward_layer
        if there.go_backwards == back.go_backwards:
            raise ValueError(
                "`layer` and `backward_layer` must go in different directions; received both with "
                f"go_backwards={back.go_backwards}."
            )
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(there, name) != getattr(back, name):
                raise ValueError(
                    f"`layer` and `backward_layer` must have the same `{name}`; received "
                    f"{getattr(there, name)} and {getattr(back, name)}."
                )

    def build(  # pyright: ignore[reportIncompatibleMethodOverride] - by Keras's names
        self, sequences_shape: Any, initial_state_shape: Any = None
    ) -> None:
        """Build both layers for the same input."""
        del initial_state_shape
        for one in (self.forward_layer, self.backward_layer):
            if not one.built:
                one.build(sequences_shape)
                one.built = True
        if self._start is not None:
            half = len(self._start) // 2
            self.forward_layer.set_weights(self._start[:half])
            self.backward_layer.set_weights(self._start[half:])
            self._start = None

    def call(
        self,
        sequences: Num[Tensor, "batch time *features"],
        initial_state: Any = None,
        mask: Bool[Tensor, "batch time"] | None = None,
        training: bool | None = None,
    ) -> Any:
        """Both outputs as one, and the states of both if they are asked for.

        Args:
            sequences: The input.
            initial_state: The states of the forward layer, then as many of the backward one.
            mask: True where a step counts.
            training: Whether there is dropout.
        """
        begin: list[Any] = [None, None]
        if initial_state is not None:
            half = len(initial_state) // 2
            begin = [list(initial_state[:half]), list(initial_state[half:])]
        there, back = (
            one(sequences, initial_state=states, mask=mask, training=training)
            for one, states in zip((self.forward_layer, self.backward_layer), begin, strict=True)
        )
        states: tuple[Any, ...] = ()
        if self.return_state:
            states = (*there[1:], *back[1:])
            there, back = there[0], back[0]
        if self.return_sequences:
            back = back.flip(1)
        outputs = self._merged(there, back)
        if not self.return_state:
            return outputs
        return (*outputs, *states) if self.merge_mode is None else (outputs, *states)

    def _merged(self, there: Tensor, back: Tensor) -> Any:
        match self.merge_mode:
            case "concat":
                return torch.cat([there, back], -1)
            case "sum":
                return there + back
            case "ave":
                return (there + back) / 2
            case "mul":
                return there * back
            case _:
                return [there, back]

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the outputs of all steps; none of the last one and of the states."""
        del inputs
        mask = previous_mask if self.return_sequences else None
        masks = [mask, mask] if self.merge_mode is None else mask
        if not self.return_state:
            return masks
        none = [None] * (2 * len(self.forward_layer.state_size))
        return [*masks, *none] if isinstance(masks, list) else [masks, *none]

    def reset_state(self) -> None:
        """Let stateful layers begin anew with the next batch."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state


def _again(layer: Layer, direction: str, **changes: Any) -> Layer:
    """A fresh layer with the arguments of another."""
    described = serialize(layer)
    plain = layer.name.removeprefix("forward_").removeprefix("backward_")
    described["config"].update({"name": f"{direction}_{plain}", **changes})
    return deserialize(described)
