"""Sequences of several lengths in one array."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from profond._lookup import choose

_SIDES = {"pre": "pre", "post": "post"}


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Sequences brought to one length by filling up and cutting off.

    Args:
        sequences: Lists of numbers, or of rows of numbers of one shape.
        maxlen: Length; that of the longest if None.
        dtype: Element type of the result.
        padding: Where to fill up: `"pre"`, before, or `"post"`, behind.
        truncating: Where to cut off: `"pre"` or `"post"`.
        value: What to fill up with.

    Returns:
        Array of shape (number of sequences, `maxlen`, ...).

    Raises:
        ValueError: If `sequences` is no list of sequences, their rows differ in shape, a side is
            neither `"pre"` nor `"post"`, or `value` does not fit `dtype`.
    """
    padding = choose(padding, _SIDES, "side for `padding`")
    truncating = choose(truncating, _SIDES, "side for `truncating`")
    if not hasattr(sequences, "__len__"):
        raise ValueError(
            f"`sequences` must be a list of sequences; received {type(sequences).__name__}."
        )
    for i, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise ValueError(
                f"`sequences` must be a list of sequences; received {sequence!r} at position {i}."
            )
    text = np.issubdtype(dtype, np.str_) or np.issubdtype(dtype, np.bytes_)
    if isinstance(value, str) and np.dtype(dtype) != object and not text:
        raise ValueError(
            f"`value` must be a number for dtype {dtype}; received {value!r}. Use dtype=object "
            "for strings."
        )
    if maxlen is None:
        maxlen = max((len(sequence) for sequence in sequences), default=0)
    row_shape = next((np.asarray(s).shape[1:] for s in sequences if len(s)), ())
    result = np.full((len(sequences), maxlen, *row_shape), value, dtype=dtype)
    for i, sequence in enumerate(sequences):
        kept = np.asarray(_cut(sequence, maxlen, truncating), dtype=dtype)
        if not len(kept):
            continue
        if kept.shape[1:] != row_shape:
            raise ValueError(
                f"rows of all sequences must have one shape, {row_shape} as in the first; received "
                f"{kept.shape[1:]} at position {i}."
            )
        if padding == "post":
            result[i, : len(kept)] = kept
        else:
            result[i, maxlen - len(kept) :] = kept
    return result


def _cut(sequence: Any, maxlen: int, side: str) -> Any:
    """At most `maxlen` elements, cut off at `side`."""
    excess = len(sequence) - maxlen
    if excess <= 0:
        return sequence
    return sequence[excess:] if side == "pre" else sequence[:maxlen]
