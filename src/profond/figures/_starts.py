"""From many starts, where gradient descent and its stochastic form end (the claim of 4.1)."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from torch import Tensor

from profond.figures._batch import Networks, one_thread, squared_errors
from profond.figures._canvas import SOFT, Language, canvas, finish, speaker, style
from profond.figures._checks import positive, several, standardised, together, whole


def many_starts(
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    hidden: int = 2,
    activation: str = "tanh",
    starts: int = 100,
    updates: int = 2000,
    settle: int = 1000,
    rate: float = 0.1,
    batch_sizes: Sequence[int] = (20, 5),
    tolerance: float = 0.1,
    seed: int = 0,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Losses at which many trainings end, with all rows at each update and with minibatches.

    The notes (4.1) say that gradient descent suffers from local minima and that the noise of SGD
    is likely to help to escape them; this measures it. From the same initial weights, each method
    takes as many updates at the same rate. Then all take `settle` more updates with all rows, so
    that what is compared is the basin each is in, not the noise of its last step.

    Args:
        x: Inputs, standardised here; by default a wave of 60 points with noise, on which two
            hidden neurons leave two kinds of minima.
        y: Target, one per row, standardised here.
        hidden: Neurons of the only hidden layer.
        activation: "tanh", "sigmoid" or "relu".
        starts: Number of initial weights, >= 2.
        updates: Updates of each method.
        settle: Updates with all rows after them.
        rate: Learning rate.
        batch_sizes: Rows per update of SGD, a line each beside gradient descent's.
        tolerance: An end counts as good within this much above the lowest end of any method
            (mean squared error, relative to the variance of y).
        seed: First of the seeds of the initial weights; sets the minibatches too.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure: for each loss, the share of starts that end at or below it. `numbers`:
        `ends`: batch size (None for all rows) to final losses `(starts,)`, the same start at the
        same place; `best`; `good`: batch size to the number of good ends.

    Raises:
        TypeError: If the data are not numbers.
        ValueError: If only one of x and y is given, they are empty, constant or of different
            lengths, or every training of a method diverges.
    """
    say = speaker(lang)
    inputs, target = _problem(x, y)
    seeds = range(whole(seed, "seed", least=0), seed + whole(starts, "starts", least=2))
    positive(rate, "rate")
    positive(tolerance, "tolerance")
    whole(settle, "settle", least=0)
    methods = [None, *(whole(size, "batch_sizes") for size in several(batch_sizes, "batch_sizes"))]
    ends: dict[int | None, np.ndarray] = {}
    for size in methods:
        networks = Networks([inputs.shape[1], whole(hidden, "hidden"), 1], activation, seeds)
        _update(networks, inputs, target, whole(updates, "updates"), rate, size, seed)
        _update(networks, inputs, target, settle, rate, None, seed)
        with torch.no_grad():
            ends[size] = squared_errors(networks(inputs), target).double().numpy()
        if not np.isfinite(ends[size]).any():
            how = "all rows" if size is None else f"minibatches of {size}"
            raise ValueError(
                f"with `rate` {rate} every training with {how} diverged; take a smaller rate."
            )
    best = float(min(values[np.isfinite(values)].min() for values in ends.values()))
    ax = canvas(ax)
    ax.axvline(
        best + tolerance,
        color=SOFT,
        linestyle=":",
        linewidth=1.2,
        label=say("good up to here", "bonne jusqu'ici"),
    )
    for index, (size, values) in enumerate(ends.items()):
        label = say("all rows (GD)", "toutes les lignes (GD)")
        if size is not None:
            label = say(f"minibatches of {size}", f"minibatches de {size}")
        ordered = np.sort(np.where(np.isfinite(values), values, np.inf))
        ax.step(
            np.concatenate([[best], ordered]),
            np.concatenate([[0], np.arange(1, starts + 1) / starts]),
            where="post",
            **style(index),
            linewidth=2,
            label=label,
        )
    ax.set_ylim(0, 1.02)
    return finish(
        ax,
        lang=lang,
        x=say("loss at the end (share of the variance)", "perte à la fin (part de la variance)"),
        y=say("share of starts at or below", "part des départs à cette perte ou moins"),
        legend="lower right",
        numbers={
            "ends": ends,
            "best": best,
            "good": {k: int(np.sum(v <= best + tolerance)) for k, v in ends.items()},
        },
    )


def teacher_problem(
    *, inputs: int = 5, hidden: int = 5, rows: int = 150, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Data made by a ReLU network with random weights, without noise.

    A network of the same size can fit it exactly, yet has spurious local minima (Safran and
    Shamir 2018, "Spurious local minima are common in two-layer ReLU neural networks").

    Args:
        inputs: Columns, standard normal.
        hidden: Hidden neurons of the network that makes the target.
        rows: Number of rows.
        seed: Sets the network and the inputs.

    Returns:
        Inputs `(rows, inputs)` and target `(rows,)`.
    """
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(inputs, hidden))
    signs = rng.choice([-1.0, 1.0], size=hidden)
    points = rng.normal(size=(rows, inputs))
    return points, np.maximum(points @ weights, 0) @ signs


def _problem(x: ArrayLike | None, y: ArrayLike | None) -> tuple[Tensor, Tensor]:
    """Standardised float32 inputs `(rows, columns)` and target `(rows, 1)`."""
    if together(x, y, "a noisy wave is used"):
        table, target = standardised(x, y)  # type: ignore[arg-type]
    else:
        grid = np.linspace(-1, 1, 60)
        noise = np.random.default_rng(0).normal(size=60)
        table, target = standardised(grid, np.sin(2 * np.pi * grid) + 0.2 * noise)
    return (
        torch.as_tensor(table, dtype=torch.float32),
        torch.as_tensor(target, dtype=torch.float32),
    )


@one_thread()
def _update(
    networks: Networks,
    x: Tensor,
    y: Tensor,
    updates: int,
    rate: float,
    batch_size: int | None,
    seed: int,
) -> None:
    """Plain descent, in place; with a batch size, each start draws its own rows each time."""
    generator = torch.Generator().manual_seed(seed)
    parameters = list(networks.parameters())
    count = len(networks.kernels[0])
    for _ in range(updates):
        inputs, target = x, y
        if batch_size is not None:
            rows = torch.randint(len(x), (count, batch_size), generator=generator)
            inputs, target = x[rows], y[rows]
        gradients = torch.autograd.grad(squared_errors(networks(inputs), target).sum(), parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.add_(gradient, alpha=-rate)
