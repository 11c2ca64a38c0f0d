"""Dropout: part of the neurons are switched off in each step of training."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor

from profond import random
from profond.layers._checks import channels_last, rate_below_one
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer
from profond.layers.regularization._noise import noise_shape_for, noise_sizes, private_generator


class Dropout(Layer):
    r"""Values set to 0 with probability `rate` in training, the others divided by 1 - `rate`.

    So the expected value is the same in training and after (notes, 5.3; Srivastava et al. 2014,
    in the "inverted" form). Outside training the input passes as it is.

    Args:
        rate: Probability of 0, in [0, 1].
        noise_shape: Shape of the pattern of zeros, which broadcasts to the input; None in it
            takes the input's size. `(None, 1, None)` drops whole features of a series.
        seed: Starts a generator of this layer's own; None draws from torch's global one, which
            `utils.set_random_seed` starts.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any, the same.

    Raises:
        ValueError: If `rate` is not in [0, 1], or `noise_shape` does not hold positive integers.
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
        self.noise_shape = noise_sizes(noise_shape)
        self.seed = seed
        self.seed_generator = private_generator(seed)
        self.supports_masking = True

    def call(
        self, inputs: Float[Tensor, " *shape"], training: bool | None = None
    ) -> Float[Tensor, " *shape"]:
        """The input, with zeros in training."""
        if not training or self.rate == 0:
            return inputs
        if self.seed_generator is None and self.noise_shape is None:
            return random.dropped(inputs, self.rate)
        shape = noise_shape_for(inputs, self.noise_shape, self.name)
        return random.dropout(inputs, self.rate, shape, self.seed_generator)


class _SpatialDropout(Layer):
    """Dropout of whole features: the same pattern at all places of a sample."""

    _places: int

    def __init__(self, rate: float, seed: int | None, data_format: Any, kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate_below_one(rate)
        self.seed = seed
        self.seed_generator = private_generator(seed)
        self.data_format = channels_last(data_format)
        self.input_spec = InputSpec(ndim=self._places + 2)
        self.supports_masking = True

    def call(
        self, inputs: Float[Tensor, " batch *places channels"], training: bool | None = None
    ) -> Float[Tensor, " batch *places channels"]:
        """The input, with whole features at 0 in training."""
        if not training or self.rate == 0:
            return inputs
        shape = (inputs.shape[0], *[1] * self._places, inputs.shape[-1])
        if self.seed_generator is None:
            return inputs * random.dropped(inputs.new_ones(shape), self.rate)
        return random.dropout(inputs, self.rate, shape, self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer; Keras's constructor knows no `trainable`."""
        config = super().get_config()
        if config["trainable"]:
            del config["trainable"]
        return config


class SpatialDropout1D(_SpatialDropout):
    """Dropout of whole channels of a series (Tompson et al. 2015).

    Neighbouring time steps are alike: dropping single values would only lower the learning
    rate, dropping a channel at all steps regularizes.

    Args:
        rate: Probability that a channel is 0, in [0, 1]; the others are divided by 1 - `rate`.
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        name: Name of the layer.
        dtype: Element type or policy.
        **kwargs: `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: `(batch, time, channels)`, the same.

    Raises:
        ValueError: If `rate` is not in [0, 1].
    """

    _places = 1

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate, seed, None, {"name": name, "dtype": dtype, **kwargs})


class SpatialDropout2D(_SpatialDropout):
    """Dropout of whole channels of an image (Tompson et al. 2015).

    Args:
        rate: Probability that a channel is 0, in [0, 1]; the others are divided by 1 - `rate`.
        data_format: None or `"channels_last"`.
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        name: Name of the layer.
        dtype: Element type or policy.
        **kwargs: `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: `(batch, height, width, channels)`, the same.

    Raises:
        ValueError: If `rate` is not in [0, 1], or `data_format` is another.
    """

    _places = 2

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate, seed, data_format, {"name": name, "dtype": dtype, **kwargs})
