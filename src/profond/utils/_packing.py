"""Inputs, targets and sample weights in one tuple, and out of it."""

from typing import Any


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """`(x, y, sample_weight)` of what a data set gives, None for what is missing.

    Args:
        data: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

    Raises:
        ValueError: If it has more parts.
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            "data must be x, (x,), (x, y) or (x, y, sample_weight); received a tuple of "
            f"{len(data)}."
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """What a data set gives, from its parts: `x`, `(x, y)` or `(x, y, sample_weight)`.

    Args:
        x: Inputs; a tuple or list of them alone is wrapped into a tuple of its own.
        y: Targets.
        sample_weight: Weight of each sample.
    """
    if y is None:
        return (x,) if isinstance(x, tuple | list) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
