"""The units of hidden layers, checked."""

from collections.abc import Sequence
from typing import Any


def hidden_units(hidden: Any) -> Sequence[int]:
    """`hidden` as it is.

    Raises:
        TypeError: If it is no list, as a single number.
    """
    if isinstance(hidden, str) or not hasattr(hidden, "__len__"):
        raise TypeError(
            f"`hidden` must be a list of the units of each layer; received {hidden!r}. For a "
            "single layer give a list of one, as (64,)."
        )
    return hidden
