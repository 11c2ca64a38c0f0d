"""Universal approximation, and depth against width at equal parameters (notes, 2.1)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from torch import Tensor

from profond.figures._batch import ACTIVATIONS, Networks, parameter_count, train
from profond.figures._canvas import SOFT, Language, canvas, finish, speaker, style
from profond.figures._checks import (
    seed_list,
    several,
    standardised,
    together,
    whole,
)
from profond.figures._curves import draw_band, standardised_name


def approximation(
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    widths: Sequence[int] = (1, 2, 4, 8, 16, 32, 64),
    activation: str = "sigmoid",
    steps: int = 1500,
    rate: float = 0.03,
    seeds: int | Sequence[int] = 10,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Error of a one-hidden-layer network against its width (notes, 2.1).

    Two lines keep two questions apart. *Trained*: what Adam finds (all rows at each step, rate
    lowered to 0 along a half cosine). *Best output weights*: the trained hidden neurons with
    output weights solved exactly by least squares, in float64: an approximation that this width
    contains, whether or not the optimizer finds it. The theorem speaks of the second only.

    Args:
        x: Inputs, standardised here; by default 201 points of a wave that fades.
        y: Target, one per row, standardised here.
        widths: Hidden neurons, each >= 1.
        activation: "sigmoid" (the theorem's), "tanh" or "relu".
        steps: Updates of each training.
        rate: Adam's first learning rate.
        seeds: Number of seeds, or the seeds; means and bands are over them.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. Errors are root mean squared, relative to the standard deviation of y.
        `numbers`: `widths`, `trained` and `solved`, each `(seeds, widths)`.

    Raises:
        TypeError: If the data, widths or seeds are not numbers.
        ValueError: If only one of x and y is given, or they are empty, constant or of different
            lengths.
    """
    say = speaker(lang)
    inputs, target = _problem(x, y)
    sizes = [whole(width, "widths") for width in several(widths, "widths")]
    chosen = seed_list(seeds)
    trained = np.empty((len(chosen), len(sizes)))
    solved = np.empty_like(trained)
    for column, width in enumerate(sizes):
        networks = Networks([inputs.shape[1], width, 1], activation, chosen)
        error = train(networks, inputs, target, steps=whole(steps, "steps"), rate=rate, decay=True)
        trained[:, column] = np.sqrt(error)
        solved[:, column] = _best_output(networks, inputs, target, activation)
    ax = canvas(ax)
    labels = (
        say("after training (Adam)", "après entraînement (Adam)"),
        say(
            "same hidden neurons,\nbest output weights",
            "mêmes neurones cachés,\nmeilleurs poids de sortie",
        ),
    )
    for index, values in enumerate((trained, solved)):
        draw_band(ax, values, index, labels[index], log=True, x=sizes, marked=True)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.set_yscale("log")
    return finish(
        ax,
        lang=lang,
        x=say("hidden neurons", "neurones cachés"),
        y=say("relative error (RMSE / std of y)", "erreur relative (RMSE / écart-type de y)"),
        legend=True,
        numbers={"widths": sizes, "trained": trained, "solved": solved},
    )


def approximation_fits(
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    widths: Sequence[int] = (1, 4, 32),
    activation: str = "sigmoid",
    steps: int = 1500,
    rate: float = 0.03,
    seed: int = 0,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """A curve and what one-hidden-layer networks of growing width make of it (notes, 2.1).

    Args:
        x: One input per row, standardised here; by default a wave that fades.
        y: Target, one per row, standardised here.
        widths: Hidden neurons, each >= 1.
        activation: "sigmoid", "tanh" or "relu".
        steps: Adam's updates, all rows at each.
        rate: Adam's first learning rate.
        seed: Sets the initial weights.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `x`, `y` (standardised), `fits` `(widths, rows)`.

    Raises:
        TypeError: If the data or the widths are not numbers.
        ValueError: If x has several columns, or the data are empty, constant or of different
            lengths.
    """
    say = speaker(lang)
    inputs, target = _problem(x, y)
    if inputs.shape[1] != 1:
        raise ValueError(
            f"`x` must be one number per row to be drawn; received {inputs.shape[1]} columns."
        )
    order = torch.argsort(inputs[:, 0])
    inputs, target = inputs[order], target[order]
    ax = canvas(ax)
    points = inputs[:, 0].numpy()
    ax.plot(
        points, target[:, 0].numpy(), ".", color=SOFT, markersize=4, label=say("data", "données")
    )
    fits = []
    for index, width in enumerate(several(widths, "widths")):
        networks = Networks([1, whole(width, "widths"), 1], activation, seed_list([seed]))
        train(networks, inputs, target, steps=whole(steps, "steps"), rate=rate, decay=True)
        with torch.no_grad():
            fits.append(networks(inputs)[0, :, 0].numpy())
        ax.plot(
            points,
            fits[-1],
            **style(index),
            linewidth=2,
            label=f"{width} " + say("neurons", "neurones")
            if width > 1
            else say("1 neuron", "1 neurone"),
        )
    return finish(
        ax,
        lang=lang,
        x="$x$" if x is None else standardised_name(x, "x", lang),
        y="$y$" if y is None else standardised_name(y, "y", lang),
        legend=True,
        numbers={"x": points, "y": target[:, 0].numpy(), "fits": np.array(fits)},
    )


def depth_or_width(
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    parameters: int = 300,
    depths: Sequence[int] = (1, 2, 3, 4),
    activations: Sequence[str] = ("sigmoid", "tanh", "relu"),
    steps: int = 1500,
    rate: float = 0.03,
    seeds: int | Sequence[int] = 10,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Error against the number of hidden layers, at equal numbers of parameters (notes, 2.1).

    For each depth, all hidden layers have the same width: the one whose count of weights and
    biases is nearest to `parameters`. Every network gets as many updates of Adam at the same
    rate: what is compared is what this budget reaches, which a longer training may change.

    Args:
        x: Inputs, standardised here; by default 201 points of a wave that fades.
        y: Target, one per row, standardised here.
        parameters: Weights and biases that each network is to have.
        depths: Numbers of hidden layers, each >= 1.
        activations: Hidden activations, a line each.
        steps: Adam's updates, all rows at each.
        rate: Adam's first learning rate, lowered to 0 along a half cosine.
        seeds: Number of seeds, or the seeds; means and bands are over them.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `depths`, `widths`, `parameters` (of each depth), `errors`: for
        each activation, root mean squared errors relative to the standard deviation of y,
        `(seeds, depths)`.

    Raises:
        TypeError: If the data, depths or seeds are not numbers.
        ValueError: If `parameters` is too small for the smallest network, or the data are empty,
            constant or of different lengths.
    """
    say = speaker(lang)
    inputs, target = _problem(x, y)
    chosen = seed_list(seeds)
    layers = [whole(depth, "depths") for depth in several(depths, "depths")]
    shapes = [
        equal_sizes(inputs.shape[1], depth, whole(parameters, "parameters")) for depth in layers
    ]
    ax = canvas(ax)
    errors: dict[str, np.ndarray] = {}
    for index, activation in enumerate(several(activations, "activations")):
        runs = np.empty((len(chosen), len(layers)))
        for column, sizes in enumerate(shapes):
            networks = Networks(sizes, activation, chosen)
            found = train(
                networks, inputs, target, steps=whole(steps, "steps"), rate=rate, decay=True
            )
            runs[:, column] = np.sqrt(found)
        errors[activation] = runs
        draw_band(ax, runs, index, activation, log=True, x=layers, marked=True)
    ax.set_yscale("log")
    ax.set_xticks(
        layers, [f"{depth}\n({sizes[1]})" for depth, sizes in zip(layers, shapes, strict=True)]
    )
    return finish(
        ax,
        lang=lang,
        x=say("hidden layers (neurons in each)", "couches cachées (neurones dans chacune)"),
        y=say("relative error (RMSE / std of y)", "erreur relative (RMSE / écart-type de y)"),
        legend=True,
        numbers={
            "depths": layers,
            "widths": [sizes[1] for sizes in shapes],
            "parameters": [parameter_count(sizes) for sizes in shapes],
            "errors": errors,
        },
    )


def equal_sizes(inputs: int, depth: int, parameters: int) -> list[int]:
    """Sizes of the network of `depth` equal hidden layers nearest to `parameters` in count.

    Raises:
        ValueError: If even one neuron per layer has more parameters.
    """
    least = parameter_count([inputs, *[1] * depth, 1])
    if parameters < least:
        raise ValueError(
            f"`parameters` must be at least {least} for {depth} hidden layers on {inputs} "
            f"input(s); received {parameters}."
        )
    width = 1
    while parameter_count([inputs, *[width + 1] * depth, 1]) <= parameters:
        width += 1
    below, above = ([inputs, *[w] * depth, 1] for w in (width, width + 1))
    nearer = parameter_count(above) - parameters < parameters - parameter_count(below)
    return above if nearer else below


def _problem(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Standardised float32 inputs `(rows, columns)` and target `(rows, 1)`."""
    if together(x, y, "a wave that fades is drawn"):
        table, target = standardised(x, y)
    else:
        grid = np.linspace(-1.0, 1.0, 201)
        table, target = standardised(grid, np.sin(3 * np.pi * grid) * np.exp(-grid))
    return (
        torch.as_tensor(table, dtype=torch.float32),
        torch.as_tensor(target, dtype=torch.float32),
    )


def _best_output(networks: Networks, inputs: Tensor, target: Tensor, activation: str) -> np.ndarray:
    """Relative errors with the output layer solved by least squares over the hidden neurons."""
    with torch.no_grad():
        hidden = ACTIVATIONS[activation](
            inputs.double() @ networks.kernels[0].double() + networks.biases[0].double()
        )
        ones = torch.ones(*hidden.shape[:2], 1, dtype=hidden.dtype)
        features = torch.cat([hidden, ones], dim=2)  # (networks, rows, width + 1)
        wanted = target.double().expand(len(features), *target.shape)
        # gelsd: hidden neurons may coincide, and the matrix lose rank.
        weights = torch.linalg.lstsq(features, wanted, driver="gelsd").solution
        return ((features @ weights - wanted) ** 2).mean(dim=(1, 2)).sqrt().numpy()
