"""Weights of classes in the loss, for classes of which there are few rows."""

from collections.abc import Mapping
from numbers import Real
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
        given: "balanced", or a weight >= 0 for each label, given as it is or as its text; labels
            that are not named weigh 1.
        target: The classes.
        places: Class of each training row, shape (rows,).

    Raises:
        ValueError: If a label is unknown, a weight negative or not finite, or that of every row 0.
    """
    if given != "balanced" and not isinstance(given, Mapping):
        raise ValueError(
            f"`class_weight` must be 'balanced', a mapping or None; received {given!r}."
        )
    if isinstance(given, str):
        counts = np.bincount(places, minlength=len(target.classes))
        return (len(places) / (len(counts) * np.maximum(counts, 1))).astype(np.float32)
    by_label = {label: i for i, label in enumerate(target.classes)}  # 1, 1.0 and True are one
    by_text = {str(label): i for label, i in by_label.items()}
    weights = np.ones(len(target.classes), dtype=np.float32)
    for label, weight in given.items():
        place = by_label.get(label, by_text.get(str(label)))
        if place is None:
            raise ValueError(
                f"`class_weight` names the class {label!r}, which `y` does not have; it has "
                f"{', '.join(by_text)}."
            )
        if not isinstance(weight, Real) or not 0 <= weight < np.inf:
            raise ValueError(
                f"`class_weight` must give numbers of at least 0; received {weight!r} for the "
                f"class {label!r}."
            )
        weights[place] = weight
    if len(places) and not weights[places].any():
        raise ValueError(
            "`class_weight` must leave a class of more than 0 among the rows; received "
            f"{dict(given)!r}."
        )
    return weights
