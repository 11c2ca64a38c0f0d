"""What the images were like that a network has learned from."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

_WAY_OUT = "Give numbers, one for each channel, as in `IMAGENET`."


@dataclass(frozen=True)
class ImagePreprocessing:
    r"""How pixels become the inputs of a network: $(v - \text{mean}) / \text{std}$.

    $v$ is the pixel in `value_range`: of whole numbers p from 0 to 255,
    $v = low + p / 255 \cdot (high - low)$.

    Args:
        mean: Mean of each channel, in units of `value_range`.
        std: Standard deviation of each channel, in the same units, > 0.
        value_range: `(low, high)`, the values of black and white before `mean` and `std`.
        size: Height and width of the images in training, None if not known. Images are not
            brought to it by a call; `resized` does that.

    Raises:
        ValueError: If the numbers are not finite, `std` is not positive, there are not as many
            of each, or `value_range` does not rise.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    value_range: tuple[float, float] = (0.0, 1.0)
    size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for name in ("mean", "std", "value_range"):
            object.__setattr__(self, name, _numbers(getattr(self, name), name))
        if len(self.mean) != len(self.std) or not self.mean:
            raise ValueError(
                "`mean` and `std` must have one number for each channel; received "
                f"{len(self.mean)} and {len(self.std)}. {_WAY_OUT}"
            )
        if min(self.std) <= 0:
            raise ValueError(f"`std` must be > 0 for each channel; received {self.std}. {_WAY_OUT}")
        if len(self.value_range) != 2 or self.value_range[0] >= self.value_range[1]:
            raise ValueError(
                f"`value_range` must be (low, high), low < high; received {self.value_range}."
            )
        if self.size is not None:
            from profond.layers._checks import whole_numbers

            given = tuple(self.size) if isinstance(self.size, list) else self.size
            object.__setattr__(self, "size", whole_numbers(given, 2, "size"))

    def __call__(self, images: Any) -> np.ndarray:
        """The inputs of the network.

        Args:
            images: Array (..., height, width, channels) of whole numbers from 0 to 255, or of
                floats in `value_range`.

        Returns:
            The same shape, float32.

        Raises:
            ValueError: If the channels are others, or floats are out of `value_range`.
        """
        from profond._tensors import to_array

        pixels = np.asarray(to_array(images))
        if pixels.ndim < 3 or pixels.shape[-1] != len(self.mean):
            raise ValueError(
                f"`images` must have {len(self.mean)} channels, the last axis; received the shape "
                f"{pixels.shape}. Repeat a grey channel: `np.repeat(x, {len(self.mean)}, axis=-1)`."
            )
        low, high = self.value_range
        mean, std = np.asarray(self.mean), np.asarray(self.std)
        if pixels.dtype.kind in "ui":
            unit = (high - low) / 255.0
            return ((pixels * unit + (low - mean)) / std).astype(np.float32)
        slack = 0.01 * (high - low)  # of resampling
        if pixels.size and not low - slack <= pixels.min() <= pixels.max() <= high + slack:
            raise ValueError(
                f"`images` of floats must be in the range [{low:g}, {high:g}] that the network "
                f"knows; received values from {pixels.min():g} to {pixels.max():g}. Give whole "
                "numbers from 0 to 255 (`x.astype('uint8')`), or bring them to that range."
            )
        return ((pixels - mean) / std).astype(np.float32)

    def resized(self, images: Any) -> np.ndarray:
        """Images in the size of the training, bilinear with smoothing where they shrink.

        Args:
            images: Array (batch, height, width, channels), of one size.

        Returns:
            (batch, *size, channels), of the same type; the images themselves if `size` is None.
        """
        import torch

        from profond._tensors import to_array

        pixels = np.asarray(to_array(images))
        if self.size is None or pixels.shape[1:3] == self.size:
            return pixels
        x = torch.from_numpy(pixels.astype(np.float32)).permute(0, 3, 1, 2)
        y = torch.nn.functional.interpolate(x, self.size, mode="bilinear", antialias=True)
        found = y.permute(0, 2, 3, 1).numpy()
        return (np.rint(found) if pixels.dtype.kind in "ui" else found).astype(pixels.dtype)

    def to_dict(self) -> dict[str, Any]:
        """The numbers as JSON-able data, for a file beside the weights."""
        return {
            "mean": list(self.mean),
            "std": list(self.std),
            "value_range": list(self.value_range),
            "size": None if self.size is None else list(self.size),
        }

    @classmethod
    def from_dict(cls, data: Any) -> "ImagePreprocessing":
        """What `to_dict` described.

        Raises:
            ValueError: If something is missing, or not a number.
        """
        if not isinstance(data, Mapping) or not {"mean", "std"} <= set(data):
            raise ValueError(
                "the preprocessing of images must have `mean` and `std`; received "
                f"{json.dumps(data, default=str)[:80]}."
            )
        size = data.get("size")
        return cls(
            tuple(data["mean"]),
            tuple(data["std"]),
            tuple(data.get("value_range", (0.0, 1.0))),
            None if size is None else tuple(size),
        )


def _numbers(values: Any, name: str) -> tuple[float, ...]:
    """`values` as floats.

    Raises:
        ValueError: If one is no finite number.
    """
    try:
        numbers = tuple(float(value) for value in values)
    except (TypeError, ValueError):
        numbers = (math.nan,)
    if not all(map(math.isfinite, numbers)):
        raise ValueError(f"`{name}` must be finite numbers; received {values!r}. {_WAY_OUT}")
    return numbers


# Of the weights that torchvision gives out (its documentation, "Models and pre-trained weights").
IMAGENET = ImagePreprocessing((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), (0.0, 1.0), (224, 224))
