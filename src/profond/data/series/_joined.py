"""Two sets of series as the parts of one."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from profond.data.series._series_set import SeriesSet


def joined(parts: Mapping[str, SeriesSet]) -> SeriesSet:
    """One set with the parts "train" and "test", the shorter series padded.

    Args:
        parts: The sets by the names of their parts.

    Raises:
        ValueError: If they have different numbers of channels, or one has labels and one none.
    """
    sets = list(parts.values())
    channels = {part: one.values.shape[2] for part, one in parts.items()}
    if len(set(channels.values())) > 1:
        told = " and ".join(f"{n} in {part!r}" for part, n in channels.items())
        raise ValueError(f"All parts must have the same number of channels; received {told}.")
    labelled = {part: one.labels is not None for part, one in parts.items()}
    if len(set(labelled.values())) > 1:
        bare = next(part for part, has in labelled.items() if not has)
        raise ValueError(f"All parts must have labels or none; received none in {bare!r}.")
    longest = max(one.values.shape[1] for one in sets)
    values = [
        np.pad(one.values, ((0, 0), (0, longest - one.values.shape[1]), (0, 0))) for one in sets
    ]
    named = all(one.names for one in sets)
    notes = [f"{part}: {note}" for part, one in parts.items() for note in one.notes]
    return replace(
        sets[0],
        values=np.concatenate(values),
        lengths=np.concatenate([one.lengths for one in sets]),
        labels=None
        if not labelled[next(iter(parts))]
        else np.concatenate([one.labels for one in sets if one.labels is not None]),
        names=tuple(name for one in sets for name in one.names) if named else (),
        classes=tuple(dict.fromkeys(name for one in sets for name in one.classes)),
        notes=tuple(notes),
        part=np.repeat(list(parts), [len(one) for one in sets]),
    )
