"""Simple models on the pixels, to compare the network with."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from profond._rows import in_pieces, rows_of
from profond.experiment._set_baselines import flat_baselines

_PIXELS = 16  # height and width that images are shrunk to
_PIECE = 256  # images shrunk at once
_MOST = 5000  # training images, at most: more would take longer than the network


def image_baselines(
    task: str,
    train: tuple[Any, np.ndarray],
    test_inputs: Any,
    classes: int,
) -> Iterator[tuple[str, np.ndarray]]:
    """Predictions of each baseline for the test images; see `flat_baselines`.

    They see the images shrunk to at most 16 x 16 pixels, and at most 5000 training images, spread
    evenly over all.

    Args:
        task: "regression", "binary" or "multiclass".
        train: Encoded images, shape (n, height, width, channels), an array or what is read by
            rows; and target, shape (n,).
        test_inputs: Encoded test images.
        classes: Number of classes; not used for regression.
    """
    chosen = np.linspace(0, len(train[0]) - 1, min(len(train[0]), _MOST)).astype(int)
    inputs, tested = (_shrunk(images) for images in (rows_of(train[0], chosen), test_inputs))
    return flat_baselines(task, (inputs, train[1][chosen]), tested, classes, called="image")


def _shrunk(images: Any) -> np.ndarray:
    """Values in [0, 1] (of whole numbers) of shrunk images, (n, pixels * channels)."""
    import torch

    size = (min(_PIXELS, images.shape[1]), min(_PIXELS, images.shape[2]))
    parts = []
    for piece in in_pieces(images, _PIECE):
        values = torch.from_numpy(piece.astype(np.float32))
        small = torch.nn.functional.adaptive_avg_pool2d(values.permute(0, 3, 1, 2), size)
        parts.append(small.flatten(1).numpy())
    found = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    return found / 255.0 if images.dtype == np.uint8 else found
