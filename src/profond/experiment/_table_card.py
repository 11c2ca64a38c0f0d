"""The model card of a table's model."""

from profond.data import TablePreprocessor
from profond.data.columns import CategoryColumn, Column, NumberColumn
from profond.experiment._card import model_card
from profond.experiment._result import TableResult

_SHOWN = 12  # levels of a category


def table_card(result: TableResult, use: str) -> str:
    """The card, with the columns that the model needs."""
    preprocessor, network = result.model.preprocessor, result.experiment.network
    kind = {"mlp": "Multi-layer perceptron", "resnet": "Residual network"}[network.architecture]
    hidden = " and ".join(map(str, network.hidden)) or "no"
    return model_card(
        result,
        source=f"{len(preprocessor.columns)} column(s) of a table",
        needs="Columns it needs",
        due="\n".join(_column(column, preprocessor) for column in preprocessor.columns),
        network=f"{kind}, {hidden} hidden units ({network.activation})",
        use=use,
    )


def _column(column: Column, preprocessor: TablePreprocessor) -> str:
    """What a column holds: its levels, or the range of its training values."""
    text = f"- `{column.name}` ({column.kind})"
    if isinstance(column, NumberColumn):
        unit = preprocessor.readings[column.name].unit
        return f"{text}: {column.low:g} to {column.high:g}{' ' * bool(unit)}{unit}"
    if isinstance(column, CategoryColumn):
        shown = ", ".join(f"`{level}`" for level in column.levels[:_SHOWN])
        more = len(column.levels) + len(column.known) - _SHOWN
        return f"{text}: {shown}{f' and {more} more' if more > 0 else ''}"
    return text
