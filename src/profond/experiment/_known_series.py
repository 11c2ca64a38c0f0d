"""Series opened as those that a kept model learned from."""

from typing import Any

from profond.data.series import SeriesSet, open_series
from profond.estimators import SeriesModel


def opened_again(model: SeriesModel, data: Any, target: str | None = None) -> SeriesSet:
    """Series read as those that a model learned from; labels where they have them.

    Args:
        model: The model.
        data: A path, a bundled set, or a `SeriesSet`.
        target: In a long table, the column of labels; None takes one called label, class, ...
    """
    described = model.experiment.get("data", {})
    columns = {name: described.get(name) for name in ("id_column", "time_column")}
    if columns["id_column"] is not None:
        columns["label_column"] = target
    return open_series(data, **columns, pair=False)
