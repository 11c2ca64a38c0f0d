"""A set of images, in memory or in files, with what is known about each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Int

from profond.data._parts import check_part, described_parts
from profond.data.images._decoded import DecodedImages
from profond.data.images._sources import Pixels


@dataclass(frozen=True)
class ImageSet:
    """Images with their labels; what is in files is decoded when it is asked for.

    Attributes:
        pixels: Where the pixels are: arrays, or encoded images (files, streams).
        labels: One per image, shape (n,): class names as text or codes as they were given, or
            numbers to predict; None where there are none.
        part: "train", "test" or "validation" for each image, shape (n,), where the source splits
            its images; None where it does not.
        names: Path or name of each image; empty where they have none.
        name: A short name of the set, or "".
        source: Where it was read from, or "" if from memory.
        classes: All class names that the source lists, in its order; empty where it lists none.
        notes: What was recognised or left out on the way, one sentence each.

    Raises:
        ValueError: If there is no image, or not one label, part and name for each.
    """

    pixels: Pixels
    labels: np.ndarray | None = None
    part: np.ndarray | None = None
    names: tuple[str, ...] = ()
    name: str = ""
    source: str = ""
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.pixels)
        if n == 0:
            raise ValueError("There must be at least one image; received none.")
        if self.names and len(self.names) != n:
            raise ValueError(
                f"There must be one name per image; received {n} images and {len(self.names)} "
                "names."
            )
        self._check_labels()
        check_part(self.part, n, "images")

    def _check_labels(self) -> None:
        n = len(self.pixels)
        if self.labels is None:
            return
        if self.labels.shape != (n,):
            raise ValueError(
                f"There must be one label per image; received {n} images and labels of the shape "
                f"{self.labels.shape}. One-hot labels become codes with `labels.argmax(1)`."
            )
        for i, label in enumerate(self.labels):
            if label is None or label != label or label == "":  # NaN is unlike itself
                raise ValueError(f"{self.called(i)} has no label.")

    def called(self, i: Any) -> str:
        """How a message calls image `i`: by its name, or counted from 1."""
        return f"Image {self.names[i]!r}" if self.names else f"Image {i + 1}"

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def channels(self) -> int:
        """1 of grey images, 3 of coloured ones; of arrays, their last axis."""
        return self.pixels.channels

    @property
    def dtype(self) -> np.dtype:
        """uint8, values in [0, 255]; float32 of arrays of floats, in the range that was given."""
        return self.pixels.dtype

    @property
    def sizes(self) -> Int[np.ndarray, "n 2"]:
        """Height and width of each image, upright."""
        return self.pixels.sizes

    @property
    def size(self) -> tuple[int, int] | None:
        """Height and width, if they are the same of all images."""
        low, high = self.sizes.min(0), self.sizes.max(0)
        return (int(low[0]), int(low[1])) if (low == high).all() else None

    def one(self, i: int) -> np.ndarray:
        """Image `i` in its own size, (height, width, channels).

        Raises:
            ValueError: If it cannot be decoded.
        """
        try:
            return self.pixels.one(i)
        except ValueError as error:
            raise ValueError(f"{self.called(i)} cannot be read: {error}.") from error

    def take(self, rows: Sequence[int] | np.ndarray) -> "ImageSet":
        """Some of the images, by their places or a mask; no file is read."""
        rows = np.arange(len(self))[np.asarray(rows) if len(rows) else []]
        return replace(
            self,
            pixels=self.pixels.take(rows),
            labels=None if self.labels is None else self.labels[rows],
            part=None if self.part is None else self.part[rows],
            names=tuple(self.names[i] for i in rows) if self.names else (),
        )

    def decoded(
        self,
        size: int | tuple[int, int] | None = None,
        *,
        how: str = "fit",
        interpolation: str = "bilinear",
        fill: float = 0.0,
        threads: int | None = None,
        cache: bool | None = None,
        cache_bytes: int = 2**30,
    ) -> DecodedImages:
        """The images in one size, to be read batch by batch: `decoded[rows]`.

        Args:
            size: (height, width), or one number for a square; None where all have the same.
            how: "fit" puts the whole image into the frame, with a border of `fill`; "crop" fills
                the frame with the middle of the image; "stretch" changes its proportions.
            interpolation: "nearest", "bilinear", "bicubic", "lanczos" or "box"; antialiased.
            fill: Value of the border, in [0, 255] for uint8.
            threads: Threads that decode; by default one per processor, at most 8.
            cache: Whether decoded images are kept in memory; None keeps them if all fit into
                `cache_bytes`.
            cache_bytes: Bound of the memory that is used without being asked for, in bytes.

        Raises:
            ValueError: If an argument is wrong, or the images have different sizes and `size` is
                None.
        """
        return DecodedImages(
            self.pixels,
            size,
            names=self.names,
            how=how,
            interpolation=interpolation,
            fill=fill,
            threads=threads,
            cache=cache,
            cache_bytes=cache_bytes,
        )

    def describe(self) -> str:
        """Number, sizes, channels and classes in one line."""
        low, high = self.sizes.min(0), self.sizes.max(0)
        size = f"{low[0]} x {low[1]}"
        if (low != high).any():
            size += f" to {high[0]} x {high[1]}"
        s, t = "s" * (len(self) > 1), "s" * (self.channels > 1)
        text = f"{len(self)} image{s} of {size} pixels, {self.channels} channel{t}"
        if self.labels is not None and not np.issubdtype(self.labels.dtype, np.floating):
            text += f", {len(set(self.labels.tolist()))} classes"
        return text + described_parts(self.part)
