"""Series or images whose target is known, as a kept model is measured on them."""

from typing import Any

import numpy as np
import pandas as pd

from profond.data import ClassTarget
from profond.data._values import to_numbers
from profond.estimators._trained_model import TrainedModel
from profond.experiment._known_rows import KnownRows, is_training_file, places_of


def known_rows_of_set(model: TrainedModel, found: Any, called: str) -> KnownRows:
    """The rows of an opened set, with the places of their labels among the model's classes.

    Of a set that says which of its rows are the test part, that part is taken.

    Args:
        model: The model.
        found: The set.
        called: What its rows are called: "series", "images".

    Raises:
        ValueError: If the rows have no labels, or one that the model does not know.
    """
    if found.labels is None:
        raise ValueError(f"The {called} have no labels: there is no truth to measure on.")
    notes, places = list(found.notes), np.arange(len(found))
    known = is_training_file(found.source, model.experiment.get("data", {}).get("source"))
    if found.part is not None and "test" in found.part:
        places = np.flatnonzero(found.part == "test")
        notes.append(f"the {len(places)} {called} of the test part are measured on")
        known = False
    column = pd.Series(found.labels)
    name = model.target.name
    if isinstance(model.target, ClassTarget):
        truth = places_of(column, name, model.target)
    else:
        truth = to_numbers(column, name)
    return KnownRows(
        found.take(places),
        truth[places],
        places,
        0,
        found.name,
        found.source,
        tuple(notes),
        known,
    )
