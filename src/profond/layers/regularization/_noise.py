"""Where the random numbers of a layer come from."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from profond.random import SeedGenerator, generator_for


def private_generator(seed: Any) -> SeedGenerator | None:
    """The generator of a layer with a seed of its own; None draws from torch's global one.

    Raises:
        ValueError: If `seed` is not an int or None.
    """
    return None if seed is None else SeedGenerator(seed)


def normal_like(x: Tensor, mean: float, stddev: float, seed: SeedGenerator | None) -> Tensor:
    """Draws from N(mean, stddev^2) in the shape, type and place of `x`."""
    if seed is None or x.is_meta:
        return torch.randn_like(x).mul_(stddev).add_(mean)
    generator = generator_for(seed, x.device)
    return torch.normal(
        mean, stddev, tuple(x.shape), generator=generator, dtype=x.dtype, device=x.device
    )


def noise_sizes(noise_shape: Any) -> tuple[int | None, ...] | None:
    """`noise_shape` as a tuple of sizes, None where that of the input is taken.

    Raises:
        ValueError: If it is not a list or tuple of positive integers and None.
    """
    if noise_shape is None:
        return None
    if not isinstance(noise_shape, Sequence) or isinstance(noise_shape, str):
        raise ValueError(
            "`noise_shape` must be a tuple of positive integers and None, one for each axis of "
            f"the input; received {noise_shape!r}."
        )
    for n in noise_shape:
        if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n <= 0):
            raise ValueError(
                "`noise_shape` must hold positive integers, or None for the input's own size; "
                f"received {noise_shape!r}."
            )
    return tuple(noise_shape)


def noise_shape_for(x: Tensor, sizes: tuple[int | None, ...] | None, layer: str) -> list[int]:
    """The shape of the noise for the input `x`.

    Raises:
        ValueError: If it has not as many axes as `x`, or does not broadcast to it.
    """
    shape = list(x.shape)
    if sizes is None:
        return shape
    if len(sizes) != len(shape) or any(
        n not in (None, 1, m) for n, m in zip(sizes, shape, strict=True)
    ):
        raise ValueError(
            f"`noise_shape` of the layer {layer!r} must broadcast to its input, of shape "
            f"{tuple(shape)}; received {sizes}."
        )
    return [m if n is None else n for n, m in zip(sizes, shape, strict=True)]
