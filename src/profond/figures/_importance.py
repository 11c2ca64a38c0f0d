"""The columns by how much worse a model predicts without what they tell."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond.figures._answers import decimals_together, plain
from profond.figures._canvas import BLUE, INK, SOFT, Language, canvas, finish, speaker
from profond.figures._checks import numeric, whole
from profond.figures._frames import data_frame


def permutation_importance(
    importances: Any,
    *,
    metric: str | None = None,
    most: int = 20,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """The columns by how much worse the predictions are when each is shuffled.

    Blue where the interval lies above 0, grey where it does not.

    Args:
        importances: What `permutation_importance_of` gave, or a table with its columns `column`,
            `importance`, `low`, `high`.
        metric: Name of what increases, for the axis ("RMSE").
        most: At most so many columns are drawn, the most important ones; the others are counted.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `column`, `importance`, `low`, `high` of the drawn columns, and
        `left_out`, how many are not.

    Raises:
        TypeError: If `importances` is no table.
        ValueError: If it lacks one of its columns, or has no rows.
    """
    say = speaker(lang)
    table = data_frame(importances, "importances")
    most = whole(most, "most")
    wanted = ["column", "importance", "low", "high"]
    absent = [name for name in wanted if name not in table.columns]
    if absent:
        raise ValueError(
            f"`importances` must have the columns {', '.join(wanted)}; {', '.join(absent)} "
            "not found. Compute it with permutation_importance_of."
        )
    table = table.sort_values("importance", ascending=False, kind="stable")
    shown = table.head(most)
    value, low, high = (numeric(shown[name], name) for name in wanted[1:])
    count = len(shown)
    ax = canvas(ax, size=(6.4, 1.1 + 0.3 * (count + (len(table) > count))))
    at = np.arange(count)
    sure = low > 0
    for kind, colour in ((True, BLUE), (False, SOFT)):
        chosen = sure == kind
        ax.hlines(at[chosen], low[chosen], high[chosen], color=colour, linewidth=2)
        ax.plot(value[chosen], at[chosen], "o", color=colour, markersize=6)
    ax.axvline(0, color=INK, linewidth=1)
    # The number beside its bar: pictures are read aloud, copied and printed small.
    right = max(float(high.max()), 0.0)
    for i, text in enumerate(decimals_together(value, lang)):
        ax.annotate(
            text, (max(high[i], 0.0), i), xytext=(6, 0), textcoords="offset points",
            va="center", color=INK, fontsize=8,
        )  # fmt: skip
    names = [plain(name, 30) for name in shown["column"]]
    rest = len(table) - count
    if rest:
        least = decimals_together(numeric(table["importance"], "importance"), lang)[count]
        names.append(say(f"{rest} others", f"{rest} autres"))
        text = say(f"each at most {least}", f"au plus {least} chacune")
        ax.annotate(
            text, (0.0, count), xytext=(6, 0), textcoords="offset points",
            va="center", color=SOFT, fontsize=8,
        )  # fmt: skip
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    left = min(float(low.min()), 0.0)
    ax.set_xlim(left - 0.03 * (right - left or 1.0), right + 0.14 * (right - left or 1.0))
    ax.locator_params(axis="x", nbins=6)
    name = metric or say("loss", "perte")
    label = say(f"increase of {name} when shuffled", f"{name} : hausse après mélange")
    found: dict[str, Any] = {"column": shown["column"].tolist()}
    found |= {"importance": value, "low": low, "high": high, "left_out": rest}
    return finish(ax, lang=lang, x=label, numbers=found)
