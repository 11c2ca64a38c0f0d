"""Where a network finds a class, on the series or image itself (Zhou et al. 2016)."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from profond._tensors import to_array
from profond.figures._answers import class_list, percent, plain
from profond.figures._canvas import SOFT, VERMILION, Language, canvas, figure_of, finish, speaker
from profond.figures._cells import SIGNED, draw_image, without_ticks

_METHODS = ("cam", "grad_cam")


def class_activation(
    model: Any,
    x: Any,
    *,
    class_index: int | None = None,
    method: str | None = None,
    classes: Any = None,
    image: Any = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """A series coloured by what each step says for a class, or an image under such a heat.

    The class activation map of `profond.inspection`, brought to the size of the sample by
    straight lines between its places. Of a series, orange speaks for the class and blue against
    it; over an image only what speaks for it is laid.

    Args:
        model: A convolutional network that ends in a `Dense` layer.
        x: One sample as the model takes it, (time, channels) or (height, width, channels).
        class_index: Number of the class; the likeliest by default.
        method: `"cam"` (Zhou et al. 2016) or `"grad_cam"` (Selvaraju et al. 2017); by default
            the first where the network ends in global average pooling.
        classes: The classes' names, for the title.
        image: What is shown under the heat in the place of `x`, of the same height and width:
            the pixels before they were standardised.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `map` (in the resolution of the network's last maps),
        `class_index`, `probability`.

    Raises:
        ValueError: If the model has no such maps, or an argument does not fit.
    """
    say = speaker(lang)
    sample = to_array(x)
    if sample.ndim not in (2, 3):
        raise ValueError(
            "`x` must be one sample, (time, channels) or (height, width, channels); received "
            f"shape {sample.shape}. Choose one: x[0]."
        )
    found, index, chance = _of_class(model, sample, class_index, method)
    names = None if classes is None else class_list(classes)
    if names is not None and index >= len(names):
        raise ValueError(
            f"`classes` must have a name for each of the model's classes; received {len(names)}, "
            f"and the class is number {index}."
        )
    name = str(index) if names is None else plain(names[index])
    title = say(f"for class {name}", f"pour la classe {name}")
    if chance is not None:
        title += f" ({percent(chance, lang)})"
    kept = {"map": found, "class_index": index, "probability": chance}
    if sample.ndim == 2:
        ax = canvas(ax, size=(6.4, 3.2))
        _draw_series(ax, sample, found, say)
        return finish(ax, lang=lang, title=title, x=say("time step", "pas de temps"), numbers=kept)
    ax = canvas(ax, size=(4.2, 3.8))
    below = sample if image is None else to_array(image)
    if below.shape[:2] != sample.shape[:2]:
        raise ValueError(
            f"`image` must have the height and width of `x`, {sample.shape[:2]}; received shape "
            f"{below.shape}."
        )
    _draw_heat(ax, below if below.ndim == 3 else below[..., None], found, say)
    figure = finish(ax, lang=lang, title=title, grid=False, numbers=kept)
    without_ticks(ax)
    return figure


def _of_class(
    model: Any, sample: np.ndarray, class_index: int | None, method: str | None
) -> tuple[np.ndarray, int, float | None]:
    """The map of one sample, the number of its class, and the class's probability."""
    from profond.inspection import class_activation_map, grad_cam
    from profond.inspection._network import head_of, mean_before
    from profond.layers._checks import one_of

    if method is None:
        method = "grad_cam" if mean_before(model, head_of(model)) is None else "cam"
    compute = class_activation_map if one_of(method, "method", _METHODS) == "cam" else grad_cam
    batch = sample[None].astype(np.float32) if sample.dtype.kind == "f" else sample[None]
    outputs = np.asarray(model.predict(batch, verbose=0), dtype=np.float64)[0]
    chances = _probabilities(model, outputs)
    index = int(chances.argmax()) if class_index is None else int(class_index)
    found = compute(model, batch, index)[0]
    return found, index, float(chances[index])


def _probabilities(model: Any, outputs: np.ndarray) -> np.ndarray:
    """Of each class, from outputs with their last activation or without it."""
    from profond.models._leaves import leaf_layers

    last = leaf_layers(model)[-1][1]
    name = getattr(getattr(last, "activation", None), "__name__", type(last).__name__.lower())
    if len(outputs) == 1:
        second = outputs[0] if name == "sigmoid" else 1 / (1 + np.exp(-outputs[0]))
        return np.array([1 - second, second])
    if name in ("softmax", "sigmoid"):
        return outputs
    exponentials = np.exp(outputs - outputs.max())
    return exponentials / exponentials.sum()


def _draw_series(ax: Axes, series: np.ndarray, found: np.ndarray, say: Any) -> None:
    """Each channel as a line whose pieces have the colour of their step."""
    steps = len(series)
    contribution = stretched(found, (steps,))
    largest = float(np.nanmax(np.abs(contribution), initial=0.0)) or 1.0
    middle = (contribution[:-1] + contribution[1:]) / 2
    for values in series.T:
        points = np.column_stack([np.arange(steps), values])
        # A grey line below: pale pieces, of steps that say nothing, are seen too.
        ax.plot(points[:, 0], points[:, 1], color=SOFT, linewidth=3.4, alpha=0.45)
        pieces = np.stack([points[:-1], points[1:]], axis=1)
        lines = LineCollection(list(pieces), cmap=SIGNED, linewidths=2.4, capstyle="round")
        lines.set_array(np.nan_to_num(middle))
        lines.set_clim(-largest, largest)
        ax.add_collection(lines)
    _bar(ax, ax.collections[-1], say)


def _draw_heat(ax: Axes, image: np.ndarray, found: np.ndarray, say: Any) -> None:
    """The image, and over it a veil that is thicker the more a place speaks for the class."""
    height, width = image.shape[:2]
    draw_image(ax, _paler(image))
    heat = np.maximum(stretched(found, (height, width)), 0.0)
    largest = float(heat.max()) or 1.0
    veil = np.empty((height, width, 4))
    veil[:] = to_rgba(VERMILION)
    veil[..., 3] = 0.75 * heat / largest
    ax.imshow(veil, interpolation="bilinear")
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    shades = LinearSegmentedColormap.from_list(
        "veil", [to_rgba(VERMILION, 0.0), to_rgba(VERMILION, 0.75)]
    )
    _bar(ax, ScalarMappable(Normalize(0.0, largest), shades), say)


def _paler(image: np.ndarray) -> np.ndarray:
    """A colour image nearly grey, so that the heat over it is told from its own colours."""
    if image.shape[-1] not in (3, 4):
        return image
    grey = image[..., :3].astype(np.float64).mean(-1, keepdims=True)
    return (0.25 * image[..., :3] + 0.75 * grey).astype(image.dtype)


def _bar(ax: Axes, colours: Any, say: Any) -> None:
    """What the colours mean."""
    bar = figure_of(ax).colorbar(colours, ax=ax, fraction=0.05, pad=0.03)
    bar.set_label(say("contribution", "contribution"), fontsize=9)
    bar.outline.set_visible(False)  # type: ignore[operator] - a Spine
    bar.ax.tick_params(labelsize=8)


def stretched(found: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """A map in the size of its sample, straight between the middles of its places."""
    import torch

    mode = "linear" if found.ndim == 1 else "bilinear"
    given = torch.from_numpy(np.asarray(found, dtype=np.float64))[None, None]
    made = torch.nn.functional.interpolate(given, sizes, mode=mode, align_corners=False)
    return made[0, 0].numpy()
