"""Where the pixels of a set are: in arrays, or in encoded images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from profond.data.images._pillow import as_array, pixels_of
from profond.data.images._resizing import resized, resized_array


@dataclass(frozen=True)
class ArrayPixels:
    """Images in memory.

    Attributes:
        values: An array (n, height, width, channels), or arrays (height, width, channels) of
            different sizes; uint8 or float.
    """

    values: np.ndarray | tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def channels(self) -> int:
        """The last axis."""
        return self.values[0].shape[2]

    @property
    def dtype(self) -> np.dtype:
        """uint8, else float32."""
        return np.dtype(np.uint8 if self.values[0].dtype == np.uint8 else np.float32)

    @property
    def sizes(self) -> np.ndarray:
        """Height and width of each."""
        if isinstance(self.values, np.ndarray):
            return np.broadcast_to(np.array(self.values.shape[1:3]), (len(self), 2))
        return np.array([one.shape[:2] for one in self.values])

    def take(self, rows: np.ndarray) -> "ArrayPixels":
        """Some of the images: a copy of an array."""
        if isinstance(self.values, np.ndarray):
            return ArrayPixels(self.values[rows])
        return ArrayPixels(tuple(self.values[i] for i in rows))

    def one(self, i: int) -> np.ndarray:
        """A view."""
        return self.values[i]

    def put(
        self,
        i: int,
        out: np.ndarray,
        *,
        how: str,
        interpolation: str,
        fill: float,
        called: str = "",
    ) -> None:
        """Image `i` in the size of `out`, written into it."""
        del called
        size = (out.shape[0], out.shape[1])
        out[...] = resized_array(self.values[i], size, how, interpolation, fill)


@dataclass(frozen=True)
class Streams:
    """Encoded images one after the other in one array of bytes.

    Attributes:
        data: All bytes, uint8.
        begins: Where each image begins.
        ends: Where it ends.
    """

    data: np.ndarray
    begins: np.ndarray
    ends: np.ndarray

    def __len__(self) -> int:
        return len(self.begins)

    def __getitem__(self, i: int) -> bytes:
        return self.data[self.begins[i] : self.ends[i]].tobytes()

    def take(self, rows: np.ndarray) -> "Streams":
        """Some of them; the bytes are shared."""
        return replace(self, begins=self.begins[rows], ends=self.ends[rows])


@dataclass(frozen=True)
class EncodedPixels:
    """JPEG, PNG, ... images, decoded each time they are asked for.

    Attributes:
        files: Paths, streams, bytes or Pillow images.
        sizes: Height and width of each, upright.
        channels: 1 (grey) or 3 (colours), what they are decoded to.
    """

    files: Streams | Sequence[str | Path | bytes | Any]
    sizes: np.ndarray
    channels: int

    def __len__(self) -> int:
        return len(self.files)

    @property
    def dtype(self) -> np.dtype:
        """Always uint8."""
        return np.dtype(np.uint8)

    def take(self, rows: np.ndarray) -> "EncodedPixels":
        """Some of the images; nothing is read."""
        files = self.files
        some = files.take(rows) if isinstance(files, Streams) else tuple(files[i] for i in rows)
        return replace(self, files=some, sizes=self.sizes[rows])

    def one(self, i: int) -> np.ndarray:
        """The pixels in their own size."""
        return as_array(pixels_of(self.files[i], self.channels)[0])

    def put(
        self,
        i: int,
        out: np.ndarray,
        *,
        how: str,
        interpolation: str,
        fill: float,
        called: str = "",
    ) -> None:
        """Image `i` in the size of `out`, written into it.

        Raises:
            ValueError: If it cannot be decoded; the message has `called`.
        """
        size = (out.shape[0], out.shape[1])
        try:
            image, full = pixels_of(self.files[i], self.channels, size)
        except ValueError as error:
            raise ValueError(
                f"{called} cannot be read: {error}. Take it out of the set, or mend the file."
            ) from error
        image, (top, left) = resized(image, full, size, how, interpolation)
        small = as_array(image)
        if small.shape == out.shape:
            out[...] = small
            return
        out[...] = fill
        out[top : top + small.shape[0], left : left + small.shape[1]] = small


# Both have `channels`, `dtype`, `sizes`, `take`, `one` and `put`.
Pixels = ArrayPixels | EncodedPixels
