"""Several sets of series in one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from profond.data.series._series_set import SeriesSet


def joined(sets: Sequence[SeriesSet], parts: Sequence[str]) -> SeriesSet:
    """The series of several sets one after the other, each set of them a part.

    Args:
        sets: The sets, with the same channels; all with labels, or none.
        parts: "train" or "test" for each set.

    Raises:
        ValueError: If the channels differ, or some have labels and others not.
    """
    first = sets[0]
    for other, part in zip(sets[1:], parts[1:], strict=True):
        if other.values.shape[2] != first.values.shape[2] or other.channels != first.channels:
            raise ValueError(
                f"The {part} part must have the channels of the {parts[0]} part "
                f"({first.values.shape[2]}); received {other.values.shape[2]}."
            )
        if (other.labels is None) != (first.labels is None):
            raise ValueError(
                f"Either both the {parts[0]} and the {part} part have labels, or none."
            )
    longest = max(one.values.shape[1] for one in sets)
    values = [np.pad(s.values, ((0, 0), (0, longest - s.values.shape[1]), (0, 0))) for s in sets]
    labels = None if first.labels is None else np.concatenate([s.labels for s in sets])  # pyright: ignore[reportArgumentType, reportCallIssue]
    names = tuple(name for one in sets for name in one.names)
    return replace(
        first,
        values=np.concatenate(values),
        lengths=np.concatenate([one.lengths for one in sets]),
        labels=labels,
        names=names if len(names) == sum(map(len, sets)) else (),
        part=np.concatenate([np.full(len(s), p) for s, p in zip(sets, parts, strict=True)]),
        notes=tuple(dict.fromkeys(note for one in sets for note in one.notes)),
    )
