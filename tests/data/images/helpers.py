"""Small image files, and real sets."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

_REPOSITORY = Path(__file__).parents[3]
DATA = Path(os.environ.get("PROFOND_DATA", _REPOSITORY.parent / "shared" / "data"))


def real(name):
    """The path of a real data set, or a skipped test."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the data set {name} is not here (PROFOND_DATA)")
    return path


def noise(height=6, width=5, channels=3, seed=0):
    """A picture of random pixels, uint8; without a last axis if grey."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def save(path, pixels, **options):
    """Write a picture; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def encoded(pixels, kind="PNG", **options):
    """The bytes of an image file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def class_folders(root, classes=("cat", "dog"), per_class=3, channels=3, size=(6, 5)):
    """Folders of PNG images; gives the pixels by relative path."""
    written = {}
    for c, name in enumerate(classes):
        for i in range(per_class):
            pixels = noise(*size, channels=channels, seed=10 * c + i)
            save(root / name / f"{i}.png", pixels)
            written[f"{name}/{i}.png"] = pixels.reshape(*size, channels)
    return written
