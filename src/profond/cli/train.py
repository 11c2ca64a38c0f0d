"""`profond train DATA --target COLUMN`: a table in, a measured and kept model out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profond.cli._reading_options import (
    Decimal,
    Encoding,
    Header,
    Separator,
    Sheet,
    reading_options,
)

if TYPE_CHECKING:
    from profond.experiment import TrainingInterrupted

EPILOG = (
    "Examples:  profond train boston   ·   profond train sales.csv --target price --drop id   ·   "
    "profond train clients.xlsx --target left --quick"
)

_DATA, _NETWORK, _TRAINING = "Data", "Network", "Training"


def train(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="CSV, TSV, Parquet or Excel file (text may be gzipped), or a bundled set: "
            "boston, iris.",
        ),
    ],
    target: Annotated[
        str | None,
        typer.Option("--target", "-t", help="Column to predict (bundled sets have a usual one)."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the model (default: runs/NAME-TARGET)."),
    ] = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="A first look: 3 seeds, 40 epochs, at most 5000 rows."),
    ] = False,
    drop: Annotated[
        list[str] | None,
        typer.Option(help="Column to leave out; may be repeated.", rich_help_panel=_DATA),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            help="Column of numbers that are names of categories; may be repeated.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    missing: Annotated[
        list[str] | None,
        typer.Option(
            help="Text that means a missing value, beside NA, ? and the like; may be repeated.",
            rich_help_panel=_DATA,
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            help="regression, binary or multiclass (default: read from the target).",
            rich_help_panel=_DATA,
        ),
    ] = None,
    test_size: Annotated[
        float | None,
        typer.Option(help="Share of rows for the test part (0.2).", rich_help_panel=_DATA),
    ] = None,
    validation_size: Annotated[
        float | None,
        typer.Option(
            help="Share of the other rows that decide when to stop (0.2).", rich_help_panel=_DATA
        ),
    ] = None,
    split_seed: Annotated[
        int | None, typer.Option(help="Seed of the test part (0).", rich_help_panel=_DATA)
    ] = None,
    max_rows: Annotated[
        int | None,
        typer.Option(help="At most so many training rows.", rich_help_panel=_DATA),
    ] = None,
    hidden: Annotated[
        str | None,
        typer.Option(help="Units of the hidden layers (128,128).", rich_help_panel=_NETWORK),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(help="Activation of the hidden layers (relu).", rich_help_panel=_NETWORK),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            help="Output of a regression: auto, relu (never negative) or linear.",
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(help="Share of units switched off in a step (0.1).", rich_help_panel=_NETWORK),
    ] = None,
    l2: Annotated[
        float | None,
        typer.Option(help="Weight of the L2 penalty (0.001).", rich_help_panel=_NETWORK),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Networks to train (5).", rich_help_panel=_TRAINING)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the first (0).", rich_help_panel=_TRAINING)
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="Epochs at most (300).", rich_help_panel=_TRAINING)
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            help="Epochs without improvement before stopping (30).", rich_help_panel=_TRAINING
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(help="Rows per step (16 to 512, by rows).", rich_help_panel=_TRAINING),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Step size of Adam (0.001).", rich_help_panel=_TRAINING)
    ] = None,
    separator: Separator = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
) -> None:
    """Train networks on a table, compare them with baselines, and keep them.

    The target decides the task, the output layer and the loss. Numbers are standardised,
    categories encoded, missing values handled. Several networks are trained from different
    seeds, measured on rows that none of them saw, and kept together in one folder.

    Ctrl-C stops the training and keeps the networks that are trained by then.
    """
    from profond.cli._interrupted import Interrupted
    from profond.cli._result_table import show_result
    from profond.data import open_table
    from profond.experiment import TrainingInterrupted, train_table
    from profond.experiment._folder import check_folder, holds_model
    from profond.experiment._prepare import target_name

    reading = reading_options(separator, decimal, encoding, header, sheet)
    names = [] if target is None else [target]
    table = open_table(data, missing=missing or (), names=names, **reading)
    name = target_name(table, target)
    folder = check_folder(out if out is not None else Path("runs") / _folder_name(table.name, name))
    replaces = holds_model(folder)
    given = {
        "drop": drop,
        "categories": category,
        "missing": missing,
        "task": task,
        "test_size": test_size,
        "validation_size": validation_size,
        "split_seed": split_seed,
        "max_rows": max_rows,
        "hidden": None if hidden is None else _units(hidden),
        "activation": activation,
        "output": output,
        "dropout": dropout,
        "l2": l2,
        "seeds": seeds,
        "seed": seed,
        "epochs": epochs,
        "patience": patience,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
    }
    asked = {key: value for key, value in given.items() if value is not None}
    try:
        result = train_table(table, name, quick=quick, **asked, **reading)
    except TrainingInterrupted as pressed:
        raise Interrupted(_keep(pressed, folder)) from pressed
    result.save(folder)
    show_result(result, folder, replaces=replaces)


def _keep(pressed: "TrainingInterrupted", folder: Path) -> str:
    """Keep what was trained when Ctrl-C was pressed, beside an older model, and say so."""
    from profond.experiment._folder import holds_model

    if pressed.model is None:
        return f"{pressed.summary}; none had finished an epoch, so nothing was kept."
    if holds_model(folder):  # a model that was finished is worth more
        folder = folder.with_name(f"{folder.name}-interrupted")
    pressed.save(folder)
    return (
        f"{pressed.summary}. The model of {len(pressed.model.networks)} network(s), not measured, "
        f"is in {folder}: profond predict {folder} NEW_ROWS.csv -o predictions.csv"
    )


def _folder_name(name: str, target: str) -> str:
    """`NAME-TARGET` with only characters that every file system takes."""
    plain = "".join(c if c.isalnum() or c in "._-" else "_" for c in f"{name}-{target}")
    return plain.strip("._") or "model"


def _units(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.replace(" ", ",").split(",") if part)
    except ValueError:
        raise ValueError(
            f"--hidden takes whole numbers with commas between, like 128,64; received {text!r}."
        ) from None
