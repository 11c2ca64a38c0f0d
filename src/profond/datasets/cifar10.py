"""CIFAR-10: 60000 photos of 32 x 32 pixels in ten classes.

0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer, 5 dog, 6 frog, 7 horse, 8 ship, 9 truck.
Source: Krizhevsky (2009), "Learning Multiple Layers of Features from Tiny Images".
"""

import numpy as np

from profond.data.images import known_images
from profond.datasets._arrays import Part
from profond.datasets._images import load_images


def load_data() -> tuple[Part, Part]:
    """The set as arrays, with its official split.

    It is looked for in the folder `cifar10` below `PROFOND_DATA` (`cifar-10-binary.tar.gz`, or
    `cifar10_jpeg.npz`, of which a warning says that it has losses) and in the cache
    (`PROFOND_CACHE`, else `~/.cache/profond`); then it is downloaded into the cache, 162 MB.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, uint8: x of shape (50000, 32, 32, 3) and
        (10000, 32, 32, 3) in [0, 255], y codes of classes of shape (n, 1).

    Raises:
        OSError: If it is not on this machine and cannot be downloaded.
    """
    (x, y), (x_test, y_test) = load_images(known_images("cifar10"))
    return (x, y[:, None].astype(np.uint8)), (x_test, y_test[:, None].astype(np.uint8))
