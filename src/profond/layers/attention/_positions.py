"""Where a step stands in its sequence: attention itself does not see any order."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from profond import initializers
from profond.layers._checks import positive, positive_integer
from profond.layers._layer import Layer


class SinePositionEncoding(Layer):
    r"""Waves of many lengths that tell the place of a step (Vaswani et al. 2017, 3.5).

    $p_{t, 2i} = \sin(t / \lambda^{2i / d}), \quad p_{t, 2i+1} = \cos(t / \lambda^{2i / d})$

    with the number $d$ of features. The encoding of $t + k$ is a rotation of that of $t$. It is
    the output; `Add` puts it on the vectors of the steps. The name is KerasHub's.

    Args:
        max_wavelength: $\lambda$, the longest wave over $2 \pi$, in steps, > 0.
        **kwargs: `name`, `dtype`, as in `Layer`.

    Shape:
        Input: `(batch, time, features)`. Output: the same.

    Raises:
        ValueError: If `max_wavelength` is not above 0.
    """

    def __init__(self, max_wavelength: float = 10000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_wavelength = positive(max_wavelength, "max_wavelength")
        self.supports_masking = True

    def call(
        self, inputs: Float[Tensor, "batch time features"], start_index: int = 0
    ) -> Float[Tensor, "batch time features"]:
        """The encoding of the steps.

        Args:
            inputs: Of whose shape the encoding is.
            start_index: Place of the first step.
        """
        time, features = inputs.shape[1:]
        places = torch.arange(time, device=inputs.device, dtype=torch.float32) + start_index
        pairs = torch.arange(0, features, 2, device=inputs.device, dtype=torch.float32)
        angles = places[:, None] * self.max_wavelength ** (-pairs / features)
        both = torch.stack([angles.sin(), angles.cos()], -1).flatten(1)[:, :features]
        return both.to(inputs.dtype).expand_as(inputs)


class PositionEmbedding(Layer):
    """A vector for each place in a sequence, learned. The name is KerasHub's.

    Args:
        sequence_length: Length of the longest sequence, > 0.
        initializer: How the vectors begin.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input: `(batch, time, features)`. Output: the same, the vectors of the places.
        `position_embeddings`: `(sequence_length, features)`.

    Raises:
        ValueError: If `sequence_length` is not a positive integer, or a sequence is longer.
    """

    def __init__(
        self, sequence_length: int, initializer: Any = "glorot_uniform", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.sequence_length = positive_integer(sequence_length, "sequence_length")
        self.initializer = initializers.get(initializer)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make `position_embeddings`."""
        shape = (self.sequence_length, input_shape[-1])
        self.position_embeddings = self.add_weight(
            shape, self.initializer, name="position_embeddings"
        )

    def call(
        self, inputs: Float[Tensor, "batch time features"], start_index: int = 0
    ) -> Float[Tensor, "batch time features"]:
        """The vectors of the steps.

        Args:
            inputs: Of whose shape the output is.
            start_index: Place of the first step.

        Raises:
            ValueError: If the sequence ends after the last place.
        """
        end = start_index + inputs.shape[1]
        if end > self.sequence_length and not inputs.is_meta:
            raise ValueError(
                f"the layer {self.name!r} knows {self.sequence_length} places; received a sequence "
                f"that ends at {end}. Give a greater `sequence_length`, or shorten the sequence."
            )
        if inputs.is_meta:  # a length that is not known is tried with any
            return inputs.new_empty(inputs.shape)
        # A copy: what is done to the output must not reach the weights.
        return self.position_embeddings[start_index:end].clone().expand_as(inputs)


class RotaryEmbedding(Layer):
    r"""Queries and keys, turned by an angle that grows with their place (Su et al. 2021).

    Pairs of features $(x_i, x_{i + d/2})$ are turned by $t \lambda^{-2i / d}$, so that the product
    of a query and a key depends on their distance only. The name, and the pairs, are KerasHub's.

    Args:
        max_wavelength: $\lambda$, > 0.
        scaling_factor: Places are divided by it, > 0, for sequences longer than those learned.
        sequence_axis: Axis of time.
        feature_axis: Axis of the features; its size is even.
        **kwargs: `name`, `dtype`, as in `Layer`.

    Shape:
        Input and output: any, the same, with an axis of time and one of features.

    Raises:
        ValueError: If a number is not above 0, or the number of features is odd.
    """

    def __init__(
        self,
        max_wavelength: float = 10000,
        scaling_factor: float = 1.0,
        sequence_axis: int = 1,
        feature_axis: int = -1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max_wavelength = positive(max_wavelength, "max_wavelength")
        self.scaling_factor = positive(scaling_factor, "scaling_factor")
        self.sequence_axis = sequence_axis
        self.feature_axis = feature_axis
        self.supports_masking = True

    def call(
        self, inputs: Float[Tensor, " *shape"], start_index: int = 0
    ) -> Float[Tensor, " *shape"]:
        """The turned vectors.

        Args:
            inputs: Queries or keys.
            start_index: Place of the first step.

        Raises:
            ValueError: If the number of features is odd.
        """
        x = inputs.movedim((self.sequence_axis, self.feature_axis), (-2, -1))
        time, features = x.shape[-2:]
        if features % 2:
            raise ValueError(
                f"the number of features of the layer {self.name!r} must be even, to turn them in "
                f"pairs; received {features}."
            )
        places = torch.arange(time, device=x.device, dtype=torch.float32) + start_index
        pairs = torch.arange(0, features, 2, device=x.device, dtype=torch.float32)
        angles = places[:, None] / self.scaling_factor * self.max_wavelength ** (-pairs / features)
        cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        a, b = x.chunk(2, -1)
        turned = torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
        return turned.movedim((-2, -1), (self.sequence_axis, self.feature_axis))
