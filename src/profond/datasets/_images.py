"""An image set as training and test arrays, in Keras's form."""

import numpy as np

from profond.data.images import ImageSet
from profond.datasets._arrays import Part


def load_images(images: ImageSet) -> tuple[Part, Part]:
    """Pixels and codes of classes of the two parts of a set.

    Returns:
        `(x_train, y_train), (x_test, y_test)`; x uint8 (n, height, width, channels), y int64.
    """
    assert images.part is not None and images.labels is not None  # these sets have both
    x = images.decoded(cache=False)
    labels = images.labels
    if images.classes:
        codes = {name: i for i, name in enumerate(images.classes)}
        labels = np.array([codes[name] for name in labels])
    parts = [np.flatnonzero(images.part == part) for part in ("train", "test")]
    train, test = ((x[rows], labels[rows].astype(np.int64)) for rows in parts)
    return train, test
