"""Data in, a trained and measured model out, whatever the kind of data."""

import os
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from profond._late_bar import silenced
from profond._progress import Progress, automatic_progress, duration
from profond.data import NumberTarget
from profond.estimators._fitted import fitted_model, history_frame, restarts_said
from profond.estimators._members import Member, Trainer
from profond.estimators._trained_model import TrainedModel
from profond.experiment._evaluation import evaluate
from profond.experiment._interrupted import TrainingInterrupted
from profond.experiment._kind import Kind
from profond.experiment._kinds import kind_of
from profond.experiment._metrics import headline
from profond.experiment._result import RunResult, TestPart
from profond.experiment._rows import Prepared, Rows
from profond.experiment._run_description import RunDescription
from profond.experiment._state import RunState

_LONG = 5.0  # seconds from which the time is told before


def run_experiment(
    experiment: RunDescription,
    data: Any = None,
    *,
    verbose: bool = True,
    progress: Any = None,
    folder: str | os.PathLike[str] | None = None,
) -> Any:
    """Carry out a described run; see `RunDescription.run`."""
    data = experiment.data.source if data is None else data
    if data is None:
        raise ValueError(
            f"Say which {experiment.kind} to learn from: `data.source` in the description, "
            "or the first argument of `run`."
        )
    if progress is None:
        progress = automatic_progress() if verbose else Progress()
    kind = kind_of(experiment)
    with progress:
        with silenced(not verbose):
            opened = kind.open(experiment, data)
        experiment = kind.described(experiment, opened)
        if folder is None:
            return run_on(opened, experiment, progress)
        from profond.experiment._resume import run_in_folder

        return run_in_folder(opened, experiment, progress, folder)


def run_on(
    data: Any,
    experiment: RunDescription,
    progress: Progress,
    *,
    state: RunState | None = None,
) -> Any:
    """Train on opened data; see `run_experiment`.

    Args:
        data: What the kind's `open` gave.
        experiment: The description, with its target.
        progress: Where to show what happens.
        state: Where the networks are kept on the way, and those of an interrupted run are.

    Raises:
        TrainingInterrupted: If Ctrl-C was pressed while networks were trained or measured.
    """
    for note in data.notes:  # first, as they may explain why the data cannot be used
        progress.note(note)
    kind = kind_of(experiment)
    rows = kind.read_rows(data, experiment)
    whole = np.arange(len(rows.truth))
    validated = experiment.split.folds is not None
    # What is kept learns from all rows, where a cross-validation has measured how well.
    kept = kind.prepare(rows, *((whole, whole[:0]) if validated else rows.splits[0]))
    warned = [*rows.warnings, *kind.doubts(kept)]
    for note in rows.notes[len(data.notes) :]:
        progress.note(note)
    for text in warned:
        warnings.warn(text, stacklevel=4)
    if state is not None:
        state.begin(experiment, data)
    run = _Run(kind, rows, progress, state)
    folds = run.folds() if validated else []
    members = run.train(kept, "final", "the final networks" if validated else None)
    try:
        return _result(run, kept, members, folds, warned)
    except KeyboardInterrupt as pressed:
        raise run.interrupted(kept, members) from pressed


class _Run:
    """Trains the networks of a run, all its folds, and counts the time.

    Args:
        kind: The kind of data.
        rows: The rows.
        progress: Where to show what happens.
        state: Where the networks are kept on the way; None for nowhere.
    """

    def __init__(
        self, kind: Kind, rows: Rows, progress: Progress, state: RunState | None = None
    ) -> None:
        self.kind, self.rows, self.progress, self.state = kind, rows, progress, state
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
        asked = [member for member in members if member.finished] or list(members)
        return TrainingInterrupted(
            self.model(prepared, asked) if asked else None, members, self.experiment
        )

    def model(self, prepared: Prepared, members: Sequence[Member]) -> TrainedModel:
        """The model of trained networks."""
        trainer = self.trainer(prepared)
        sections = self.experiment.to_sections()
        return fitted_model(
            self.kind.model, trainer, prepared.preprocessor, members, experiment=sections
        )

    def folds(self) -> list["Fold"]:
        """Train and measure each fold of the cross-validation."""
        done: list[Fold] = []
        splits = self.rows.splits
        for number, (train, test) in enumerate(splits, 1):
            prepared = self.kind.prepare(self.rows, train, test)
            members = self.train(prepared, f"fold_{number:03d}", f"fold {number} of {len(splits)}")
            done.append(self.measured(prepared, self.model(prepared, members)))
        return done

    def measured(self, prepared: Prepared, model: TrainedModel) -> "Fold":
        """Predictions of the networks and of the baselines for the test rows of a part."""
        predictions = model.outputs_of_each(prepared.test_inputs)
        self.progress.stage("fitting the baselines")
        baselines = self.kind.baselines(prepared, model)
        return Fold(prepared.test, predictions, dict(baselines))

    def _say_how_long(self, trainer: Trainer, done: int) -> None:
        networks = self.experiment.seeds.count - done
        seconds = trainer.estimate_seconds(networks) if networks > 0 else 0.0
        if seconds > _LONG:
            stopping = self.experiment.training.patience is not None
            stops = "; they stop when they no longer improve" if stopping else ""
            self.progress.note(
                f"training takes at most about {duration(seconds)} "
                f"({networks} networks, up to "
                f"{self.experiment.training.epochs} epochs each{stops})"
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
) -> RunResult:
    rows, model = run.rows, run.model(kept, members)
    parts = folds or [run.measured(kept, model)]
    whole = Fold.together(parts)
    truth = rows.truth[whole.rows]
    run.progress.stage("measuring on the test part")
    result = run.kind.result(
        model=model,
        evaluation=evaluate(
            model.task,
            whole.members,
            whole.baselines,
            truth,
            folds=[len(part.rows) for part in parts] if folds else None,
            called=run.kind.rows,
            test_share=float(np.mean([len(b) / (len(a) + len(b)) for a, b in rows.splits])),
        ),
        history=history_frame(members),
        experiment=run.experiment,
        source=rows.data.source,
        name=run.experiment.data.name or rows.data.name,
        notes=(*rows.notes, *restarts_said(members)),
        warnings=tuple(warned),
        sizes={"train": len(kept.train), "test": len(np.unique(whole.rows))},
        best_epochs=tuple(member.best_epoch for member in members),
        restarts=tuple(member.restarts for member in members),
        held_out=tuple(len(member.validation) for member in members),
        seconds=run.seconds,
        test=TestPart(
            rows.places[whole.rows],
            truth,
            np.mean(np.stack(whole.members), axis=0),
            run.kind.some(rows.inputs, whole.rows),
            whole.baselines,
        ),
        **run.kind.facts(kept),
    )
    model.metrics = result.metrics()
    return result
