"""Prediction intervals that cover as often as they say, whatever the model (conformal)."""

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

_ROUNDING = 1e-9  # of a count of rows: 0.9 * 10 is to be 9
_HALVINGS = 60  # of the bracket of an end, which leaves 1e-18 of it


def rows_for_level(level: float) -> int:
    """The fewest held-out rows with which an interval of this level is finite.

    It is the least n with level * (n + 1) <= n: 9 for 90 %, 19 for 95 %, 99 for 99 %.

    Args:
        level: Probability that the interval is to cover, in (0, 1).
    """
    _check_level(level)
    return max(1, math.ceil(level / (1 - level) - _ROUNDING))


def conformal_quantile(residuals: Any, level: float) -> float:
    r"""The half width that covers a new row with probability `level`.

    The $\lceil (n + 1) \, \mathrm{level} \rceil$-th smallest of n absolute residuals (split
    conformal; Vovk et al. 2005, Lei et al. 2018), infinite if there is no such one.

    Args:
        residuals: Of held-out rows, signed or absolute, shape (rows,).
        level: Probability that the interval is to cover, in (0, 1).

    Warns:
        UserWarning: If the rows are too few for the level, so that the interval is infinite.
    """
    _check_level(level)
    sorted_sizes = _sizes(residuals, "residuals")
    n = len(sorted_sizes)
    place = math.ceil((n + 1) * level - _ROUNDING)
    if place > n:
        _warn_of_few(f"{n} held-out row(s) are", level)
        return math.inf
    return float(sorted_sizes[place - 1])


def split_conformal_interval(
    residuals: Any,
    predictions: Any,
    level: float = 0.9,
    *,
    scales: Any = None,
    new_scales: Any = None,
    non_negative: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Intervals $\hat y \pm q$, with q a quantile of the residuals of held-out rows.

    With scales, $\hat y \pm q \, s(x)$ and q the quantile of $|r_i| / s(x_i)$: wider where the
    scale is larger (locally weighted; Lei et al. 2018). The scale may be any function of a row
    that has not learned from the held-out rows either. The spread of an ensemble of which some
    members learned from a held-out row is smaller there than on new rows, and breaks the guarantee.

    Guarantee: the target of a new row lies inside with probability `level` or more, at most
    1 / (n + 1) more without ties, if the new row and the n held-out ones are exchangeable. It
    holds on average over rows and over held-out parts, not for each kind of row. Rows that chose
    the epoch at which training stopped are not quite held out: their residuals are a little too
    small.

    Args:
        residuals: Target less prediction on rows that the model has not learned from, in the
            target's unit, shape (held-out rows,).
        predictions: Of new rows, shape (rows,).
        level: Probability that the interval is to cover, in (0, 1).
        scales: Scale of each held-out row, > 0.
        new_scales: Scale of each new row, > 0; with `scales`.
        non_negative: Whether the target is never negative; the ends are then at least 0.

    Returns:
        Low and high ends, each of shape (rows,); infinite if the held-out rows are too few.

    Raises:
        ValueError: If shapes or values do not fit.

    Warns:
        UserWarning: If the intervals are infinite.
    """
    residuals = np.asarray(residuals, dtype=np.float64)
    predictions = np.asarray(predictions, dtype=np.float64)
    if predictions.ndim != 1:
        raise ValueError(
            f"`predictions` must have one number per new row; received shape {predictions.shape}."
        )
    if (scales is None) != (new_scales is None):
        raise ValueError("`scales` and `new_scales` must be given together; received one of them.")
    width = np.ones(len(predictions))
    if scales is not None:
        residuals = residuals / _positive(scales, residuals.shape, "scales")
        width = _positive(new_scales, predictions.shape, "new_scales")
    half = conformal_quantile(residuals, level) * width
    return _clipped(predictions - half, predictions + half, non_negative)


def conformal_interval(
    residuals_per_member: Sequence[Any],
    predictions_per_member: Any,
    level: float = 0.9,
    *,
    scales_per_member: Sequence[Any] | None = None,
    new_scales_per_member: Any = None,
    non_negative: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Intervals of an ensemble whose members each have held-out rows of their own.

    Every held-out row i of member m proposes the ends $\hat y_m(x) \pm |r_{mi}|$ for a new row x,
    as in CV+ and the jackknife+ (Barber et al. 2021). The upper end is the largest y with

    $$\frac{1}{M} \sum_m \frac{1 + \#\{i : \hat y_m(x) + |r_{mi}| \ge y\}}{n_m + 1} > 1 -
    \mathrm{level},$$

    and the lower end is its mirror image. With one member it is the split conformal interval.

    Guarantee: the target of a new row lies inside with probability 2 level - 1 or more (80 % for
    a level of 90 %), if for each member the new row is exchangeable with the held-out ones; in
    practice `level` or more (for 90 %, least squares measured 91 % with 80 held-out rows per
    member, 97 % with 12). Each term of the sum bounds a p-value of its member, and twice a mean of
    p-values is a p-value, however they depend on each other (Vovk and Wang 2020), so that the
    held-out parts may overlap as they please. Barber et al. pool the rows of disjoint folds with
    a single "1 +" instead, which is a little narrower and has a guarantee a little weaker (their
    theorem 4). Rows that chose the epoch at which training stopped are not quite held out:
    their residuals are a little too small.

    Args:
        residuals_per_member: For each member, target less prediction on its held-out rows, shape
            (held-out rows of the member,).
        predictions_per_member: Of new rows, shape (members, rows).
        level: Level as explained above, in (0, 1).
        scales_per_member: For each member, the scale of each held-out row, > 0: the ends are then
            $\hat y_m(x) \pm s_m(x) |r_{mi}| / s_{mi}$. They must come from what has not learned
            from the row: not from the spread of members that did.
        new_scales_per_member: Scale of each new row for each member, shape (members, rows).
        non_negative: Whether the target is never negative; the ends are then at least 0.

    Returns:
        Low and high ends, each of shape (rows,); infinite if the held-out rows are too few.

    Raises:
        ValueError: If shapes or values do not fit.

    Warns:
        UserWarning: If the intervals are infinite.
    """
    _check_level(level)
    predictions = np.asarray(predictions_per_member, dtype=np.float64)
    members = len(residuals_per_member)
    if predictions.ndim != 2 or len(predictions) != members or not members:
        raise ValueError(
            "`predictions_per_member` must have shape (members, rows) with one member per item "
            f"of `residuals_per_member`, at least one; received {predictions.shape} for {members}."
        )
    residuals = [np.asarray(r, dtype=np.float64) for r in residuals_per_member]
    width = np.ones_like(predictions)
    if (scales_per_member is None) != (new_scales_per_member is None):
        raise ValueError(
            "`scales_per_member` and `new_scales_per_member` must be given together; received "
            "one of them."
        )
    if scales_per_member is not None:
        width = _positive(new_scales_per_member, predictions.shape, "new_scales_per_member")
        if len(scales_per_member) != members:
            raise ValueError(
                f"`scales_per_member` must have one item per member, {members}; received "
                f"{len(scales_per_member)}."
            )
        residuals = [
            r / _positive(s, r.shape, "scales_per_member")
            for r, s in zip(residuals, scales_per_member, strict=True)
        ]
    sizes = [_sizes(r, "residuals_per_member") for r in residuals]
    if sum(1 / (len(s) + 1) for s in sizes) / members > 1 - level + _ROUNDING:
        fewest = min(len(s) for s in sizes)
        _warn_of_few(f"The held-out rows of the members ({fewest} at least) are", level)
        return _clipped(
            np.full(predictions.shape[1], -np.inf),
            np.full(predictions.shape[1], np.inf),
            non_negative,
        )
    high = _upper_end(sizes, predictions, width, 1 - level)
    low = -_upper_end(sizes, -predictions, width, 1 - level)
    return _clipped(low, high, non_negative)


def _upper_end(
    sizes: list[np.ndarray], predictions: np.ndarray, width: np.ndarray, alpha: float
) -> np.ndarray:
    """The largest y at which the mean of the members' p-values is above `alpha`, shape (rows,).

    Found by halving a bracket, which needs no list of all proposals of all rows.
    """

    def is_above(y: np.ndarray) -> np.ndarray:
        mean = np.zeros(predictions.shape[1])
        for size, prediction, scale in zip(sizes, predictions, width, strict=True):
            beyond = len(size) - np.searchsorted(size, (y - prediction) / scale, side="left")
            mean += (1 + beyond) / (len(size) + 1)
        return mean / len(sizes) > alpha + _ROUNDING

    largest = np.array([size[-1] for size in sizes])[:, None]
    low = predictions.min(axis=0)  # all proposals are at least here
    high = (predictions + width * largest).max(axis=0)
    # The upper end of the bracket is never above, unless it is itself what is looked for.
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        above = is_above(middle)
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return high


def _sizes(residuals: Any, name: str) -> np.ndarray:
    """Absolute residuals from the smallest on."""
    sizes = np.abs(np.asarray(residuals, dtype=np.float64))
    if sizes.ndim != 1 or not sizes.size or not np.isfinite(sizes).all():
        raise ValueError(
            f"`{name}` must be finite numbers, one per held-out row and at least one; received "
            f"shape {sizes.shape}, {int((~np.isfinite(sizes)).sum())} of them not finite."
        )
    return np.sort(sizes)


def _positive(scales: Any, shape: tuple[int, ...], name: str) -> np.ndarray:
    scales = np.asarray(scales, dtype=np.float64)
    if scales.shape != shape:
        raise ValueError(
            f"`{name}` must have one scale per prediction, shape {shape}; received {scales.shape}."
        )
    if scales.size and not (np.isfinite(scales).all() and scales.min() > 0):
        raise ValueError(
            f"`{name}` must be finite and > 0; received {scales.min():g} to {scales.max():g}. Add "
            "a constant, such as the median scale, to those of 0."
        )
    return scales


def _check_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise ValueError(f"`level` must be between 0 and 1; received {level}.")


def _warn_of_few(who: str, level: float) -> None:
    warnings.warn(
        f"{who} too few for intervals of level {level:g}, which need {rows_for_level(level)}: the "
        "intervals are infinite. Hold out more rows, or ask for a lower level.",
        UserWarning,
        stacklevel=3,
    )


def _clipped(
    low: np.ndarray, high: np.ndarray, non_negative: bool
) -> tuple[np.ndarray, np.ndarray]:
    return (np.maximum(low, 0.0), np.maximum(high, 0.0)) if non_negative else (low, high)
