"""The parts into which the source of a set has split it: "train", "test", "validation"."""

from collections import Counter
from typing import Any

import numpy as np

PARTS = ("train", "test", "validation")
PART_NAMES = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}


def check_part(part: Any, n: int, what: str) -> None:
    """Refuse a `part` that does not say the part of each of `n` rows.

    Args:
        part: Array of text, or None where the source does not split its rows.
        n: How many rows there are.
        what: What messages call the rows: "images".

    Raises:
        ValueError: If it is of another length or holds other words.
    """
    if part is None:
        return
    if np.shape(part) != (n,):
        raise ValueError(
            f"`part` must say the part of each of the {n} {what}; received the shape "
            f"{np.shape(part)}."
        )
    other = sorted(set(np.asarray(part).tolist()) - set(PARTS), key=str)
    if other:
        raise ValueError(
            f"`part` must hold 'train', 'test' and 'validation'; received {other[0]!r}."
        )


def described_parts(part: np.ndarray | None) -> str:
    """The size of each part, as it ends a description: ", 40 train, 20 test"."""
    counts = Counter([] if part is None else part.tolist())
    return "".join(f", {counts[one]} {one}" for one in PARTS if counts[one])
