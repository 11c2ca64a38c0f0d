"""Random numbers, under the names of `keras.random`.

`seed` says where they come from: None takes torch's global generator, which
`utils.set_random_seed` starts; an int gives the same numbers at each call; a `SeedGenerator`
gives others at each call, and the same sequence again when made anew. With an int or a
`SeedGenerator` the numbers are those of Keras with its torch backend, bit for bit.
"""

import math
import random as python_random
from collections.abc import Sequence
from numbers import Integral
from typing import Any, Self

import torch
from torch import Tensor

from profond import config
from profond._dtypes import torch_dtype
from profond._naming import unique_name
from profond._symbolic import is_inferring, operation
from profond._tensors import convert_to_tensor

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "dropout",
    "gamma",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]


class SeedGenerator:
    """A source of seeds: a start and a count of the draws made from it.

    The two numbers are the whole state. Setting `state` to what it was resumes the sequence
    exactly.

    Args:
        seed: Start, an int; None takes one from Python's `random`, which
            `utils.set_random_seed` starts.
        name: Name, for messages.

    Raises:
        ValueError: If `seed` is not an int.
    """

    def __init__(self, seed: Any = None, name: str | None = None) -> None:
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, Integral)):
            raise ValueError(
                f"`seed` must be an int or None; received {seed!r} of type {type(seed).__name__}."
            )
        self.name = name or unique_name("seed_generator")
        self._initial_seed = None if seed is None else int(seed)
        self._start = python_random.randint(1, 10**9) if seed is None else int(seed)
        self._count = 0

    @property
    def state(self) -> Tensor:
        """Start and count, as int64 of shape (2,)."""
        return torch.tensor([self._start, self._count], dtype=torch.int64, device="cpu")

    @state.setter
    def state(self, value: Any) -> None:
        numbers = [int(number) for number in value]
        if len(numbers) != 2 or numbers[1] < 0:
            raise ValueError(
                "`state` must be two integers, the start and the count of draws >= 0; "
                f"received {numbers}."
            )
        self._start, self._count = numbers

    def next(self, ordered: bool = True) -> Tensor:
        """The state, and then one draw more.

        Args:
            ordered: Accepted for Keras's sake.
        """
        del ordered
        state = self.state
        self._count += 1
        return state

    def next_seed(self) -> int:
        """The seed of the next draw, from 0 to 2^32 - 1."""
        seed = (self._start + self._count) & 0xFFFFFFFF
        self._count += 1
        return seed

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A generator at the start of the sequence that `get_config` described."""
        return cls(**config)


Seed = int | SeedGenerator | None


def generator_for(seed: Seed, device: torch.device | None = None) -> torch.Generator | None:
    """The source of random numbers that `seed` stands for; None is torch's global one.

    Args:
        seed: None, an int or a `SeedGenerator`, of which one draw is taken.
        device: Where the numbers are drawn; the default device if None. On the meta device
            nothing is drawn. Where only shapes are inferred, no seed is taken, and the numbers
            mean nothing.

    Raises:
        ValueError: If `seed` is none of these.
    """
    device = device or torch.get_default_device()
    if device.type == "meta":
        return None
    if is_inferring() and (seed is None or isinstance(seed, SeedGenerator)):
        return torch.Generator(device).manual_seed(0)
    if seed is None:
        return None
    if isinstance(seed, SeedGenerator):
        number = seed.next_seed()
    elif isinstance(seed, Integral) and not isinstance(seed, bool):
        number = int(seed) & 0xFFFFFFFF
    else:
        raise ValueError(
            "`seed` must be an int, a `random.SeedGenerator` or None; "
            f"received {seed!r} of type {type(seed).__name__}."
        )
    return torch.Generator(device).manual_seed(number)


def _float_type(dtype: Any) -> torch.dtype:
    """`dtype`, or `config.floatx()` for None.

    Raises:
        ValueError: If it is not a float type.
    """
    wanted = torch_dtype(config.floatx() if dtype is None else dtype)
    if not wanted.is_floating_point:
        raise ValueError(f"`dtype` must be a float type such as 'float32'; received {dtype!r}.")
    return wanted


def _sizes(shape: int | Sequence[int]) -> tuple[int, ...]:
    """`shape` as a tuple."""
    return (shape,) if isinstance(shape, int) else tuple(int(n) for n in shape)


def normal(
    shape: int | Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> Tensor:
    """Draws from the normal distribution N(mean, stddev^2).

    Args:
        shape: Shape of the result.
        mean: Mean.
        stddev: Standard deviation, >= 0.
        dtype: Float type; `config.floatx()` if None.
        seed: None, an int or a `SeedGenerator`; see the module.

    Raises:
        ValueError: If `dtype` is not a float type.
    """
    size, wanted, device = _sizes(shape), _float_type(dtype), torch.get_default_device()
    generator = generator_for(seed, device)
    return torch.normal(mean, stddev, size, generator=generator, dtype=wanted, device=device)


def uniform(
    shape: int | Sequence[int],
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> Tensor:
    """Draws from the uniform distribution on [minval, maxval).

    Args:
        shape: Shape of the result.
        minval: Lower bound, included.
        maxval: Upper bound, left out.
        dtype: Float type; `config.floatx()` if None.
        seed: None, an int or a `SeedGenerator`; see the module.

    Raises:
        ValueError: If `dtype` is not a float type.
    """
    size, wanted = _sizes(shape), _float_type(dtype)
    part = torch.rand(size, generator=generator_for(seed), dtype=wanted)
    return (maxval - minval) * part + minval


def randint(
    shape: int | Sequence[int],
    minval: int,
    maxval: int,
    dtype: Any = "int32",
    seed: Seed = None,
) -> Tensor:
    """Integers from `minval` to `maxval` - 1, all equally likely.

    Args:
        shape: Shape of the result.
        minval: Lower bound, included.
        maxval: Upper bound, left out.
        dtype: Integer type.
        seed: None, an int or a `SeedGenerator`; see the module.

    Raises:
        ValueError: If `dtype` is not an integer type, or there is no integer in between.
    """
    wanted = torch_dtype(dtype)
    if wanted.is_floating_point or wanted is torch.bool:
        raise ValueError(f"`dtype` must be an integer type such as 'int32'; received {dtype!r}.")
    if not minval < maxval:
        raise ValueError(
            f"`maxval` must be above `minval`; received minval={minval}, maxval={maxval}."
        )
    generator = generator_for(seed)
    return torch.randint(int(minval), int(maxval), _sizes(shape), generator=generator, dtype=wanted)


def truncated_normal(
    shape: int | Sequence[int],
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: Seed = None,
) -> Tensor:
    """Draws from N(mean, stddev^2) given that they lie within two `stddev` of the mean.

    The first of four draws that is inside is kept, as Keras does; of the four in a million
    places where none is, the first draw is brought to the bound (Keras leaves it outside). The
    standard deviation of the result is 0.8796 `stddev`.

    Args:
        shape: Shape of the result.
        mean: Mean.
        stddev: Standard deviation before truncation, >= 0.
        dtype: Float type; `config.floatx()` if None.
        seed: None, an int or a `SeedGenerator`; see the module.

    Raises:
        ValueError: If `dtype` is not a float type.
    """
    draws = normal((*_sizes(shape), 4), 0.0, 1.0, dtype, seed)
    first_inside = (draws.abs() < 2).to(torch.uint8).argmax(-1, keepdim=True)
    kept = draws.gather(-1, first_inside).squeeze(-1)
    return torch.clamp(kept, -2.0, 2.0) * stddev + mean


@operation
def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Seed = None) -> Tensor:
    """Classes drawn with the probabilities softmax(logits), with replacement.

    Args:
        logits: Logarithms of the probabilities, but for a constant, of shape (batch, classes).
        num_samples: Number of draws for each row, >= 1.
        dtype: Integer type.
        seed: None, an int or a `SeedGenerator`; see the module.

    Returns:
        Classes of shape (batch, `num_samples`).

    Raises:
        ValueError: If `logits` has not two axes.
    """
    logits = convert_to_tensor(logits)
    if logits.ndim != 2:
        raise ValueError(
            f"`logits` must have the shape (batch, classes); received {tuple(logits.shape)}."
        )
    probability = torch.softmax(logits, -1)
    generator = generator_for(seed, logits.device)
    drawn = torch.multinomial(probability, num_samples, replacement=True, generator=generator)
    return drawn.to(torch_dtype(dtype))


@operation
def dropout(
    inputs: Any, rate: float, noise_shape: Sequence[int | None] | None = None, seed: Seed = None
) -> Tensor:
    """`inputs` with a part `rate` of them set to 0, the others divided by 1 - `rate`.

    So the expected value stays (Srivastava et al. 2014, "inverted" dropout).

    Args:
        inputs: Numbers.
        rate: Probability of 0, in [0, 1].
        noise_shape: Shape of the mask, which broadcasts to that of the inputs; None in it takes
            the size of the inputs. Where it is 1, all are dropped or none.
        seed: None, an int or a `SeedGenerator`; see the module. (One without a seed of its own
            draws from torch's global generator.)

    Raises:
        ValueError: If `rate` is not in [0, 1].
    """
    if not 0.0 <= rate <= 1.0:
        raise ValueError(f"`rate` must be in [0, 1]; received rate={rate}.")
    inputs = convert_to_tensor(inputs)
    if rate == 1.0:
        return torch.zeros_like(inputs)
    if rate == 0.0:
        return inputs
    unseeded = seed is None or (isinstance(seed, SeedGenerator) and seed._initial_seed is None)
    if unseeded and noise_shape is None:
        return dropped(inputs, rate)
    shape = tuple(inputs.shape)
    if noise_shape is not None:
        shape = tuple(
            n if given is None else given for n, given in zip(shape, noise_shape, strict=True)
        )
    keep = torch.full(shape, 1.0 - rate, device=inputs.device)
    generator = None if unseeded else generator_for(seed, inputs.device)
    mask = torch.bernoulli(keep, generator=generator).to(torch.bool)
    return torch.where(mask, inputs / (1.0 - rate), 0.0)


def dropped(inputs: Tensor, rate: float) -> Tensor:
    """`inputs` with a part `rate` of them, in (0, 1], set to 0, by torch's global generator.

    On a CPU, torch's Bernoulli numbers take five times as long as 16 random bits for each place,
    compared with a threshold (the probability is right to 2^-17).
    """
    if inputs.device.type != "cpu" or rate == 1.0:
        return torch.nn.functional.dropout(inputs, rate, training=True)
    dtype = inputs.dtype if inputs.is_floating_point() else torch_dtype(config.floatx())
    (factors,) = _drawn_factors((1, *inputs.shape), rate, [None], dtype)
    return inputs * factors


def dropout_factors(x: Tensor, rate: float, generators: Sequence[torch.Generator | None]) -> Tensor:
    """What `dropped` multiplies by, for several networks that each draw by themselves.

    Args:
        x: Inputs, floats of shape (networks, ...).
        rate: The part set to 0, in (0, 1].
        generators: One for each network, None for torch's global one. On other devices than the
            CPU, where `dropped` leaves the drawing to the device, they have no part in it.

    Returns:
        Factors of 0 or 1 / (1 - rate), of the shape of `x`. Those of network i are, to the last
        bit, what `dropped(torch.ones_like(x[i]), rate)` gives with its generator.
    """
    if x.device.type != "cpu" or rate == 1.0:
        return torch.nn.functional.dropout(torch.ones_like(x), rate, training=True)
    return _drawn_factors(x.shape, rate, generators, x.dtype)


def _drawn_factors(
    shape: Sequence[int],
    rate: float,
    generators: Sequence[torch.Generator | None],
    dtype: torch.dtype,
) -> Tensor:
    """Factors of 0 or 1 / (1 - rate) for each network, one of each 16 bits."""
    networks, count = shape[0], math.prod(shape[1:])
    bits = torch.empty((networks, -(-count // 4)), dtype=torch.int64)
    for row, generator in zip(bits, generators, strict=True):
        row.random_(-(2**63), None, generator=generator)
    threshold = min(round(rate * 2**16), 2**16 - 1) - 2**15
    keep = bits.view(torch.int16)[:, :count] >= threshold
    return keep.to(dtype).mul_(1.0 / (1.0 - rate)).view(shape)


@operation
def shuffle(x: Any, axis: int = 0, seed: Seed = None) -> Tensor:
    """`x` in random order along `axis`, all orders being equally likely.

    Args:
        x: Tensor.
        axis: Axis. If it is not the first, each position of the axes before it has an order of
            its own.
        seed: None, an int or a `SeedGenerator`; see the module.
    """
    x = convert_to_tensor(x)
    axis = axis % x.ndim
    generator = generator_for(seed, x.device)
    keys = torch.rand(x.shape[: axis + 1], generator=generator, device=x.device)
    order = keys.argsort(axis).reshape(*keys.shape, *[1] * (x.ndim - axis - 1))
    return x.gather(axis, order.expand_as(x))


def gamma(shape: int | Sequence[int], alpha: Any, dtype: Any = None, seed: Seed = None) -> Tensor:
    """Draws from the gamma distribution of shape `alpha` and rate 1: mean and variance `alpha`.

    Args:
        shape: Shape of the result.
        alpha: Shape parameter, > 0; numbers that broadcast to `shape`.
        dtype: Float type; `config.floatx()` if None.
        seed: None, an int or a `SeedGenerator`; see the module.

    Raises:
        ValueError: If `alpha` is not positive, or `dtype` not a float type.
    """
    wanted = _float_type(dtype)
    alpha = _parameter("alpha", alpha, _sizes(shape), wanted)
    # torch's public sampler takes no generator.
    return torch._standard_gamma(alpha, generator_for(seed, alpha.device))  # pyright: ignore[reportPrivateImportUsage]


def beta(
    shape: int | Sequence[int], alpha: Any, beta: Any, dtype: Any = None, seed: Seed = None
) -> Tensor:
    """Draws from the beta distribution: mean alpha / (alpha + beta), on [0, 1].

    Args:
        shape: Shape of the result.
        alpha: First parameter, > 0; numbers that broadcast to `shape`.
        beta: Second parameter, > 0; numbers that broadcast to `shape`.
        dtype: Float type; `config.floatx()` if None.
        seed: None, an int or a `SeedGenerator`; see the module.

    Raises:
        ValueError: If a parameter is not positive, or `dtype` not a float type.
    """
    size, wanted = _sizes(shape), _float_type(dtype)
    alpha, beta = (_parameter(n, p, size, wanted) for n, p in (("alpha", alpha), ("beta", beta)))
    both = torch.stack([alpha, beta], -1)
    drawn = torch._sample_dirichlet(both, generator_for(seed, both.device))  # pyright: ignore[reportPrivateImportUsage]
    return drawn[..., 0]


def _parameter(name: str, value: Any, size: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """A positive parameter of a distribution, in the shape of the draws."""
    tensor = convert_to_tensor(value).to(dtype)
    if not tensor.is_meta and not bool((tensor > 0).all()):
        raise ValueError(f"`{name}` must be positive; received {value!r}.")
    return torch.broadcast_to(tensor, size).contiguous()


def binomial(
    shape: int | Sequence[int],
    counts: Any,
    probabilities: Any,
    dtype: Any = None,
    seed: Seed = None,
) -> Tensor:
    """The number of successes in `counts` independent trials.

    Args:
        shape: Shape of the result.
        counts: Number of trials, >= 0; numbers that broadcast to `shape`.
        probabilities: Probability of a success, in [0, 1]; numbers that broadcast to `shape`.
        dtype: Float type; `config.floatx()` if None.
        seed: None, an int or a `SeedGenerator`; see the module.

    Raises:
        ValueError: If a parameter is out of range, or `dtype` not a float type.
    """
    size, wanted = _sizes(shape), _float_type(dtype)
    trials, success = (convert_to_tensor(p).to(wanted) for p in (counts, probabilities))
    if not trials.is_meta and not bool((trials >= 0).all()):
        raise ValueError(f"`counts` must be >= 0; received {counts!r}.")
    if not success.is_meta and not bool(((success >= 0) & (success <= 1)).all()):
        raise ValueError(f"`probabilities` must be in [0, 1]; received {probabilities!r}.")
    trials, success = (torch.broadcast_to(p, size).contiguous() for p in (trials, success))
    if trials.is_meta:
        return trials
    return torch.binomial(trials, success, generator_for(seed, trials.device))
