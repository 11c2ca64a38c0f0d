"""`class_weight`: one weight per row, from its class."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch


def class_weights(y: Any, sample_weight: Any, class_weight: Mapping[int, float]) -> torch.Tensor:
    """One weight per row from its class, times its sample weight.

    Raises:
        ValueError: If there are several targets, or no labels, or weights that are not numbers.
    """
    for label, weight in class_weight.items() if isinstance(class_weight, Mapping) else [(0, "")]:
        whole = isinstance(label, int | float | np.number) and float(label).is_integer()
        if not whole or not isinstance(weight, int | float | np.number):
            raise ValueError(
                "`class_weight` must be a dict from class numbers to weights, such as "
                f"`{{0: 1.0, 1: 5.0}}`; received {class_weight!r}."
            )
    if not isinstance(y, torch.Tensor):
        raise ValueError(
            "`class_weight` needs one target; for several, give `sample_weight` instead."
        )
    labels = y
    if y.ndim > 1:
        labels = y.argmax(-1) if y.shape[-1] > 1 else y[..., 0]
    if labels.is_floating_point():
        _refuse_measurements(labels)
        labels = labels.round()
    weights = torch.ones(labels.shape, dtype=torch.float32, device=y.device)
    if class_weight:
        known = torch.tensor(sorted(map(int, class_weight)), device=y.device)
        values = torch.tensor([float(class_weight[int(k)]) for k in known], device=y.device)
        labels = labels.long()
        place = torch.searchsorted(known, labels).clamp_max(len(known) - 1)
        # A class without a weight of its own, whatever its number, weighs 1.
        weights = torch.where(known[place] == labels, values[place], weights)
    return weights if sample_weight is None else weights * sample_weight


def _refuse_measurements(labels: torch.Tensor) -> None:
    """Refuse targets that are no classes; parts of one between 0 and 1 are rounded, as in Keras.

    Raises:
        ValueError: If a value is not whole and not between 0 and 1.
    """
    wrong = (labels != labels.round()) & ((labels < 0) | (labels > 1))
    if bool(wrong.any()):
        raise ValueError(
            "`class_weight` needs class numbers as targets; received "
            f"{labels[wrong].flatten()[0].item():g}. For other targets give `sample_weight`."
        )
