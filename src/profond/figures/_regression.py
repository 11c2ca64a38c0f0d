"""One input, one output: the points, a fit, and the loss of every slope (notes, 1.2.1)."""

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import (
    BLUE,
    INK,
    VERMILION,
    Language,
    canvas,
    decimals,
    finish,
    speaker,
)
from profond.figures._checks import name_of, same_length, several, vector

Fit = Literal["none", "slope", "line"]


def scatter(
    x: ArrayLike,
    y: ArrayLike,
    *,
    fit: Fit = "none",
    model: Any = None,
    x_name: str | None = None,
    y_name: str | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Points, and if asked the line (or the model) fitted to them (notes, 1.2.1).

    Least squares in closed form: `fit="slope"` is the notes' model without bias,
    $w^* = \sum_i x_i y_i / \sum_i x_i^2$; `fit="line"` adds the bias,
    $w^* = \mathrm{cov}(x, y) / \mathrm{var}(x)$ and $b^* = \bar y - w^* \bar x$.

    Args:
        x: One number per row (array, Series, table of one column).
        y: Target, one per row.
        fit: "none", "slope" (through the origin) or "line".
        model: Anything with `predict` that takes a column `(rows, 1)`, drawn over the range of x.
        x_name: Label of x; a Series' own name by default.
        y_name: Label of y; a Series' own name by default.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `slope`, `bias` and `mse` of the fit; `model_mse` of the model.

    Raises:
        TypeError: If x or y are not numbers, or the model cannot predict.
        ValueError: If they are empty, not finite, of different lengths, or leave no unique line.
    """
    say = speaker(lang)
    if fit not in ("none", "slope", "line"):
        raise ValueError(f'`fit` must be "none", "slope" or "line"; received {fit!r}.')
    xs, ys = vector(x, "x"), vector(y, "y")
    same_length(xs, ys)
    ax = canvas(ax)
    ax.scatter(xs, ys, s=12, color=BLUE, alpha=0.55, linewidths=0, rasterized=len(xs) > 5000)
    found: dict[str, Any] = {}
    ends = np.array([xs.min(), xs.max()])
    if fit != "none":
        slope, bias = least_squares(xs, ys, bias=fit == "line")
        found = {"slope": slope, "bias": bias, "mse": float(np.mean((slope * xs + bias - ys) ** 2))}
        label = rf"$\hat{{y}}$ = {decimals(slope, lang)} $x$"
        if fit == "line":
            sign = "+" if bias >= 0 else "\N{MINUS SIGN}"
            label += f" {sign} {decimals(abs(bias), lang)}"
        ax.plot(ends, slope * ends + bias, color=VERMILION, linewidth=2, label=label)
    if model is not None:
        if not callable(getattr(model, "predict", None)):
            raise TypeError(
                "`model` must have a `predict` that takes a column of inputs; received "
                f"{type(model).__name__}. Train a model first."
            )
        grid = np.linspace(ends[0], ends[1], 400)[:, None]
        drawn = np.asarray(_predict(model, grid), dtype=np.float64).reshape(-1)
        ax.plot(grid[:, 0], drawn, color=INK, linewidth=2, label=say("model", "modèle"))
        guessed = np.asarray(_predict(model, xs[:, None]), dtype=np.float64).reshape(-1)
        found["model_mse"] = float(np.mean((guessed - ys) ** 2))
    return finish(
        ax,
        lang=lang,
        x=x_name or name_of(x, "x"),
        y=y_name or name_of(y, "y"),
        legend=fit != "none" or model is not None,
        numbers=found,
    )


def _predict(model: Any, rows: np.ndarray) -> ArrayLike:
    """`model.predict` without a progress bar where it takes `verbose`."""
    if hasattr(model, "train_on_batch"):
        return model.predict(rows, verbose=0)
    return model.predict(rows)


def loss_curve(
    x: ArrayLike,
    y: ArrayLike,
    *,
    w: ArrayLike | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""The loss of every slope: $\mathcal{L}(w) = \sum_i (w x_i - y_i)^2$ (notes, 1.2.1).

    A sum, not a mean, as in 1.2.1 (the mean comes in 3.1).

    Args:
        x: One number per row.
        y: Target, one per row.
        w: Slopes to try; by default 100 of them around the best, as far as 1.5 times
            $\sqrt{\sum_i y_i^2 / \sum_i x_i^2}$, the scale that the data set.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `w`, `loss` (each slope's), `best_w`, `best_loss` (closed form).

    Raises:
        TypeError: If the data are not numbers.
        ValueError: If they are empty, not finite, of different lengths, or x is all zeros.
    """
    say = speaker(lang)
    xs, ys = vector(x, "x"), vector(y, "y")
    same_length(xs, ys)
    best, _ = least_squares(xs, ys, bias=False)
    if w is None:
        ws = best + 1.5 * slope_scale(xs, ys) * np.linspace(-1, 1, 100)
    else:
        ws = vector(several(w, "w"), "w")
    losses = sum_of_squares(ws, xs, ys)
    lowest = float(sum_of_squares(np.array([best]), xs, ys)[0])
    ax = canvas(ax)
    ax.plot(ws, losses, color=BLUE, linewidth=2)
    ax.plot([best], [lowest], "o", color=VERMILION, markersize=7)
    ax.annotate(
        rf"$w^*$ = {decimals(best, lang)}",
        (best, lowest),
        xytext=(0, 14),
        textcoords="offset points",
        ha="center",
        color=INK,
    )
    return finish(
        ax,
        lang=lang,
        x=say("weight $w$", "poids $w$"),
        y=say("loss (sum of squares)", "perte (somme des carrés)"),
        numbers={"w": ws, "loss": losses, "best_w": best, "best_loss": lowest},
    )


def slope_scale(x: np.ndarray, y: np.ndarray) -> float:
    r"""How large a slope of these data is: $\sqrt{\sum y^2 / \sum x^2}$.

    At least the size of the best one, in units of y per unit of x; 1 where every y is 0.
    """
    return float(np.sqrt(np.sum(y**2) / np.sum(x**2))) or 1.0


def sum_of_squares(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    r"""$\sum_i (w x_i - y_i)^2$ for each `w`, from three sums: no table of `len(w) * len(x)`."""
    with np.errstate(over="ignore", invalid="ignore"):
        return w**2 * np.sum(x**2) - 2 * w * np.sum(x * y) + np.sum(y**2)


def least_squares(x: np.ndarray, y: np.ndarray, *, bias: bool) -> tuple[float, float]:
    """Slope and bias of the line of least squares; without a bias, the second is 0.

    Raises:
        ValueError: If x leaves the line undetermined.
    """
    if not bias:
        square = float(np.sum(x**2))
        if square == 0:
            raise ValueError("`x` is 0 in every row; no slope can be fitted.")
        return float(np.sum(x * y)) / square, 0.0
    shifted = x - x.mean()
    square = float(np.sum(shifted**2))
    if square == 0:
        raise ValueError("`x` has the same value in every row; no line can be fitted.")
    slope = float(np.sum(shifted * (y - y.mean()))) / square
    return slope, float(y.mean() - slope * x.mean())
