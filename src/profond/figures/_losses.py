"""The two losses of chapter 3, and where one's own predictions lie on them (notes, 3.1, 3.2)."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond._tensors import to_array
from profond.figures._canvas import BLUE, SOFT, VERMILION, Language, canvas, finish, speaker
from profond.figures._checks import numeric, same_length, vector

_FLOOR = 1e-6  # the least probability drawn to scale: below, the curve would be all height


def squared_error(
    y_true: ArrayLike | None = None,
    y_pred: ArrayLike | None = None,
    *,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""The squared error $(\hat y - y)^2$ against the error (notes, 3.1).

    With predictions, each is a dot at its error: the picture shows which ones make the loss.
    The absolute error is drawn beside, dashed.

    Args:
        y_true: Targets, one per row.
        y_pred: Predictions, one per row.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`, with predictions: `errors`, `mse`, and `top_share`, the part of
        the loss that the tenth of the rows with the largest errors make (rounded up).

    Raises:
        TypeError: If the data are not numbers.
        ValueError: If one is given without the other, or they are empty, not finite or of
            different lengths.
    """
    say = speaker(lang)
    ax = canvas(ax)
    found: dict[str, Any] = {}
    reach = 3.0
    if y_true is not None or y_pred is not None:
        if y_true is None or y_pred is None:
            raise ValueError("give both `y_true` and `y_pred`, or neither.")
        truth, guess = vector(y_true, "y_true"), vector(y_pred, "y_pred")
        same_length(truth, guess, ("y_true", "y_pred"))
        squares = np.sort((guess - truth) ** 2)[::-1]
        top = squares[: -(-len(squares) // 10)].sum() / max(squares.sum(), 1e-300)
        found = {"errors": guess - truth, "mse": float(squares.mean()), "top_share": float(top)}
        reach = max(float(np.sqrt(squares[0])) * 1.05, 1e-9)
    e = np.linspace(-reach, reach, 401)
    ax.plot(e, e**2, color=BLUE, linewidth=2, label=say("squared error", "erreur quadratique"))
    ax.plot(e, np.abs(e), color=SOFT, linestyle="--", label=say("absolute error", "erreur absolue"))
    if found:
        label = say("predictions", "prédictions")
        errors = found["errors"]
        ax.plot(errors, errors**2, "o", color=VERMILION, markersize=4, alpha=0.6, label=label)
    return finish(
        ax,
        lang=lang,
        x=say(r"error $\hat{y} - y$", r"erreur $\hat{y} - y$"),
        y=say("loss", "perte"),
        legend="upper center",
        numbers=found,
    )


def logistic_loss(
    y_true: ArrayLike | None = None,
    probabilities: ArrayLike | None = None,
    *,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""The logistic loss $-\log p(\hat y = y)$ against the probability p (notes, 3.2).

    With predictions, each is a dot at the probability that it gave to the correct class; one
    below a millionth is a triangle at the top.

    Args:
        y_true: Class of each row, 0 .. classes - 1.
        probabilities: Predicted probabilities: `(rows, classes)`, or `(rows,)` of class 1 where
            there are two.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`, with predictions: `correct` (the probabilities of the correct
        classes), `loss` (the mean; a probability of 0 counts as 2.2e-308), `top_share` (the part
        of the loss that the tenth of the rows with the largest losses make, rounded up).

    Raises:
        TypeError: If the data are not numbers.
        ValueError: If one is given without the other, they are of different lengths, a
            probability is outside [0, 1], those of a row do not add up to 1, or a label is not a
            class.
    """
    say = speaker(lang)
    ax = canvas(ax)
    lowest = 1e-3
    found: dict[str, object] = {}
    if y_true is not None or probabilities is not None:
        if y_true is None or probabilities is None:
            raise ValueError("give both `y_true` and `probabilities`, or neither.")
        correct = correct_probability(y_true, probabilities)
        losses = -np.log(np.maximum(correct, np.finfo(np.float64).tiny))
        lowest = max(_FLOOR, min(lowest, float(correct.min())))
        top = np.sort(losses)[::-1][: -(-len(losses) // 10)].sum() / max(losses.sum(), 1e-300)
        found = {"correct": correct, "loss": float(losses.mean()), "top_share": float(top)}
        dots: dict[str, Any] = {"color": VERMILION, "markersize": 5, "alpha": 0.6, "linestyle": ""}
        label = say("predictions", "prédictions")
        seen = correct >= _FLOOR
        ax.plot(correct[seen], losses[seen], "o", **dots, label=label)
        if not seen.all():
            above = say("above the picture", "au-dessus du cadre")
            top = np.full(int(np.sum(~seen)), -np.log(_FLOOR))
            ax.plot(correct[~seen], top, "^", **dots, label=f"{above}: {len(top)}")
    p = np.geomspace(lowest, 1, 400)
    ax.plot(p, -np.log(p), color=BLUE, linewidth=2, label=r"$-\log p$")
    return finish(
        ax,
        lang=lang,
        x=say("probability given to the correct class", "probabilité donnée à la bonne classe"),
        y=say("loss", "perte"),
        legend=bool(found),
        numbers=found,
    )


def correct_probability(y_true: ArrayLike, probabilities: ArrayLike) -> np.ndarray:
    """The probability given to the correct class, row by row.

    Raises:
        TypeError: If the data are not numbers.
        ValueError: If lengths differ, a probability is outside [0, 1], those of a row do not add
            up to 1, or a label is no class.
    """
    labels = _numbered(y_true)
    given = numeric(to_array(probabilities), "probabilities")
    if given.ndim == 1 or given.shape[1:] == (1,):
        positive = given.reshape(-1)
        given = np.column_stack([1 - positive, positive])
    if given.ndim != 2:
        raise ValueError(f"`probabilities` must be (rows, classes); received shape {given.shape}.")
    same_length(labels, given, ("y_true", "probabilities"))
    if given.min() < 0 or given.max() > 1:
        raise ValueError(
            "`probabilities` must be in [0, 1]; received values from "
            f"{given.min():.3g} to {given.max():.3g}. Apply softmax or sigmoid to logits first."
        )
    sums = given.sum(axis=1)
    off = np.abs(sums - 1) > 1e-3  # rounding of float16 stays below
    if off.any():
        raise ValueError(
            "`probabilities` of a row must add up to 1; received a sum of "
            f"{sums[off][0]:.3g} in row {int(np.argmax(off))}. For yes-or-no outputs, give one "
            "column at a time."
        )
    wrong = ~np.isin(labels, np.arange(given.shape[1]))
    if wrong.any():
        raise ValueError(
            f"`y_true` must hold classes 0 .. {given.shape[1] - 1}; received "
            f"{labels[wrong][0]:g} in row {int(np.argmax(wrong))}."
        )
    return given[np.arange(len(labels)), labels.astype(int)]


def _numbered(y_true: ArrayLike) -> np.ndarray:
    """The number of each row's class, `(rows,)`.

    Raises:
        TypeError: If the labels are not numbers.
        ValueError: If there is more than one per row.
    """
    labels = to_array(y_true)
    if labels.dtype.kind not in "biuf":
        raise TypeError(
            "`y_true` must hold the number of each row's class, 0, 1, 2, ...; received dtype "
            f"{labels.dtype}. Number labels in the order of the columns of `probabilities`."
        )
    if labels.ndim == 2 and labels.shape[1] > 1:
        raise ValueError(
            "`y_true` must hold the number of each row's class; received shape "
            f"{labels.shape}. Of one-hot rows, give `y_true.argmax(axis=1)`."
        )
    return vector(labels, "y_true")
