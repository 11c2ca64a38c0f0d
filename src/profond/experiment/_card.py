"""The model card: what a person should know before using a kept model."""

import textwrap

from profond.experiment._on_test_rows import interval_coverage, small_test
from profond.experiment._result import RunResult


def model_card(
    result: RunResult, *, source: str, needs: str, due: str, network: str, use: str
) -> str:
    """The card as Markdown: what it predicts, how well, from what, and how to use it.

    Args:
        result: The run.
        source: From what it predicts, in a few words.
        needs: Heading of what the data must have.
        due: That, as a list.
        network: The network, in a few words.
        use: How it is used, as a person types it.
    """
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
    doubt = small_test(result)
    said = [*result.warnings, *([doubt] if doubt else []), *result.notes]
    remarks = "\n".join(f"- {text}" for text in said) or "- none"
    seeds = len(model.networks)
    training = result.experiment.training
    trained = "AdamW" if training.weight_decay else "Adam"
    if training.patience is not None and training.validation_size:
        trained += " and early stopping"
    over = evaluation.resampled
    return f"""# {result.name}: {model.target.name}

Predicts {what}, from {source}, with \
{seeds} network(s) whose answers are averaged.

{classes}## How well

{evaluation.sentence}

| model | {metric} | over seeds (95 %) | over {over} (95 %) |
|---|---|---|---|
{chr(10).join(rows)}

{_rows(result)} "Over seeds" is Student's interval of the mean of {seeds} trainings: how lucky a \
run is. {_what_over(over)}{_certainty(result)}

## {needs}

{due}

## Remarks

{remarks}

## Use

{textwrap.indent(use, "    ")}

{network}, trained with {trained}. \
`experiment.toml` holds every setting, `metrics.json` every number, \
`report.html` the pictures. The files are JSON, TOML and safetensors; loading them runs no code.

It describes the rows it was trained on. On rows from another place or time, or for decisions \
about people, measure it again first.
"""


def _rows(result: RunResult) -> str:
    train, test = result.sizes["train"], result.sizes["test"]
    if result.cross_validated:
        return f"Measured on {test} rows, each by networks that did not learn from it."
    stop = " and for deciding when to stop" if any(result.held_out) else ""
    return (
        f"Measured on {test} rows that no network saw; {train} rows were used for training{stop}."
    )


def _certainty(result: RunResult) -> str:
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
