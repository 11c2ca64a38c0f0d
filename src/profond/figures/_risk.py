"""Empirical risk against true risk, and overfitting (notes, chapter 5)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._batch import Networks, squared_errors, train
from profond.figures._canvas import (
    GREEN,
    INK,
    SOFT,
    VERMILION,
    Language,
    canvas,
    finish,
    speaker,
)
from profond.figures._checks import layer_sizes, seed_list, standardised, together, whole
from profond.figures._curves import draw_band, standardised_name

_NOISE = 0.3


@dataclass(frozen=True)
class Sample:
    """What each seed trains on, and what its true risk is measured on.

    Attributes:
        inputs: Training inputs, `(seeds, rows, columns)`.
        target: Training targets, `(seeds, rows, 1)`.
        fresh_inputs: Inputs of fresh rows, `(seeds, many, columns)`.
        fresh_target: Targets of fresh rows, without noise where the law is known.
        noise: Variance of the noise left out of `fresh_target`, which the true risk includes.
    """

    inputs: torch.Tensor
    target: torch.Tensor
    fresh_inputs: torch.Tensor
    fresh_target: torch.Tensor
    noise: float


def risks(
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    train_rows: int = 30,
    hidden: Sequence[int] = (64, 64),
    activation: str = "tanh",
    steps: int = 3000,
    rate: float = 0.01,
    seeds: int | Sequence[int] = 10,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Empirical and true risk along a training (notes, chapter 5).

    Empirical: $\mathcal{R}_e(\theta) = \frac{1}{|\mathcal{D}_t|} \sum \mathcal{L}(x_i, y_i;
    m_\theta)$, on the training rows. True: $\mathcal{R}(\theta) = \mathbb{E}_{x, y \sim
    \mathcal{D}} \mathcal{L}(x, y; m_\theta)$. Without data of yours the law is known (x uniform
    on [-1, 1], y = sin(πx · 2) plus normal noise of standard deviation 0.3) and the true risk is
    computed on a fine grid; with data of yours, each seed draws `train_rows` of them to train on
    and estimates the true risk on the rest. The loss is the mean squared error; Adam, all rows at
    each step.

    Args:
        x: Inputs, standardised here; None for the known law.
        y: Target, one per row, standardised here.
        train_rows: Rows each network is trained on, >= 2.
        hidden: Neurons of each hidden layer.
        activation: "tanh", "sigmoid" or "relu".
        steps: Number of updates.
        rate: Adam's learning rate.
        seeds: Number of seeds, or the seeds; a seed draws the rows and the initial weights.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `steps`; `empirical` and `true`, `(seeds, len(steps))`; `best_step`
        `(seeds,)`, where each one's true risk is lowest; `noise`, the least possible true risk
        (0 where it is not known).

    Raises:
        TypeError: If the data or seeds are not numbers.
        ValueError: If only one of x and y is given, or no rows are left to estimate the true risk.
    """
    say = speaker(lang)
    chosen = seed_list(seeds)
    sample = _sample(x, y, whole(train_rows, "train_rows", least=2), chosen)
    at, empirical, true, _ = _trained(sample, hidden, activation, steps, rate, chosen)
    best = true.argmin(axis=1)
    ax = canvas(ax)
    draw_band(
        ax,
        empirical,
        0,
        say("empirical risk (training rows)", "risque empirique (apprentissage)"),
        log=True,
        x=at,
    )
    name = (
        say("true risk", "vrai risque")
        if x is None
        else say("true risk, estimated", "vrai risque, estimé")
    )
    draw_band(ax, true, 1, name, log=True, x=at)
    ax.plot(
        at[best],
        true[np.arange(len(best)), best],
        "o",
        color=INK,
        markersize=4,
        alpha=0.7,
        label=say("lowest true risk of each network", "plus bas vrai risque de chaque réseau"),
    )
    if sample.noise:
        ax.axhline(sample.noise, color=SOFT, linestyle=":", label=say("noise alone", "bruit seul"))
    ax.set_yscale("log")
    ax.set_xscale("log")
    return finish(
        ax,
        lang=lang,
        x=say("steps of training", "étapes d'entraînement"),
        y=say("mean squared error", "erreur quadratique moyenne")
        + ("" if x is None else say(" (variance of y = 1)", " (variance de y = 1)")),
        legend=True,
        numbers={
            "steps": at,
            "empirical": empirical,
            "true": true,
            "best_step": at[best],
            "noise": sample.noise,
        },
    )


def overfit_curve(
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    train_rows: int = 30,
    hidden: Sequence[int] = (64, 64),
    activation: str = "tanh",
    steps: int = 3000,
    rate: float = 0.01,
    seed: int = 0,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """One network at its lowest true risk and at the end of its training (notes, chapter 5).

    Args:
        x: One input per row, standardised here; None for the known law of `risks`.
        y: Target, one per row, standardised here.
        train_rows: Rows the network is trained on, >= 2.
        hidden: Neurons of each hidden layer.
        activation: "tanh", "sigmoid" or "relu".
        steps: Number of updates.
        rate: Adam's learning rate.
        seed: Draws the rows and the initial weights.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `x`, `best` and `last` (the two curves), `best_step`.

    Raises:
        TypeError: If the data are not numbers.
        ValueError: If x has several columns, or see `risks`.
    """
    say = speaker(lang)
    sample = _sample(x, y, whole(train_rows, "train_rows", least=2), seed_list([seed]))
    if sample.inputs.shape[2] != 1:
        raise ValueError(
            f"`x` must be one number per row to be drawn; received "
            f"{sample.inputs.shape[2]} columns."
        )
    at, _, true, outputs = _trained(sample, hidden, activation, steps, rate, [seed])
    best = int(true[0].argmin())
    order = torch.argsort(sample.fresh_inputs[0, :, 0])
    points = sample.fresh_inputs[0, order, 0].numpy()
    curves = {"best": outputs[best][0, order, 0].numpy(), "last": outputs[-1][0, order, 0].numpy()}
    ax = canvas(ax)
    if sample.noise:
        truth = sample.fresh_target[0, order, 0].numpy()
        ax.plot(points, truth, color=SOFT, linestyle=":", linewidth=2, label=say("truth", "vérité"))
    ax.plot(
        sample.inputs[0, :, 0].numpy(),
        sample.target[0, :, 0].numpy(),
        "o",
        color=INK,
        markersize=4,
        label=say("training rows", "apprentissage"),
    )
    ax.plot(
        points,
        curves["best"],
        color=GREEN,
        linewidth=2,
        label=say(f"at step {at[best]}", f"à l'étape {at[best]}"),
    )
    ax.plot(
        points,
        curves["last"],
        color=VERMILION,
        linewidth=2,
        linestyle=(0, (6, 2)),
        label=say(f"at step {at[-1]}", f"à l'étape {at[-1]}"),
    )
    margin = 0.6 * float(sample.target[0].max() - sample.target[0].min())
    ax.set_ylim(float(sample.target[0].min()) - margin, float(sample.target[0].max()) + margin)
    return finish(
        ax,
        lang=lang,
        x="$x$" if x is None else standardised_name(x, "x", lang),
        y="$y$" if y is None else standardised_name(y, "y", lang),
        legend=True,
        numbers={"x": points, **curves, "best_step": int(at[best])},
    )


def _sample(x: ArrayLike | None, y: ArrayLike | None, rows: int, seeds: Sequence[int]) -> Sample:
    """Training and fresh rows for each seed, from the known law or from the user's table."""
    if not together(x, y, "a known law is used"):
        grid = np.linspace(-1, 1, 401)
        drawn = [np.random.default_rng(seed) for seed in seeds]
        inputs = np.stack([rng.uniform(-1, 1, rows) for rng in drawn])
        noise = np.stack([rng.normal(0, _NOISE, rows) for rng in drawn])
        target = np.sin(2 * np.pi * inputs) + noise
        fresh = np.broadcast_to(grid, (len(seeds), len(grid)))
        parts = (inputs, target, fresh, np.sin(2 * np.pi * fresh))
        tensors = [torch.tensor(part[..., None], dtype=torch.float32) for part in parts]
        return Sample(*tensors, noise=_NOISE**2)
    table, target = standardised(x, y)  # type: ignore[arg-type]
    if len(table) <= rows:
        raise ValueError(
            f"`train_rows` is {rows} but there are {len(table)} rows; some must be left to "
            "estimate the true risk."
        )
    orders = np.stack([np.random.default_rng(seed).permutation(len(table)) for seed in seeds])
    parts = (
        table[orders[:, :rows]],
        target[orders[:, :rows]],
        table[orders[:, rows:]],
        target[orders[:, rows:]],
    )
    return Sample(*(torch.tensor(part, dtype=torch.float32) for part in parts), noise=0.0)


def _trained(
    sample: Sample,
    hidden: Sequence[int],
    activation: str,
    steps: int,
    rate: float,
    seeds: Sequence[int],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[torch.Tensor]]:
    """Steps looked at, both risks there, and the outputs on fresh rows."""
    sizes = [sample.inputs.shape[2], *layer_sizes(hidden), 1]
    networks = Networks(sizes, activation, seeds)
    at: list[int] = []
    empirical: list[np.ndarray] = []
    true: list[np.ndarray] = []
    outputs: list[torch.Tensor] = []
    count = whole(steps, "steps")
    wanted = {*np.unique(np.geomspace(1, count, 80).astype(int)).tolist(), count}

    def watch(step: int, now: Networks) -> None:
        if step not in wanted:
            return
        with torch.no_grad():
            at.append(step)
            empirical.append(squared_errors(now(sample.inputs), sample.target).numpy())
            outputs.append(now(sample.fresh_inputs))
            error = squared_errors(outputs[-1], sample.fresh_target)
            true.append(error.numpy() + sample.noise)

    train(networks, sample.inputs, sample.target, steps=count, rate=rate, watch=watch)
    return np.array(at), np.array(empirical).T, np.array(true).T, outputs
