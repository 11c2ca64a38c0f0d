"""Labels of series and images as one array."""

from typing import Any

import numpy as np


def as_labels(labels: Any) -> np.ndarray:
    """Labels as an array of one axis: text as objects, missing ones as None or NaN."""
    if hasattr(labels, "to_numpy"):
        labels = labels.to_numpy()
    elif hasattr(labels, "detach"):
        labels = labels.detach().cpu().numpy()
    if not isinstance(labels, np.ndarray):
        labels = list(labels)
        if any(isinstance(one, str) or one is None for one in labels):
            labels = np.array(labels, dtype=object)
    labels = np.asarray(labels)
    if labels.dtype.kind in "US":
        labels = labels.astype(object)
    return labels.reshape(-1) if labels.ndim == 2 and labels.shape[1] == 1 else labels


def named_labels(labels: np.ndarray, classes: Any) -> np.ndarray:
    """Names of classes in the place of their codes.

    Raises:
        ValueError: If a label is no code of a class.
    """
    if not len(classes):
        return labels
    names = np.array([str(one) for one in classes], dtype=object)
    if labels.dtype == object and set(labels.tolist()) <= set(names.tolist()):
        return labels
    wrong = labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= len(names)
    if wrong:
        raise ValueError(
            f"Labels must be codes from 0 to {len(names) - 1} where {len(names)} `classes` are "
            f"named, or these names; received {sorted(set(labels.tolist()), key=str)[:5]}."
        )
    return names[labels]
