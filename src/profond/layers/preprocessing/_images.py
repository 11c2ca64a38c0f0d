"""What the layers that change images at random have in common."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from profond.layers._checks import channels_last, is_number
from profond.layers._layer import Layer
from profond.layers.regularization._noise import private_generator
from profond.random import SeedGenerator, generator_for

FILL_MODES = ("reflect", "constant", "wrap", "nearest")
INTERPOLATIONS = ("bilinear", "nearest")


class ImageLayer(Layer):
    """A layer whose input is images, one (height, width, channels) or a batch of them.

    A dict with "images" is taken too, whose other entries come back as they are.
    """

    def __init__(self, *, data_format: Any = None, **kwargs: Any) -> None:
        kwargs.pop("bounding_box_format", None)
        super().__init__(**kwargs)
        self.data_format = channels_last(data_format)
        self.autocast = False

    def as_floats(self, images: Tensor) -> Tensor:
        """The images in the type of the layer, as a batch.

        Raises:
            ValueError: If they have another number of axes.
        """
        if images.ndim not in (3, 4):
            raise ValueError(
                f"the layer {self.name!r} needs images, (batch, height, width, channels), or one "
                f"image, (height, width, channels); received the shape {tuple(images.shape)}."
            )
        images = images.to(self._compute)
        return images.unsqueeze(0) if images.ndim == 3 else images


class RandomImageLayer(ImageLayer):
    """A layer that changes images at random in training, each in another way.

    Outside training images pass as they are. (Keras's layers also change them where a layer is
    called by itself; here that asks for `training=True`.)

    `_augmented` is what a layer defines.
    """

    def __init__(self, *, seed: int | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator: SeedGenerator | None = private_generator(seed)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The images, changed in training, in the type of the layer."""
        images = inputs["images"] if isinstance(inputs, dict) else inputs
        single = images.ndim == 3
        out = self.as_floats(images)
        if training:
            out = self._augmented(out).to(self._compute)
        out = out.squeeze(0) if single else out
        return {**inputs, "images": out} if isinstance(inputs, dict) else out

    def _augmented(self, images: Tensor) -> Tensor:
        """The changed images, (batch, height, width, channels) floats in and out."""
        raise NotImplementedError

    def _uniform(self, shape: Sequence[int], low: float, high: float, like: Tensor) -> Tensor:
        """Draws from [low, high), float32, where `like` is; with a seed those of Keras."""
        part = torch.rand(
            tuple(shape),
            generator=generator_for(self.seed_generator, like.device),
            device=like.device,
        )
        return (high - low) * part + low


def wide(images: Tensor) -> Tensor:
    """Images in at least float32: half precision has no 256 levels between pixels."""
    return images.to(torch.promote_types(images.dtype, torch.float32))


def bounds(
    factor: Any, name: str, low: float, high: float, *, open_low: bool = False
) -> tuple[float, float]:
    """`factor` as a lower and an upper bound; one number f is (-f, f), not below `low`.

    Args:
        factor: A number or two.
        name: Name of the argument.
        low: Smallest bound.
        high: Largest bound.
        open_low: Whether `low` itself is refused.

    Raises:
        ValueError: If it is not one or two numbers in this range.
    """
    pair = list(factor) if isinstance(factor, list | tuple) else factor
    numbers = pair if isinstance(pair, list) else [pair]
    fit = len(numbers) in ((2,) if isinstance(pair, list) else (1,))
    for number in numbers:
        fit = fit and is_number(number) and low <= number <= high
        fit = fit and not (open_low and number == low)
    if not fit:
        mark = "(" if open_low else "["
        raise ValueError(
            f"`{name}` must be a number or two numbers (lower, upper) in {mark}{low:g}, "
            f"{high:g}]; received {name}={factor!r}."
        )
    if len(numbers) == 2:
        return float(min(numbers)), float(max(numbers))
    width = abs(float(numbers[0]))
    return max(-width, low), width


def value_bounds(value_range: Any) -> tuple[float, float]:
    """`value_range` as two numbers in order.

    Raises:
        ValueError: If it is not two different numbers.
    """
    fit = isinstance(value_range, list | tuple) and len(value_range) == 2
    if not fit or not all(map(is_number, value_range)) or value_range[0] == value_range[1]:
        raise ValueError(
            "`value_range` must be the smallest and the largest value of a pixel, such as "
            f"(0, 255) or (0, 1); received {value_range!r}."
        )
    return float(min(value_range)), float(max(value_range))
