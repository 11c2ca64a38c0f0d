"""Carry out runs, several at a time, and keep what they give as it comes."""

import json
import os
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from profond._files import remove_unfinished, write_whole
from profond._lock import Lock
from profond.trials._fingerprint import fingerprint

_FILE = "trials.json"
_LOCK = ".trials.lock"
_FORMAT = 1
RESERVED = frozenset({"variant", "seed", "seconds"})


@dataclass(frozen=True)
class Run:
    """One run to do.

    Attributes:
        variant: Name of the variant.
        function: Called with the seed.
        seed: The seed.
    """

    variant: str
    function: Any
    seed: int


def carry_out(
    runs: Sequence[Run],
    metric: str,
    *,
    folder: str | os.PathLike[str] | None,
    workers: int | None,
    verbose: bool,
    reserved: Collection[str] = (),
) -> pd.DataFrame:
    """Do the runs that the folder has no result of.

    Args:
        runs: The runs.
        metric: Name of the number, where a run returns a single one.
        folder: Where results are kept, or None.
        workers: How many runs at a time; None for the number of cores.
        verbose: Whether to show a progress bar.
        reserved: Further names that results may not have.

    Returns:
        One row per run, in order: variant, seed, the numbers, seconds.
    """
    if workers is not None and (type(workers) is not int or workers < 1):
        raise ValueError(f"`workers` must be a whole number >= 1; received {workers!r}.")
    with _held(folder):
        kept = _Kept(folder, {run.variant: fingerprint(run.function) for run in runs})
        missing = [run for run in runs if (run.variant, run.seed) not in kept.results]
        count = min(workers or os.cpu_count() or 1, max(1, len(missing)))
        with _progress(verbose, len(runs), len(runs) - len(missing)) as advance:
            for place, outcome in _outcomes(missing, count):
                run = missing[place]
                kept.add(run, _as_numbers(outcome, run, metric, {*RESERVED, *reserved}))
                advance()
    without = [run for run in runs if metric not in kept.results[run.variant, run.seed]]
    if without:
        raise ValueError(
            f"the kept results of {without[0].variant!r} lack {metric!r}, the `metric`; they have "
            f"{sorted(kept.results[without[0].variant, without[0].seed])}."
        )
    rows = [
        {"variant": run.variant, "seed": run.seed, **kept.results[run.variant, run.seed]}
        for run in runs
    ]
    frame = pd.DataFrame(rows)
    return frame.reindex(columns=[*frame.columns.drop("seconds"), "seconds"])


def _outcomes(runs: Sequence[Run], workers: int) -> Iterator[tuple[int, Any]]:
    """Place and outcome of each run, as they finish."""
    if workers == 1:
        yield from (_one(place, run.function, run.seed) for place, run in enumerate(runs))
        return
    import joblib

    with joblib.parallel_config("loky", n_jobs=workers, inner_max_num_threads=1), telling_killed():
        work: Any = joblib.Parallel(return_as="generator_unordered")
        one: Any = joblib.delayed(_one)
        results = work(
            one(place, run.function, run.seed, os.getpid()) for place, run in enumerate(runs)
        )
        try:
            for result in results:  # noqa: UP028 - `yield from` closes before the block below
                yield result
        finally:
            with warnings.catch_warnings():
                # Who stops asking, after an error in a run, knows that the others are cancelled.
                warnings.filterwarnings("ignore", r"\d+ tasks which were still being processed")
                results.close()


@contextmanager
def telling_killed() -> Iterator[None]:
    """Inside, the end of a worker process is told in words.

    Raises:
        RuntimeError: If one was killed.
    """
    try:
        yield
    except BrokenProcessPool as error:
        raise RuntimeError(
            "a worker process was killed, perhaps for want of memory: try fewer `workers`. "
            "Results that a `folder` keeps are not lost."
        ) from error


@dataclass(frozen=True)
class _Failure:
    """What went wrong in a run."""

    error: str


def _one(place: int, function: Any, seed: int, parent: int | None = None) -> tuple[int, Any]:
    """Place, value and seconds of one run, with one thread and everything seeded.

    Args:
        place: What tells the run from others.
        function: Called with the seed.
        seed: The seed.
        parent: The process that waits for it, if it is another.
    """
    import torch

    from profond._randomness import seeded
    from profond.trials._interrupts import ended_by_interrupt
    from profond.trials._orphans import end_with

    end_with(parent)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    start = time.perf_counter()
    try:
        with ended_by_interrupt(), seeded(seed):
            value = function(seed)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - told by `_as_numbers`, with its name
        return place, _Failure(f"{type(error).__name__}: {error}")
    finally:
        torch.set_num_threads(threads)
    return place, (value, time.perf_counter() - start)


def _as_numbers(outcome: Any, run: Run, metric: str, reserved: Collection[str]) -> dict[str, float]:
    """The numbers of a run by name, with its seconds."""
    where = f"the variant {run.variant!r} with seed {run.seed}"
    if isinstance(outcome, _Failure):
        raise RuntimeError(f"{where} failed: {outcome.error}")
    value, took = outcome
    named = dict(value) if isinstance(value, Mapping) else {metric: value}
    numbers: dict[str, float] = {}
    for name, one in named.items():
        try:
            numbers[str(name)] = as_number(one)
        except TypeError:
            raise TypeError(
                f"{where} must return a number, or numbers by name; received {value!r}."
            ) from None
    taken = [name for name in numbers if name in reserved]
    if taken:
        raise ValueError(
            f"{where} returns {taken[0]!r}, a name that the table of results has for something "
            "else; give the number another name."
        )
    numbers["seconds"] = took
    if metric not in numbers:
        raise ValueError(
            f"{where} must return {metric!r}, the `metric`; received {sorted(numbers)}. Choose one "
            "of them by `metric=`."
        )
    return numbers


def as_number(value: Any) -> float:
    """A number of Python, NumPy or torch, an array or tensor of one too.

    Raises:
        TypeError: If it is none; a text of digits is none either.
    """
    try:
        plain = getattr(value, "item", lambda: value)()
        if not isinstance(plain, str | bytes):
            return float(np.asarray(plain))
    except (TypeError, ValueError, OverflowError, RuntimeError):  # several, or too great
        pass
    raise TypeError(f"no number: {value!r}")


@contextmanager
def _held(folder: str | os.PathLike[str] | None) -> Iterator[None]:
    """Make the folder, and hold it: two processes would write over each other's results.

    Raises:
        RuntimeError: If another process holds it.
    """
    if folder is None:
        yield
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    lock = Lock(Path(folder) / _LOCK)
    if not lock.take():
        raise RuntimeError(
            f"another process keeps its results in {os.fspath(folder)}. Wait for its end, or give "
            "another `folder`."
        )
    try:
        yield
    finally:
        lock.release()


class _Kept:
    """Results on disk, rewritten as a whole with each one.

    Args:
        folder: The folder, or None to keep them in memory alone.
        fingerprints: What identifies the function of each variant.
    """

    def __init__(self, folder: str | os.PathLike[str] | None, fingerprints: dict[str, str]) -> None:
        self.results: dict[tuple[str, int], dict[str, float]] = {}
        self._path = None if folder is None else Path(folder) / _FILE
        self._fingerprints = fingerprints
        if self._path is not None:
            remove_unfinished(self._path)  # of a process that was killed while it wrote
            if self._path.exists():
                self._read(self._path)

    def _read(self, path: Path) -> None:
        """Take up earlier results.

        Raises:
            ValueError: If the file is damaged, newer, or of other functions.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found, version = content["functions"], content["format"]
            rows = [(str(v), int(s), dict(n)) for v, s, n in content["results"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path} is not a whole file of results ({error}). Move it away to begin anew."
            ) from None
        if version != _FORMAT:
            raise ValueError(f"{path} has format {version}; this version reads {_FORMAT}.")
        changed = [
            name for name, mark in self._fingerprints.items() if found.get(name, mark) != mark
        ]
        if changed:
            raise ValueError(
                f"{path} has results of another function for {', '.join(map(repr, changed))}, or "
                "of the same one with other settings or data. Choose another `folder`, or move it "
                "away to begin anew."
            )
        self._fingerprints = {**found, **self._fingerprints}
        self.results = {(variant, seed): numbers for variant, seed, numbers in rows}

    def add(self, run: Run, numbers: dict[str, float]) -> None:
        """Keep the result of a run."""
        self.results[run.variant, run.seed] = numbers
        if self._path is not None:
            rows = [[variant, seed, found] for (variant, seed), found in self.results.items()]
            content = {"format": _FORMAT, "functions": self._fingerprints, "results": rows}
            write_whole(self._path, json.dumps(content, indent=1))


@contextmanager
def _progress(shown: bool, total: int, done: int) -> Iterator[Callable[[], object]]:
    """A progress bar on standard error; what is given is called after each run."""
    if not shown:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("runs", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, completed=done)
        yield lambda: bar.advance(task)
