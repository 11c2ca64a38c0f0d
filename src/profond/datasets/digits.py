"""1500 handwritten digits, 28 x 28 pixels in grey: a small part of MNIST, inside the package.

The first 100 training images and the first 50 test images of each digit, in MNIST's order.
Source: LeCun, Cortes and Burges (1998), under CC BY-SA 3.0.
"""

from profond.data.images import known_images
from profond.datasets._arrays import Part
from profond.datasets._images import load_images
from profond.datasets.mnist import grey_bytes


def load_data() -> tuple[Part, Part]:
    """The set as arrays, with the split of MNIST.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, uint8: x of shape (1000, 28, 28) and
        (500, 28, 28) in [0, 255], y digits.
    """
    return grey_bytes(load_images(known_images("digits")))
