"""Data sets by name, as modules with `load_data` like those of `keras.datasets`.

`boston`, `digits`, `gun_point` and `iris` are inside the package. `mnist`, `fashion_mnist`,
`cifar10` and `cifar100` are looked for on the disk, and downloaded when they are asked for the
first time.
"""

from profond.datasets import (
    boston,
    cifar10,
    cifar100,
    digits,
    fashion_mnist,
    gun_point,
    iris,
    mnist,
)

__all__ = [
    "boston",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "gun_point",
    "iris",
    "mnist",
]
