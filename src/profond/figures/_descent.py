"""Gradient descent on one slope, at the notes' learning rates (notes, 1.2.1)."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import (
    BLUE,
    INK,
    SOFT,
    VERMILION,
    Language,
    canvas,
    decimals,
    finish,
    labels_apart,
    speaker,
    style,
)
from profond.figures._checks import number, positive, same_length, several, vector, whole
from profond.figures._regression import least_squares, slope_scale, sum_of_squares


def descent(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rate: float = 1e-5,
    steps: int = 10,
    start: float = 0.0,
    w: ArrayLike | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Gradient descent on the slope, step by step on the curve of the loss (notes, 1.2.1).

    $w_{t+1} = w_t - \rho \, \partial \mathcal{L} / \partial w$ with
    $\partial \mathcal{L} / \partial w = 2 \sum_i (w x_i - y_i) x_i$. The error shrinks by the
    factor $1 - 2 \rho \sum_i x_i^2$ at each step, so it grows when $\rho > 1 / \sum_i x_i^2$.

    Args:
        x: One number per row.
        y: Target, one per row.
        rate: Learning rate ρ, > 0 (the notes: 1e-6, 1e-5, 5e-5).
        steps: Number of steps, >= 1.
        start: First slope w0.
        w: Slopes over which the curve is drawn; by default, around the steps and the best.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `w` (steps + 1 slopes), `loss` (their losses), `best_w`, `factor`
        (by which the error is multiplied at each step).

    Raises:
        TypeError: If the data, `rate`, `steps` or `start` are not numbers.
        ValueError: If the data are empty, not finite or of different lengths, or `rate` <= 0.
    """
    say = speaker(lang)
    xs, ys = vector(x, "x"), vector(y, "y")
    same_length(xs, ys)
    best, _ = least_squares(xs, ys, bias=False)
    path = descend(xs, ys, rate=rate, steps=steps, start=start)
    losses = sum_of_squares(path, xs, ys)
    if w is None:
        reach = 1.25 * max(slope_scale(xs, ys), float(np.abs(path - best).max()))
        curve = best + reach * np.linspace(-1, 1, 200)
    else:
        curve = vector(several(w, "w"), "w")
    ax = canvas(ax)
    ax.plot(curve, sum_of_squares(curve, xs, ys), color=BLUE, linewidth=2, alpha=0.6)
    ax.plot(path, losses, "o-", color=INK, markersize=5, linewidth=1)
    jumps = len(path) > 1 and (path[0] - best) * (path[1] - best) < 0
    for index in (0, len(path) - 1):
        # Inside the parabola, where there is room; outside when the steps cross it.
        side = 1 if (path[index] < best) != jumps else -1
        ax.annotate(
            f"$w_{{{index}}}$",
            (path[index], losses[index]),
            xytext=(8 * side, 5),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            color=VERMILION,
            fontsize=12,
        )
    return finish(
        ax,
        lang=lang,
        title=rf"$\rho$ = {decimals(rate, lang)}",
        x=say("weight $w$", "poids $w$"),
        y=say("loss (sum of squares)", "perte (somme des carrés)"),
        numbers={
            "w": path,
            "loss": losses,
            "best_w": best,
            "factor": 1.0 - 2.0 * rate * float(np.sum(xs**2)),
        },
    )


def descend(
    x: np.ndarray, y: np.ndarray, *, rate: float, steps: int, start: float = 0.0
) -> np.ndarray:
    """The slopes `w_0 .. w_steps` of gradient descent on the sum of squares.

    Raises:
        TypeError: If `rate`, `steps` or `start` are not numbers.
        ValueError: If `rate` <= 0, or the path leaves the range of numbers.
    """
    positive(rate, "rate")
    path = np.empty(whole(steps, "steps") + 1)
    path[0] = number(start, "start")
    with np.errstate(over="ignore", invalid="ignore"):  # said below, in words
        for t in range(len(path) - 1):
            path[t + 1] = path[t] - rate * np.sum(2 * (path[t] * x - y) * x)
    if not np.isfinite(path).all():
        raise ValueError(
            f"with `rate` {rate} the slopes overflow within {steps} steps; take fewer steps or a "
            f"smaller rate (it converges below {1 / np.sum(x**2):.3g})."
        )
    return path


def descent_rates(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rates: ArrayLike = (1e-6, 1e-5, 5e-5),
    steps: int = 10,
    start: float = 0.0,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """The slope at each step of gradient descent, one line per learning rate (notes, 1.2.1).

    Args:
        x: One number per row.
        y: Target, one per row.
        rates: Learning rates, each > 0.
        steps: Number of steps, >= 1.
        start: First slope w0.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `w`, one row per rate, `(rates, steps + 1)`; `best_w`; `limit`,
        the rate above which the error grows, 1 / sum(x^2).

    Raises:
        TypeError: If the data or the rates are not numbers.
        ValueError: If the data are empty, not finite or of different lengths, or a rate <= 0.
    """
    say = speaker(lang)
    xs, ys = vector(x, "x"), vector(y, "y")
    same_length(xs, ys)
    best, _ = least_squares(xs, ys, bias=False)
    chosen = [positive(rate, "rates") for rate in several(rates, "rates")]
    paths = np.array([descend(xs, ys, rate=rate, steps=steps, start=start) for rate in chosen])
    ax = canvas(ax)
    ax.axhline(
        best, color=SOFT, linewidth=1.2, linestyle="--", label=rf"$w^*$ = {decimals(best, lang)}"
    )
    for index, (label, path) in enumerate(zip(labels_apart(chosen, lang), paths, strict=True)):
        ax.plot(path, **style(index), marker="o", markersize=3.5, label=rf"$\rho$ = {label}")
    return finish(
        ax,
        lang=lang,
        x=say("step $t$", "itération $t$"),
        y=say("weight $w_t$", "poids $w_t$"),
        legend=True,
        integer_x=True,
        numbers={"w": paths, "best_w": best, "limit": 1.0 / float(np.sum(xs**2))},
    )
