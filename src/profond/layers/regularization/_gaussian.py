"""Normal noise in training, added or multiplied."""

import math
from typing import Any

from jaxtyping import Float
from torch import Tensor

from profond.layers._checks import not_negative, rate_below_one
from profond.layers._layer import Layer
from profond.layers.regularization._noise import normal_like, private_generator


class GaussianNoise(Layer):
    r"""$x + \epsilon$ with $\epsilon \sim N(0, \sigma^2)$ in training, $x$ outside.

    A penalty on steep networks: for small noise and squared errors, Tikhonov's (Bishop 1995).

    Args:
        stddev: Standard deviation $\sigma$, in the unit of the input, >= 0. (Keras allows up to
            1 only.)
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any, the same.

    Raises:
        ValueError: If `stddev` is negative or not a number.
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev = not_negative(stddev, "stddev")
        self.seed = seed
        self.seed_generator = private_generator(seed)
        self.supports_masking = True

    def call(
        self, inputs: Float[Tensor, " *shape"], training: bool | None = None
    ) -> Float[Tensor, " *shape"]:
        """The input, with noise in training."""
        if not training or self.stddev == 0:
            return inputs
        return inputs + normal_like(inputs, 0.0, self.stddev, self.seed_generator)


class GaussianDropout(Layer):
    r"""$x \epsilon$ with $\epsilon \sim N(1, \text{rate} / (1 - \text{rate}))$ in training.

    Mean and variance are those of dropout with the same rate (Srivastava et al. 2014, section
    10). Outside training the input passes as it is.

    Args:
        rate: Rate of the dropout that it stands for, in [0, 1). (Keras accepts 1, and fails at
            the first call.)
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any, the same.

    Raises:
        ValueError: If `rate` is not in [0, 1).
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate_below_one(rate)
        if self.rate == 1:
            raise ValueError(
                "`rate` must be below 1, where the variance of the noise is infinite; received "
                f"rate={rate!r}."
            )
        self.seed = seed
        self.seed_generator = private_generator(seed)
        self.supports_masking = True

    def call(
        self, inputs: Float[Tensor, " *shape"], training: bool | None = None
    ) -> Float[Tensor, " *shape"]:
        """The input, multiplied by noise in training."""
        if not training or self.rate == 0:
            return inputs
        stddev = math.sqrt(self.rate / (1.0 - self.rate))
        return inputs * normal_like(inputs, 1.0, stddev, self.seed_generator)
