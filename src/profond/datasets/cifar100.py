"""CIFAR-100: 60000 photos of 32 x 32 pixels in 100 classes, which form 20 groups.

Source: Krizhevsky (2009), "Learning Multiple Layers of Features from Tiny Images".
"""

from profond.data.images._known import cifar100
from profond.datasets._arrays import Part
from profond.datasets._images import load_images


def load_data(label_mode: str = "fine") -> tuple[Part, Part]:
    """The set as arrays, with its official split.

    It is looked for in the folder `cifar100` below `PROFOND_DATA` (`cifar-100-binary.tar.gz`)
    and in the cache (`PROFOND_CACHE`, else `~/.cache/profond`); then it is downloaded into the
    cache, 161 MB.

    Args:
        label_mode: "fine" for the 100 classes, "coarse" for the 20 groups.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: x uint8 of shape (50000, 32, 32, 3) and
        (10000, 32, 32, 3) in [0, 255], y int64 codes of classes of shape (n, 1).

    Raises:
        ValueError: If `label_mode` is another.
        OSError: If it is not on this machine and cannot be downloaded.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f"`label_mode` must be 'fine' or 'coarse'; received {label_mode!r}.")
    (x, y), (x_test, y_test) = load_images(cifar100(label_mode))
    return (x, y[:, None]), (x_test, y_test[:, None])
