"""What a model predicts, on average, for each value of one column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from profond.figures._checks import several, whole
from profond.figures._frames import (
    Kind,
    checked_predict,
    column_place,
    data_frame,
    in_chunks,
    kind_of,
    predictions,
    rows_of,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Dependence:
    """What is predicted for each value of a column.

    Attributes:
        column: Its name.
        kind: "number", "category" or "date".
        grid: The values, (points,): numbers, levels, or datetime64.
        counts: How many rows of the table have each level, (points,); of numbers and dates 0.
        means: Mean prediction of each network at each value, (networks, points, outputs).
        individual: Predictions for single rows, mean over networks, (curves, points, outputs).
        deciles: Of the column, 10 % to 90 %, where it holds numbers or dates; else empty.
    """

    column: Any
    kind: Kind
    grid: np.ndarray
    counts: np.ndarray
    means: np.ndarray
    individual: np.ndarray
    deciles: np.ndarray


def partial_dependence_of(
    predict: Callable[[Any], Any] | Sequence[Callable[[Any], Any]],
    frame: Any,
    column: Any,
    *,
    points: int = 20,
    rows: int = 500,
    individual: int = 0,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Dependence:
    r"""The mean prediction when a column is given the same value in all rows.

    $\bar f(v) = \frac{1}{n} \sum_i f(v, x_{i,-c})$ (Friedman 2001, eq. 52). Numbers and dates
    take values that occur, at even quantiles from 1 % to 99 % (all of them where there are few);
    categories their most frequent levels. Where columns go together, some of these rows are
    ones that never occur.

    Args:
        predict: Takes a table like `frame` and gives a number, or one per class, for each row;
            or several such functions, one per network.
        frame: Rows whose other columns are kept (pandas or polars; `predict` is given pandas).
        column: Its name.
        points: At most so many values, >= 2.
        rows: At most so many rows, chosen by chance, >= 1.
        individual: How many rows to keep the curve of, >= 0 (Goldstein et al. 2015).
        seed: Of the choice of rows.
        progress: Called with the number of values done and their total, over all networks.

    Returns:
        The dependence, to be drawn by `partial_dependence`.

    Raises:
        TypeError: If `frame` is no table, or a `predict` no function; if predictions are not
            numbers.
        ValueError: If there is no such column, it has no values, or predictions do not fit.
    """
    table = data_frame(frame)
    networks = [predict] if callable(predict) else several(predict, "predict")
    for network in networks:
        checked_predict(network)
    points, most = whole(points, "points", least=2), whole(rows, "rows")
    curves = whole(individual, "individual", least=0)
    generator = np.random.default_rng(whole(seed, "seed", least=0))
    place = column_place(table, column, "column")
    values = table.iloc[:, place]
    kind = kind_of(values)
    if not _usable(values).any():
        raise ValueError(f"`column`: {column!r} has no value in any row.")
    where, counts = _levels(values, points) if kind == "category" else _quantiles(values, points)
    chosen = np.arange(len(table))
    if len(chosen) > most:
        chosen = np.sort(generator.choice(len(chosen), most, replace=False))
    total, done = len(where) * len(networks), 0
    means, single = [], []
    for network in networks:
        parts = []
        for chunk in in_chunks(len(where), len(chosen)):
            tiled = np.tile(chosen, len(chunk))
            set_to = np.repeat(where[list(chunk)], len(chosen))
            found = predictions(network, rows_of(table, tiled, {place: set_to}))
            parts.append(_outputs(found).reshape(len(chunk), len(chosen), -1))
            done += len(chunk)
            if progress is not None:
                progress(done, total)
        curve = np.concatenate(parts)  # (points, rows, outputs)
        means.append(curve.mean(axis=1))
        kept = generator.permutation(len(chosen))[:curves] if not single else single[0][0]
        single.append((kept, curve[:, kept].transpose(1, 0, 2)))
    shapes = {mean.shape for mean in means}
    if len(shapes) > 1:
        raise ValueError(f"`predict`: the networks' outputs differ, {sorted(shapes)}.")
    return Dependence(
        column,
        kind,
        _grid(values, where, kind),
        counts,
        np.array(means),
        np.mean([curve for _, curve in single], axis=0),
        _deciles(values) if kind != "category" else np.empty(0),
    )


def _outputs(found: np.ndarray) -> np.ndarray:
    """Predictions as numbers, (rows, outputs)."""
    if found.dtype.kind not in "biuf":
        raise TypeError(
            f"`predict` must give numbers; it gave dtype {found.dtype}. "
            "For classes, pass the function that gives their probabilities."
        )
    return found.astype(np.float64).reshape(len(found), -1)


def _quantiles(values: "pd.Series", points: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that hold the values of a grid."""
    present = np.flatnonzero(_usable(values))
    order = present[np.argsort(_ordered(values.iloc[present]), kind="stable")]
    different = np.unique(_ordered(values.iloc[present]), return_index=True)[1]
    if len(different) <= points:
        where = present[different]
    else:
        at = np.round(np.linspace(0.01, 0.99, points) * (len(order) - 1)).astype(int)
        firsts = np.unique(_ordered(values.iloc[order[at]]), return_index=True)[1]
        where = order[at][firsts]
    return where, np.zeros(len(where), dtype=int)


def _usable(values: "pd.Series") -> np.ndarray:
    """Which rows have a value, and not an infinite one."""
    present = values.notna().to_numpy(bool)
    if kind_of(values) == "number":
        present = present & np.isfinite(values.to_numpy(np.float64, na_value=np.nan))
    return present


def _ordered(values: "pd.Series") -> np.ndarray:
    """Numbers, or dates as numbers, without missing ones."""
    if kind_of(values) == "date":
        return _naive(values).to_numpy("datetime64[ns]").astype(np.int64)
    return values.to_numpy(np.float64)


def _naive(values: "pd.Series") -> "pd.Series":
    return values.dt.tz_convert("UTC").dt.tz_localize(None) if values.dt.tz is not None else values


def _levels(values: "pd.Series", points: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that hold the most frequent levels; ordered categories in their order."""
    import pandas as pd

    # A pandas category counts its unused levels too.
    counts = {level: int(n) for level, n in values.value_counts().items() if n}
    order = sorted(counts, key=lambda level: (-counts[level], str(level)))[:points]
    if isinstance(values.dtype, pd.CategoricalDtype) and values.dtype.ordered:
        rank = {level: i for i, level in enumerate(values.dtype.categories)}
        order = sorted(order, key=rank.__getitem__)
    equal = [(values == level).fillna(False).to_numpy(bool) for level in order]
    where = np.array([int(np.argmax(rows)) for rows in equal])
    return where, np.array([counts[level] for level in order])


def _grid(values: "pd.Series", where: np.ndarray, kind: Kind) -> np.ndarray:
    taken = values.iloc[where]
    if kind == "date":
        return _naive(taken).to_numpy("datetime64[ns]")
    if kind == "number":
        return taken.to_numpy(np.float64)
    levels = np.empty(len(where), dtype=object)
    levels[:] = taken.tolist()
    return levels


def _deciles(values: "pd.Series") -> np.ndarray:
    ordered = _ordered(values.iloc[np.flatnonzero(_usable(values))])
    found = np.quantile(ordered, np.linspace(0.1, 0.9, 9), method="inverted_cdf")
    if kind_of(values) == "date":
        return found.astype(np.int64).astype("datetime64[ns]")
    return found
