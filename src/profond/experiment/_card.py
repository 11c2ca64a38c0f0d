"""The model card: what a person should know before using a kept model."""

from profond.data import TablePreprocessor
from profond.data.columns import CategoryColumn, Column, NumberColumn
from profond.experiment._on_test_rows import interval_coverage, small_test
from profond.experiment._result import TableResult

_SHOWN = 12  # levels of a category


def model_card(result: TableResult) -> str:
    """The card as Markdown: what it predicts, how well, from what, and how to use it."""
    model, evaluation = result.model, result.evaluation
    metric = evaluation.metric.name
    show = evaluation.numbers
    rows = [
        f"| {s.name} | {show(s.value)} | "
        f"{'± ' + show(s.over_seeds.half) if s.over_seeds else ''} | "
        f"{show(s.over_rows.low)} to {show(s.over_rows.high)} |"
        for s in evaluation.scores
    ]
    what = {
        "regression": f"the number `{model.target.name}`",
        "binary": f"the class `{model.target.name}`, one of two",
        "multiclass": f"the class `{model.target.name}`, one of {len(model.classes)}",
    }[model.task]
    classes = f"Classes: {', '.join(f'`{c}`' for c in model.classes)}.\n\n" if model.classes else ""
    columns = "\n".join(_column(c, model.preprocessor) for c in model.preprocessor.columns)
    doubt = small_test(result)
    said = [*result.warnings, *([doubt] if doubt else []), *result.notes]
    remarks = "\n".join(f"- {text}" for text in said) or "- none"
    seeds = len(model.networks)
    network = result.experiment.network
    kind = {"mlp": "Multi-layer perceptron", "resnet": "Residual network"}[network.architecture]
    hidden = " and ".join(map(str, network.hidden)) or "no"
    training = result.experiment.training
    trained = "AdamW" if training.weight_decay else "Adam"
    if training.patience is not None and training.validation_size:
        trained += " and early stopping"
    over = evaluation.resampled
    return f"""# {result.name}: {model.target.name}

Predicts {what}, from {len(model.preprocessor.columns)} column(s) of a table, with \
{seeds} network(s) whose answers are averaged.

{classes}## How well

{evaluation.sentence}

| model | {metric} | over seeds (95 %) | over {over} (95 %) |
|---|---|---|---|
{chr(10).join(rows)}

{_rows(result)} "Over seeds" is Student's interval of the mean of {seeds} trainings: how lucky a \
run is. {_what_over(over)}{_certainty(result)}

## Columns it needs

{columns}

## Remarks

{remarks}

## Use

    profond predict FOLDER NEW_ROWS.csv -o predictions.csv

    from profond.experiment import load_model_folder
    load_model_folder("FOLDER").predict(table)

{kind}, {hidden} hidden units ({network.activation}), trained with {trained}. \
`experiment.toml` holds every setting, `metrics.json` every number, \
`report.html` the pictures. The files are JSON, TOML and safetensors; loading them runs no code.

It describes the rows it was trained on. On rows from another place or time, or for decisions \
about people, measure it again first.
"""


def _rows(result: TableResult) -> str:
    train, test = result.sizes["train"], result.sizes["test"]
    if result.cross_validated:
        return f"Measured on {test} rows, each by networks that did not learn from it."
    return (
        f"Measured on {test} rows that no network saw; {train} rows were used for training and for "
        "deciding when to stop."
    )


def _certainty(result: TableResult) -> str:
    """What is known of the probabilities or the intervals, if anything."""
    softened = result.model.temperatures
    if any(t != 1.0 for t in softened):
        return (
            "\n\nProbabilities are calibrated on held-out rows by temperatures of "
            f"{min(softened):.2f} to {max(softened):.2f} (above 1: softer)."
        )
    coverage = interval_coverage(result)
    if coverage is None:
        return ""
    return f"\n\nIts 90 % intervals hold {100 * coverage:.0f} % of the test rows."


def _what_over(over: str) -> str:
    if over == "folds":
        return (
            '"Over folds" is the corrected interval of Nadeau and Bengio (2003): how much the '
            "result depends on the rows. The kept networks learned from all rows."
        )
    return '"Over test rows" is a bootstrap interval: how sure the test is.'


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
