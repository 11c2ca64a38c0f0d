"""A table in, a trained and measured model out."""

import os
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from profond._progress import Progress, automatic_progress, duration
from profond.data import NumberTarget, Table, open_table
from profond.estimators import TableModel
from profond.estimators._fitted import fitted_model, history_frame, restarts_said
from profond.estimators._members import Member, Trainer
from profond.experiment._baselines import baseline_predictions
from profond.experiment._evaluation import evaluate
from profond.experiment._interrupted import TrainingInterrupted
from profond.experiment._metrics import headline
from profond.experiment._prepare import (
    Prepared,
    Rows,
    column_warnings,
    prepare,
    profile,
    read_rows,
    target_name,
)
from profond.experiment._result import TableResult, TestPart
from profond.experiment._schema import QUICK, Experiment
from profond.experiment._state import RunState

_LONG = 5.0  # seconds from which the time is told before
_MOST_DRAWN = 20_000  # rows kept to draw the columns from


def train_table(
    data: Any,
    target: str | None = None,
    *,
    quick: bool = False,
    verbose: bool = True,
    progress: Progress | None = None,
    folder: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> TableResult:
    """Train networks on a table, measure them against baselines, and give back the model.

    The table's target decides the task, the output layer and the loss (notes 2.2, 2.3.1). A
    test part is set aside, the same for all seeds; preprocessing is fitted on the other rows;
    one network per seed is trained on them, each with an inner validation part of its own
    for early stopping. On the test part the networks, their mean and scikit-learn's baselines
    are compared. It is `Experiment.of(...).run(data)` in one call.

    Args:
        data: A path (CSV, TSV, Parquet, Excel), a bundled set ("boston", "iris"), a pandas or
            polars data frame, or a `Table` from `open_table`.
        target: The column to predict; the bundled sets have a usual one.
        quick: A first look: 3 seeds, 40 epochs, patience 4 and 5000 training rows, where
            these are not given.
        verbose: Whether to show progress on standard error.
        progress: A display of your own, in the place of that one.
        folder: Where to keep the result. A run with a folder that is interrupted or killed can
            be taken up again: `resume_training(folder)`, `profond train --resume FOLDER`.
        **settings: Settings of an `Experiment` by plain name: `seeds=3`, `hidden=(64,)`,
            `epochs=100`, `test_size=0.3`, `split="time"`, ...

    Returns:
        The result: `table()`, `verdict`, `predict(...)`, `save(folder)`.

    Raises:
        ValueError: If the table or a setting is not usable; the message says what to do.
        FileNotFoundError: If there is no such file.
        RuntimeError: If training fails.
        TrainingInterrupted: If Ctrl-C was pressed, a `KeyboardInterrupt` with what was trained.
    """
    given: dict[str, Any] = {} if target is None else {"target": target}
    given |= {name: value for name, value in settings.items() if value is not None}
    experiment = Experiment.of(**{**(QUICK if quick else {}), **given})
    return experiment.run(data, verbose=verbose, progress=progress, folder=folder)


def run_experiment(
    experiment: Experiment,
    data: Any = None,
    *,
    verbose: bool = True,
    progress: Any = None,
    folder: str | os.PathLike[str] | None = None,
) -> TableResult:
    """Carry out a described run; see `Experiment.run`."""
    data = experiment.data.source if data is None else data
    if data is None:
        raise ValueError(
            "Say which table to learn from: `data.source` in the description, or the first "
            "argument of `run`."
        )
    if progress is None:
        progress = automatic_progress() if verbose else Progress()
    with progress:
        table = open_for(experiment, data)
        target = target_name(table, experiment.data.target)
        experiment = experiment.with_settings({"target": target})
        if folder is None:
            return run_table(table, experiment, progress)
        from profond.experiment._resume import run_in_folder

        return run_in_folder(table, experiment, progress, folder)


def open_for(experiment: Experiment, data: Any) -> Table:
    """The table of a run, read as its description says."""
    if isinstance(data, Table):
        return data
    if isinstance(data, os.PathLike):
        data = os.fspath(data)
    names = [] if experiment.data.target is None else [experiment.data.target]
    return open_table(
        data, missing=experiment.data.missing, names=names, **experiment.reading.given
    )


def run_table(
    table: Table,
    experiment: Experiment,
    progress: Progress,
    *,
    state: RunState | None = None,
) -> TableResult:
    """Train on an opened table; see `train_table`.

    Args:
        table: The table.
        experiment: The description, with its target.
        progress: Where to show what happens.
        state: Where the networks are kept on the way, and those of an interrupted run are.

    Raises:
        TrainingInterrupted: If Ctrl-C was pressed while networks were trained or measured.
    """
    for note in table.notes:  # first, as they may explain why the table cannot be used
        progress.note(note)
    rows = read_rows(table, experiment)
    whole = np.arange(len(rows.truth))
    validated = experiment.split.folds is not None
    # What is kept learns from all rows, where a cross-validation has measured how well.
    kept = prepare(rows, whole, whole[:0]) if validated else prepare(rows, *rows.splits[0])
    warned = [*rows.warnings, *column_warnings(kept)]
    for note in rows.notes[len(table.notes) :]:
        progress.note(note)
    for text in warned:
        warnings.warn(text, stacklevel=4)
    if state is not None:
        state.begin(experiment, table)
    run = _Run(rows, progress, state)
    folds = run.folds() if validated else []
    members = run.train(kept, "final", "the final networks" if validated else None)
    try:
        return _result(run, kept, members, folds, warned)
    except KeyboardInterrupt as pressed:
        raise run.interrupted(kept, members) from pressed


class _Run:
    """Trains the networks of a run, all its folds, and counts the time.

    Args:
        rows: The rows.
        progress: Where to show what happens.
        state: Where the networks are kept on the way; None for nowhere.
    """

    def __init__(self, rows: Rows, progress: Progress, state: RunState | None = None) -> None:
        self.rows, self.progress, self.state = rows, progress, state
        self.experiment = rows.experiment
        self.seconds = 0.0

    def train(self, prepared: Prepared, name: str, what: str | None = None) -> list[Member]:
        """Train the networks on a part.

        Args:
            prepared: The part.
            name: Its name in the state.
            what: What is trained, to be shown; None if it is all there is.

        Raises:
            TrainingInterrupted: If Ctrl-C was pressed.
        """
        seeds, progress = self.experiment.seeds, self.progress
        trainer = self.trainer(prepared)
        keeper = None if self.state is None else self.state.part(name)
        members: list[Member] = []
        try:
            if what is not None:
                progress.note(f"training {what}")
            else:
                self._say_how_long(trainer, 0 if keeper is None else keeper.count)
            codec = trainer.part.codec
            scale = codec.scale if isinstance(codec, NumberTarget) else 1.0
            metric = headline(trainer.part.task).name
            began = time.perf_counter()
            epochs = self.experiment.training.epochs
            progress.start(seeds.count, epochs, metric=metric, scale=scale)
            for member in trainer.train(seeds.all, progress, keeper=keeper):
                members.append(member)
                known = keeper is not None and len(members) - 1 in keeper.restored
                if member.finished and not known:
                    progress.member_done(len(members) - 1, member.best_epoch)
            earlier = 0.0 if keeper is None else keeper.earlier
            self.seconds += time.perf_counter() - began + earlier
            return members
        except KeyboardInterrupt as pressed:
            raise self.interrupted(prepared, members) from pressed

    def trainer(self, prepared: Prepared) -> Trainer:
        """What trains on a part."""
        return Trainer(prepared.part, self.experiment.settings)

    def interrupted(self, prepared: Prepared, members: Sequence[Member]) -> TrainingInterrupted:
        """What Ctrl-C leaves."""
        return TrainingInterrupted(
            members, self.experiment, self.trainer(prepared), prepared.preprocessor
        )

    def model(self, prepared: Prepared, members: Sequence[Member]) -> TableModel:
        """The model of trained networks."""
        trainer = self.trainer(prepared)
        sections = self.experiment.to_sections()
        return fitted_model(trainer, prepared.preprocessor, members, experiment=sections)

    def folds(self) -> list["Fold"]:
        """Train and measure each fold of the cross-validation."""
        done: list[Fold] = []
        splits = self.rows.splits
        for number, (train, test) in enumerate(splits, 1):
            prepared = prepare(self.rows, train, test)
            members = self.train(prepared, f"fold_{number:03d}", f"fold {number} of {len(splits)}")
            done.append(self.measured(prepared, self.model(prepared, members)))
        return done

    def measured(self, prepared: Prepared, model: TableModel) -> "Fold":
        """Predictions of the networks and of the baselines for the test rows of a part."""
        count = len(model.networks)
        predictions = [model.outputs(prepared.test_inputs, i) for i in range(count)]
        self.progress.stage("fitting the baselines")
        baselines = baseline_predictions(
            model.task,
            (prepared.part.inputs, prepared.train_truth),
            prepared.test_inputs,
            len(model.classes),
        )
        return Fold(prepared.test, predictions, dict(baselines))

    def _say_how_long(self, trainer: Trainer, done: int) -> None:
        networks = self.experiment.seeds.count - done
        seconds = trainer.estimate_seconds(networks) if networks > 0 else 0.0
        if seconds > _LONG:
            self.progress.note(
                f"training takes at most about {duration(seconds)} "
                f"({networks} networks, up to "
                f"{self.experiment.training.epochs} epochs each; they stop when they no longer "
                "improve)"
            )


class Fold:
    """Test rows and what was predicted for them.

    Attributes:
        rows: The test rows.
        members: Predictions of each network.
        baselines: Predictions of each baseline, by name.
    """

    def __init__(
        self,
        rows: np.ndarray,
        members: Sequence[np.ndarray],
        baselines: Mapping[str, np.ndarray],
    ) -> None:
        self.rows, self.members, self.baselines = rows, list(members), dict(baselines)

    @staticmethod
    def together(folds: Sequence["Fold"]) -> "Fold":
        """The folds one after the other."""
        return Fold(
            np.concatenate([fold.rows for fold in folds]),
            [np.concatenate(parts) for parts in zip(*(f.members for f in folds), strict=True)],
            {
                name: np.concatenate([fold.baselines[name] for fold in folds])
                for name in folds[0].baselines
            },
        )


def _result(
    run: _Run, kept: Prepared, members: list[Member], folds: list[Fold], warned: list[str]
) -> TableResult:
    rows, model = run.rows, run.model(kept, members)
    parts = folds or [run.measured(kept, model)]
    whole = Fold.together(parts)
    truth = rows.truth[whole.rows]
    run.progress.stage("measuring on the test part")
    result = TableResult(
        model=model,
        evaluation=evaluate(
            model.task,
            whole.members,
            whole.baselines,
            truth,
            folds=[len(part.rows) for part in parts] if folds else None,
            test_share=float(np.mean([len(b) / (len(a) + len(b)) for a, b in rows.splits])),
        ),
        history=history_frame(members),
        experiment=run.experiment,
        source=rows.table.source,
        name=run.experiment.data.name or rows.table.name,
        notes=(*rows.notes, *restarts_said(members)),
        warnings=tuple(warned),
        sizes={"train": len(kept.part.inputs), "test": len(np.unique(whole.rows))},
        best_epochs=tuple(member.best_epoch for member in members),
        restarts=tuple(member.restarts for member in members),
        held_out=tuple(len(member.validation) for member in members),
        seconds=run.seconds,
        test=TestPart(
            rows.places[whole.rows],
            truth,
            np.mean(np.stack(whole.members), axis=0),
            rows.inputs.iloc[whole.rows],
            whole.baselines,
        ),
        profile=profile(kept),
        sample=_sample(rows),
    )
    model.metrics = result.metrics()
    return result


def _sample(rows: Rows) -> pd.DataFrame:
    """Rows to draw the columns from, of those that are used, in the order of the table."""
    used = np.unique(np.concatenate([part for split in rows.splits for part in split]))
    places = rows.places[used]
    if len(places) > _MOST_DRAWN:
        places = np.sort(np.random.default_rng(0).choice(places, _MOST_DRAWN, replace=False))
    return rows.table.frame.iloc[places]
