"""MNIST: 70000 handwritten digits, 28 x 28 pixels in grey.

Source: LeCun, Cortes and Burges (1998), under CC BY-SA 3.0; a remix of sets of NIST.
"""

from pathlib import Path

import numpy as np

from profond.data.images import known_images, read_npz
from profond.datasets._arrays import Part
from profond.datasets._images import load_images


def load_data(path: str = "mnist.npz") -> tuple[Part, Part]:
    """The set as arrays, with its official split.

    It is looked for in the folder `mnist` below `PROFOND_DATA` (IDX files), as Keras's file, and
    in the cache (`PROFOND_CACHE`, else `~/.cache/profond`); then it is downloaded into the cache.

    Args:
        path: Keras's file, absolute or below `~/.keras/datasets`, which is read if it is there.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, uint8: x of shape (60000, 28, 28) and
        (10000, 28, 28) in [0, 255], y digits.

    Raises:
        OSError: If it is not on this machine and cannot be downloaded.
    """
    from profond.data._fetch import given_folder

    given, kept = given_folder("mnist"), Path.home() / ".keras" / "datasets" / path
    from_keras = kept.is_file() and not (given and given.is_dir())
    images = read_npz(kept) if from_keras else known_images("mnist")
    return grey_bytes(load_images(images))


def grey_bytes(parts: tuple[Part, Part]) -> tuple[Part, Part]:
    """Arrays without an axis of channels, labels as uint8."""
    (x, y), (x_test, y_test) = parts
    return (x[..., 0], y.astype(np.uint8)), (x_test[..., 0], y_test.astype(np.uint8))
