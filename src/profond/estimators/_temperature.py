"""Temperature scaling: probabilities that are as often right as they say."""

from typing import Any

import numpy as np

_BOUNDS = (0.1, 10.0)


def fit_temperature(
    scores: Any,
    truth: Any,
    *,
    from_logits: bool = False,
    prior_rows: float = 1.0,
    bounds: tuple[float, float] = _BOUNDS,
) -> float:
    r"""The temperature that makes the true classes of held-out rows most likely.

    With logits $z$ and $p_k(T) = \mathrm{softmax}_k(z / T)$, the temperature minimises

    $$-\sum_i \log p_{y_i}(T) - \frac{w}{n} \sum_i \sum_k p_{ik}(1) \log p_{ik}(T).$$

    The first sum is the log loss of the n held-out rows (Guo et al. 2017, section 4.2). The second
    is ours: `prior_rows` = w further rows on which the model is as sure as it should be, the
    minimum of which is T = 1. Without it, a part on which every row is right sends T to 0 and
    every probability to 0 or 1, whether it has 10 rows or 10000; with w = 1, n right rows say that
    about 1 in n + 1 may be wrong. It is forgotten as n grows. Both sums are convex in 1 / T, so
    that the minimum is the only one; it is found as a root of the derivative.

    Args:
        scores: Of rows that the model has not learned from: probabilities or logits, shape
            (rows, classes), or those of the second of two classes, shape (rows,). Probabilities
            are kept away from 0 by the rounding of their type (1e-7 for float32), beyond
            which they say nothing.
        truth: Places of the true classes, shape (rows,), whole numbers from 0.
        from_logits: Whether `scores` are logits.
        prior_rows: Weight w >= 0 of T = 1, in rows; 0 gives the plain maximum of the likelihood.
        bounds: Least and largest temperature. A network that is wrong by more than a factor
            of 10 in its logits is not mended by a temperature.

    Returns:
        The temperature: above 1 makes the model less sure, below 1 surer.

    Raises:
        ValueError: If shapes or values do not fit, no row is given, or `prior_rows` or `bounds`
            are out of range.
    """
    low, high = bounds
    if not 0 < low < high < np.inf:
        raise ValueError(f"`bounds` must be two temperatures, 0 < low < high; received {bounds}.")
    if not 0 <= prior_rows < np.inf:
        raise ValueError(f"`prior_rows` must be a number of rows >= 0; received {prior_rows}.")
    logits = _logits(scores, from_logits)
    places = _places(truth, *logits.shape)
    logits = logits - logits.max(axis=1, keepdims=True)  # the same probabilities, less rounding
    rows = len(logits)
    # What the observed rows and the prior ones have on average, per row.
    observed = logits[np.arange(rows), places].mean()
    believed = (_softmax(logits) * logits).sum(axis=1).mean()
    wanted = (rows * observed + prior_rows * believed) / (rows + prior_rows)

    def slope(inverse: float) -> float:
        """Derivative of the loss in 1 / T, per row; it never falls."""
        return float((_softmax(inverse * logits) * logits).sum(axis=1).mean() - wanted)

    from scipy.optimize import brentq

    coldest, hottest = slope(1 / low), slope(1 / high)
    if coldest == hottest == 0:  # every class is as likely as the others: T changes nothing
        return 1.0
    if coldest <= 0:
        return low
    if hottest >= 0:
        return high
    root: Any = brentq(slope, 1 / high, 1 / low, xtol=1e-12)
    return float(1 / root)


def apply_temperature(scores: Any, temperature: float, *, from_logits: bool = False) -> np.ndarray:
    r"""Probabilities at a temperature, $\mathrm{softmax}(z / T)$.

    The most likely class stays the same in every row, also where rounding would make two equal.

    Args:
        scores: Probabilities or logits, shape (rows, classes), or those of the second of two
            classes, shape (rows,).
        temperature: T > 0, as from `fit_temperature`.
        from_logits: Whether `scores` are logits.

    Returns:
        Probabilities of the same shape as `scores`, float64.

    Raises:
        ValueError: If the temperature is not positive, or the scores are no such numbers.
    """
    if not 0 < temperature < np.inf:
        raise ValueError(f"`temperature` must be a number > 0; received {temperature}.")
    result = _softmax(_logits(scores, from_logits) / temperature)
    given = np.asarray(scores)
    if given.ndim == 1:
        positive, middle = result[:, 1], 0.0 if from_logits else 0.5
        positive[(given > middle) & (positive <= 0.5)] = np.nextafter(0.5, 1)
        positive[(given < middle) & (positive >= 0.5)] = np.nextafter(0.5, 0)
        return positive
    rows = np.arange(len(result))
    first = given.argmax(axis=1)
    lost = result.argmax(axis=1) != first
    result[rows[lost], first[lost]] = np.nextafter(result[lost].max(axis=1), 2.0)
    return result


def _logits(scores: Any, from_logits: bool) -> np.ndarray:
    """Logits in float64, shape (rows, classes), from any of the accepted forms."""
    given = np.asarray(scores)
    if given.dtype.kind not in "fiub" or given.ndim not in (1, 2) or 1 in given.shape[1:]:
        raise ValueError(
            "`scores` must be numbers of shape (rows, classes) with two classes or more, or "
            f"(rows,) for the second of two; received {given.dtype} of shape {given.shape}."
        )
    values = given.astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("`scores` must be finite; received NaN or an infinite number.")
    if from_logits:
        return np.column_stack([np.zeros(len(values)), values]) if given.ndim == 1 else values
    if values.min(initial=0.0) < 0 or values.max(initial=0.0) > 1 + 1e-3:
        raise ValueError(
            f"`scores` must be probabilities in [0, 1]; received {values.min():g} to "
            f"{values.max():g}. For logits, set `from_logits`."
        )
    if given.ndim == 1:
        values = np.column_stack([1 - values, values])
    smallest = np.finfo(given.dtype if given.dtype.kind == "f" else np.float64).eps
    return np.log(np.maximum(values, smallest))


def _places(truth: Any, rows: int, classes: int) -> np.ndarray:
    places = np.asarray(truth)
    if places.shape != (rows,) or not rows:
        raise ValueError(
            f"`truth` must have one class per row of `scores`, at least one; received shape "
            f"{places.shape} for {rows} row(s)."
        )
    wrong = np.flatnonzero(~np.isin(places, np.arange(classes)))
    if wrong.size:
        raise ValueError(
            f"`truth` must hold places of classes, 0 to {classes - 1}; received "
            f"{places[wrong[0]]} in row {wrong[0] + 1}."
        )
    return places.astype(np.intp)


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
