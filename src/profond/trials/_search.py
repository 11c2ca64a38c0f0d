"""Search for settings with Optuna: many trials in a storage, on several cores, resumable."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from numbers import Real
from typing import Any

import torch

from profond.trials._compare import checked_seeds
from profond.trials._comparison import is_lower_better
from profond.trials._found import SearchResult
from profond.trials._interrupts import ended_by_interrupt
from profond.trials._objective import (
    FunctionObjective,
    NoNumber,
    Objective,
    RunObjective,
    TrialFailed,
    holding_out,
)
from profond.trials._orphans import end_with
from profond.trials._runs import telling_killed
from profond.trials._space import Dimension, dimensions, plain, setting_space
from profond.trials._study import (
    Setup,
    address,
    check_identity,
    finished,
    mark,
    opened,
    quiet_optuna,
    require_optuna,
    take_up_stopped,
)
from profond.trials._training_rows import digest, read_training_rows


def search(
    experiment: Any,
    space: Mapping[str, Any] | None = None,
    *,
    data: Any = None,
    trials: int = 50,
    storage: Any = None,
    sampler: Any = "tpe",
    pruner: Any = "median",
    seeds: int | Sequence[int] = 3,
    metric: str = "score",
    lower_is_better: bool | None = None,
    timeout: float | None = None,
    workers: int | None = None,
    seed: int = 0,
    folder: str | os.PathLike[str] | None = None,
    name: str = "profond",
    verbose: bool = True,
) -> SearchResult:
    """Search for the settings with the best mean score over seeds.

        found = search(Experiment.of(epochs=100), data="boston", trials=30, folder="runs/search")
        print(found)                     # best settings, their validation score
        found.experiment.run("boston")   # trained with its seeds, measured on the test part

    The score of an experiment is measured on inner validation rows of its training part: the RMSE
    of a regression, in the target's unit, or the log loss of classes, at the epoch that is kept.
    Where the kind of data holds no rows out by default, as series, a fifth of the training part is
    held out in the trials, and what is trained with the best settings learns from all of it.
    The test part is not looked at, however many trials there are. The settings of the experiment
    itself are the first trial, where they lie in the space.

    The best of many validation scores is better than what new rows will show: report what `run`
    measures with the best settings.

    Args:
        experiment: An `Experiment`, `SeriesExperiment` or `ImageExperiment`; or a function that is
            called with a seed and a value for each name of the space (and with everything seeded),
            and returns a number.
        space: For each name a range `(low, high)`, on a logarithmic scale `(low, high, "log")`, a
            list of choices, or a distribution of `optuna.distributions`. Names are settings of an
            experiment ("training.learning_rate", or plain "learning_rate") or arguments of the
            function. None takes, for an experiment, its `default_space`.
        data: The table, series or images of an experiment, in the place of its `data.source`.
        trials: How many trials there are to be, with those that a storage has from before.
        storage: An address of Optuna's (SQLite, PostgreSQL, MySQL, ...) or one of its storages.
            Several machines may search at once in one. None keeps an SQLite file in `folder`, or
            without one nothing.
        sampler: "tpe" (Bergstra et al. 2011), "random", or one of `optuna.samplers`.
        pruner: "median" breaks off trials that are worse, at the same epoch of the first seed or
            after as many seeds, than the median of those before; None; or one of `optuna.pruners`.
        seeds: How many seeds each trial is trained with, from 0 on, or the seeds themselves.
        metric: What a function's number is called.
        lower_is_better: Whether small numbers of a function are good; read from the metric's name
            when None.
        timeout: Seconds after which no further trial begins.
        workers: How many trials at a time, each in a process and with one thread; all cores by
            default. 1 stays in this process, and gives the same trials each time.
        seed: Of the sampler.
        folder: Where the search is kept. One that was stopped or killed goes on from there.
        name: Name of the study in the storage.
        verbose: Whether to show a progress bar, on standard error.

    Returns:
        The best settings, all trials, pictures.

    Raises:
        ImportError: If Optuna is not installed.
        ValueError: If an argument or the data are not usable, or the storage has a search of this
            name of something else.
        TypeError: If `experiment` is none and no function either, or a function returns no number.
        RuntimeError: If a function fails, or there is no trial with a score.
    """
    require_optuna()
    _check_counts(trials=trials, workers=workers)
    if timeout is not None and not (isinstance(timeout, Real) and timeout > 0):
        raise ValueError(f"`timeout` must be seconds above 0, or None; received {timeout!r}.")
    if type(seed) is not int or seed < 0:
        raise ValueError(f"`seed` must be a whole number >= 0; received {seed!r}.")
    if not isinstance(name, str) or not name:
        raise ValueError(f"`name` must be a text, the study's; received {name!r}.")
    chosen = checked_seeds(seeds)
    objective, space_of, described = _objective(
        experiment, space, data, chosen, metric, lower_is_better
    )
    count = workers or os.cpu_count() or 1
    with ExitStack() as stack:
        stack.enter_context(quiet_optuna())
        scratch = None
        if count > 1 and storage is None and folder is None:
            scratch = stack.enter_context(tempfile.TemporaryDirectory())
        where = address(storage, folder, scratch)
        setup = Setup(where, name, sampler, pruner, objective.lower_is_better, seed)
        study = setup.open()
        space_text = "; ".join(f"{one.name}: {one.described}" for one in space_of)
        check_identity(study, {**objective.identity(), "space": space_text})
        first = take_up_stopped(study)
        if described is not None and not study.trials:
            own = [(one, _value(described, one.name)) for one in space_of]
            if all(one.holds(value) for one, value in own):
                first.append({one.name: one.encode(value) for one, value in own})
        work = _Work(setup, objective)
        choose = _Chooser(setup, study, space_of, first)
        count = min(count, max(1, trials - finished(study)))
        if count > 1 and _is_memory(where):
            raise ValueError(
                "`storage` must be one that several processes share for `workers` > 1; received "
                f"{where!r}. Give an address like 'sqlite:///search.db', or workers=1."
            )
        _carry_out(work, choose, trials, count, timeout, verbose)
        return SearchResult.of(study, space_of, objective.metric, described, scratch is not None)


def _objective(
    experiment: Any,
    space: Mapping[str, Any] | None,
    data: Any,
    seeds: list[int],
    metric: str,
    lower_is_better: bool | None,
) -> tuple[Any, list[Dimension], Any]:
    """What is made smaller or greater, the space, and the experiment if it is one."""
    from profond.experiment._run_description import RunDescription

    if not isinstance(experiment, RunDescription):
        if not callable(experiment):
            raise TypeError(
                "`experiment` must be an Experiment (SeriesExperiment, ImageExperiment) or a "
                f"function; received {experiment!r}."
            )
        if data is not None:
            raise ValueError("`data` goes with an Experiment; bind a function's data to it.")
        lower = is_lower_better(metric) if lower_is_better is None else lower_is_better
        objective = FunctionObjective(experiment, seeds, metric, lower)
        return objective, dimensions(space or {}), None
    rows = read_training_rows(experiment, data)
    objective = RunObjective(holding_out(rows), seeds, digest(rows))
    return objective, setting_space(rows.experiment, space), rows.experiment


class _Chooser:
    """Chooses the points of the trials, all in one process: an SQLite file has no locks for it.

    Args:
        setup: Where the study is.
        study: The study.
        space: Its space.
        first: Points to be tried before those of the sampler.
    """

    def __init__(
        self, setup: Setup, study: Any, space: list[Dimension], first: list[dict[str, Any]]
    ) -> None:
        self.setup, self.study, self.space, self.first = setup, study, space, first
        self.place = len(study.trials)

    def __call__(self) -> tuple[int, dict[str, Any]]:
        """Begin a trial; its number in the storage, and its values."""
        fixed = self.first.pop(0) if self.first else None
        self.study.sampler = self.setup.sampler_of(self.place, fixed)
        self.place += 1
        trial = self.study.ask()
        mark(trial)
        kept = {one.name: _suggested(trial, one) for one in self.space}
        return trial._trial_id, {one.name: one.decode(kept[one.name]) for one in self.space}


@dataclass(frozen=True)
class _Work:
    """What a process needs to carry out a trial."""

    setup: Setup
    objective: Objective

    def one(self, key: int, values: dict[str, Any], parent: int | None = None) -> None:
        """Carry out a trial, with one thread.

        Args:
            key: Its number in the storage.
            values: Its values.
            parent: The process that waits for it, if it is another.
        """
        import optuna

        end_with(parent)
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with ended_by_interrupt(), quiet_optuna():
                study = self.setup.join()
                self._one(study, optuna.Trial(study, key), values)
        finally:
            torch.set_num_threads(threads)

    def _one(self, study: Any, trial: Any, values: dict[str, Any]) -> None:
        from optuna import TrialPruned
        from optuna.trial import TrialState

        try:
            score = self.objective(values, _Report(trial))
        except TrialPruned:
            study.tell(trial, state=TrialState.PRUNED)
        except TrialFailed as failed:
            # Pruned without a value: the sampler takes it for worse than any other.
            trial.set_user_attr("failed", str(failed))
            study.tell(trial, state=TrialState.PRUNED)
        except KeyboardInterrupt:
            raise  # it counts as running: a search that goes on tries its point again
        except BaseException as error:
            study.tell(trial, state=TrialState.FAIL)
            told = isinstance(error, NoNumber) or not isinstance(error, Exception | SystemExit)
            if not told and isinstance(self.objective, FunctionObjective):
                raise RuntimeError(
                    f"the trial with {plain(values)} failed: {type(error).__name__}: {error}"
                ) from error
            raise
        else:
            study.tell(trial, score)


class _Report:
    """Tells a trial's score on the way, and breaks it off if the pruner says so."""

    def __init__(self, trial: Any) -> None:
        self.trial, self.last = trial, -1

    def __call__(self, score: float, step: int) -> None:
        from optuna import TrialPruned

        if step <= self.last:  # a training that was started again
            return
        self.last = step
        self.trial.report(score, step)
        if self.trial.should_prune():
            raise TrialPruned


def _suggested(trial: Any, one: Dimension) -> Any:
    """The value of a dimension that the sampler chooses for a trial."""
    from optuna.distributions import CategoricalDistribution, IntDistribution

    kind = one.distribution
    if isinstance(kind, CategoricalDistribution):
        return trial.suggest_categorical(one.name, kind.choices)
    if isinstance(kind, IntDistribution):
        return trial.suggest_int(one.name, kind.low, kind.high, step=kind.step, log=kind.log)
    return trial.suggest_float(one.name, kind.low, kind.high, step=kind.step, log=kind.log)


def _carry_out(
    work: _Work, choose: _Chooser, trials: int, workers: int, timeout: float | None, verbose: bool
) -> None:
    """Do the trials that are missing."""
    begun, done = time.monotonic(), finished(choose.study)

    def chosen() -> Iterator[tuple[int, dict[str, Any]]]:
        for _ in range(trials - done):
            if timeout is not None and time.monotonic() - begun >= timeout:
                return
            yield choose()

    with _progress(verbose, trials, done, choose.study) as advance:
        if workers == 1:
            for key, values in chosen():
                work.one(key, values)
                advance()
            return
        import joblib

        backend = joblib.parallel_config("loky", n_jobs=workers, inner_max_num_threads=1)
        with backend, telling_killed():
            # A point is chosen when a process is free for it: it knows the scores before it.
            parallel: Any = joblib.Parallel
            shared = parallel(return_as="generator_unordered", pre_dispatch=workers)
            one: Any = joblib.delayed(work.one)
            for _ in shared(one(key, values, os.getpid()) for key, values in chosen()):
                advance()


@contextmanager
def _progress(shown: bool, total: int, done: int, study: Any) -> Iterator[Callable[[], object]]:
    """A progress bar on standard error with the best score; called after each trial."""
    if not shown:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    best = TextColumn("{task.description}")
    columns = ("trials", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), best)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, completed=done)

        def advance() -> None:
            try:
                text = f"best {study.best_value:.4g}"
            except ValueError:  # no trial has a score yet
                text = ""
            bar.update(task, advance=1, description=text)

        yield advance


def _value(experiment: Any, name: str) -> Any:
    section, _, field = name.partition(".")
    return getattr(getattr(experiment, section), field)


def _is_memory(storage: Any) -> bool:
    from optuna.storages import InMemoryStorage

    return isinstance(opened(storage), InMemoryStorage)


def _check_counts(**counts: Any) -> None:
    for name, value in counts.items():
        if value is None and name == "workers":
            continue
        if type(value) is not int or value < 1:
            raise ValueError(f"`{name}` must be a whole number >= 1; received {value!r}.")
