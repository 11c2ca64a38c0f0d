"""Fashion-MNIST: 70000 pictures of clothes, 28 x 28 pixels in grey, in ten classes.

0 T-shirt/top, 1 trouser, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag,
9 ankle boot. Source: Xiao, Rasul and Vollgraf (2017), Zalando, MIT licence.
"""

from profond.data.images import known_images
from profond.datasets._arrays import Part
from profond.datasets._images import load_images
from profond.datasets.mnist import grey_bytes


def load_data() -> tuple[Part, Part]:
    """The set as arrays, with its official split.

    It is looked for in the folder `fashion_mnist` below `PROFOND_DATA` (IDX files) and in the
    cache (`PROFOND_CACHE`, else `~/.cache/profond`); then it is downloaded into the cache.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, uint8: x of shape (60000, 28, 28) and
        (10000, 28, 28) in [0, 255], y codes of classes.

    Raises:
        OSError: If it is not on this machine and cannot be downloaded.
    """
    return grey_bytes(load_images(known_images("fashion_mnist")))
