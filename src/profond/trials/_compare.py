"""The doors: seeds, grids, and named variants."""

import functools
import itertools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any

from profond.trials._comparison import Comparison, is_lower_better
from profond.trials._runs import RESERVED, Run, carry_out

Trial = Callable[..., Any]


def compare(
    variants: Mapping[str, Trial],
    *,
    seeds: int | Sequence[int] = 20,
    metric: str = "score",
    lower_is_better: bool | None = None,
    folder: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    verbose: bool = True,
) -> Comparison:
    """Run each variant with the same seeds, and measure how much they differ.

    The seeds are paired: what a seed decides alike for two variants (the split of the rows,
    say) cancels out of their difference.

        def accuracy(seed, standardise):
            ...                       # split, build, train; Python, NumPy and torch are seeded
            return model.evaluate(x_test, y_test)[1]

        found = compare({"raw": partial(accuracy, standardise=False),
                         "standardised": partial(accuracy, standardise=True)},
                        metric="accuracy")
        print(found)

    Args:
        variants: A function for each name. It is called with a seed and returns a number, or
            several by name. Lambdas and functions of a notebook will do. Names that are no texts
            are made to texts.
        seeds: How many seeds, from 0 on, or the seeds themselves.
        metric: What the number is called. Of several numbers, the one that sentences are about.
        lower_is_better: Whether small numbers are good; read from the metric's name ("loss",
            "rmse", "accuracy", "score", ...) when None.
        folder: Where results are kept, one by one as they come. A comparison that was stopped
            goes on from there, and more seeds or variants may be added, by one process at a time.
            Results of a function that has changed are refused (its own code and what is bound to
            it are compared, not what it calls). None keeps nothing.
        workers: How many runs at a time, each in a process and with one thread of its own; all
            cores by default. 1 stays in this process. The results are the same.
        verbose: Whether to show a progress bar, on standard error.

    Returns:
        The results, their means and differences.

    Raises:
        ValueError: If there is no variant or seed, a name or seed occurs twice, the metric's name
            does not tell which numbers are good, a result lacks it, or the folder holds results of
            other functions.
        TypeError: If a variant cannot be called, or returns something else than numbers.
        RuntimeError: If a run failed, and those that had finished are kept in the folder; or if
            another process is at work in it.
    """
    options = {"folder": folder, "workers": workers, "verbose": verbose}
    return _compared(variants, seeds, metric, lower_is_better, **options)


def _compared(
    variants: Mapping[str, Trial],
    seeds: Any,
    metric: str,
    lower_is_better: bool | None,
    **options: Any,
) -> Comparison:
    """`compare`, with the further options of `carry_out`."""
    if not isinstance(metric, str) or not metric:
        raise ValueError(f"`metric` must be the name of a number; received {metric!r}.")
    lower = is_lower_better(metric) if lower_is_better is None else lower_is_better
    named = _checked(variants)
    runs = [
        Run(variant, function, seed)
        for seed in checked_seeds(seeds)
        for variant, function in named.items()
    ]
    return Comparison(carry_out(runs, metric, **options), metric, lower_is_better=lower)


def over_seeds(run: Trial, *, seeds: int | Sequence[int] = 20, **options: Any) -> Comparison:
    """Run the same thing with several seeds: how much of a result is luck?

    Args:
        run: Called with a seed; returns a number, or several by name.
        seeds: How many seeds, from 0 on, or the seeds themselves.
        **options: As for `compare`.

    Returns:
        The results, of a single variant named after the function.
    """
    return compare({_name(run): run}, seeds=seeds, **options)


def over_grid(
    run: Trial,
    grid: Mapping[str, Iterable[Any]],
    *,
    seeds: int | Sequence[int] = 5,
    metric: str = "score",
    lower_is_better: bool | None = None,
    folder: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    verbose: bool = True,
) -> Comparison:
    """Run all combinations of some arguments, each with the same seeds.

    Args:
        run: Called with a seed and one value of each argument.
        grid: The values of each argument, by its name.
        seeds: How many seeds, from 0 on, or the seeds themselves.
        metric: As for `compare`; so are the rest.
        lower_is_better: Whether small numbers are good.
        folder: Where results are kept.
        workers: How many runs at a time.
        verbose: Whether to show a progress bar.

    Returns:
        The results; the arguments are columns of `frame`, and "rate=0.1, units=8" is a variant.

    Raises:
        ValueError: If the grid is empty, an argument has no list of values, or its name is that of
            a column of the results.
    """
    lists = _lists(grid)
    if not lists or not all(lists.values()):
        raise ValueError(
            f"`grid` must give at least one value for each argument; received {lists!r}."
        )
    if metric in lists or RESERVED & set(lists):
        raise ValueError(
            f"`grid` must not have arguments named {', '.join(sorted(RESERVED))} or {metric}, as "
            f"columns of the results are; received {list(lists)}. Wrap `run` in a function whose "
            "argument has another name, or call the `metric` otherwise."
        )
    points = [
        dict(zip(lists, values, strict=True)) for values in itertools.product(*lists.values())
    ]
    said = {argument: _labels(values) for argument, values in lists.items()}
    names = [
        ", ".join(f"{key}={label}" for key, label in zip(said, labels, strict=True))
        for labels in itertools.product(*said.values())
    ]
    named = dict(zip(names, points, strict=True))
    if len(named) < len(points):
        raise ValueError(f"`grid` must hold each value once; received {lists!r}.")
    variants = {name: functools.partial(run, **point) for name, point in named.items()}
    options = {"folder": folder, "workers": workers, "verbose": verbose, "reserved": list(lists)}
    found = _compared(variants, seeds, metric, lower_is_better, **options)
    for place, argument in enumerate(lists, start=1):
        values = [named[variant][argument] for variant in found.frame["variant"]]
        found.frame.insert(place, argument, values)
    return found


def checked_seeds(seeds: int | Sequence[int]) -> list[int]:
    """The seeds, each once.

    Raises:
        ValueError: If there are none, or one is no whole number >= 0 or occurs twice.
    """
    counted = isinstance(seeds, Integral) and not isinstance(seeds, bool)
    several: Any = range(int(seeds)) if counted else seeds  # pyright: ignore[reportArgumentType]
    given = list(several) if isinstance(several, Iterable) else []
    chosen = [int(seed) for seed in given if isinstance(seed, Integral)]
    if not chosen or len(chosen) < len(given) or len(set(chosen)) < len(chosen) or min(chosen) < 0:
        raise ValueError(
            f"`seeds` must be a number >= 1, or different whole numbers >= 0; received {seeds!r}."
        )
    return chosen


def _lists(grid: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
    """The values of each argument of a grid."""
    if not isinstance(grid, Mapping):
        raise ValueError(
            f"`grid` must be lists of values by name, {{'rate': [0.1, 0.01]}}; received {grid!r}."
        )
    lists = {}
    for argument, values in grid.items():
        if not isinstance(argument, str):
            raise ValueError(f"`grid` must have names of arguments; received {argument!r}.")
        # A text is no list of its letters.
        if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
            raise ValueError(
                f"`grid[{argument!r}]` must be a list of values; received {values!r}. Write "
                f"[{values!r}] for a single one."
            )
        lists[argument] = list(values)
    return lists


def _labels(values: list[Any]) -> list[str]:
    """What values are called: a function by its name, not its address, another in each session."""
    names = [str(getattr(value, "__name__", value)) for value in values]
    return names if len(set(names)) == len(names) else [str(value) for value in values]


def _checked(variants: Mapping[str, Trial]) -> dict[str, Trial]:
    """The functions by name, the names as texts."""
    if not isinstance(variants, Mapping) or not variants:
        raise ValueError(
            f"`variants` must be functions by name, {{'raw': run_raw, ...}}; received {variants!r}."
        )
    for name, function in variants.items():
        if not callable(function):
            raise TypeError(
                f"the variant {name!r} must be a function of a seed; received {function!r}."
            )
    named = {str(name): function for name, function in variants.items()}
    if len(named) < len(variants):
        raise ValueError(
            f"`variants` must have names that are different texts; received {list(variants)!r}."
        )
    return named


def _name(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__name__", type(function).__name__).strip("<>")
