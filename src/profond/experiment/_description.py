"""What a kept model is, in plain values: for the terminal, and for other programs."""

from typing import Any

from profond.data import NumberTarget, SeveralTargets
from profond.data.columns import BooleanColumn, CategoryColumn, Column, DateColumn, NumberColumn
from profond.estimators._trained_model import TrainedModel
from profond.experiment._kinds import described_by, kind_named

_SHOWN = 6  # levels of a category


def describe_model(model: TrainedModel) -> dict[str, Any]:
    """A kept model in plain values.

    Returns:
        `predicts`, `task`, `target`, `classes`, `kind` (of data), `columns` (or channels: name,
        kind, values), `dropped` (column
        to reason), `network` (layers, parameters), `seeds`, `temperatures`, `held_out_rows` (of
        each network, for intervals), `settings` (those that differ from their defaults, by
        section and name), `data`, and `metrics` as in `metrics.json`.
    """
    data = model.experiment.get("data", {})
    network = model.networks[0]
    return {
        "predicts": what_it_predicts(model),
        "task": model.task,
        "target": model.target.name,
        "classes": list(model.classes),
        "kind": model.kind,
        "columns": kind_named(model.kind).needs(model),
        "dropped": dict(getattr(model.preprocessor, "dropped", {})),
        "network": {
            "networks": len(model.networks),
            "inputs": list(network.input_shape[1:]),
            "parameters": int(network.count_params()),
            "layers": [
                {"layer": type(layer).__name__, "parameters": int(layer.count_params())}
                for layer in network.layers
            ],
        },
        "seeds": list(model.seeds),
        "temperatures": list(model.temperatures),
        "held_out_rows": [len(residuals) for residuals in model.residuals],
        "settings": changed_settings(model.experiment),
        "data": {key: data[key] for key in ("name", "source") if key in data},
        "metrics": model.metrics,
    }


def what_it_predicts(model: TrainedModel) -> str:
    """The target in a few words."""
    target = model.target
    if isinstance(target, SeveralTargets):
        what = "numbers" if model.task == "regression" else "labels"
        return f"{len(target.parts)} {what}: {target.name}"
    if isinstance(target, NumberTarget):
        return f"the number {target.name!r}" + (", never negative" * target.non_negative)
    count = "two" if model.task == "binary" else str(len(model.classes))
    return f"the class {target.name!r}, one of {count}: {', '.join(map(str, model.classes))}"


def values_of(column: Column, unit: str = "") -> str:
    """What a column held in training, in a few words."""
    if isinstance(column, NumberColumn):
        gaps = ", some missing" if column.indicator else ""
        return f"{column.low:g} to {column.high:g}{' ' * bool(unit)}{unit}{gaps}"
    if isinstance(column, CategoryColumn):
        levels = [*column.levels, *column.known]
        more = f" and {len(levels) - _SHOWN} more" if len(levels) > _SHOWN else ""
        gaps = ", some missing" if column.missing else ""
        return f"{', '.join(levels[:_SHOWN])}{more}{gaps}"
    if isinstance(column, DateColumn):
        return "dates" + (", some missing" if column.indicator else "")
    assert isinstance(column, BooleanColumn)
    return "true, false"


def changed_settings(sections: dict[str, Any]) -> dict[str, Any]:
    """The settings of a run that differ from their defaults, by section and name.

    What says which data it was is not among them.
    """
    experiment = described_by(sections)
    return {
        f"{section}.{name}": getattr(experiment, section).model_dump(mode="json")[name]
        for section in type(experiment).model_fields
        for name in getattr(experiment, section).changed()
        if (section, name) not in _OF_THE_DATA
    }


_OF_THE_DATA = {("data", name) for name in ("kind", "source", "name", "target", "task")}
