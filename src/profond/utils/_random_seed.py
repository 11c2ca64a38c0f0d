"""One seed for everything that draws random numbers."""

import operator
import random
from typing import Any

import numpy as np
import torch


def set_random_seed(seed: Any) -> None:
    """Start Python's, numpy's and torch's random generators (CUDA's too) from `seed`.

    After it, the same code draws the same numbers again.

    Args:
        seed: Whole number from 0 to 2^32 - 1.

    Raises:
        ValueError: If it is not a whole number in this range.
    """
    try:
        number = operator.index(seed)
    except TypeError as error:
        raise ValueError(
            f"`seed` must be a whole number; received {seed!r} of type {type(seed).__name__}."
        ) from error
    if not 0 <= number < 2**32:
        raise ValueError(
            f"`seed` must be from 0 to 4294967295 (numpy takes no other); received {number}."
        )
    random.seed(number)
    np.random.seed(number)  # noqa: NPY002 - scripts draw from numpy's global generator
    torch.manual_seed(number)
