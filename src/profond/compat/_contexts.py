"""`keras.device` and `keras.name_scope`."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def device(device_name: str) -> Iterator[None]:
    """Inside, new tensors and weights are made on this device.

    Args:
        device_name: Keras's or torch's name of it: `"cpu"`, `"gpu:0"`, `"cuda:0"`.
    """
    with torch.device(device_name.lower().replace("gpu", "cuda")):
        yield


@contextmanager
def name_scope(name: str) -> Iterator[None]:
    """Accepted for Keras's sake: weights are named after their layers alone."""
    del name
    yield
