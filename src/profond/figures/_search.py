"""A search for settings: its score from trial to trial, and against each setting."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import ArrayLike

from profond.figures._canvas import (
    BLUE,
    GREEN,
    INK,
    SOFT,
    Language,
    canvas,
    decimals,
    finish,
    speaker,
)
from profond.figures._checks import mapping

_STATES = ("complete", "pruned", "failed")
_WIDE, _HIGH = 2.7, 2.9  # inches of one picture among several
_ROW = 4  # pictures side by side
_SPREAD = 10.0  # the greatest score over the least, from which the axis is logarithmic


def search_history(
    values: ArrayLike,
    states: Sequence[str],
    *,
    name: str = "score",
    lower_is_better: bool = True,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """The score of each trial, and the best one so far.

    Args:
        values: Score of each trial in order, shape (trials,); NaN where there is none.
        states: "complete", "pruned" or "failed" for each.
        name: What the score is called.
        lower_is_better: Whether small scores are good.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `values`, `best` (so far, NaN before the first complete trial).

    Raises:
        ValueError: If there is no complete trial, or a state is unknown.
    """
    scores, complete, pruned = _checked(values, states)
    best = _best_so_far(np.where(complete, scores, np.nan), lower_is_better)
    say = speaker(lang)
    ax = canvas(ax, size=(5.6, 3.5))
    at = np.arange(1, len(scores) + 1)
    label = say("pruned: last score", "élagué : dernier score")
    _points(ax, at, scores, complete, pruned, say("complete", "complet"), label)
    ax.step(at, best, where="post", color=BLUE, linewidth=1.8, label=say("best so far", "meilleur"))
    _scale(ax, scores, complete, lower_is_better)
    return finish(
        ax,
        lang=lang,
        x=say("trial", "essai"),
        y=name,
        legend="below",
        integer_x=True,
        numbers={"values": scores, "best": best},
    )


def search_slices(
    settings: Mapping[str, Any],
    values: ArrayLike,
    states: Sequence[str],
    *,
    name: str = "score",
    lower_is_better: bool = True,
    log: Sequence[str] = (),
    lang: Language = "en",
) -> Figure:
    """The score against each setting: a picture per setting, all with one vertical axis.

    Args:
        settings: Values of each setting, one per trial: numbers, or choices of any kind.
        values: Score of each trial, shape (trials,); NaN where there is none.
        states: "complete", "pruned" or "failed" for each.
        name: What the score is called.
        lower_is_better: Whether small scores are good.
        log: Settings with a logarithmic axis.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `values`, and the values of each setting by name.

    Raises:
        TypeError: If `settings` is not a mapping.
        ValueError: If there is no complete trial, a state is unknown, or the numbers of values
            differ.
    """
    mapping(settings, "settings", "names to the values of each trial")
    scores, complete, pruned = _checked(values, states)
    for setting, tried in settings.items():
        if len(tried) != len(scores):
            raise ValueError(
                f"`settings[{setting!r}]` must have a value for each of the {len(scores)} trials; "
                f"received {len(tried)}."
            )
    speaker(lang)
    across = min(_ROW, len(settings))
    down = -(-len(settings) // across)
    figure = Figure(figsize=(0.5 + _WIDE * across, _HIGH * down), layout="constrained")
    grid: Any = figure.subplots(down, across, squeeze=False, sharey=True)
    axes = list(grid.flat)
    for ax, (setting, tried) in zip(axes, settings.items(), strict=False):
        at = _places(ax, list(tried), setting in log, lang)
        _points(ax, at, scores, complete, pruned)
        best = int(np.nanargmin(np.where(complete, scores if lower_is_better else -scores, np.nan)))
        ax.plot(at[best], scores[best], "o", mfc="none", mec=GREEN, mew=2, markersize=11)
        _scale(ax, scores, complete, lower_is_better)
        first = ax in grid[:, 0]
        found = {"values": scores, setting: list(tried)}
        finish(ax, lang=lang, x=setting, y=name if first else None, numbers=found)
    for ax in axes[len(settings) :]:
        ax.remove()
    return figure


def _checked(values: ArrayLike, states: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, and which of them are of complete and of pruned trials."""
    scores = np.asarray(values, dtype=np.float64)
    said = np.asarray(list(states), dtype=object)
    if scores.ndim != 1 or len(said) != len(scores):
        raise ValueError(
            f"`values` and `states` must have one entry for each trial; received shapes "
            f"{scores.shape} and {said.shape}."
        )
    wrong = [state for state in said if state not in _STATES]
    if wrong:
        raise ValueError(f"`states` must be {', '.join(_STATES)}; received {wrong[0]!r}.")
    complete = (said == "complete") & np.isfinite(scores)
    if not complete.any():
        raise ValueError("there must be a complete trial with a finite score; received none.")
    return scores, complete, (said == "pruned") & np.isfinite(scores)


def _best_so_far(scores: np.ndarray, lower_is_better: bool) -> np.ndarray:
    """The best of all scores up to each, NaN where there is none yet."""
    gather = np.fmin if lower_is_better else np.fmax
    return gather.accumulate(scores)


def _points(
    ax: Axes,
    at: np.ndarray,
    scores: np.ndarray,
    complete: np.ndarray,
    pruned: np.ndarray,
    done: str | None = None,
    broken: str | None = None,
) -> None:
    """Dots for complete trials, crosses for pruned ones."""
    if pruned.any():
        ax.plot(at[pruned], scores[pruned], "x", color=SOFT, markersize=4.5, mew=1, label=broken)
    ax.plot(at[complete], scores[complete], "o", color=INK, alpha=0.65, markersize=4.5, mew=0,
            label=done)  # fmt: skip


def _scale(ax: Axes, scores: np.ndarray, complete: np.ndarray, lower_is_better: bool) -> None:
    """Make room for the complete trials; pruned ones far from them are left out."""
    kept = scores[complete]
    low, high = float(kept.min()), float(kept.max())
    shown = scores[np.isfinite(scores)]
    reach = 0.5 * (high - low) or 0.1 * abs(high) or 1.0
    bottom = low if lower_is_better else max(float(shown.min()), low - reach)
    top = min(float(shown.max()), high + reach) if lower_is_better else high
    if bottom > 0 and top > _SPREAD * bottom:
        ax.set_yscale("log")
        room = (top / bottom) ** 0.06
        ax.set_ylim(bottom / room, top * room)
    else:
        room = 0.06 * (top - bottom) or reach
        ax.set_ylim(bottom - room, top + room)


def _places(ax: Axes, tried: list[Any], log: bool, lang: Language) -> np.ndarray:
    """Where the trials stand along a setting; choices stand side by side, a little apart."""
    given = [value for value in tried if value is not None]
    if given and all(isinstance(v, int | float) and not isinstance(v, bool) for v in given):
        if log:
            _log_axis(ax, given, lang)
        return np.array([np.nan if value is None else value for value in tried], np.float64)
    names = [_name(value) for value in tried]
    choices = sorted(set(names), key=lambda name: (len(name), name))
    shift = np.random.default_rng(0).uniform(-0.18, 0.18, len(names))
    turn = sum(map(len, choices)) > 24  # letters that one picture has room for side by side
    ax.set_xticks(range(len(choices)), choices, rotation=40 if turn else 0,
                  ha="right" if turn else "center", fontsize=8 if turn else None)  # fmt: skip
    ax.set_xlim(-0.6, len(choices) - 0.4)
    return np.array([choices.index(name) for name in names]) + shift


def _log_axis(ax: Axes, given: list[Any], lang: Language) -> None:
    """A logarithmic axis with few labels: matplotlib's between the powers of 10 would overlap."""
    ax.set_xscale("log")
    decades = float(np.log10(max(given) / min(given)))
    if decades < 2:  # one power of 10 or none
        few: Any = LogLocator(subs=(1.0, 2.0, 5.0)) if decades > 0.7 else MaxNLocator(3)
        ax.xaxis.set_major_locator(few)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: decimals(v, lang, digits=3)))
    ax.xaxis.set_minor_formatter(NullFormatter())


def _name(value: Any) -> str:
    """A choice on an axis."""
    return ",".join(map(str, value)) or "none" if isinstance(value, list | tuple) else str(value)
