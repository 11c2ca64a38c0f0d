"""What a convolutional network has learned to look for, and what it finds (notes, 6.2)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond._tensors import to_array
from profond.figures._answers import plain
from profond.figures._canvas import BLUE, GRID, Language, canvas, finish, speaker
from profond.figures._cells import (
    caption,
    cells,
    draw_image,
    draw_series,
    draw_signed,
    note,
    square,
    without_ticks,
)
from profond.figures._checks import whole

_IN_A_ROW = 8


def learned_filters(
    model: Any,
    layer: str | None = None,
    *,
    most: int = 32,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """The kernels of a convolution: lines for series, small images for images.

    Orange is positive and blue negative, both as far as the largest entry of all kernels; those
    over three colour channels are colour images, 0 in the middle. Of kernels over other numbers
    of channels the mean over the channels is drawn.

    Args:
        model: A built model.
        layer: Name of a convolution; the first by default.
        most: At most so many kernels are drawn, those of the largest norm.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `kernels` (all of them, as `profond.inspection.learned_filters`
        gives them), `shown` (places of those drawn).

    Raises:
        ValueError: If there is no convolution, or the layer is none.
    """
    from profond.inspection import learned_filters as kernels_of

    say = speaker(lang)
    kernels = kernels_of(model, layer)
    count = kernels.shape[-1]
    norms = np.sqrt(np.square(kernels).sum(axis=tuple(range(kernels.ndim - 1))))
    shown = np.sort(np.argsort(-norms, kind="stable")[: whole(most, "most")])
    across = square(len(shown), _IN_A_ROW)
    down = -(-len(shown) // across)
    ax = canvas(ax, size=(0.85 * max(across, 4) + 0.3, 0.85 * down + 0.7))
    largest = float(np.abs(kernels).max()) or 1.0
    for cell, place in zip(cells(ax, len(shown), across), shown, strict=True):
        kernel = kernels[..., place]
        if kernel.ndim == 2:
            cell.axhline(0, color=GRID, linewidth=0.8)
            if kernel.shape[1] > 6:
                kernel = kernel.mean(1, keepdims=True)
            draw_series(cell, kernel)
            cell.set_ylim(-1.1 * largest, 1.1 * largest)
        elif kernel.shape[-1] == 3:
            draw_image(cell, 0.5 + 0.5 * kernel / largest)
        else:
            draw_signed(cell, kernel.mean(-1), largest)
    name = plain(_first_name(model) if layer is None else layer, 40)
    size = " x ".join(map(str, kernels.shape[:-2]))
    left = count - len(shown)
    if left:
        note(ax, say(f"{len(shown)} of {count} kernels", f"{len(shown)} noyaux sur {count}"))
    return finish(
        ax,
        lang=lang,
        title=say(f"kernels of {name} ({size})", f"noyaux de {name} ({size})"),
        grid=False,
        numbers={"kernels": kernels, "shown": shown},
    )


def feature_maps(
    model: Any,
    x: Any,
    layers: Sequence[str] | None = None,
    *,
    most: int = 8,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """What the layers of a network find in one sample: a row of activation maps for each.

    In each row are the channels with the largest activations, each from 0 (or its smallest, if
    that is lower) to the largest of the row.

    Args:
        model: A built model.
        x: One sample as the model takes it, (time, channels) or (height, width, channels).
        layers: Names of layers; all convolutions by default, at most six of them, evenly chosen.
        most: Channels in a row at most.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `maps` (layer to its maps, all channels), `shown` (layer to the
        channels drawn).

    Raises:
        ValueError: If `x` is not one sample, or a layer gives no maps.
    """
    from profond.inspection import feature_maps as maps_of

    say = speaker(lang)
    sample = to_array(x)
    if sample.ndim not in (2, 3):
        raise ValueError(
            "`x` must be one sample, (time, channels) or (height, width, channels); received "
            f"shape {sample.shape}. Choose one: x[0]."
        )
    found = {name: one[0] for name, one in maps_of(model, sample[None], layers).items()}
    if layers is None and len(found) > 6:
        names = list(found)
        places = np.unique(np.linspace(0, len(names) - 1, 6).round().astype(int))
        found = {names[place]: found[names[place]] for place in places}
    across = min(whole(most, "most"), max(one.shape[-1] for one in found.values()))
    ax = canvas(ax, size=(0.95 * max(across, 4) + 0.4, 1.15 * len(found) + 0.5))
    grid = cells(ax, len(found) * across, across, gap=(0.08, 0.28))
    shown: dict[str, np.ndarray] = {}
    for row, (name, maps) in enumerate(found.items()):
        strengths = np.nanmax(np.abs(maps), axis=tuple(range(maps.ndim - 1)))
        shown[name] = np.sort(np.argsort(-strengths, kind="stable")[:across])
        top = float(np.nanmax(maps))
        low = min(0.0, float(np.nanmin(maps)))
        for column, cell in enumerate(grid[row * across : (row + 1) * across]):
            if column >= len(shown[name]):
                cell.axis("off")
                continue
            one = maps[..., shown[name][column]]
            if one.ndim == 1:
                cell.plot(one, color=BLUE, linewidth=1.1)
                cell.set_ylim(low - 0.05 * (top - low or 1), top + 0.05 * (top - low or 1))
                without_ticks(cell)
            else:
                span = top - low or 1.0
                draw_image(cell, ((one - low) / span)[..., None])
            if column == 0:
                size = " x ".join(map(str, maps.shape[:-1]))
                channels = say(f"{maps.shape[-1]} channels", f"{maps.shape[-1]} canaux")
                caption(cell, f"{plain(name, 36)}: {size}, {channels}", size=8)
                cell.title.set_horizontalalignment("left")
                cell.title.set_x(0.0)
    return finish(ax, lang=lang, grid=False, numbers={"maps": found, "shown": shown})


def _first_name(model: Any) -> str:
    from profond.inspection._network import convolutions

    return convolutions(model)[0][0]
