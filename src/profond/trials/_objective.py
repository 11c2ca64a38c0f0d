"""What a search makes smaller or greater: the score of one point of its space."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch

from profond._progress import Progress
from profond._randomness import seeded
from profond.callbacks import Callback

Report = Callable[[float, int], None]
_REPORTS = 30  # of a training, at most: each one is written to the storage
_LEAST = 1e-7  # a probability of 0 is no infinite loss: float32 knows none below it beside 1
_VALIDATION, _HELD_OUT = "training.validation_size", 0.2
_NOTHING_HELD_OUT = (
    "scores need rows that are held out: `training.validation_size` must be above 0 and leave at "
    "least one of 10 or more training rows."
)


def holding_out(rows: Any) -> Any:
    """The rows with an experiment that holds some of them out, to measure its trials on.

    Where that is not the default of the kind of data, as of series, a fifth is.

    Raises:
        ValueError: If the experiment is to hold none out.
    """
    experiment = rows.experiment
    if experiment.training.validation_size:
        return rows
    if "validation_size" in experiment.training.changed():
        raise ValueError(_NOTHING_HELD_OUT)
    return replace(rows, experiment=experiment.with_settings({_VALIDATION: _HELD_OUT}))


class TrialFailed(Exception):
    """A point of the space with which there is no score."""


class NoNumber(TypeError):
    """What a function returned is no number: told as it is, not as a failure of the function."""


@runtime_checkable
class Objective(Protocol):
    """The score of values, told on the way to `report`, which may break it off."""

    metric: str
    lower_is_better: bool

    def __call__(self, values: Mapping[str, Any], report: Report) -> float:
        """The score."""
        ...

    def identity(self) -> dict[str, str]:
        """What must be the same for trials to belong to one search."""
        ...


@dataclass(frozen=True)
class FunctionObjective:
    """The mean of a function over seeds.

    Attributes:
        function: Called with a seed and the values by name; returns a number.
        seeds: The seeds.
        metric: What the number is called.
        lower_is_better: Whether small numbers are good.
    """

    function: Any
    seeds: Sequence[int]
    metric: str
    lower_is_better: bool

    def __call__(self, values: Mapping[str, Any], report: Report) -> float:
        """The mean over the seeds; the mean so far is reported after each."""
        from profond.trials._runs import as_number

        scores: list[float] = []
        for place, seed in enumerate(self.seeds):
            with seeded(seed):
                given = self.function(seed, **values)
            try:
                scores.append(as_number(given))
            except TypeError:
                raise NoNumber(
                    f"the function must return a number; received {given!r} with seed {seed} and "
                    f"{dict(values)!r}."
                ) from None
            if not math.isfinite(scores[-1]):
                raise TrialFailed(f"seed {seed} gave {scores[-1]}")
            report(float(np.mean(scores)), place)
        return float(np.mean(scores))

    def identity(self) -> dict[str, str]:
        """The function and the seeds."""
        from profond.trials._fingerprint import fingerprint

        return {"function": fingerprint(self.function), "seeds": repr(list(self.seeds))}


@dataclass(frozen=True)
class RunObjective:
    """The mean over seeds of the score on inner validation rows, with which the epoch is kept.

    The score is the RMSE of a regression, in the target's unit, or the log loss of classes, without
    the penalty of the weights: a search over that penalty would else be won by the least one.

    Attributes:
        rows: The rows of a run, split; only the training part is used. Its experiment holds some
            out (`holding_out`).
        seeds: The seeds of the networks, each with inner validation rows of its own.
        data: A digest of the data.
    """

    rows: Any
    seeds: Sequence[int]
    data: str
    lower_is_better: bool = True

    @property
    def metric(self) -> str:
        """The name of the score."""
        regression = self.rows.experiment.data.task == "regression"
        return "validation RMSE" if regression else "validation log loss"

    def __call__(self, values: Mapping[str, Any], report: Report) -> float:
        """Train one network per seed, and give the mean score."""
        from profond.estimators._members import Trainer
        from profond.trials._training_rows import prepared_training_part

        experiment = self.rows.experiment.with_settings(values)
        prepared = prepared_training_part(replace(self.rows, experiment=experiment))
        trainer = Trainer(prepared.part, experiment.settings)
        epochs = experiment.training.epochs
        scores: list[float] = []
        for place, seed in enumerate(self.seeds):
            # The first seed tells on the way; the mean so far follows after each further one.
            watch = _Scores(prepared.part.codec, report if not place else None, epochs)
            try:
                member = next(trainer.train([seed], Progress(), callbacks=[watch]))
            except RuntimeError as error:
                raise TrialFailed(str(error)) from error
            if not watch.scores:
                raise ValueError(_NOTHING_HELD_OUT)
            scores.append(_score_of_kept(trainer, member, watch))
            if place:
                report(float(np.mean(scores)), epochs + place)
        return float(np.mean(scores))

    def identity(self) -> dict[str, str]:
        """The experiment without what is searched or comes after, the seeds, the data."""
        sections = self.rows.experiment.to_sections()
        sections.pop("seeds", None)
        sections.get("data", {}).pop("source", None)
        kind = self.rows.experiment.kind
        return {"settings": repr(sections), "seeds": repr(list(self.seeds)), kind: self.data}


def _score_of_kept(trainer: Any, member: Any, watch: "_Scores") -> float:
    """The score of a network as it is kept: at its epoch, or with the output fitted after it.

    Args:
        trainer: What trained it.
        member: The network.
        watch: The scores of its epochs.
    """
    part, rows = trainer.part, member.validation
    refitted = getattr(trainer.settings.training, "refit_output", False)
    if part.task == "regression" or not refitted:
        return watch.scores[member.best_epoch - 1]
    said = member.network.predict(part.inputs[rows], verbose=0).astype(np.float64)
    if part.task == "binary":
        said = np.column_stack([1 - said[:, 0], said[:, 0]])
    true = np.maximum(said[np.arange(len(rows)), part.target[rows]], _LEAST)
    weights = None if part.weights is None else part.weights[rows]
    return float(np.average(-np.log(true), weights=weights))


class _Scores(Callback):
    """The validation score of each epoch, the least one reported now and then.

    Args:
        codec: The fitted target.
        report: Told the least score so far, or None.
        epochs: Of the training, at most.
    """

    def __init__(self, codec: Any, report: Report | None, epochs: int) -> None:
        super().__init__()
        self.codec, self.report = codec, report
        self.every = max(1, epochs // _REPORTS)
        self.scores: list[float] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin anew: a network whose output died is started again."""
        self.scores = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Take the score."""
        if not logs or "val_loss" not in logs:
            return
        if self.codec.task == "regression":
            score = math.sqrt(float(logs["val_mean_squared_error"])) * self.codec.scale
        else:
            with torch.no_grad():
                penalty = sum(float(added) for added in self.model.losses)
            score = float(logs["val_loss"]) - penalty
        self.scores.append(score)
        if self.report is not None and (epoch + 1) % self.every == 0 and math.isfinite(score):
            self.report(min(self.scores), epoch)
