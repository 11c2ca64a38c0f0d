"""Series whose target is known, as a kept model reads them."""

from typing import Any

import numpy as np
import pandas as pd

from profond.data import ClassTarget
from profond.data._values import to_numbers
from profond.data.series import SeriesSet, open_series
from profond.estimators import SeriesModel
from profond.experiment._known_rows import KnownRows, is_training_file, places_of


def known_series(model: SeriesModel, data: Any, target: str | None = None) -> KnownRows:
    """Read series and their labels as those that a model learned from were read.

    Args:
        model: The model.
        data: A path, a bundled set, or a `SeriesSet`. Of a set that says which of its series are
            the test part, that part is taken.
        target: In a long table, the column of labels; the model's own when None.

    Raises:
        ValueError: If the series have no labels, or one that the model does not know.
        FileNotFoundError: If there is no such file.
    """
    series = opened_again(model, data, target or model.target.name)
    if series.labels is None:
        raise ValueError("The series have no labels: there is no truth to measure on.")
    notes, places = list(series.notes), np.arange(len(series))
    known = is_training_file(series.source, model.experiment.get("data", {}).get("source"))
    if series.part is not None and "test" in series.part:
        places = np.flatnonzero(series.part == "test")
        notes.append(f"the {len(places)} series of the test part are measured on")
        known = False
    column = pd.Series(series.labels)
    name = model.target.name
    if isinstance(model.target, ClassTarget):
        truth = places_of(column, name, model.target)
    else:
        truth = to_numbers(column, name)
    return KnownRows(
        series.take(places),
        truth[places],
        places,
        0,
        series.name,
        series.source,
        tuple(notes),
        known,
    )


def opened_again(model: SeriesModel, data: Any, target: str | None = None) -> SeriesSet:
    """Series read as those that a model learned from; labels where they have them.

    Args:
        model: The model.
        data: A path, a bundled set, or a `SeriesSet`.
        target: In a long table, the column of labels; the model's own when None and it is there.
    """
    described = model.experiment.get("data", {})
    columns = {name: described.get(name) for name in ("id_column", "time_column")}
    if columns["id_column"] is not None:
        columns["label_column"] = target
    return open_series(data, **columns, pair=False)
