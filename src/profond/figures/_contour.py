"""Two parameters seen from above: the loss as a contour and descents on it (notes, 1.2.1, 4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from profond.figures._canvas import (
    INK,
    MARKERS,
    SOFT,
    Language,
    canvas,
    finish,
    labels_apart,
    speaker,
    style,
)
from profond.figures._checks import (
    column_names,
    matrix,
    pair,
    positive,
    same_length,
    several,
    vector,
    whole,
)


@dataclass(frozen=True)
class Bowl:
    r"""The mean squared error of a linear model with two parameters, a quadratic.

    $\mathcal{L}(\theta) = \frac{1}{n} \lVert A \theta - y \rVert^2$.

    Attributes:
        inputs: The matrix A, `(n, 2)`: `[x, 1]` for weight and bias, or two columns.
        target: y, `(n,)`.
        columns: Names of the two columns; None for weight and bias.
    """

    inputs: np.ndarray
    target: np.ndarray
    columns: tuple[str, str] | None

    @property
    def best(self) -> np.ndarray:
        """The minimiser, `(2,)`."""
        return np.linalg.lstsq(self.inputs, self.target)[0]

    @property
    def curvatures(self) -> np.ndarray:
        """Eigenvalues of the Hessian `2 A^T A / n`, ascending."""
        return np.linalg.eigvalsh(2 * self.inputs.T @ self.inputs / len(self.target))

    def names(self, lang: Language) -> tuple[str, str]:
        """What the two parameters are called on the axes."""
        say = speaker(lang)
        if self.columns is None:
            return say("weight $w$", "poids $w$"), say("bias $b$", "biais $b$")
        weight = say("weight", "poids")
        first, second = self.columns
        return f"{weight} $w_1$ ({first})", f"{weight} $w_2$ ({second})"

    def loss(self, theta: np.ndarray) -> np.ndarray:
        """The loss at points `(..., 2)`."""
        gram = self.inputs.T @ self.inputs / len(self.target)
        with np.errstate(over="ignore", invalid="ignore"):
            square = np.einsum("...i,ij,...j->...", theta, gram, theta)
            return (
                square
                - 2 * theta @ (self.inputs.T @ self.target) / len(self.target)
                + np.mean(self.target**2)
            )

    def gradient(self, theta: np.ndarray, rows: Any = slice(None)) -> np.ndarray:
        """The gradient at one point `(2,)`, over all rows or a minibatch of them."""
        inputs, target = self.inputs[rows], self.target[rows]
        return 2 * inputs.T @ (inputs @ theta - target) / len(target)


def bowl(x: ArrayLike, y: ArrayLike) -> Bowl:
    """The quadratic of the user's data: one column gives weight and bias, two give two weights.

    Raises:
        ValueError: If there are more columns, or the columns are linearly dependent.
    """
    table, target = matrix(x, "x"), vector(y, "y")
    same_length(table, target)
    if table.shape[1] == 1:
        made = Bowl(np.column_stack([table, np.ones(len(table))]), target, None)
    elif table.shape[1] == 2:
        first, second = column_names(x, 2)
        made = Bowl(table, target, (first, second))
    else:
        raise ValueError(
            "`x` must have one column (weight and bias are drawn) or two (their weights are "
            f"drawn); received {table.shape[1]} columns. Choose one or two."
        )
    if made.curvatures[0] <= 1e-12 * made.curvatures[1]:
        raise ValueError("the columns of `x` are linearly dependent; the best point is not unique.")
    return made


def descent_contour(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rates: ArrayLike,
    steps: int = 30,
    start: ArrayLike = (0.0, 0.0),
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Gradient descent on weight and bias at several rates, seen from above (notes, 1.2.1).

    The loss is the mean squared error of $\hat y = w x + b$ (or of two weights, for two columns).
    Descent converges when $\rho < 2 / \kappa_{\max}$, the largest curvature, and its last part
    takes about $1 / (\rho \kappa_{\min})$ steps.

    Args:
        x: One column (weight and bias are drawn) or two (their weights are drawn).
        y: Target, one per row.
        rates: Learning rates, each > 0.
        steps: Number of steps, >= 1.
        start: The two first values.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `paths` `(rates, steps + 1, 2)`, `loss` `(rates, steps + 1)`,
        `best` `(2,)`, `best_loss`, `limit` (the rate above which descent diverges), `condition`
        (largest curvature over smallest).

    Raises:
        TypeError: If the data, the rates or the start are not numbers.
        ValueError: If the data are empty, not finite, of different lengths or of more than two
            columns, a rate <= 0, or the start is not two numbers.
    """
    speaker(lang)
    surface = bowl(x, y)
    first = pair(start, "start")
    chosen = [positive(rate, "rates") for rate in several(rates, "rates")]
    paths = []
    for rate in chosen:
        path = np.empty((whole(steps, "steps") + 1, 2))
        path[0] = first
        with np.errstate(over="ignore", invalid="ignore"):
            for t in range(len(path) - 1):
                path[t + 1] = path[t] - rate * surface.gradient(path[t])
        paths.append(path)
    ax = canvas(ax, size=(5.0, 4.4))
    labels = [rf"$\rho$ = {label}" for label in labels_apart(chosen, lang)]
    draw_paths(ax, surface, list(zip(labels, paths, strict=True)), lang=lang)
    found = np.stack(paths)
    low, high = surface.curvatures
    across, along = surface.names(lang)
    return finish(
        ax,
        lang=lang,
        x=across,
        y=along,
        legend="below",
        grid=False,
        numbers={
            "paths": found,
            "loss": surface.loss(found),
            "best": surface.best,
            "best_loss": float(surface.loss(surface.best)),
            "limit": float(2 / high),
            "condition": float(high / low),
        },
    )


def draw_paths(
    ax: Axes, surface: Bowl, paths: Sequence[tuple[str, np.ndarray]], *, lang: Language
) -> None:
    """Draw the contour of a loss, its minimum, and paths with labels, all from the same point.

    The window holds the start, the minimum and every path that stays near; one that flies away
    leaves through the edge.
    """
    best = surface.best
    start = paths[0][1][0]
    reach = np.maximum(np.abs(start - best), 1e-9)
    near = [np.vstack([start, best])]
    for _, path in paths:
        inside = np.all(np.isfinite(path) & (np.abs(path - best) <= 1.15 * reach.max()), axis=1)
        near.append(path[inside])
    points = np.vstack(near)
    low, high = points.min(axis=0), points.max(axis=0)
    pad = 0.15 * np.maximum(high - low, 0.15 * (high - low).max() + 1e-9)
    low, high = low - pad, high + pad
    width, height = high - low
    if 1 / 6 < width / height < 6:
        # Equal scales, so that a round valley looks round; the shorter side gets more room.
        grow = np.maximum(np.array([1.25 * height - width, width / 1.25 - height]), 0) / 2
        low, high = low - grow, high + grow
        ax.set_aspect("equal", adjustable="box")
    grid = np.stack(
        np.meshgrid(np.linspace(low[0], high[0], 160), np.linspace(low[1], high[1], 160)), axis=-1
    )
    losses = surface.loss(grid)
    floor = float(surface.loss(best))
    top = float(losses.max()) - floor
    levels = floor + top * np.geomspace(1e-4, 1.0, 16)
    ax.contour(
        grid[..., 0], grid[..., 1], losses, levels=levels, colors=SOFT, linewidths=0.7, alpha=0.6
    )
    for index, (name, path) in enumerate(paths):
        path = path[np.all(np.isfinite(path), axis=1)]
        far = np.abs(path - best).max(axis=1) > 1e3 * reach.max()
        path = path[: int(np.argmax(far)) if far.any() else len(path)]
        crowded = len(path) > 60  # markers would hide one another; dashes tell the paths apart
        drawn = style(index)
        ax.plot(
            path[:, 0],
            path[:, 1],
            color=drawn["color"],
            linestyle=drawn["linestyle"] if crowded else "-",
            marker="" if crowded else MARKERS[index % len(MARKERS)],
            markersize=3.2,
            linewidth=1.1,
            label=name,
        )
    ax.plot(*start, "o", color=INK, markersize=6)
    ax.plot(*best, "*", color=INK, markersize=13, label=speaker(lang)("minimum", "minimum"))
    ax.xaxis.set_major_locator(MaxNLocator(5))  # a narrow valley leaves room for no more
    ax.set_xlim(low[0], high[0])
    ax.set_ylim(low[1], high[1])
