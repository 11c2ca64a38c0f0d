"""The loss against the learning rate: the valley, and the point of divergence."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import (
    GREEN,
    SOFT,
    VERMILION,
    Language,
    canvas,
    decimals,
    finish,
    speaker,
)
from profond.figures._checks import positive
from profond.figures._curves import draw_band


def learning_rate_sweep(
    rates: ArrayLike,
    losses: ArrayLike,
    *,
    suggestion: float | None = None,
    divergence: float | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """The smoothed loss of a range test against the rate, mean and band over seeds.

    What lies above the height at which the training began is cut off: a diverging loss would
    flatten all the rest.

    Args:
        rates: Learning rates > 0, rising, shape (rates,).
        losses: Smoothed losses, shape (seeds, rates) or (rates,); NaN after a seed's divergence.
        suggestion: The rate to mark as suggested.
        divergence: The rate to mark as the point of divergence.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `rates`, `losses`, `suggestion`, `divergence`.

    Raises:
        ValueError: If a rate is not above 0, or the shapes do not fit.
    """
    at, values = _curves(rates, losses)
    say = speaker(lang)
    ax = canvas(ax, size=(5.6, 3.7))
    # Beyond the first divergence the mean would be of other seeds at each rate.
    whole = np.isfinite(values).all(axis=0)
    draw_band(ax, values[:, whole], 0, say("training loss", "perte d'entraînement"), x=at[whole])
    for row in values:
        ax.plot(at, np.where(whole, np.nan, row), color=VERMILION, alpha=0.45, linewidth=0.8)
    _mark(ax, suggestion, GREEN, say("suggestion", "suggestion"), "-", lang)
    _mark(ax, divergence, VERMILION, say("divergence", "divergence"), (0, (5, 2)), lang)
    ax.set_xscale("log")
    usual = values[:, whole]
    top, bottom = float(np.nanmax(usual[:, :1])), float(np.nanmin(usual))
    room = (top - bottom) or abs(top) or 1.0
    ax.set_ylim(bottom - 0.08 * room, top + 0.35 * room)
    return finish(
        ax,
        lang=lang,
        x=say("learning rate", "pas d'apprentissage"),
        y=say("smoothed training loss", "perte d'entraînement lissée"),
        legend=True,
        numbers={
            "rates": at,
            "losses": values,
            "suggestion": suggestion,
            "divergence": divergence,
        },
    )


def rates_and_scores(
    rates: ArrayLike,
    scores: ArrayLike,
    *,
    name: str = "validation loss",
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """The score of whole trainings against their learning rate, mean and band over seeds.

    Args:
        rates: Learning rates > 0, rising, shape (rates,).
        scores: One row per seed, shape (seeds, rates); NaN where a training failed. A rate at
            which all failed is marked below the axes' floor by a cross.
        name: What the score is called.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `rates`, `scores`.

    Raises:
        ValueError: If a rate is not above 0, or the shapes do not fit.
    """
    at, values = _curves(rates, scores)
    ax = canvas(ax, size=(5.6, 3.7))
    usable = np.isfinite(values).any(axis=0)
    draw_band(ax, values[:, usable], 0, name, x=at[usable], marked=True)
    for row in values:
        ax.plot(at, row, ".", color=SOFT, alpha=0.5, markersize=4)
    say = speaker(lang)
    failed = at[~np.isfinite(values).all(axis=0)]
    if len(failed):
        floor = np.full(len(failed), 0.03)
        ax.plot(
            failed,
            floor,
            "x",
            color=VERMILION,
            transform=ax.get_xaxis_transform(),
            label=say("a training failed", "un entraînement a échoué"),
        )
    ax.set_xscale("log")
    label = say("learning rate", "pas d'apprentissage")
    found: dict[str, Any] = {"rates": at, "scores": values}
    return finish(ax, lang=lang, x=label, y=name, legend=bool(len(failed)), numbers=found)


def _curves(rates: ArrayLike, losses: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Rates, and one row of values for each seed."""
    at = np.asarray(rates, dtype=np.float64)
    values = np.atleast_2d(np.asarray(losses, dtype=np.float64))
    if at.ndim != 1 or not at.size or not (at > 0).all() or (np.diff(at) <= 0).any():
        raise ValueError(
            f"`rates` must be rising numbers above 0, shape (rates,); received {rates!r}."
        )
    if values.ndim != 2 or values.shape[1] != len(at):
        raise ValueError(
            f"a row of values must have one for each of the {len(at)} rates; received shape "
            f"{values.shape}."
        )
    if not np.isfinite(values).any():
        raise ValueError("there must be a finite value at one rate at least; received none.")
    return at, values


def _mark(ax: Axes, rate: float | None, color: str, name: str, dashes: Any, lang: Language) -> None:
    """A vertical line at a rate, named in the legend."""
    if rate is not None:
        label = f"{name}: {decimals(positive(rate, 'rate'), lang, digits=2)}"
        if lang == "fr":
            label = label.replace(":", " :", 1)
        ax.axvline(rate, color=color, linestyle=dashes, linewidth=1.5, label=label)
