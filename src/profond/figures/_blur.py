"""An image, a Gaussian filter, and the image blurred (notes, 6.2.1 and equation 6.2)."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from profond.figures._canvas import INK, SOFT, Language, finish, keep_numbers, speaker
from profond.figures._checks import numeric, whole
from profond.figures._filters import gaussian, over_image
from profond.figures._pictures import image_array, show_image


def blur(
    image: Any,
    *,
    sigma: float = 2.0,
    size: int = 9,
    kernel: ArrayLike | None = None,
    padding: str = "valid",
    lang: Language = "en",
) -> Figure:
    r"""An image, a filter, and what the filter makes of the image (notes, equation 6.2).

    $(x * f)(i, j) = \sum_{k=-K}^{K} \sum_{l=-L}^{L} \sum_c f_{k,l,c} \, x_{i+k, j+l, c}$: one
    channel out, whatever the number of channels in. The Gaussian filter has the same weights on
    every channel, and their sum over all is 1: the output is a blurred grey image.

    Args:
        image: Shape (height, width) or (height, width, channels), of 0 to 255 or of 0 to 1; or a
            Pillow image; or the path of an image file.
        sigma: Standard deviation of the Gaussian filter, in pixels, > 0.
        size: Its height and width, odd.
        kernel: Another filter in its place: (rows, columns), used on each channel alike and
            divided by their number, or (rows, columns, channels), as it is; of odd sizes.
        padding: "valid" computes the pixels where the filter fits in; "same" all, with zeros
            around the image.
        lang: "en" or "fr".

    Returns:
        A figure of its own. `numbers`: `filter` (rows, columns, channels) and `output`.

    Raises:
        TypeError: If the image or the filter does not hold numbers.
        ValueError: If their shapes do not fit together, or the filter has an even size.
    """
    say = speaker(lang)
    pixels = image_array(image)
    weights = _weights(pixels.shape, sigma, size, kernel)
    if padding not in ("valid", "same"):
        raise ValueError(f'`padding` must be "valid" or "same"; received {padding!r}.')
    output = over_image(pixels, weights, padding=padding)
    ratio = pixels.shape[0] / pixels.shape[1]
    figure = Figure(figsize=(8.4, min(2.5, ratio) * 3.0 + 0.55), layout="constrained")
    first, middle, last = figure.subplots(1, 3, width_ratios=(1, 0.62, 1))
    colour = pixels.shape[2] == 3
    show_image(first, pixels if colour else pixels.mean(axis=2), "image", grey=True)
    flat = weights.sum(axis=2)
    shown = middle.imshow(flat, cmap="cividis", interpolation="nearest")
    middle.set_xticks([0, flat.shape[1] // 2, flat.shape[1] - 1], _around(flat.shape[1]))
    middle.set_yticks([0, flat.shape[0] // 2, flat.shape[0] - 1], _around(flat.shape[0]))
    bar = figure.colorbar(shown, ax=middle, location="bottom", fraction=0.06, pad=0.04)
    bar.locator = MaxNLocator(3)
    bar.update_ticks()
    finish(bar.ax, lang=lang, grid=False)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_edgecolor(SOFT)  # type: ignore[operator]
    title = say("filter", "filtre") + f" {flat.shape[0]}×{flat.shape[1]}"
    finish(middle, lang=lang, title=title, grid=False)
    middle.title.set_fontsize(10)
    middle.tick_params(labelsize=8, colors=INK)
    show_image(last, output, say("output", "sortie"), grey=kernel is None)
    keep_numbers(first, {"filter": weights, "output": output})
    return figure


def _around(size: int) -> list[str]:
    """The places of a filter's first, middle and last row: from -K to K."""
    half = size // 2
    return [f"\N{MINUS SIGN}{half}" if half else "0", "0", str(half)]


def _weights(
    shape: tuple[int, ...], sigma: float, size: int, kernel: ArrayLike | None
) -> np.ndarray:
    """The filter, (rows, columns, channels)."""
    if kernel is None:
        if whole(size, "size") % 2 == 0:
            raise ValueError(f"`size` must be odd, 2 K + 1; received {size}.")
        line = gaussian(sigma, size // 2)
        weights: np.ndarray = np.outer(line, line)
    else:
        weights = numeric(kernel, "kernel")
    if weights.ndim == 2:
        weights = np.repeat(weights[:, :, None], shape[2], axis=2) / shape[2]
    if weights.ndim != 3 or weights.shape[-1] != shape[2]:
        raise ValueError(
            f"`kernel` must have shape (rows, columns) or (rows, columns, {shape[2]}), as the "
            f"image has {shape[2]} channel(s); received {weights.shape}."
        )
    if weights.shape[0] % 2 == 0 or weights.shape[1] % 2 == 0:
        raise ValueError(f"`kernel` must have odd sizes; received {weights.shape[:2]}.")
    if weights.shape[0] > shape[0] or weights.shape[1] > shape[1]:
        raise ValueError(
            f"the filter, {weights.shape[0]}×{weights.shape[1]}, is larger than the image, "
            f"{shape[0]}×{shape[1]}."
        )
    return weights
