"""Images to what a network takes, fitted on the training images and kept with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from jaxtyping import Num

from profond._rows import in_pieces, rows_of
from profond.data.images._decoded import DecodedImages
from profond.data.images._image_set import ImageSet
from profond.data.images._sources import ArrayPixels

HOWS = ("fit", "crop", "stretch")
_MEASURED = 2000  # images that mean and deviation are measured on, at most
_SIZE = 64  # of images of different sizes
_PIECE = 64  # images measured at once

# Decoded images from files that are kept in memory, in bytes (2 GiB) of a set or part of one: what
# is larger is decoded again in each epoch, which costs less than a training step of images that
# are so large or many.
KEPT_BYTES = 2**31


@dataclass(frozen=True)
class ImageLayout:
    """What the encoded images are.

    Attributes:
        height: In pixels.
        width: In pixels.
        channels: 1 or 3.
        dtype: "uint8", or "float32" of images that were floats.
        low: Least value; 0 of uint8.
        high: Largest value; 255 of uint8.
        mean: Mean of each channel, in [low, high].
        std: Deviation of each channel, in the same unit, > 0.
    """

    height: int
    width: int
    channels: int
    dtype: str
    low: float
    high: float
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one encoded image."""
        return (self.height, self.width, self.channels)


@dataclass(frozen=True)
class ImagePreprocessor:
    """Brings images to one size; mean and deviation of their channels are those of training.

    Attributes:
        height: In pixels.
        width: In pixels.
        how: How an image of another size is brought to it: "fit" (all of it, with a border),
            "crop" (its middle) or "stretch".
        dtype: "uint8" of images in [0, 255], or "float32" of those that came as floats.
        low: Least value of the training images; 0 of uint8.
        high: Largest value of them; 255 of uint8.
        mean: Mean of each channel, in [low, high].
        std: Deviation of each channel, in the same unit, > 0.
    """

    height: int
    width: int
    how: str
    dtype: str
    low: float
    high: float
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def fit(
        cls, images: ImageSet, *, size: int | tuple[int, int] | None = None, how: str = "fit"
    ) -> Self:
        """Measure the training images.

        Args:
            images: The training images.
            size: (height, width) that all are brought to, or one number for a square; None for
                their own if it is the same for all, else 64.
            how: See the class.

        Raises:
            ValueError: If an argument is wrong, or an image cannot be read.
        """
        if how not in HOWS:
            raise ValueError(f"`how` must be one of {', '.join(HOWS)}; received {how!r}.")
        if size is None:
            size = images.size or _SIZE
        height, width = (size, size) if isinstance(size, int | np.integer) else size
        chosen = np.linspace(0, len(images) - 1, min(len(images), _MEASURED)).astype(int)
        sample = rows_of(images.decoded((height, width), how=how, cache=False), chosen)
        whole = images.dtype == np.uint8
        if whole:
            mean, std = _measured(sample)
            low, high = 0.0, 255.0
        else:
            pixels = sample[:].astype(np.float64)
            mean, std = pixels.mean((0, 1, 2)), pixels.std((0, 1, 2))
            low, high = float(pixels.min()), float(pixels.max())
        return cls(
            int(height),
            int(width),
            how,
            "uint8" if whole else "float32",
            low,
            high,
            tuple(mean.tolist()),
            tuple(np.where(std > 0, std, 1.0).tolist()),
        )

    @property
    def layout(self) -> ImageLayout:
        """What `transform` gives."""
        size = (self.height, self.width, len(self.mean))
        return ImageLayout(*size, self.dtype, self.low, self.high, self.mean, self.std)

    def transform(self, images: ImageSet) -> Num[np.ndarray, "n height width channels"]:
        """The images in their size; the network itself subtracts the mean.

        Raises:
            ValueError: If the channels are not those of the fit, or an image cannot be read.
        """
        return self._decoded(images, cache=False)[:]

    def rows(self, images: ImageSet) -> np.ndarray | DecodedImages:
        """What `transform` gives, read when it is asked for where the images are in files.

        Returns:
            The array of images in memory; else `DecodedImages`, `rows[places]` being the array of
            some. It keeps what was decoded if all together has at most 2 GiB.

        Raises:
            ValueError: If the channels are not those of the fit; at `rows[places]`, if an image
                cannot be read.
        """
        if isinstance(images.pixels, ArrayPixels):
            return self.transform(images)
        return self._decoded(images)

    def _decoded(self, images: ImageSet, *, cache: bool | None = None) -> DecodedImages:
        if images.channels != len(self.mean):
            kinds = {1: "grey", 3: "coloured"}
            raise ValueError(
                f"The networks learned from {kinds.get(len(self.mean), len(self.mean))} images "
                f"({len(self.mean)} channel(s)); received images of {images.channels}. "
                f"`open_images(path, channels={len(self.mean)})` reads files so."
            )
        if images.dtype != np.dtype(self.dtype):
            kinds = {"uint8": "whole numbers from 0 to 255", "float32": "floats"}
            raise ValueError(
                f"The networks learned from images of {kinds[self.dtype]}; received "
                f"{kinds['float32' if self.dtype == 'uint8' else 'uint8']}. Give them as those of "
                "the training were."
            )
        size = (self.height, self.width)
        return images.decoded(size, how=self.how, cache=cache, cache_bytes=KEPT_BYTES)

    def to_dict(self) -> dict[str, Any]:
        """The preprocessing as plain values for JSON.

        Of images of whole numbers, `image` says it once more in the form that
        `architectures.pretrained.load_pretrained` reads: another network that begins with these
        weights scales its images as these were.
        """
        state = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        if self.dtype == "uint8":
            state["image"] = {
                "mean": [one / 255.0 for one in self.mean],
                "std": [one / 255.0 for one in self.std],
                "value_range": [0.0, 1.0],
                "size": [self.height, self.width],
            }
        return state

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The preprocessing from `to_dict`.

        Raises:
            ValueError: If it is not the description of one.
        """
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in state.items() if k != "image"
        }
        try:
            made = cls(**values)
        except TypeError as error:
            raise ValueError(f"not the preprocessing of images: {error}") from None
        if made.how not in HOWS or len(made.mean) != len(made.std) or not made.mean:
            raise ValueError("not the preprocessing of images: its parts do not fit")
        if made.dtype not in ("uint8", "float32"):
            raise ValueError("not the preprocessing of images: its type must be uint8 or float32")
        if min(made.height, made.width) < 1 or min(made.std) <= 0:
            raise ValueError("not the preprocessing of images: sizes and `std` must be > 0")
        return made


def _measured(images: Any) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of each channel of images of bytes, without rounding of the sums."""
    sums, squares, count = np.zeros(images.shape[-1]), np.zeros(images.shape[-1]), 0
    for piece in in_pieces(images, _PIECE):
        values = piece.reshape(-1, piece.shape[-1]).astype(np.int64)
        sums += values.sum(0)
        squares += (values**2).sum(0)
        count += len(values)
    mean = sums / count
    return mean, np.sqrt(np.maximum(squares / count - mean**2, 0.0))
