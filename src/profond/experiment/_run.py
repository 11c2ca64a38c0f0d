"""A table in, a trained and measured model out."""

import os
import time
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from profond.data import NumberTarget, Table, open_table
from profond.experiment._baselines import baseline_predictions
from profond.experiment._evaluation import evaluate
from profond.experiment._interrupted import TrainingInterrupted
from profond.experiment._metrics import headline
from profond.experiment._model import TableModel
from profond.experiment._prepare import Prepared, prepare, target_name
from profond.experiment._progress import Progress, automatic_progress, duration
from profond.experiment._result import TableResult, TestPart
from profond.experiment._settings import QUICK, TableSettings
from profond.experiment._training import (
    Member,
    TrainingPart,
    estimate_seconds,
    train_members,
)

_LONG = 5.0  # seconds from which the time is told before


def train_table(
    data: Any,
    target: str | None = None,
    *,
    drop: Sequence[str] = (),
    categories: Sequence[str] = (),
    missing: Sequence[str] = (),
    task: str | None = None,
    seeds: int | None = None,
    seed: int = 0,
    test_size: float = 0.2,
    validation_size: float = 0.2,
    split_seed: int = 0,
    hidden: Sequence[int] = TableSettings.hidden,
    activation: str = "relu",
    output: str = "auto",
    dropout: float = TableSettings.dropout,
    l2: float = TableSettings.l2,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float = TableSettings.learning_rate,
    patience: int | None = None,
    max_rows: int | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    sheet: str | int | None = None,
    quick: bool = False,
    verbose: bool = True,
    progress: Progress | None = None,
) -> TableResult:
    """Train networks on a table, measure them against baselines, and give back the model.

    The table's target decides the task, the output layer and the loss (notes 2.2, 2.3.1). A
    test part is set aside, the same for all seeds; preprocessing is fitted on the other rows;
    one network per seed is trained on them, each with an inner validation part of its own
    for early stopping. On the test part the networks, their mean and scikit-learn's baselines
    are compared.

    Args:
        data: A path (CSV, TSV, Parquet, Excel), a bundled set ("boston", "iris"), a pandas or
            polars data frame, or a `Table` from `open_table`.
        target: The column to predict; the bundled sets have a usual one.
        drop: Columns to leave out.
        categories: Columns of numbers to treat as categories.
        missing: Texts that mean "missing" beside the usual ones.
        task: "regression", "binary" or "multiclass"; inferred when None.
        seeds: How many networks, 5 by default.
        seed: Seed of the first; the next have the next whole numbers.
        test_size: Share of the rows in the test part, in (0, 1).
        validation_size: Share of the other rows on which each network decides when to stop.
        split_seed: Seed of the test part.
        hidden: Units of each hidden layer.
        activation: Activation of the hidden layers.
        output: Output of a regression: "auto", "relu" or "linear".
        dropout: Share of hidden units switched off in each step, in [0, 1).
        l2: Weight of the L2 penalty, >= 0.
        epochs: Largest number of epochs, 300 by default.
        batch_size: Rows per step; chosen by the number of rows when None.
        learning_rate: Step size of Adam.
        patience: Epochs without improvement before a network stops, 30 by default.
        max_rows: At most so many training rows, drawn at random.
        separator: Character between the fields of a text file; detected when None.
        decimal: Decimal mark of a text file; detected when None.
        encoding: Encoding of a text file; detected when None.
        header: Whether the first row of a text file holds the names; detected when None.
        sheet: Sheet of an Excel file, by name or by place; the first when None.
        quick: A first look: 3 seeds, 40 epochs, patience 8 and 5000 training rows, where
            these are not given.
        verbose: Whether to show progress on standard error.
        progress: A display of your own, in the place of that one.

    Returns:
        The result: `table()`, `verdict`, `predict(...)`, `save(folder)`.

    Raises:
        ValueError: If the table or a setting is not usable; the message says what to do.
        FileNotFoundError: If there is no such file.
        RuntimeError: If training fails.
        TrainingInterrupted: If Ctrl-C was pressed, a `KeyboardInterrupt` with what was trained.
    """
    chosen: dict[str, Any] = {
        "seeds": seeds,
        "epochs": epochs,
        "patience": patience,
        "max_rows": max_rows,
    }
    given = {name: value for name, value in chosen.items() if value is not None}
    if isinstance(data, os.PathLike):
        data = os.fspath(data)
    reading: dict[str, Any] = {
        "separator": separator,
        "decimal": decimal,
        "encoding": encoding,
        "header": header,
        "sheet": sheet,
    }
    table = data
    if not isinstance(data, Table):
        names = [] if target is None else [target]
        table = open_table(data, missing=missing, names=names, **reading)
    settings = TableSettings(
        target=target_name(table, target),
        drop=tuple(drop),
        categories=tuple(categories),
        missing=tuple(missing),
        task=task,
        test_size=test_size,
        validation_size=validation_size,
        split_seed=split_seed,
        hidden=tuple(hidden),
        activation=activation,
        output=output,
        dropout=dropout,
        l2=l2,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=seed,
        **reading,
        **{**(QUICK if quick else {}), **given},
    )
    if progress is None:
        progress = automatic_progress() if verbose else Progress()
    with progress:
        return run_table(table, settings, progress)


def run_table(table: Table, settings: TableSettings, progress: Progress) -> TableResult:
    """Carry out a described run; `train_table` has the arguments one by one.

    Args:
        table: The table, from `open_table`.
        settings: The settings.
        progress: Where to show what happens.

    Raises:
        TrainingInterrupted: If Ctrl-C was pressed while networks were trained or measured.
    """
    for note in table.notes:  # first, as they may explain why the table cannot be used
        progress.note(note)
    prepared = prepare(table, settings)
    settings = prepared.settings
    for note in prepared.notes[len(table.notes) :]:
        progress.note(note)
    for text in prepared.warnings:
        warnings.warn(text, stacklevel=3)
    part = prepared.part
    members: list[Member] = []
    try:
        _say_how_long(part, settings, progress)
        scale = part.codec.scale if isinstance(part.codec, NumberTarget) else 1.0
        metric = headline(part.task).name
        began = time.perf_counter()
        progress.start(settings.seeds, settings.epochs, metric=metric, scale=scale)
        for member in train_members(part, settings, progress):
            members.append(member)
            if member.finished:
                progress.member_done(len(members) - 1, member.best_epoch)
        took = time.perf_counter() - began
        return _measured(table, prepared, members, took, progress)
    except KeyboardInterrupt as pressed:
        raise TrainingInterrupted(members, settings, part, prepared.preprocessor) from pressed


def _say_how_long(part: TrainingPart, settings: TableSettings, progress: Progress) -> None:
    seconds = estimate_seconds(part, settings)
    if seconds > _LONG:
        progress.note(
            f"training takes at most about {duration(seconds)} "
            f"({settings.seeds} networks, up to {settings.epochs} epochs each; they stop when "
            "they no longer improve)"
        )


def _measured(
    table: Table, prepared: Prepared, members: Sequence[Member], took: float, progress: Progress
) -> TableResult:
    part, settings = prepared.part, prepared.settings
    model = TableModel(
        part.task,
        part.codec,
        prepared.preprocessor,
        [member.network for member in members],
        seeds=settings.all_seeds,
        settings=settings,
    )
    predictions = [model.outputs(prepared.test_inputs, i) for i in range(len(members))]
    baselines = _baselines(prepared, model, progress)
    progress.stage("measuring on the test part")
    result = TableResult(
        model=model,
        evaluation=evaluate(part.task, predictions, baselines, prepared.test_truth),
        history=history_frame(members),
        settings=settings,
        source=table.source,
        name=table.name,
        notes=(*prepared.notes, *_restarts(members)),
        warnings=prepared.warnings,
        sizes={"train": len(part.inputs), "test": len(prepared.test_truth)},
        best_epochs=tuple(member.best_epoch for member in members),
        seconds=took,
        test=TestPart(
            prepared.test_rows, prepared.test_truth, np.mean(np.stack(predictions), axis=0)
        ),
        profile=prepared.profile,
    )
    model.metrics = result.metrics()
    return result


def _baselines(prepared: Prepared, model: TableModel, progress: Progress) -> dict[str, np.ndarray]:
    progress.stage("fitting the baselines")
    return dict(
        baseline_predictions(
            model.task,
            (prepared.part.inputs, prepared.train_truth),
            prepared.test_inputs,
            len(model.classes),
        )
    )


def history_frame(members: Sequence[Member]) -> pd.DataFrame:
    """One row per seed and epoch (counted from 1), a column per loss and metric."""
    parts = []
    for member in members:
        part = pd.DataFrame(member.history)
        part.insert(0, "seed", member.seed)
        part.insert(1, "epoch", np.arange(1, len(part) + 1))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _restarts(members: Sequence[Member]) -> list[str]:
    return [
        f"seed {member.seed} was started again {member.restarts} time(s): its output had died at 0"
        for member in members
        if member.restarts
    ]
