"""Which class was taken for which."""

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from profond.figures._answers import (
    class_list,
    grouped,
    labels_of,
    percent,
    places_of,
    plain_apart,
    sorted_labels,
)
from profond.figures._canvas import (
    BLUE,
    INK,
    PAPER,
    SOFT,
    Language,
    canvas,
    figure_of,
    finish,
    speaker,
)
from profond.figures._checks import same_length

Normalise = Literal["truth", "predicted", "all", "none"]

_READABLE = 20  # classes up to which the cells have their numbers
_NAMED = 60  # classes up to which every one has its name
_SHADES = LinearSegmentedColormap.from_list("paper_to_blue", [PAPER, "#7db4dc", BLUE, "#003f66"])


def confusion_matrix(
    truth: Any,
    predicted: Any,
    *,
    classes: Any = None,
    normalise: Normalise = "truth",
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Counts of the true classes (rows) by the predicted ones (columns), shaded by share.

    Up to 20 classes each cell has its count and its share; of more, the shades are drawn with
    their scale, and the names of up to 60.

    Args:
        truth: A label per row.
        predicted: A label per row.
        classes: The labels in the order wanted; by default those that occur, sorted. Classes
            that occur nowhere have empty rows and columns.
        normalise: What the shares are of: "truth", of a true class's rows (recall on the
            diagonal); "predicted", of the rows predicted so (precision); "all", of all rows;
            "none" draws counts alone, shaded by count.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `classes`, `counts` and `shares` (true, predicted), shares of
        nothing NaN; `accuracy`; `confusions`, the pairs of different classes that occur as
        (truth, predicted, count), most frequent first.

    Raises:
        ValueError: If labels are missing, unknown or not one per row, or `normalise` is unknown.
    """
    say = speaker(lang)
    if normalise not in ("truth", "predicted", "all", "none"):
        raise ValueError(
            f'`normalise` must be "truth", "predicted", "all" or "none"; received {normalise!r}.'
        )
    true, guessed = labels_of(truth, "truth"), labels_of(predicted, "predicted")
    same_length(np.empty(len(true)), np.empty(len(guessed)), ("truth", "predicted"))
    known = sorted_labels([*true, *guessed]) if classes is None else class_list(classes)
    size = len(known)
    counts = np.zeros((size, size), dtype=int)
    np.add.at(counts, (places_of(true, known, "truth"), places_of(guessed, known, "predicted")), 1)
    shares = _shares(counts, normalise)
    new = ax is None
    cell = 0.95 if size <= 4 else 0.62
    inches = min(1.5 + cell * size, 8.0) if size <= _READABLE else 7.5
    ax = canvas(ax, size=(max(inches + 0.9, 3.6), max(inches, 2.8)))
    _draw(ax, counts, shares, normalise, lang, inches if new else None)
    _names(ax, known)
    off = counts * ~np.eye(size, dtype=bool)
    order = np.argsort(-off, axis=None, kind="stable")[: np.count_nonzero(off)]
    pairs = [
        (known[i], known[j], int(off[i, j])) for i, j in zip(*np.divmod(order, size), strict=True)
    ]
    right = int(np.trace(counts))
    share = percent(right / len(true), lang)
    total = grouped(len(true), lang)
    hits = grouped(right, lang)
    ax.set_facecolor("none")
    figure = finish(
        ax,
        lang=lang,
        title=say(f"{hits} of {total} right ({share})", f"{hits} sur {total} justes ({share})"),
        x=say("predicted class", "classe prédite"),
        y=say("true class", "classe vraie"),
        grid=False,
        numbers={
            "classes": known,
            "counts": counts,
            "shares": shares,
            "accuracy": right / len(true),
            "confusions": pairs,
        },
    )
    for spine in ax.spines.values():
        spine.set_visible(False)
    return figure


def _shares(counts: np.ndarray, normalise: Normalise) -> np.ndarray:
    if normalise in ("truth", "predicted"):
        total = counts.sum(axis=1 if normalise == "truth" else 0, keepdims=True)
    else:
        total = np.array(counts.sum())
    return np.where(total > 0, counts / np.maximum(total, 1), np.nan)


def _draw(
    ax: Axes,
    counts: np.ndarray,
    shares: np.ndarray,
    normalise: Normalise,
    lang: Language,
    inches: float | None,
) -> None:
    size = len(counts)
    say = speaker(lang)
    known = np.nan_to_num(shares)
    scale = 1.0 if normalise in ("truth", "predicted") else max(float(known.max()), 1e-12)
    # A square root shows the few that are wrong beside the many that are right.
    shades = np.sqrt(known / scale)
    picture = ax.imshow(shades, cmap=_SHADES, vmin=0, vmax=1, aspect="equal", rasterized=True)
    ax.set_xticks(np.arange(size + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(size + 1) - 0.5, minor=True)
    ax.tick_params(which="minor", length=0)
    if size <= _READABLE:
        ax.grid(True, which="minor", color=PAPER, linewidth=1.5)
    if size > _READABLE:
        bar = figure_of(ax).colorbar(picture, ax=ax, shrink=0.7, pad=0.02)
        at = np.array([0, 0.01, 0.05, 0.2, 0.5, 1.0])
        bar.set_ticks(list(np.sqrt(at)), labels=[percent(share * scale, lang) for share in at])
        bar.outline.set_visible(False)  # type: ignore[operator]
        of = {
            "truth": say("share of the true class", "part de la classe vraie"),
            "predicted": say("share of the predicted class", "part de la classe prédite"),
        }
        bar.set_label(of.get(normalise, say("share of all rows", "part de toutes les lignes")))
        return
    # The letters that a cell can hold, in points: two lines, and the longest count.
    cell = 72 / size * (inches - 1.5 if inches else _side(ax))
    longest = max(len(grouped(int(counts.max()), lang)), 4)
    points = float(np.clip(min(cell / 4, cell / (0.72 * longest)), 3.0, 10.0))
    for i in range(size):
        for j in range(size):
            if counts[i, j] == 0:
                ax.text(j, i, "0", ha="center", va="center", color=SOFT, fontsize=points * 0.9)
                continue
            text = grouped(int(counts[i, j]), lang)
            if normalise != "none":
                text += f"\n{percent(float(shares[i, j]), lang)}"
            colour = PAPER if _is_dark(shades[i, j]) else INK
            ax.text(
                j, i, text, ha="center", va="center", color=colour, fontsize=points,
                linespacing=1.15,
            )  # fmt: skip


def _side(ax: Axes) -> float:
    """The shorter side of the axes, in inches."""
    box = ax.get_window_extent().transformed(figure_of(ax).dpi_scale_trans.inverted())
    return min(box.width, box.height)


def _is_dark(shade: float) -> bool:
    """Whether white is easier to read on it than ink (relative luminance of WCAG 2)."""
    light = np.asarray(_SHADES(float(shade))[:3])
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.0656  # ink's own is 0.0156


def _names(ax: Axes, classes: list[Any]) -> None:
    """The classes' names on both axes: slanted where they are long, fewer where they are many."""
    size = len(classes)
    step = 1 if size <= _NAMED else int(np.ceil(size / _NAMED))
    at = list(range(0, size, step))
    names = plain_apart([classes[i] for i in at], 18)
    points = 10.0 if size <= 12 else 8.0 if size <= _READABLE else 6.0
    room = 10 if size <= 4 else 4 if size <= 10 else 2
    slanted: dict[str, Any] = {}
    if max(map(len, names)) > room:
        slanted = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
        if size > _READABLE:
            slanted = {"rotation": 90}
    ax.set_xticks(at, names, fontsize=points, **slanted)
    ax.set_yticks(at, names, fontsize=points)
    ax.tick_params(length=0)
