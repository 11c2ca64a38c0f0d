"""Several models by one number each, with intervals."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond.figures._answers import decimals_together, plain
from profond.figures._canvas import BLUE, INK, ORANGE, SOFT, Language, canvas, finish, speaker
from profond.figures._checks import mapping, numeric
from profond.figures._frames import data_frame


def comparison(
    scores: Any,
    *,
    metric: str,
    better: Literal["lower", "higher"] | None = None,
    baselines: Sequence[str] = (),
    runs: Mapping[str, Sequence[float]] | None = None,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """A point and an interval for each model, one below the other.

    Args:
        scores: A table with the columns `model`, `low`, `high` (ends of the interval) and one
            called as `metric`, such as `table()` of a run's result.
        metric: Name of the number that is compared.
        better: Whether lower or higher numbers are better, said below the axis.
        baselines: Models to draw in grey, to be compared with.
        runs: Model to the numbers of its single trainings, drawn as small dots above the point.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `model`, `value`, `low`, `high`, in the order of the table.

    Raises:
        TypeError: If `scores` is no table, or its numbers are none.
        ValueError: If it lacks one of the columns or has no rows, `better` is unknown, or
            `baselines` or `runs` has a model that is not in the table.
    """
    say = speaker(lang)
    table = data_frame(scores, "scores")
    wanted = ["model", metric, "low", "high"]
    absent = [name for name in wanted if name not in table.columns]
    if absent:
        raise ValueError(
            f"`scores` must have the columns {', '.join(wanted)}; {', '.join(absent)} not found. "
            "`table()` of a result has them."
        )
    if better not in (None, "lower", "higher"):
        raise ValueError(f'`better` must be "lower", "higher" or None; received {better!r}.')
    single = runs or {}
    if single:
        mapping(single, "runs", "models to numbers")
    models = [str(name) for name in table["model"]]
    for argument, names in (("baselines", baselines), ("runs", single)):
        unknown = next((name for name in names if name not in models), None)
        if unknown is not None:
            raise ValueError(
                f"`{argument}` must name models of `scores` ({', '.join(models)}); received "
                f"{unknown!r}."
            )
    value, low, high = (numeric(table[name], name) for name in wanted[1:])
    ax = canvas(ax, size=(6.6, 0.45 * len(models) + 0.9))
    texts = decimals_together(value, lang)
    for i, name in enumerate(models):
        colour = SOFT if name in baselines else BLUE
        ax.hlines(i, low[i], high[i], color=colour, linewidth=2)
        ax.plot(value[i], i, "o", color=colour, markersize=8)
        ax.annotate(
            texts[i], (max(high[i], value[i]), i), xytext=(7, 0), textcoords="offset points",
            va="center", color=INK, fontsize=9,
        )  # fmt: skip
        if name in single:
            dots = numeric(single[name], "runs")
            at = np.full(len(dots), i + 0.24)
            ax.plot(dots, at, "o", color=ORANGE, markersize=3.5, alpha=0.85)
    ax.set_yticks(range(len(models)), [plain(name, 34) for name in models])
    ax.set_ylim(len(models) - 0.5, -0.5)
    left, right = float(np.min([low, value])), float(np.max([high, value]))
    span = right - left or 1.0
    ax.set_xlim(left - 0.04 * span, right + 0.13 * span)
    said = {
        None: "",
        "lower": say(" (lower is better)", " (plus bas : mieux)"),
        "higher": say(" (higher is better)", " (plus haut : mieux)"),
    }[better]
    return finish(
        ax,
        lang=lang,
        x=plain(metric, 40) + said,
        numbers={"model": models, "value": value, "low": low, "high": high},
    )
