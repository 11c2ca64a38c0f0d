"""MNIST and CIFAR-10 from the folder that PROFOND_DATA names: (images, labels) of each part."""

import gzip
import io
import os
from pathlib import Path

import numpy as np

Part = tuple[np.ndarray, np.ndarray]  # uint8 (rows, height, width, channels), int64 (rows,)


def folder() -> Path:
    """The folder of data sets."""
    return Path(os.environ.get("PROFOND_DATA", Path(__file__).parents[2] / "shared" / "data"))


def mnist() -> tuple[Part, Part]:
    """Handwritten digits, 60000 and 10000 of 28x28 (LeCun et al. 1998)."""

    def read(name: str) -> np.ndarray:
        content = gzip.decompress((folder() / "mnist" / name).read_bytes())
        sizes = [int(n) for n in np.frombuffer(content, ">i4", count=content[3], offset=4)]
        return np.frombuffer(content, np.uint8, offset=4 + 4 * len(sizes)).reshape(sizes).copy()

    def part(name: str) -> Part:
        images = read(f"{name}-images-idx3-ubyte.gz")[..., None]
        return images, read(f"{name}-labels-idx1-ubyte.gz").astype(np.int64)

    return part("train"), part("t10k")


def cifar10() -> tuple[Part, Part]:
    """Photographs of ten classes, 50000 and 10000 of 32x32x3 (Krizhevsky 2009), from JPEG."""
    from PIL import Image

    with np.load(folder() / "cifar10" / "cifar10_jpeg.npz") as kept:
        data = dict(kept)

    def part(name: str) -> Part:
        stream, ends = data[f"{name}_jpeg"].tobytes(), data[f"{name}_offsets"]
        images = [
            np.asarray(Image.open(io.BytesIO(stream[begin:end])).convert("RGB"))
            for begin, end in zip(ends[:-1], ends[1:], strict=True)
        ]
        return np.stack(images), data[f"{name}_labels"].astype(np.int64)

    return part("train"), part("test")
