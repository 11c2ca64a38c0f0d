"""The perceptron drawn: inputs, weights, sum, activation, output (notes, 1.1)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures import _neurons
from profond.figures._canvas import INK, SOFT, Language, canvas, decimals, finish, speaker
from profond.figures._checks import number, vector, whole
from profond.figures._networks import dense_layers


def perceptron(
    weights: ArrayLike | Any | None = None,
    bias: float | None = None,
    *,
    activation: str | None = None,
    feature_names: Sequence[str] | None = None,
    max_inputs: int = 10,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""A single neuron: $a = \varphi(o)$ with $o = \mathbf{w}\mathbf{x} + b$ (notes, 1.1).

    Weights show as colours and widths of the lines, with their values.

    Args:
        weights: One weight per input; or a profond `Sequential` whose only layer with weights is
            `Dense(1)`; None draws the general picture with letters.
        bias: The bias b; None leaves the letter (or takes the model's).
        activation: Name written in the neuron; None means the letter φ (or takes the model's).
        feature_names: Names of the inputs; x1, x2, ... by default.
        max_inputs: Inputs drawn at most; of more, the first and last ones are shown.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `weights`, `bias`.

    Raises:
        TypeError: If weights or bias are not numbers, or `activation` is not a text.
        ValueError: If the model is not a perceptron, or the names are not one per weight.
    """
    say = speaker(lang)
    whole(max_inputs, "max_inputs", least=2)
    if activation is not None and not isinstance(activation, str):
        raise TypeError(
            f"`activation` must be the text to write in the neuron; received {activation!r}."
        )
    if bias is not None:
        bias = number(bias, "bias")
    if hasattr(weights, "layers"):
        layers = dense_layers(weights)
        if len(layers) != 1 or layers[0].kernel.shape[1] != 1:
            sizes = [layer.kernel.shape[1] for layer in layers]
            raise ValueError(
                "`weights` must be a model with a single neuron, Dense(1); received layers of "
                f"{sizes} neurons. Draw larger models with `profond.figures.network`."
            )
        values = layers[0].kernel[:, 0]
        bias = layers[0].bias[0] if bias is None and layers[0].bias is not None else bias
        if activation is None:
            activation = layers[0].activation or say("identity", "identité")
    else:
        values = None if weights is None else vector(weights, "weights")  # type: ignore[arg-type]
    count = 4 if values is None else len(values)
    if feature_names is not None and len(feature_names) != count:
        raise ValueError(
            f"`feature_names` must have one name per weight; received {len(feature_names)} names "
            f"for {count} weights."
        )
    general = values is None
    shown: list[int | None] = list(range(count))
    if general:
        shown = [0, 1, 2, None, 3]
    elif count > max_inputs:
        half = max_inputs // 2
        shown = [*range(max_inputs - half), None, *range(count - half, count)]
    ax = canvas(ax, size=(5.0, max(3.3, 0.55 * len(shown))))
    spacing = 0.66
    heights = spacing * (len(shown) - 1) * (0.5 - np.linspace(0, 1, len(shown)))
    if len(shown) == 1:
        heights = np.zeros(1)
    neuron_at = (3.1, 0.0)
    used = [i for i in shown if i is not None]
    starts = np.array([(0.0, y) for i, y in zip(shown, heights, strict=True) if i is not None])
    scale = 1.0 if general else float(np.max(np.abs(values))) or 1.0
    _neurons.connections(
        ax,
        starts,
        np.array([neuron_at]),
        None if values is None else values[used][:, None],
        scale=scale,
    )
    for position, (index, y) in enumerate(zip(shown, heights, strict=True)):
        if index is None:
            _neurons.ellipsis(ax, 0.0, y, gap=0.12)
            continue
        _input(ax, index, y, position, values, feature_names, neuron_at, count, lang)
    _body(ax, neuron_at, bias, activation, lang)
    low = min(float(heights.min()), -1.3) - 0.4
    ax.set_xlim(-0.3 if feature_names is None else -0.3 - 0.13 * max(map(len, feature_names)), 6.1)
    ax.set_ylim(low, max(float(heights.max()), 0.7) + 0.35)
    _neurons.bare(ax)
    if values is not None:
        _neurons.weight_legend(ax, _neurons.signs(values, say))
    return finish(ax, lang=lang, grid=False, numbers={"weights": values, "bias": bias})


def _input(
    ax: Axes,
    index: int,
    y: float,
    position: int,
    values: np.ndarray | None,
    names: Sequence[str] | None,
    neuron_at: tuple[float, float],
    count: int,
    lang: Language,
) -> None:
    """One input with its name, and its weight on the line."""
    last = values is None and index == count - 1
    letter = "$x_d$" if last else f"$x_{{{index + 1}}}$"
    _neurons.neuron(ax, 0.0, y, radius=0.24, label="" if names is not None else letter)
    if names is not None:
        ax.text(-0.36, y, names[index], ha="right", va="center", fontsize=9, color=INK)
    text = (
        ("$w_d$" if last else f"$w_{{{index + 1}}}$")
        if values is None
        else decimals(values[index], lang)
    )
    at = 0.27
    ax.text(
        at * neuron_at[0],
        y * (1 - at),
        text,
        ha="center",
        va="center",
        fontsize=9,
        color=INK,
        zorder=5,
        bbox={
            "boxstyle": "round,pad=0.12",
            "facecolor": "#ffffff",
            "edgecolor": "none",
            "alpha": 0.85,
        },
    )


def _body(
    ax: Axes,
    at: tuple[float, float],
    bias: float | None,
    activation: str | None,
    lang: Language,
) -> None:
    """The sum, the activation, the bias from below, and the output arrow."""
    x, y = at
    _neurons.neuron(ax, x, y, radius=0.42, label=r"$\Sigma$", size=15)
    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (4.05, y), (x + 0.42, y), arrowprops=arrow)
    ax.text((x + 0.42 + 4.0) / 2, y + 0.16, "$o$", ha="center", fontsize=11, color=INK)
    name = activation if activation is not None else r"$\varphi$"
    _neurons.neuron(ax, 4.47, y, radius=0.42, label=name, size=14 if activation is None else 8.5)
    ax.annotate("", (5.75, y), (4.89, y), arrowprops=arrow)
    ax.text(5.84, y, "$a$", ha="left", va="center", fontsize=13, color=INK)
    ax.annotate("", (x, y - 0.42), (x, y - 1.12), arrowprops=arrow)
    text = "$b$" if bias is None else f"$b$ = {decimals(float(bias), lang)}"
    ax.text(
        x, y - 1.18, text, ha="center", va="top", fontsize=10, color=INK if bias is None else SOFT
    )
