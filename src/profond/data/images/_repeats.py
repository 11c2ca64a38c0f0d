"""Images that stand twice in a set, which makes a test too easy."""

import hashlib
import os
from collections import Counter
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from profond.data.images._encoded import listed
from profond.data.images._image_set import ImageSet
from profond.data.images._sources import ArrayPixels

_THREADS = 8  # they wait for the disk


def first_places(images: ImageSet) -> Int[np.ndarray, " n"]:
    """Where each image stands first in its set, its own place if nowhere before.

    Images are the same if their pixels are in arrays, or their bytes in files. Files are read
    only where others have the same size.

    Raises:
        OSError: If a file cannot be read.
    """
    keys = _keys(images)
    first: dict[Hashable, int] = {}
    return np.array([first.setdefault(key, i) for i, key in enumerate(keys)])


def repeat_warnings(images: ImageSet, train: np.ndarray, test: np.ndarray) -> list[str]:
    """What is to be said of images that the training and the test part share.

    Args:
        images: The set.
        train: Places of the training part.
        test: Places of the test part.

    Returns:
        A sentence if some are in both parts, one if the same image has two labels.
    """
    first = first_places(images)
    said = []
    known = set(first[train].tolist())
    both = [int(i) for i in test if int(first[i]) in known]
    if both:
        said.append(
            f"{len(both)} of {len(test)} test images are in the training part too "
            f"({_listed(images, both)}): the test is easier than new images will be."
        )
    if images.labels is not None and images.labels.dtype.kind != "f":
        other = [i for i in np.flatnonzero(first != np.arange(len(first))).tolist()]
        torn = [i for i in other if images.labels[i] != images.labels[first[i]]]
        if torn:
            said.append(
                f"{len(torn)} image(s) stand in the set twice with different labels "
                f"({_listed(images, torn)})."
            )
    return said


def _listed(images: ImageSet, places: Sequence[int]) -> str:
    """Names of images, or their places counted from 1."""
    return listed([images.names[i] if images.names else f"image {i + 1}" for i in places])


def _keys(images: ImageSet) -> list[Hashable]:
    """What is equal for equal images."""
    pixels = images.pixels
    if isinstance(pixels, ArrayPixels):
        return [(one.shape, _digest(np.ascontiguousarray(one))) for one in pixels.values]
    files = pixels.files
    sizes = [_size(files[i]) for i in range(len(files))]
    often = Counter(sizes)

    def key(i: int) -> Hashable:
        # A size that no other image has needs no look inside.
        return (sizes[i], _digest(_content(files[i])) if often[sizes[i]] > 1 else i)

    with ThreadPoolExecutor(_THREADS, "profond-digests") as pool:
        return list(pool.map(key, range(len(files)), chunksize=64))


def _size(file: Any) -> Hashable:
    if isinstance(file, str | Path):
        return os.path.getsize(file)
    return len(file) if isinstance(file, bytes) else file.size


def _content(file: Any) -> bytes:
    if isinstance(file, str | Path):
        return Path(file).read_bytes()
    return file if isinstance(file, bytes) else file.tobytes()


def _digest(content: Any) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()
