"""An image and its channels (notes, Fig. 6.1)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from profond.figures._canvas import Language, keep_numbers, speaker
from profond.figures._pictures import image_array, show_image

_MOST = 8


def image_channels(
    image: Any, *, names: Sequence[str] | None = None, lang: Language = "en"
) -> Figure:
    """An image and the intensities of each of its channels, side by side (notes, Fig. 6.1).

    Args:
        image: Shape (height, width, channels), of 0 to 255 or of 0 to 1; or a Pillow image; or
            the path of an image file.
        names: A name per channel; red, green and blue where there are three.
        lang: "en" or "fr".

    Returns:
        A figure of its own. `numbers`: `shape`; `means`, the mean intensity of each channel, in
        [0, 1].

    Raises:
        TypeError: If the image does not hold numbers.
        ValueError: If it has another shape, more than 8 channels, or not a name per channel.
    """
    say = speaker(lang)
    pixels = image_array(image)
    count = pixels.shape[2]
    if count > _MOST:
        raise ValueError(f"`image` must have at most {_MOST} channels; received {count}.")
    if names is None:
        colours = [say("red", "rouge"), say("green", "vert"), say("blue", "bleu")]
        names = colours if count == 3 else [f"{say('channel', 'canal')} {c}" for c in range(count)]
    if len(names) != count:
        raise ValueError(f"`names` must be {count}, one per channel; received {len(names)}.")
    panels = count + (count == 3)
    ratio = pixels.shape[0] / pixels.shape[1]
    wide = 9.0 / min(panels, 4)
    rows = -(-panels // 4)
    figure = Figure(
        figsize=(wide * min(panels, 4), rows * (min(2.5, ratio) * wide + 0.35)),
        layout="constrained",
    )
    axes = figure.subplots(rows, min(panels, 4), squeeze=False).ravel()
    if count == 3:
        show_image(axes[0], pixels, "image")
    for index, (ax, name) in enumerate(zip(axes[panels - count :], names, strict=False)):
        show_image(ax, pixels[:, :, index], name, grey=True)
    for ax in axes[panels:]:
        ax.axis("off")
    keep_numbers(axes[0], {"shape": pixels.shape, "means": np.mean(pixels, axis=(0, 1))})
    return figure
