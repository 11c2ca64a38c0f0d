"""Weights of classes in the loss, for classes of which there are few rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from profond.data import ClassTarget


def class_weights(
    given: Mapping[Any, float] | str, target: ClassTarget, places: np.ndarray
) -> np.ndarray:
    r"""The weight of each class, shape (classes,), float32.

    "balanced" gives class k the weight $n / (K n_k)$, as scikit-learn: each class weighs the same
    as a whole, and the mean over the rows is 1.

    Args:
        given: "balanced", or a weight >= 0 for each label; labels that are not named weigh 1.
        target: The classes.
        places: Class of each training row, shape (rows,).

    Raises:
        ValueError: If a label is unknown, or a weight negative or not finite.
    """
    if isinstance(given, str):
        if given != "balanced":
            raise ValueError(
                f"`class_weight` must be 'balanced', a mapping or None; received {given!r}."
            )
        counts = np.bincount(places, minlength=len(target.classes))
        return (len(places) / (len(counts) * np.maximum(counts, 1))).astype(np.float32)
    by_text = {str(label): i for i, label in enumerate(target.classes)}
    weights = np.ones(len(target.classes), dtype=np.float32)
    for label, weight in given.items():
        if str(label) not in by_text:
            raise ValueError(
                f"`class_weight` names the class {label!r}, which `y` does not have; it has "
                f"{', '.join(by_text)}."
            )
        if not np.isfinite(weight) or weight < 0:
            raise ValueError(
                f"`class_weight` must give numbers of at least 0; received {weight!r} for the "
                f"class {label!r}."
            )
        weights[by_text[str(label)]] = weight
    return weights
