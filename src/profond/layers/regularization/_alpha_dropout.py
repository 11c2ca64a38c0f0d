"""Dropout for self-normalizing networks."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond.layers._checks import rate_below_one
from profond.layers._layer import Layer
from profond.layers.regularization._noise import noise_shape_for, noise_sizes, private_generator
from profond.random import generator_for

# Minus the limit of the SELU to minus infinity (Klambauer et al. 2017, eq. 14).
_LIMIT = -1.6732632423543772 * 1.0507009873554805


class AlphaDropout(Layer):
    r"""Dropout that keeps mean 0 and variance 1, for `selu` (Klambauer et al. 2017, section 3).

    In training a value becomes $\alpha' = -1.758$ with probability `rate` $= 1 - q$; then all
    are transformed by $a x + b$ with $a = (q + \alpha'^2 q (1 - q))^{-1/2}$ and
    $b = -a (1 - q) \alpha'$.

    Args:
        rate: Probability of $\alpha'$, in [0, 1).
        noise_shape: Shape of the pattern, which broadcasts to the input; None in it takes the
            input's size.
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any, the same.

    Raises:
        ValueError: If `rate` is not in [0, 1), or `noise_shape` does not hold positive integers.
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rate = rate_below_one(rate)
        if self.rate == 1:
            raise ValueError(
                "`rate` must be below 1, since with no value left mean 0 and variance 1 cannot be "
                f"kept; received rate={rate!r}."
            )
        self.noise_shape = noise_sizes(noise_shape)
        self.seed = seed
        self.seed_generator = private_generator(seed)
        self.supports_masking = True

    def call(
        self, inputs: Float[Tensor, " *shape"], training: bool | None = None
    ) -> Float[Tensor, " *shape"]:
        """The input, with values at the limit in training."""
        if not training or self.rate == 0:
            return inputs
        if self.seed_generator is None and self.noise_shape is None:
            return F.alpha_dropout(inputs, self.rate, training=True)
        shape = noise_shape_for(inputs, self.noise_shape, self.name)
        draws = torch.rand(
            shape,
            generator=generator_for(self.seed_generator, inputs.device),
            dtype=torch.promote_types(inputs.dtype, torch.float32),
            device=inputs.device,
        )
        q = 1.0 - self.rate
        a = (q * (1.0 + self.rate * _LIMIT**2)) ** -0.5
        b = -a * _LIMIT * self.rate
        return a * torch.where(draws >= self.rate, inputs, _LIMIT) + b
