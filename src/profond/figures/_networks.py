"""Networks drawn as neurons, with weights as colours and dropped neurons grey (notes, 2.1, 5.3)."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures import _neurons
from profond.figures._canvas import INK, Language, canvas, finish, speaker
from profond.figures._checks import fraction, numeric, several, whole


@dataclass(frozen=True)
class DenseLayer:
    """What a drawing needs to know of one fully connected layer.

    Attributes:
        kernel: Weights, `(inputs, units)`.
        bias: Biases, `(units,)`, or None.
        activation: The activation's name, "" for the identity.
        dropped_before: Rate of the dropout applied to this layer's inputs, 0 if none.
    """

    kernel: np.ndarray
    bias: np.ndarray | None
    activation: str
    dropped_before: float = 0.0


def dense_layers(model: Any) -> list[DenseLayer]:
    """The fully connected layers of a profond model, in order.

    Layers without neurons of their own (inputs, activations, dropout, normalisation, noise) are
    folded into their neighbours.

    Raises:
        ValueError: If the model has no such layer, is not built, or has one that cannot be drawn
            as neurons (a convolution, say).
    """
    from profond import layers as kinds

    found: list[DenseLayer] = []
    rate = 0.0
    for layer in model.layers:
        if isinstance(layer, kinds.Dense):
            if not layer.built:
                raise ValueError(
                    f"layer {layer.name!r} has no weights yet; give the model an Input first, or "
                    "call it once on data, and draw it then."
                )
            weights = [np.asarray(weight, dtype=np.float64) for weight in layer.get_weights()]
            name = _activation_name(layer)
            bias = weights[1] if layer.use_bias else None
            found.append(DenseLayer(weights[0], bias, name, rate))
            rate = 0.0
        elif isinstance(layer, kinds.Dropout):
            rate = float(layer.rate)
        elif isinstance(layer, kinds.Activation | kinds.ReLU | kinds.LeakyReLU | kinds.Softmax):
            if found:
                last = found[-1]
                found[-1] = DenseLayer(
                    last.kernel, last.bias, _activation_name(layer), last.dropped_before
                )
        elif any(len(np.shape(weight)) > 1 for weight in layer.get_weights()):
            raise ValueError(
                f"layer {layer.name!r} ({type(layer).__name__}) cannot be drawn as neurons; only "
                "Dense layers can. `conv_network` draws convolutions as maps, "
                "`profond.utils.plot_model` any model as boxes."
            )
    if not found:
        raise ValueError("the model has no Dense layer, so there are no neurons to draw.")
    return found


def _activation_name(layer: Any) -> str:
    """The name of a layer's activation as one writes it in `Dense(..., activation=)`."""
    function = getattr(layer, "activation", None)
    name = getattr(function, "__name__", None) or type(layer).__name__.lower()
    return "" if name == "linear" else str(name)


def network(
    layers: Any,
    *,
    dropped: float | Sequence[ArrayLike] | None = None,
    seed: int = 0,
    max_neurons: int = 12,
    labels: Sequence[str] | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """A multilayer perceptron drawn as neurons (notes, 2.1; with dropped neurons, Fig. 5.1).

    The colour of a line is the sign of its weight, its width and opacity the weight's size
    relative to the largest of its layer. Biases are not drawn, as in the notes. Of a layer with
    more than `max_neurons` neurons, the first and last ones are drawn around three dots.

    Args:
        layers: A profond model of Dense layers; or the numbers of neurons, input first
            (`[4, 100, 3]`); or the weight matrices, each `(inputs, units)`.
        dropped: Neurons to show as switched off by dropout: a share in [0, 1) of the inputs and
            of every hidden layer (rounded, drawn by `seed`); or the indices to switch off, a list
            per layer, input first; or None: those that the model's own Dropout layers switch off
            if there are any, else none.
        seed: Chooses the neurons switched off.
        max_neurons: Neurons drawn per layer at most, >= 3.
        labels: One text per layer, input first; made from the model by default.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `sizes` (neurons per layer), `dropped` (indices per layer),
        `parameters` (weights and biases, when weights are known).

    Raises:
        TypeError: If `layers` or `dropped` is of another kind.
        ValueError: If sizes do not fit together, an index does not exist, or the model cannot be
            drawn as neurons.
    """
    say = speaker(lang)
    whole(max_neurons, "max_neurons", least=3)
    sizes, kernels, names, rates, parameters = _understand(layers)
    if labels is not None and len(labels) != len(sizes):
        raise ValueError(
            f"`labels` must have one text per layer, input included: {len(sizes)}; "
            f"received {len(labels)}."
        )
    off = _switched_off(sizes, dropped, rates, seed)
    texts = _texts(sizes, names, say)
    if labels is not None:
        texts = [textwrap.fill(str(label), 16, replace_whitespace=False) for label in labels]
    lines = [line for text in texts for line in text.split("\n")]
    tall = max(min(size, max_neurons + 1) for size in sizes)
    below = 0.85 + 0.65 * max(text.count("\n") + 1 for text in texts)
    high = tall + below  # the drawing's height, in units: neurons are one apart
    inches = min(5.2, max(2.8, 0.42 * tall + 1.1)) / high  # of one unit
    # A character of the texts is about 0.075 inches wide: columns stand apart for the longest.
    text_width = (0.075 * max(map(len, lines)) + 0.15) / inches
    step = max(0.42 * tall + 0.5, text_width)
    margin = max(0.75, text_width / 2)
    width = ((len(sizes) - 1) * step + 2 * margin) * inches
    ax = canvas(ax, size=(max(3.0, width), high * inches))
    columns = [_column(size, max_neurons) for size in sizes]
    for left in range(len(sizes) - 1):
        _between(ax, columns, left, step, kernels, off)
    for index, (shown, heights) in enumerate(columns):
        for neuron_index, y in zip(shown, heights, strict=True):
            if neuron_index is None:
                _neurons.ellipsis(ax, index * step, y, gap=0.17)
            else:
                _neurons.neuron(ax, index * step, y, radius=0.3, off=bool(off[index][neuron_index]))
        bottom = -(tall - 1) / 2 - 0.75
        ax.text(index * step, bottom, texts[index], ha="center", va="top", fontsize=9, color=INK)
    entries = []
    if kernels is not None:
        entries += _neurons.signs(np.concatenate([kernel.ravel() for kernel in kernels]), say)
    if any(mask.any() for mask in off):
        entries.append((_neurons.OFF, say("switched off", "désactivé")))
    ax.set_xlim(-margin, (len(sizes) - 1) * step + margin)
    ax.set_ylim(-(tall - 1) / 2 - below, (tall - 1) / 2 + 0.5)
    _neurons.bare(ax)
    if entries:
        _neurons.weight_legend(ax, entries)
    found = {
        "sizes": sizes,
        "dropped": [np.flatnonzero(mask).tolist() for mask in off],
        "parameters": parameters,
    }
    return finish(ax, lang=lang, grid=False, numbers=found)


def _understand(
    layers: Any,
) -> tuple[list[int], list[np.ndarray] | None, list[str], list[float], int | None]:
    """Sizes, weights, activations, dropout rates (of each layer's neurons) and parameters."""
    if hasattr(layers, "layers"):
        dense = dense_layers(layers)
        kernels = [layer.kernel for layer in dense]
        sizes = [kernels[0].shape[0], *(kernel.shape[1] for kernel in kernels)]
        names = ["", *(layer.activation for layer in dense)]
        rates = [*(layer.dropped_before for layer in dense), 0.0]
        biases = sum(layer.bias.size for layer in dense if layer.bias is not None)
        _chained(kernels)
        return sizes, kernels, names, rates, sum(kernel.size for kernel in kernels) + biases
    if isinstance(layers, torch.nn.Module):
        raise TypeError(
            f"`layers` is a torch module without profond layers ({type(layers).__name__}); give "
            "its weight matrices, each (inputs, units): `[layer.weight.T for layer in ...]`."
        )
    if isinstance(layers, str) or not hasattr(layers, "__iter__"):
        raise TypeError(
            "`layers` must be a model, a list of sizes such as [4, 100, 3], or a list of weight "
            f"matrices; received {type(layers).__name__}."
        )
    items = several(layers, "layers")
    if all(np.ndim(item) == 2 for item in items):
        kernels = [numeric(item, f"layers[{i}]") for i, item in enumerate(items)]
        _chained(kernels)
        sizes = [kernels[0].shape[0], *(kernel.shape[1] for kernel in kernels)]
        return sizes, kernels, [""] * len(sizes), [0.0] * len(sizes), sum(k.size for k in kernels)
    sizes = [whole(item, f"layers[{i}]") for i, item in enumerate(items)]
    if len(sizes) < 2:
        raise ValueError(f"`layers` needs an input and an output at least; received {sizes}.")
    return sizes, None, [""] * len(sizes), [0.0] * len(sizes), None


def _chained(kernels: Sequence[np.ndarray]) -> None:
    """Refuse weight matrices that do not follow one another."""
    for index, (left, right) in enumerate(zip(kernels, kernels[1:], strict=False)):
        if left.shape[1] != right.shape[0]:
            raise ValueError(
                f"weight matrices must follow one another; received {left.shape} then "
                f"{right.shape} at layers {index} and {index + 1}."
            )


def _switched_off(
    sizes: Sequence[int],
    dropped: float | Sequence[ArrayLike] | None,
    rates: Sequence[float],
    seed: int,
) -> list[np.ndarray]:
    """Which neurons are off, one boolean array per layer; outputs are never."""
    off = [np.zeros(size, dtype=bool) for size in sizes]
    rng = np.random.default_rng(whole(seed, "seed", least=0))
    if dropped is None or isinstance(dropped, int | float | np.number):
        shares = list(rates) if dropped is None else [fraction(dropped, "dropped")] * len(sizes)
        for index in range(len(sizes) - 1):
            count = round(shares[index] * sizes[index])
            off[index][rng.choice(sizes[index], count, replace=False)] = True
        return off
    if isinstance(dropped, str) or len(dropped) != len(sizes):
        raise ValueError(
            f"`dropped` must be a share, or one list of indices per layer ({len(sizes)}, input "
            f"first); received {dropped!r}."
        )
    for index, chosen in enumerate(dropped):
        for one in several(chosen, "dropped") if np.size(chosen) else []:
            if whole(one, "dropped", least=0) >= sizes[index]:
                raise ValueError(
                    f"`dropped` has neuron {one} in layer {index}, which has {sizes[index]} "
                    "(counted from 0)."
                )
            off[index][one] = True
    return off


def _texts(sizes: Sequence[int], names: Sequence[str], say: Any) -> list[str]:
    """The text under each layer: its role, its activation, its number of neurons."""
    texts = []
    for index, (size, name) in enumerate(zip(sizes, names, strict=True)):
        if index == 0:
            role = say("input", "entrée")
        elif index == len(sizes) - 1:
            role = say("output", "sortie")
        else:
            role = say("hidden", "cachée") + (f" {index}" if len(sizes) > 3 else "")
        texts.append(f"{role}\n{size}" + (f" · {name}" if name else ""))
    return texts


def _column(size: int, most: int) -> tuple[list[int | None], np.ndarray]:
    """Neurons drawn (None for the dots) and their heights, centred on 0."""
    shown: list[int | None] = list(range(size))
    if size > most:
        below = (most - 1) // 2
        shown = [*range(most - 1 - below), None, *range(size - below, size)]
    heights = (len(shown) - 1) / 2 - np.arange(len(shown), dtype=np.float64)
    return shown, heights


def _between(
    ax: Axes,
    columns: Sequence[tuple[list[int | None], np.ndarray]],
    left: int,
    step: float,
    kernels: Sequence[np.ndarray] | None,
    off: Sequence[np.ndarray],
) -> None:
    """The connections from layer `left` to the next."""
    ends = []
    for index in (left, left + 1):
        shown, heights = columns[index]
        kept = [
            (i, (index * step, y)) for i, y in zip(shown, heights, strict=True) if i is not None
        ]
        ends.append(([i for i, _ in kept], np.array([at for _, at in kept])))
    (rows, starts), (cols, stops) = ends
    weights = None if kernels is None else kernels[left][np.ix_(rows, cols)]
    scale = 1.0 if kernels is None else float(np.abs(kernels[left]).max())
    silent = off[left][rows][:, None] | off[left + 1][cols][None, :]
    _neurons.connections(ax, starts, stops, weights, scale=scale, off=silent)
