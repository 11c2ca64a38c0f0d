"""The curse of depth: gradients against depth, activation by activation (notes, 4.3)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._batch import Networks, one_thread, squared_errors
from profond.figures._canvas import Language, canvas, finish, speaker
from profond.figures._checks import seed_list, several, standardised, together, whole
from profond.figures._curves import draw_band

Case = tuple[str, str]
_USUAL: tuple[Case, ...] = (
    ("tanh", "glorot_uniform"),
    ("sigmoid", "glorot_uniform"),
    ("relu", "glorot_uniform"),
    ("relu", "he_normal"),
)


def gradient_norms(
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    depth: int = 20,
    width: int = 32,
    cases: Sequence[Case] = _USUAL,
    seeds: int | Sequence[int] = 20,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Norm of the loss's gradient in each layer of a deep network, before training (notes, 4.3).

    $\lVert \partial \mathcal{L} / \partial w^{(\ell)} \rVert$, by automatic differentiation of
    the mean squared error: the product of the factors $\varphi'(o) \, w$ that the notes write
    out, with nothing left out.

    Args:
        x: Inputs, rows and columns, standardised here; by default 200 standard normal points.
        y: Target, one per row, standardised here; by default standard normal.
        depth: Number of hidden layers, >= 1.
        width: Neurons per hidden layer.
        cases: Pairs of an activation ("tanh", "sigmoid", "relu", "linear") and an initializer
            ("glorot_uniform", Keras's default, or "he_normal"), a line each.
        seeds: Number of seeds, or the seeds; geometric means and bands are over them.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `norms`: for each case `(seeds, depth + 1)`, layer nearest to the
        input first.

    Raises:
        TypeError: If the data, `depth` or seeds are not numbers, or a case is no pair.
        ValueError: If only one of x and y is given, or they are constant or not finite.
    """
    say = speaker(lang)
    inputs, target = _standard(x, y)
    chosen = seed_list(seeds)
    layers = np.arange(1, whole(depth, "depth") + 2)
    ax = canvas(ax)
    norms: dict[Case, np.ndarray] = {}
    for index, (activation, initializer) in enumerate(_pairs(cases)):
        found = layer_norms(
            inputs, target, [depth], whole(width, "width"), activation, initializer, chosen
        )[0]
        norms[activation, initializer] = found
        _line(ax, index, layers, found, activation, initializer)
    ax.set_yscale("log")
    ax.set_xticks([1, *range(5, depth + 2, 5)] if depth > 5 else layers)
    return finish(
        ax,
        lang=lang,
        x=say("layer (1 is nearest to the input)", "couche (1 est la plus proche de l'entrée)"),
        y=say("norm of the gradient", "norme du gradient"),
        legend=True,
        numbers={"norms": norms},
    )


def gradient_depth(
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    depths: Sequence[int] = (1, 2, 4, 8, 16, 32),
    width: int = 32,
    cases: Sequence[Case] = _USUAL,
    seeds: int | Sequence[int] = 20,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Norm of the gradient in the first layer, against the network's depth (notes, 4.3).

    Args:
        x: Inputs, rows and columns, standardised here; by default 200 standard normal points.
        y: Target, one per row, standardised here; by default standard normal.
        depths: Numbers of hidden layers, each >= 1.
        width: Neurons per hidden layer.
        cases: Pairs of an activation and an initializer, a line each (see `gradient_norms`).
        seeds: Number of seeds, or the seeds; geometric means and bands are over them.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `depths`; `norms`: for each case `(seeds, depths)`.

    Raises:
        TypeError: If the data, depths or seeds are not numbers, or a case is no pair.
        ValueError: If only one of x and y is given, or they are constant or not finite.
    """
    say = speaker(lang)
    inputs, target = _standard(x, y)
    chosen = seed_list(seeds)
    layers = [whole(depth, "depths") for depth in several(depths, "depths")]
    ax = canvas(ax)
    norms: dict[Case, np.ndarray] = {}
    for index, (activation, initializer) in enumerate(_pairs(cases)):
        per_depth = layer_norms(
            inputs, target, layers, whole(width, "width"), activation, initializer, chosen
        )
        found = np.stack([values[:, 0] for values in per_depth], axis=1)
        norms[activation, initializer] = found
        _line(ax, index, np.asarray(layers), found, activation, initializer)
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ax.set_xticks(layers, [str(depth) for depth in layers])
    return finish(
        ax,
        lang=lang,
        x=say("hidden layers", "couches cachées"),
        y=say("norm of the first layer's gradient", "norme du gradient de la 1re couche"),
        legend=True,
        numbers={"depths": layers, "norms": norms},
    )


@one_thread()
def layer_norms(
    inputs: torch.Tensor,
    target: torch.Tensor,
    depths: Sequence[int],
    width: int,
    activation: str,
    initializer: str,
    seeds: Sequence[int],
) -> list[np.ndarray]:
    """For each depth, gradient norms of the kernels, `(seeds, depth + 1)`, in float64."""
    found = []
    for depth in depths:
        sizes = [inputs.shape[1], *[width] * depth, 1]
        networks = Networks(sizes, activation, seeds, initializer=initializer, dtype=torch.float64)
        squared_errors(networks(inputs), target).sum().backward()
        grads = [torch.zeros_like(k) if k.grad is None else k.grad for k in networks.kernels]
        found.append(torch.stack([grad.norm(dim=(1, 2)) for grad in grads], dim=1).numpy())
    return found


def _pairs(cases: Any) -> list[Case]:
    """The cases, each a pair of texts.

    Raises:
        TypeError: If one is not.
        ValueError: If there are none.
    """
    found = several(cases, "cases")
    for case in found:
        if isinstance(case, str) or np.shape(case) != (2,):
            raise TypeError(
                '`cases` must hold pairs such as ("tanh", "glorot_uniform"), an activation and an '
                f"initializer; received {case!r}."
            )
    return [(activation, initializer) for activation, initializer in found]


def _line(
    ax: Axes, index: int, at: np.ndarray, runs: np.ndarray, activation: str, initializer: str
) -> None:
    """One case: geometric mean over seeds, and its band."""
    label = f"{activation} ({initializer.split('_')[0].capitalize()})"
    draw_band(ax, runs, index, label, log=True, x=at, marked=True)


def _standard(x: ArrayLike | None, y: ArrayLike | None) -> tuple[torch.Tensor, torch.Tensor]:
    """Standardised float64 inputs `(rows, columns)` and target `(rows, 1)`."""
    if together(x, y, "random points are used"):
        table, target = standardised(x, y)  # type: ignore[arg-type]
    else:
        rng = np.random.default_rng(0)
        table, target = standardised(rng.normal(size=(200, 10)), rng.normal(size=200))
    return torch.as_tensor(table), torch.as_tensor(target)
