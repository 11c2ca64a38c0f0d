"""Examples of images, a row for each class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from profond._tensors import to_array
from profond.figures._answers import plain
from profond.figures._canvas import INK, Language, keep_numbers, speaker
from profond.figures._pictures import show_image

_MOST_CLASSES = 20


def image_examples(
    images: Sequence[Any], titles: Sequence[str], *, lang: Language = "en"
) -> Figure:
    """Some images of each class side by side, a row for each.

    Args:
        images: For each class, an array (n, height, width) or (n, height, width, channels).
        titles: The classes.
        lang: "en" or "fr".

    Returns:
        A figure of its own. `numbers`: `shown` (title to number of images).

    Raises:
        ValueError: If there are no images, or not a title for each class.
    """
    say = speaker(lang)
    arrays = [to_array(one) for one in images]
    if len(titles) != len(arrays):
        raise ValueError(
            f"`titles` must be one per class; received {len(titles)} for {len(arrays)} classes."
        )
    across = max((len(one) for one in arrays), default=0)
    if not across:
        raise ValueError("`images` must hold at least one image; received none.")
    shown = arrays[:_MOST_CLASSES]
    figure = Figure(figsize=(0.75 * across + 1.2, 0.75 * len(shown) + 0.3), layout="constrained")
    grid = figure.subplots(len(shown), across, squeeze=False)
    for row, (pictures, title) in enumerate(zip(shown, titles, strict=False)):
        for place, ax in enumerate(grid[row]):
            if place < len(pictures):
                show_image(ax, _drawable(pictures[place]))
            ax.axis("off")
            if not place:
                ax.text(
                    -0.15, 0.5, plain(title, 14), transform=ax.transAxes, ha="right", va="center",
                    color=INK,
                )  # fmt: skip
    left = len(arrays) - len(shown)
    if left:
        figure.supxlabel(
            say(f"and {left} more classes", f"et {left} autres classes"), fontsize="small"
        )
    keep_numbers(
        grid[0][0], {"shown": {t: len(one) for t, one in zip(titles, shown, strict=False)}}
    )
    return figure


def _drawable(image: np.ndarray) -> np.ndarray:
    """An image as intensities from 0 to 1; floats are drawn from their least to their greatest."""
    values = image.astype(np.float64)
    if image.dtype == np.uint8:
        values /= 255.0
    elif values.ndim == 3 and values.shape[2] >= 3:
        low, high = values.min(), values.max()
        values = (values - low) / (high - low) if high > low else np.zeros_like(values)
    if values.ndim == 3 and values.shape[2] in (1, 2):
        return values[..., 0]
    return values[..., :3] if values.ndim == 3 else values
