"""How much worse a model predicts when a column is shuffled: the computation."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from profond._tensors import to_array
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

_DRAWS = 2000


def permutation_importance_of(
    predict: Callable[[Any], Any],
    frame: Any,
    truth: Any,
    loss_per_row: Callable[[Any, np.ndarray], Any],
    *,
    repeats: int = 10,
    rows: int | None = None,
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

    The 95 % interval holds for other rows and other shufflings. A row counts twice in a shuffled
    loss: with its own truth, and with the value that it lends to another row. With $l_i$ the loss
    of row i, $l_{r,i}$ its loss in shuffling r, $d_{r,i} = l_{r,i} - l_i$, and j the row that
    receives its value, its influence on $\bar L_{c,r}$ is
    $(l_{r,i} - \bar L_{c,r}) + (d_{r,j} - \bar d_r)$, on $\bar L$ it is $l_i - \bar L$. The
    covariance of these over the rows (the infinitesimal jackknife; the same rows everywhere, so
    that differences are paired) gives the limit law of all the means; 2000 draws of it, widened
    as Student's t, are put through g, and the percentiles of the importances are the ends. It
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
        rows: At most so many rows, chosen by chance; by default all.
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
    if np.shape(truth)[:1] != (len(table),):
        raise ValueError(
            f"`truth` must have an entry per row of `frame`, {len(table)}; "
            f"received shape {np.shape(truth)}."
        )
    if rows is not None and whole(rows, "rows") < len(table):
        chosen = np.random.default_rng(seed).choice(len(table), rows, replace=False)
        table, truth = table.iloc[chosen], to_array(truth)[chosen]
    rows = len(table)
    metric = of_mean or (lambda mean: mean)
    base = _losses(loss_per_row, truth, predictions(predict, table), rows)
    total, done = len(places) * repeats, 0
    lines = []
    for place in places:
        losses = np.column_stack([np.empty((rows, repeats)), base])
        generator = np.random.default_rng([seed, place])
        orders = [generator.permutation(rows) for _ in range(repeats)]
        for chunk in in_chunks(repeats, rows):
            shuffled = np.concatenate([orders[r] for r in chunk])
            stacked = rows_of(table, np.tile(np.arange(rows), len(chunk)), {place: shuffled})
            found = predictions(predict, stacked)
            for turn, r in enumerate(chunk):
                part = found[turn * rows : (turn + 1) * rows]
                losses[:, r] = _losses(loss_per_row, truth, part, rows)
            done += len(chunk)
            if progress is not None:
                progress(done, total)
        value, (low, high) = _increase(losses, metric), _interval(losses, orders, metric)
        name = table.columns[place]
        lines.append({"column": name, "importance": value, "low": low, "high": high})
    result = pd.DataFrame(lines).sort_values("importance", ascending=False, kind="stable")
    result = result.reset_index(drop=True)
    result.attrs["baseline"] = float(np.asarray(metric(np.array([base.mean()])))[0])
    return result


def _increase(losses: np.ndarray, metric: Callable[[np.ndarray], Any]) -> float:
    """The importance, from losses (rows, repeats + 1), the last ones unshuffled."""
    values = np.asarray(metric(losses.mean(axis=0)))
    return float(values[:-1].mean() - values[-1])


def _losses(loss_per_row: Any, truth: Any, predicted: np.ndarray, rows: int) -> np.ndarray:
    found = numeric(loss_per_row(truth, predicted), "loss_per_row")
    if found.shape != (rows,):
        raise ValueError(
            f"`loss_per_row` must give one number per row, shape ({rows},); "
            f"it gave shape {found.shape}."
        )
    return found


def _interval(
    losses: np.ndarray, orders: list[np.ndarray], metric: Callable[[np.ndarray], Any]
) -> tuple[float, float]:
    """Both ends of the importance's interval, NaN for a single row."""
    from scipy.stats import norm, t

    rows = len(losses)
    if rows < 2:
        return float("nan"), float("nan")
    if np.array_equal(losses[:, :-1], np.broadcast_to(losses[:, -1:], losses[:, :-1].shape)):
        return 0.0, 0.0  # the model ignores the column; rounding would leave 1e-9
    mean = losses.mean(axis=0)
    influence = losses - mean
    for r, order in enumerate(orders):
        # Row order[i] lends its value to row i. The loss that row i has anyway is no doing of
        # the lender: without taking it off, columns that the model ignores would have an interval.
        gain = losses[:, r] - losses[:, -1]
        influence[order, r] += gain - gain.mean()
    covariance = influence.T @ influence / (rows * (rows - 1))
    widened = float(t.ppf(0.975, rows - 1) / norm.ppf(0.975))
    # The same draws for all columns: their intervals can be compared.
    means = np.random.default_rng(0).multivariate_normal(
        mean, widened**2 * covariance, _DRAWS, method="eigh", check_valid="ignore"
    )
    # A mean loss is between the losses, whatever the limit law says.
    values = np.asarray(metric(means.clip(losses.min(), losses.max())))
    low, high = np.quantile(values[:, :-1].mean(axis=1) - values[:, -1], [0.025, 0.975])
    return float(low), float(high)
