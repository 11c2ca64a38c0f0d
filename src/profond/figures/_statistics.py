"""Means with an interval, over seeds."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from profond.figures._checks import number, whole


class Estimate(NamedTuple):
    """A mean and its interval.

    Attributes:
        mean: Mean (or share) observed.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    mean: float
    low: float
    high: float


def mean_band(
    runs: ArrayLike,
    *,
    level: float = 0.95,
    log: bool = False,
    within: tuple[float, float] = (-np.inf, np.inf),
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Mean over runs and Student's t interval of that mean, position by position.

    $\bar x \pm t_{n-1} \, s / \sqrt n$, where $s$ is the standard deviation over the $n$ runs
    (divisor $n - 1$). A single run has no interval: both ends are the run itself.

    Args:
        runs: One run per row, `(runs, positions)`; a run that is not finite at a position is
            left out there.
        level: Coverage of the interval, in (0, 1).
        log: Take mean and interval of the logarithms (geometric mean); values must be positive.
        within: Least and greatest value possible (0 and 1 for shares); the interval is cut there.

    Returns:
        Mean, lower end, upper end, each `(positions,)`; NaN where no run is finite.

    Raises:
        ValueError: If `level` is outside (0, 1).
    """
    from scipy.stats import t as student

    _check_level(level)
    values = np.atleast_2d(np.asarray(runs, dtype=np.float64))
    if log:
        values = np.log(np.maximum(values, np.finfo(np.float64).tiny))
    usable = np.isfinite(values)
    count = usable.sum(axis=0)
    safe = np.where(usable, values, 0.0)
    mean = np.where(count > 0, safe.sum(axis=0) / np.maximum(count, 1), np.nan)
    spread = np.where(usable, values - mean, 0.0)
    deviation = np.sqrt((spread**2).sum(axis=0) / np.maximum(count - 1, 1))
    quantile = student.ppf(0.5 + level / 2, np.maximum(count - 1, 1))
    half = np.where(count > 1, quantile * deviation / np.sqrt(np.maximum(count, 1)), 0.0)
    low, high = mean - half, mean + half
    if log:
        mean, low, high = np.exp(mean), np.exp(low), np.exp(high)
    return mean, np.maximum(low, within[0]), np.minimum(high, within[1])


def _check_level(level: float) -> None:
    """Refuse a coverage that is none."""
    if not 0 < number(level, "level") < 1:
        raise ValueError(f"`level` must be between 0 and 1; received {level}.")


def mean_interval(
    values: ArrayLike,
    *,
    level: float = 0.95,
    log: bool = False,
    within: tuple[float, float] = (-np.inf, np.inf),
) -> Estimate:
    """Mean of `values` and Student's t interval of it.

    Args:
        values: One value per run.
        level: Coverage of the interval, in (0, 1).
        log: Take mean and interval of the logarithms, as `mean_band` does.
        within: As for `mean_band`.

    Returns:
        The mean and the interval.
    """
    flat = np.asarray(values, dtype=np.float64).reshape(-1, 1)
    mean, low, high = mean_band(flat, level=level, log=log, within=within)
    return Estimate(float(mean[0]), float(low[0]), float(high[0]))


def share_interval(successes: int, trials: int, *, level: float = 0.95) -> Estimate:
    """A share and its score interval (Wilson 1927), honest near 0 and 1.

    Args:
        successes: Number of successes, in 0 .. `trials`.
        trials: Number of independent trials, at least 1.
        level: Coverage of the interval, in (0, 1).

    Returns:
        The share and its interval, within [0, 1].

    Raises:
        TypeError: If the counts are not whole numbers.
        ValueError: If there are no trials, or not 0 .. `trials` successes.
    """
    from scipy.stats import norm

    _check_level(level)
    if whole(successes, "successes", least=0) > whole(trials, "trials"):
        raise ValueError(
            f"`successes` must be at most `trials`; received {successes} and {trials}."
        )
    z = float(norm.ppf(0.5 + level / 2))
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2)) / (1 + z**2 / trials)
    return Estimate(share, max(0.0, float(centre - half)), min(1.0, float(centre + half)))
