"""One column of a table to one or several numbers, fitted on the training rows."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from profond.data._scaling import scaling_from_dict, scaling_to_dict
from profond.data.columns._boolean import BooleanColumn
from profond.data.columns._category import MAX_LEVELS, CategoryColumn
from profond.data.columns._date import DateColumn
from profond.data.columns._number import NumberColumn

__all__ = [
    "MAX_LEVELS",
    "BooleanColumn",
    "CategoryColumn",
    "Column",
    "DateColumn",
    "NumberColumn",
    "column_from_dict",
    "column_to_dict",
]

Column = NumberColumn | BooleanColumn | CategoryColumn | DateColumn
_KINDS: dict[str, type[Any]] = {
    c.kind: c for c in (NumberColumn, BooleanColumn, CategoryColumn, DateColumn)
}


def column_to_dict(column: Column) -> dict[str, Any]:
    """The fitted column as plain values for JSON."""
    state = {field.name: getattr(column, field.name) for field in fields(column)}
    if isinstance(column, NumberColumn):
        state["scaling"] = scaling_to_dict(column.scaling)
    return {"kind": column.kind, **state}


def column_from_dict(state: Mapping[str, Any]) -> Column:
    """A fitted column from `column_to_dict`.

    Raises:
        ValueError: If the description is not one of a column.
    """
    values: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in state.items() if k != "kind"
    }
    if "scaling" in values:
        values["scaling"] = scaling_from_dict(values["scaling"])
    try:
        return _KINDS[str(state["kind"])](**values)
    except (KeyError, TypeError) as error:
        raise ValueError(f"Not the description of a column: {dict(state)!r}.") from error
