"""The errors that a model is surest of, as pictures: to be looked at one by one."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond._tensors import to_array
from profond.figures._answers import percent, plain, read_probabilities
from profond.figures._canvas import Language, canvas, finish, speaker
from profond.figures._cells import caption, cells, draw_image, draw_series
from profond.figures._checks import whole

_IN_A_ROW = 5


def most_confident_errors(
    x: Any,
    truth: Any,
    probabilities: Any,
    *,
    classes: Any = None,
    n: int = 15,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """The images or series that are taken for another class, those of the largest probability.

    Above each: the true class, an arrow, the class it is taken for and that class's probability.

    Args:
        x: Samples, (rows, time, channels), (rows, height, width) or (rows, height, width,
            channels).
        truth: A label per row.
        probabilities: Of each class, (rows, classes), or of the second of two, (rows,).
        classes: The labels in the order of the columns.
        n: At most so many, >= 1.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `rows` (places in `x`, the surest first), `truth`, `predicted`,
        `probability`, `errors` (how many there are in all).

    Raises:
        ValueError: If the lengths differ, or probabilities and labels do not fit each other.
    """
    say = speaker(lang)
    samples = to_array(x)
    most = whole(n, "n")
    places, chances, known = read_probabilities(truth, probabilities, classes)
    if len(samples) != len(places) or samples.ndim not in (3, 4):
        raise ValueError(
            "`x` must be images, (rows, height, width, channels), or series, (rows, time, "
            f"channels), one for each of the {len(places)} labels; received shape {samples.shape}."
        )
    best = chances.argmax(axis=1)
    surest = chances[np.arange(len(best)), best]
    wrong = np.flatnonzero(best != places)
    rows = wrong[np.argsort(-surest[wrong], kind="stable")][:most]
    kept = {
        "rows": rows,
        "truth": [known[place] for place in places[rows]],
        "predicted": [known[place] for place in best[rows]],
        "probability": surest[rows],
        "errors": len(wrong),
    }
    images = samples.ndim == 4 or _are_images(samples)
    across = min(_IN_A_ROW, max(len(rows), 1))
    down = max(1, -(-len(rows) // across))
    long = max((len(str(known[one])) for one in (*places[rows], *best[rows])), default=0) > 5
    high = (1.7 if images else 1.2) + 0.15 * long
    ax = canvas(ax, size=(1.5 * max(across, 3), high * down + 0.4))
    gap = (0.12, 0.4 if long else 0.3)
    for cell, row in zip(cells(ax, len(rows), across, gap=gap), rows, strict=True):
        if images:
            draw_image(cell, samples[row] if samples.ndim == 4 else samples[row][..., None])
        else:
            draw_series(cell, samples[row])
        true, taken = plain(known[places[row]], 14), plain(known[best[row]], 14)
        apart = "\n" if long else " "
        chance = percent(float(surest[row]), lang)
        caption(cell, f"{true} \N{RIGHTWARDS ARROW}{apart}{taken} ({chance})")
    title = say(
        f"{len(wrong)} errors in {len(places)}: true class \N{RIGHTWARDS ARROW} predicted",
        f"{len(wrong)} erreurs sur {len(places)} : vraie classe \N{RIGHTWARDS ARROW} prédite",
    )
    figure = finish(ax, lang=lang, title=title, grid=False, numbers=kept)
    ax.set_title(title, fontsize=10, pad=(32 if long else 20) if len(rows) else 6)
    return figure


def _are_images(samples: np.ndarray) -> bool:
    """Whether three axes are grey images rather than series: whole numbers, or as wide as high."""
    _, first, second = samples.shape
    return samples.dtype == np.uint8 or (first == second and first > 6)
