"""Standardised against raw inputs (notes, 4.5)."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import Language, canvas, figure_of, keep_numbers, speaker
from profond.figures._checks import seed_list, whole
from profond.figures._curves import compare_curves
from profond.figures._runs import NOTES_HIDDEN, TaskKind, fit_seeds, notes_network, read_task


def standardisation(
    x: ArrayLike,
    y: ArrayLike,
    *,
    metric: Literal["loss", "accuracy"] = "loss",
    task: TaskKind | None = None,
    hidden: Sequence[int] = NOTES_HIDDEN,
    epochs: int = 100,
    batch_size: int = 30,
    seeds: int | Sequence[int] = 5,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """The same training on inputs as they are and on standardised ones (notes, 4.5).

    Same network, same initial weights and same order of rows for each seed; the notes' network
    and Adam.

    Args:
        x: Inputs, rows and columns.
        y: Labels, one-hot rows, or a number per row.
        metric: "loss" or, for classes, "accuracy", both on the training rows.
        task: "classification" makes every distinct value of y a class, "regression" predicts the
            numbers as they are; by default text, booleans, one-hot rows and the whole numbers
            0, 1, 2, ... are classes.
        hidden: Neurons of each hidden layer.
        epochs: Passes over the data, >= 1.
        batch_size: Rows per update, >= 1.
        seeds: Number of seeds, or the seeds.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `raw` and `standardised`, each a list of one history per seed.

    Raises:
        TypeError: If `x` does not hold numbers.
        ValueError: If the data are empty, not finite, constant or of different lengths, or
            accuracy is asked of a number.
    """
    say = speaker(lang)
    todo = read_task(x, y, task)
    if metric not in ("loss", "accuracy") or (metric == "accuracy" and todo.classes is None):
        raise ValueError(
            f'`metric` must be "loss" or, for classes, "accuracy"; received {metric!r}.'
        )
    chosen = seed_list(seeds)
    found = {}
    for name, data in (("raw", todo), ("standardised", todo.standardised())):
        runs = fit_seeds(
            data,
            partial(notes_network, data, hidden=hidden),
            chosen,
            epochs=whole(epochs, "epochs"),
            batch_size=whole(batch_size, "batch_size"),
        )
        found[name] = [history for _, history in runs]
    ax = canvas(ax)
    labels = {
        "raw": say("raw inputs", "entrées brutes"),
        "standardised": say("standardised inputs", "entrées centrées-réduites"),
    }
    compare_curves(
        {labels[name]: histories for name, histories in found.items()},
        metric=metric,
        log=metric == "loss",
        ax=ax,
        lang=lang,
    )
    keep_numbers(ax, found)
    return figure_of(ax)
