"""Initializers that draw from a distribution of given parameters."""

import math
from collections.abc import Sequence
from numbers import Integral
from typing import Any

import torch

from profond import _families
from profond.initializers._base import Initializer, element_type, generator_for, sizes


class RandomInitializer(Initializer):
    """What all random initializers have: a seed.

    Args:
        seed: None draws from torch's global generator (`utils.set_random_seed`). An int gives
            the same values at each call. A `random.SeedGenerator` gives other values at each
            call, and the same sequence again when made anew.

    Raises:
        TypeError: If `seed` is none of these.
    """

    def __init__(self, seed: Any = None) -> None:
        if isinstance(seed, Integral):
            seed = int(seed)
        elif not (seed is None or hasattr(seed, "next")):
            raise TypeError(
                "`seed` must be an int, a `random.SeedGenerator` or None; "
                f"received {seed!r} of type {type(seed).__name__}."
            )
        self.seed = seed

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {"seed": _families.serialize(self.seed)}


class RandomNormal(RandomInitializer):
    """Values from the normal distribution N(mean, stddev^2).

    Args:
        mean: Mean.
        stddev: Standard deviation, >= 0.
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed=seed)

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """A draw of the given shape."""
        return draw_normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomInitializer):
    """Values from N(mean, stddev^2) given that they lie within two `stddev` of the mean.

    Their own standard deviation is 0.8796 `stddev`. (Keras keeps the first of four draws that
    is inside, and about four values in a million outside; here all are inside.)

    Args:
        mean: Mean.
        stddev: Standard deviation before truncation, >= 0.
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed=seed)

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """A draw of the given shape."""
        return draw_truncated_normal(shape, self.mean, self.stddev, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class RandomUniform(RandomInitializer):
    """Values from the uniform distribution on [minval, maxval).

    Args:
        minval: Lower bound, included.
        maxval: Upper bound, left out.
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval = minval
        self.maxval = maxval
        super().__init__(seed=seed)

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """A draw of the given shape."""
        return draw_uniform(shape, self.minval, self.maxval, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class Orthogonal(RandomInitializer):
    """A matrix with orthonormal columns (rows, if it has more columns), times `gain`.

    The Q of the QR decomposition of a normal matrix, with the signs that make it uniform over
    all such matrices (Saxe et al. 2014; Mezzadri 2007). A weight of more than two axes is that
    matrix of `shape[:-1]` rows and `shape[-1]` columns, reshaped.

    Args:
        gain: Factor.
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed=seed)

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """A draw of the given shape.

        Raises:
            ValueError: If `shape` has fewer than two sizes.
        """
        shape, wanted = sizes(shape), element_type(dtype)
        if len(shape) < 2:
            raise ValueError(
                f"Orthogonal makes matrices: `shape` must have at least 2 sizes; "
                f"received shape={shape}."
            )
        columns = shape[-1]
        rows = 1
        for size in shape[:-1]:
            rows *= size
        tall = (max(rows, columns), min(rows, columns))
        normal = draw_normal(tall, 0.0, 1.0, working_type(wanted), self.seed)
        q, r = torch.linalg.qr(normal)
        q = q * r.diagonal().sign()
        if rows < columns:
            q = q.T
        return (self.gain * q.reshape(shape)).to(wanted)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {**super().get_config(), "gain": self.gain}


def working_type(dtype: torch.dtype) -> torch.dtype:
    """The type to draw in: the half types have too few values, so float32 for them."""
    return torch.float32 if dtype in (torch.float16, torch.bfloat16) else dtype


def draw_normal(
    shape: Sequence[int] | int, mean: float, stddev: float, dtype: Any, seed: Any
) -> torch.Tensor:
    """Values from N(mean, stddev^2)."""
    wanted = element_type(dtype)
    values = torch.empty(sizes(shape), dtype=working_type(wanted))
    return values.normal_(mean, stddev, generator=generator_for(seed)).to(wanted)


def draw_uniform(
    shape: Sequence[int] | int, minval: float, maxval: float, dtype: Any, seed: Any
) -> torch.Tensor:
    """Values from the uniform distribution on [minval, maxval)."""
    wanted = element_type(dtype)
    unit = torch.empty(sizes(shape), dtype=working_type(wanted))
    unit.uniform_(generator=generator_for(seed))
    return unit.mul_(maxval - minval).add_(minval).to(wanted)


# P(-2 < z < 2) of a standard normal z, and the standard deviation of z given that.
_WITHIN_TWO = 0.9544997361036416
TRUNCATED_STDDEV = 0.87962566103423978


def draw_truncated_normal(
    shape: Sequence[int] | int, mean: float, stddev: float, dtype: Any, seed: Any
) -> torch.Tensor:
    """Values from N(mean, stddev^2) given that they are within two `stddev` of the mean.

    By the inverse of the distribution function: z = sqrt(2) erfinv(u), u uniform on
    (-p, p) with p = P(-2 < z < 2).
    """
    wanted = element_type(dtype)
    values = torch.empty(sizes(shape), dtype=working_type(wanted))
    values.uniform_(-_WITHIN_TWO, _WITHIN_TWO, generator=generator_for(seed))
    values.erfinv_().mul_(2**0.5).clamp_(-2.0, 2.0)
    return values.mul_(stddev).add_(mean).to(wanted)


def draw_with_variance(
    distribution: str, shape: Sequence[int] | int, variance: float, dtype: Any, seed: Any
) -> torch.Tensor:
    """Values of mean 0 and the given variance.

    Args:
        distribution: `"uniform"`, `"truncated_normal"` or `"untruncated_normal"`.
        shape: Sizes.
        variance: Variance of the values drawn (after truncation).
        dtype: Element type; `config.floatx()` if None.
        seed: None, an int or a `random.SeedGenerator`.
    """
    if distribution == "uniform":
        limit = math.sqrt(3 * variance)
        return draw_uniform(shape, -limit, limit, dtype, seed)
    if distribution == "truncated_normal":
        return draw_truncated_normal(
            shape, 0.0, math.sqrt(variance) / TRUNCATED_STDDEV, dtype, seed
        )
    return draw_normal(shape, 0.0, math.sqrt(variance), dtype, seed)
