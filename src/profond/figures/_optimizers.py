"""Gradient descent, SGD, momentum and Adam on the same loss (notes, 4.1 and 4.2)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import Language, canvas, finish, speaker
from profond.figures._checks import mapping, pair, seed_list, whole
from profond.figures._contour import Bowl, bowl, draw_paths
from profond.figures._curves import draw_band


def optimizer_paths(
    x: ArrayLike,
    y: ArrayLike,
    *,
    optimizers: Mapping[str, Any] | None = None,
    epochs: int = 4,
    batch_size: int = 20,
    start: ArrayLike = (0.0, 0.0),
    seed: int = 0,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Paths of optimizers over the contour of a loss of two parameters (notes, 4.1 and 4.2).

    The loss is the mean squared error of a linear model of the user's data. Every optimizer sees
    the same minibatches, in the same order; "all rows" is gradient descent proper: one update
    per epoch.

    Args:
        x: One column (weight and bias are drawn) or two (their weights are drawn).
        y: Target, one per row.
        optimizers: Name to an optimizer (a `profond.optimizers` object or its name, such as
            "adam"), or to a pair of it and its own batch size, None for all rows. By default
            gradient descent and SGD at a quarter of the largest stable rate, momentum at an
            eighth of that, Adam at 5 % of the way to go: each at a rate that suits it, not all
            at the same.
        epochs: Passes over the data, >= 1.
        batch_size: Rows per update, >= 1.
        start: The two first values.
        seed: Sets the order of the rows.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `paths` by name, `(updates + 1, 2)`; `loss` by name, of all rows at
        the last point; `best`, `best_loss`.

    Raises:
        TypeError: If the data are not numbers, or an optimizer is none.
        ValueError: If the data are empty, not finite, of different lengths or of more than two
            columns, or an optimizer's name is unknown.
    """
    say = speaker(lang)
    surface = bowl(x, y)
    first = pair(start, "start")
    chosen = _chosen(optimizers, surface, first, batch_size, say)
    paths = {
        name: run_optimizer(surface, optimizer, size, whole(epochs, "epochs"), first, seed)
        for name, (optimizer, size) in chosen.items()
    }
    across, along = surface.names(lang)
    ax = canvas(ax, size=(5.0, 4.4))
    draw_paths(ax, surface, list(paths.items()), lang=lang)
    return finish(
        ax,
        lang=lang,
        x=across,
        y=along,
        legend="below",
        grid=False,
        numbers={
            "paths": paths,
            "loss": {name: float(surface.loss(path[-1])) for name, path in paths.items()},
            "best": surface.best,
            "best_loss": float(surface.loss(surface.best)),
        },
    )


def optimizer_losses(
    x: ArrayLike,
    y: ArrayLike,
    *,
    optimizers: Mapping[str, Any] | None = None,
    epochs: int = 10,
    batch_size: int = 20,
    start: ArrayLike = (0.0, 0.0),
    seeds: int | Sequence[int] = 10,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """How far above its minimum the loss is after each epoch, optimizer by optimizer.

    All optimizers have then seen the data as often. Mean (of logarithms) and band over seeds,
    which set the order of the rows.

    Args:
        x: One column (weight and bias are fitted) or two (their weights are).
        y: Target, one per row.
        optimizers: As for `optimizer_paths`.
        epochs: Passes over the data, >= 1.
        batch_size: Rows per update, >= 1.
        start: The two first values.
        seeds: Number of seeds, or the seeds.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `excess`: by name `(seeds, epochs + 1)`, loss on all rows minus the
        minimum, divided by its value at the start.

    Raises:
        TypeError: If the data or seeds are not numbers, or an optimizer is none.
        ValueError: If the data are empty, not finite, of different lengths or of more than two
            columns, or an optimizer's name is unknown.
    """
    say = speaker(lang)
    surface = bowl(x, y)
    first = pair(start, "start")
    floor = float(surface.loss(surface.best))
    above = float(surface.loss(first)) - floor
    passes = whole(epochs, "epochs")
    ax = canvas(ax)
    excess: dict[str, np.ndarray] = {}
    for index, (name, (optimizer, size)) in enumerate(
        _chosen(optimizers, surface, first, batch_size, say).items()
    ):
        per_epoch = -(-len(surface.target) // size)
        runs = []
        for seed in seed_list(seeds):
            path = run_optimizer(surface, optimizer, size, passes, first, seed)
            runs.append((surface.loss(path[::per_epoch]) - floor) / above)
        excess[name] = np.array(runs)
        seen = np.maximum(excess[name], 1e-16)
        draw_band(ax, seen, index, name, log=True, x=np.arange(passes + 1))
    ax.set_yscale("log")
    return finish(
        ax,
        lang=lang,
        x=say("epochs (passes over the data)", "epochs (passages sur les données)"),
        y=say("excess loss (start = 1)", "excès de perte (départ = 1)"),
        legend=True,
        integer_x=True,
        numbers={"excess": excess},
    )


def run_optimizer(
    surface: Bowl, optimizer: Any, batch_size: int, epochs: int, start: np.ndarray, seed: int
) -> np.ndarray:
    """The points that an optimizer goes through, `(updates + 1, 2)`, in float64.

    Rows are shuffled at each epoch and cut into batches; the optimizer given is left as it is.
    """
    fresh = type(optimizer).from_config(optimizer.get_config())
    theta = torch.nn.Parameter(torch.tensor(start, dtype=torch.float64))
    fresh.build([theta])
    rng = np.random.default_rng(whole(seed, "seed", least=0))
    rows = len(surface.target)
    path = [np.array(start, dtype=np.float64)]
    for _ in range(epochs):
        order = rng.permutation(rows)
        for begin in range(0, rows, batch_size):
            gradient = surface.gradient(path[-1], order[begin : begin + batch_size])
            fresh.apply([torch.from_numpy(gradient)], [theta])
            path.append(theta.detach().numpy().copy())
    return np.array(path)


def _chosen(
    optimizers: Mapping[str, Any] | None,
    surface: Bowl,
    start: np.ndarray,
    batch_size: int,
    say: Any,
) -> dict[str, tuple[Any, int]]:
    """Each optimizer with its batch size."""
    rows = len(surface.target)
    size = min(whole(batch_size, "batch_size"), rows)
    from profond.optimizers import SGD, Adam

    if optimizers is not None:
        mapping(optimizers, "optimizers", "names to optimizers")
        return {str(name): _with_batch(name, one, size, rows) for name, one in optimizers.items()}
    rate = float(0.5 / surface.curvatures[1])
    far = float(np.abs(surface.best - start).max())
    return {
        say("gradient descent (all rows)", "descente de gradient (toutes les lignes)"): (
            SGD(rate),
            rows,
        ),
        say("SGD", "SGD"): (SGD(rate), size),
        say("SGD, momentum 0.9", "SGD, momentum 0,9"): (SGD(rate / 8, momentum=0.9), size),
        "Adam": (Adam(0.05 * far), size),
    }


def _with_batch(name: str, one: Any, size: int, rows: int) -> tuple[Any, int]:
    """An optimizer and its batch size, from what the user gave for them."""
    from profond.optimizers import Optimizer, get

    given, own = one if isinstance(one, tuple) and len(one) == 2 else (one, size)
    found = get(given) if isinstance(given, str) else given
    if not isinstance(found, Optimizer):
        raise TypeError(
            f"`optimizers` must hold optimizers, their names or pairs (optimizer, batch size); "
            f"received {one!r} for {name!r}."
        )
    return found, rows if own is None else min(whole(own, "batch_size"), rows)
