"""Networks with identity activations stay linear, at any depth (notes, 2.3)."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._batch import Networks, train
from profond.figures._canvas import INK, Language, canvas, finish, speaker
from profond.figures._checks import (
    matrix,
    seed_list,
    several,
    standardised,
    vector,
    whole,
)
from profond.figures._curves import draw_band


def linearity(
    x: ArrayLike | None = None,
    *,
    depths: Sequence[int] = (1, 2, 5, 10, 20),
    width: int = 32,
    activations: Sequence[str] = ("linear", "tanh", "relu"),
    seeds: int | Sequence[int] = 20,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""How far untrained networks are from linear functions, against their depth (notes, 2.3).

    For each network f, how far its outputs on the points are from those of the nearest affine
    function, relative to how far they are from their mean:
    $\min_{a, c} \lVert f(x) - a x - c \rVert / \lVert f(x) - \bar f \rVert$, 0 for an affine f
    and at most 1. Its square is the share of the variance that no affine function explains.
    Computed in float64, where rounding leaves about 1e-16.

    Args:
        x: Points at which the networks are compared, rows and columns; by default 200 standard
            normal points of 4 columns.
        depths: Numbers of hidden layers, each >= 1.
        width: Neurons per hidden layer.
        activations: Hidden activations, a line each; "linear" is the identity.
        seeds: Number of seeds, or the seeds.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `depths`; `distance`: for each activation `(seeds, depths)`.

    Raises:
        TypeError: If the data, depths or seeds are not numbers.
        ValueError: If x has fewer than two rows more than columns, or is not finite.
    """
    say = speaker(lang)
    if x is None:
        points = np.random.default_rng(0).normal(size=(200, 4))
    else:
        points = matrix(x, "x")
    if len(points) < points.shape[1] + 3:
        raise ValueError(
            f"`x` must have at least {points.shape[1] + 3} rows for its {points.shape[1]} columns, "
            f"else any function is affine on them; received {len(points)}."
        )
    layers = [whole(depth, "depths") for depth in several(depths, "depths")]
    chosen = seed_list(seeds)
    affine = np.column_stack([points, np.ones(len(points))])
    ax = canvas(ax)
    distance: dict[str, np.ndarray] = {}
    for index, activation in enumerate(several(activations, "activations")):
        found = np.empty((len(chosen), len(layers)))
        for column, depth in enumerate(layers):
            sizes = [points.shape[1], *[whole(width, "width")] * depth, 1]
            networks = Networks(sizes, activation, chosen, dtype=torch.float64)
            with torch.no_grad():
                outputs = networks(torch.as_tensor(points))[:, :, 0].numpy().T  # (rows, seeds)
            rest = outputs - affine @ np.linalg.lstsq(affine, outputs)[0]
            spread = np.linalg.norm(outputs - outputs.mean(axis=0), axis=0)
            found[:, column] = np.linalg.norm(rest, axis=0) / np.maximum(spread, 1e-300)
        distance[activation] = found
        label = say("identity", "identité") if activation == "linear" else activation
        seen = np.maximum(found, 1e-18)
        draw_band(ax, seen, index, label, log=True, x=layers, within=(0.0, 1.0), marked=True)
    ax.set_yscale("log")
    ax.set_ylim(1e-17, 3)
    ax.set_xticks(layers)
    return finish(
        ax,
        lang=lang,
        x=say("hidden layers", "couches cachées"),
        y=say(
            "relative distance to the\nnearest linear function",
            "distance relative à la fonction\nlinéaire la plus proche",
        ),
        legend="center right",
        numbers={"depths": layers, "distance": distance},
    )


def identity_depth(
    x: ArrayLike,
    y: ArrayLike,
    *,
    depths: Sequence[int] = (1, 2, 3, 5),
    width: int = 16,
    activations: Sequence[str] = ("linear", "relu"),
    steps: int = 800,
    rate: float = 0.01,
    seeds: int | Sequence[int] = 10,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Training error of networks of growing depth beside linear regression's (notes, 2.3).

    With identity activations no depth gets below the least squares line, which is drawn; with
    another activation it does.

    Args:
        x: Inputs, rows and columns, standardised here.
        y: Target, one per row.
        depths: Numbers of hidden layers, each >= 1.
        width: Neurons per hidden layer.
        activations: Hidden activations, a line each; "linear" is the identity.
        steps: Adam's updates, all rows at each.
        rate: Adam's first learning rate, lowered to 0 along a half cosine.
        seeds: Number of seeds, or the seeds; means and bands are over them.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `depths`; `mse`: for each activation `(seeds, depths)`, on the
        rows given, in squared units of y; `linear_mse`, linear regression's.

    Raises:
        TypeError: If the data, depths or seeds are not numbers.
        ValueError: If the data are empty, constant, not finite or of different lengths.
    """
    say = speaker(lang)
    table, scaled = standardised(x, y)
    scale = float(vector(y, "y").std())
    affine = np.column_stack([table, np.ones(len(table))])
    rest = scaled - affine @ np.linalg.lstsq(affine, scaled)[0]
    linear = float(np.mean(rest**2)) * scale**2
    layers = [whole(depth, "depths") for depth in several(depths, "depths")]
    chosen = seed_list(seeds)
    inputs = torch.as_tensor(table, dtype=torch.float32)
    wanted = torch.as_tensor(scaled, dtype=torch.float32)
    ax = canvas(ax)
    ax.axhline(
        linear,
        color=INK,
        linestyle="--",
        linewidth=1.2,
        label=say("linear regression", "régression linéaire"),
    )
    mse: dict[str, np.ndarray] = {}
    for index, activation in enumerate(several(activations, "activations")):
        found = np.empty((len(chosen), len(layers)))
        for column, depth in enumerate(layers):
            sizes = [table.shape[1], *[whole(width, "width")] * depth, 1]
            networks = Networks(sizes, activation, chosen)
            error = train(
                networks, inputs, wanted, steps=whole(steps, "steps"), rate=rate, decay=True
            )
            found[:, column] = error * scale**2
        mse[activation] = found
        label = say("identity", "identité") if activation == "linear" else activation
        draw_band(ax, found, index, label, x=layers, within=(0.0, np.inf), marked=True)
    ax.set_xticks(layers)
    ax.set_ylim(bottom=0)
    return finish(
        ax,
        lang=lang,
        x=say("hidden layers", "couches cachées"),
        y=say("training error (MSE)", "erreur d'entraînement (MSE)"),
        legend=True,
        numbers={"depths": layers, "mse": mse, "linear_mse": linear},
    )
