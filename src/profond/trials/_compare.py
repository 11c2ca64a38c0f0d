"""The doors: seeds, grids, and named variants."""

import functools
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from profond.trials._comparison import Comparison
from profond.trials._runs import Run, carry_out

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
            several by name. Lambdas and functions of a notebook will do.
        seeds: How many seeds, from 0 on, or the seeds themselves.
        metric: What the number is called. Of several numbers, the one that sentences are about.
        lower_is_better: Whether small numbers are good; read from the metric's name ("loss",
            "error", "rmse", ...) when None.
        folder: Where results are kept, one by one as they come. A comparison that was stopped
            goes on from there. None keeps nothing.
        workers: How many runs at a time, each in a process and with one thread of its own; all
            cores by default. 1 stays in this process. The results are the same.
        verbose: Whether to show a progress bar, on standard error.

    Returns:
        The results, their means and differences.

    Raises:
        ValueError: If there is no variant or seed, a name or seed occurs twice, a result lacks
            the metric, or the folder holds results of other functions.
        TypeError: If a variant cannot be called, or returns something else than numbers.
        RuntimeError: If a run failed; those that had finished are kept in the folder.
    """
    runs = [
        Run(variant, function, seed)
        for seed in _seeds(seeds)
        for variant, function in _checked(variants).items()
    ]
    frame = carry_out(runs, metric, folder=folder, workers=workers, verbose=verbose)
    return Comparison(frame, metric, lower_is_better=lower_is_better)


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
    run: Trial, grid: Mapping[str, Sequence[Any]], *, seeds: int | Sequence[int] = 5, **options: Any
) -> Comparison:
    """Run all combinations of some arguments, each with the same seeds.

    Args:
        run: Called with a seed and one value of each argument.
        grid: The values of each argument, by its name.
        seeds: How many seeds, from 0 on, or the seeds themselves.
        **options: As for `compare`.

    Returns:
        The results; the arguments are columns of `frame`, and "rate=0.1, units=8" is a variant.

    Raises:
        ValueError: If the grid is empty.
    """
    if not grid or not all(len(values) for values in grid.values()):
        raise ValueError(
            f"`grid` must give at least one value for each argument; received {dict(grid)!r}."
        )
    points = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    named = {", ".join(f"{key}={value}" for key, value in point.items()): point for point in points}
    if len(named) < len(points):
        raise ValueError(f"`grid` must hold each value once; received {dict(grid)!r}.")
    variants = {name: functools.partial(run, **point) for name, point in named.items()}
    found = compare(variants, seeds=seeds, **options)
    for place, argument in enumerate(grid, start=1):
        values = [named[variant][argument] for variant in found.frame["variant"]]
        found.frame.insert(place, argument, values)
    return found


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    """The seeds, each once."""
    chosen = list(range(seeds)) if isinstance(seeds, int) else [int(seed) for seed in seeds]
    if not chosen or len(set(chosen)) < len(chosen) or min(chosen) < 0:
        raise ValueError(
            f"`seeds` must be a number >= 1, or different whole numbers >= 0; received {seeds!r}."
        )
    return chosen


def _checked(variants: Mapping[str, Trial]) -> Mapping[str, Trial]:
    if not isinstance(variants, Mapping) or not variants:
        raise ValueError(
            f"`variants` must be functions by name, {{'raw': run_raw, ...}}; received {variants!r}."
        )
    for name, function in variants.items():
        if not callable(function):
            raise TypeError(
                f"the variant {name!r} must be a function of a seed; received {function!r}."
            )
    return variants


def _name(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return getattr(function, "__name__", type(function).__name__).strip("<>")
