"""How much worse a model predicts when a column is shuffled."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond.figures._answers import decimals_together, plain
from profond.figures._canvas import BLUE, INK, SOFT, Language, canvas, finish, speaker
from profond.figures._checks import numeric, whole
from profond.figures._frames import (
    checked_predict,
    column_places,
    data_frame,
    in_chunks,
    predictions,
    rows_of,
)

if TYPE_CHECKING:
    import pandas as pd

_DRAWS = 1000
_MANY_ROWS = 5000  # from which the means of resampled rows are drawn from their normal limit


def permutation_importance_of(
    predict: Callable[[Any], Any],
    frame: Any,
    truth: Any,
    loss_per_row: Callable[[Any, np.ndarray], Any],
    *,
    repeats: int = 10,
    seed: int = 0,
    columns: Iterable[Any] | None = None,
    of_mean: Callable[[np.ndarray], np.ndarray] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> "pd.DataFrame":
    r"""The increase of a loss when the values of one column are shuffled among the rows.

    $I_c = \frac{1}{R} \sum_r g(\bar L_{c,r}) - g(\bar L)$ (Breiman 2001; Fisher et al. 2019),
    where $\bar L$ is the mean loss of the rows as they are, $\bar L_{c,r}$ the one after the
    r-th shuffling of column c, and g is `of_mean`. The column as it stands in the table is
    shuffled, whatever its type, so that all that the model makes of it goes along. Of columns
    that tell the same, each one alone may seem to matter little.

    The 95 % interval has both sources of chance: 1000 times, rows and shufflings are drawn with
    replacement, independently of each other (the pigeonhole bootstrap of Owen 2007, which covers
    at least so much), and the difference of shuffled and unshuffled loss is taken on the same
    rows (paired). Above 5000 rows the means over resampled rows come from their normal limit. It
    does not say how another trained model would differ.

    Args:
        predict: Takes a table like `frame` and gives a prediction per row. It is called with
            several shufflings at once, up to 50000 rows.
        frame: Rows to predict, best ones that the model has not seen (pandas or polars; `predict`
            is given pandas).
        truth: What is true of each row, as `loss_per_row` takes it, (rows,).
        loss_per_row: Takes truth and predictions and gives a number per row, smaller is better:
            `lambda t, p: (t - p) ** 2`, `lambda t, p: t != p`.
        repeats: Shufflings of each column, >= 1.
        seed: Of the shufflings; those of a column do not depend on which others are asked for.
        columns: Names of the columns; by default all.
        of_mean: Makes the metric of a mean loss, `np.sqrt` for the RMSE; by default the mean.
        progress: Called with the number of shufflings done and their total.

    Returns:
        Columns `column`, `importance`, `low`, `high`; the most important first. Its `attrs` has
        the metric of the rows as they are, `baseline`.

    Raises:
        TypeError: If `frame` is no table, or `predict` or `loss_per_row` is no function.
        ValueError: If there is no such column, or a prediction or a loss is not one per row.
    """
    import pandas as pd

    checked_predict(predict)
    if not callable(loss_per_row):
        raise TypeError(
            "`loss_per_row` must be a function of truth and predictions; received "
            f"{type(loss_per_row).__name__}. Write lambda t, p: (t - p) ** 2."
        )
    table = data_frame(frame)
    repeats, seed = whole(repeats, "repeats"), whole(seed, "seed", least=0)
    places = column_places(table, columns)
    rows = len(table)
    if np.shape(truth)[:1] != (rows,):
        raise ValueError(
            f"`truth` must have an entry per row of `frame`, {rows}; "
            f"received shape {np.shape(truth)}."
        )
    metric = of_mean or (lambda mean: mean)
    alone = np.arange(rows)
    base = _losses(loss_per_row, truth, predictions(predict, table), rows)
    total, done = len(places) * repeats, 0
    # One set of resampled rows and shufflings for all columns: they can be compared.
    weights = None if rows > _MANY_ROWS else _row_shares(rows, seed)
    lines = []
    for place in places:
        losses = np.empty((rows, repeats + 1))
        losses[:, repeats] = base
        generator = np.random.default_rng([seed, place])
        orders = [generator.permutation(rows) for _ in range(repeats)]
        for chunk in in_chunks(repeats, rows):
            shuffled = np.concatenate([orders[r] for r in chunk])
            stacked = rows_of(table, np.tile(alone, len(chunk)), {place: shuffled})
            found = predictions(predict, stacked)
            for turn, r in enumerate(chunk):
                part = found[turn * rows : (turn + 1) * rows]
                losses[:, r] = _losses(loss_per_row, truth, part, rows)
            done += len(chunk)
            if progress is not None:
                progress(done, total)
        mean = np.asarray(metric(losses.mean(axis=0)))
        low, high = _interval(losses, metric, weights, seed)
        lines.append(
            {
                "column": table.columns[place],
                "importance": float(mean[:repeats].mean() - mean[repeats]),
                "low": low,
                "high": high,
            }
        )
    result = pd.DataFrame(lines).sort_values("importance", ascending=False, kind="stable")
    result = result.reset_index(drop=True)
    result.attrs["baseline"] = float(np.asarray(metric(np.array([base.mean()])))[0])
    return result


def _losses(loss_per_row: Any, truth: Any, predicted: np.ndarray, rows: int) -> np.ndarray:
    found = numeric(loss_per_row(truth, predicted), "loss_per_row")
    if found.shape != (rows,):
        raise ValueError(
            f"`loss_per_row` must give one number per row, shape ({rows},); "
            f"it gave shape {found.shape}."
        )
    return found


def _row_shares(rows: int, seed: int) -> np.ndarray:
    """How often each row is in each resample, over the rows: (draws, rows)."""
    generator = np.random.default_rng(seed)
    chosen = generator.integers(0, rows, (_DRAWS, rows)) + rows * np.arange(_DRAWS)[:, None]
    counts = np.bincount(chosen.ravel(), minlength=_DRAWS * rows)
    return counts.reshape(_DRAWS, rows) / rows


def _interval(
    losses: np.ndarray, metric: Callable[[np.ndarray], Any], weights: np.ndarray | None, seed: int
) -> tuple[float, float]:
    """Both ends, from losses (rows, repeats + 1), the last ones unshuffled."""
    generator = np.random.default_rng([seed, 1])
    if weights is not None:
        means = weights @ losses  # (draws, rows) -> (draws, repeats + 1)
    else:
        covariance = np.atleast_2d(np.cov(losses, rowvar=False, ddof=0)) / len(losses)
        means = generator.multivariate_normal(
            losses.mean(axis=0), covariance, _DRAWS, method="eigh"
        )
        # A mean stays where means can be, whatever the normal limit says.
        means = means.clip(losses.min(), losses.max())
    values = np.asarray(metric(means))
    repeats = losses.shape[1] - 1
    chosen = generator.integers(0, repeats, (_DRAWS, repeats))
    shuffled = np.take_along_axis(values[:, :repeats], chosen, axis=1).mean(axis=1)
    low, high = np.quantile(shuffled - values[:, repeats], [0.025, 0.975])
    return float(low), float(high)


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
