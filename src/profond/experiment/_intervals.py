"""How sure a number is: over seeds, and over the rows of the test part."""

import math
from dataclasses import dataclass

import numpy as np

_CHUNK = 4_000_000  # counts drawn at once, to bound the memory
_MANY_ROWS = 20_000  # rows from which the bootstrap's normal limit is used


@dataclass(frozen=True)
class Interval:
    """A 95 % interval.

    Attributes:
        low: Lower end.
        high: Upper end.
    """

    low: float
    high: float

    @property
    def half(self) -> float:
        """Half of its length: the number after the plus-minus sign."""
        return (self.high - self.low) / 2


def student_interval(values: np.ndarray, level: float = 0.95) -> Interval | None:
    r"""Interval of the mean of independent values, $\bar x \pm t_{n-1} s / \sqrt n$.

    Over seeds it says how much of a result is luck of the initialisation, the order of the rows
    and the inner split; it says nothing about the test rows, which are the same for all.

    Args:
        values: One number per seed, shape (seeds,).
        level: Probability that the interval is to cover.

    Returns:
        The interval, or None for fewer than two values.
    """
    from scipy import stats

    values = np.asarray(values, dtype=np.float64)
    n = len(values)
    if n < 2:
        return None
    mean = values.mean()
    half = stats.t.ppf((1 + level) / 2, n - 1) * values.std(ddof=1) / math.sqrt(n)
    return Interval(float(mean - half), float(mean + half))


def bootstrap_means(rows: np.ndarray, *, draws: int = 2000, seed: int = 0) -> np.ndarray:
    """Means of resampled rows.

    Args:
        rows: Numbers per test row, shape (rows, columns); the columns are resampled together,
            so that differences between them are paired.
        draws: How many resamples.
        seed: Seed of the resampling.

    Returns:
        Array of shape (draws, columns). Above 20000 rows the means are drawn from their normal
        limit, which is the same to three digits there and needs no resampling.
    """
    rows = np.asarray(rows, dtype=np.float64)
    n, columns = rows.shape
    generator = np.random.default_rng(seed)
    if n > _MANY_ROWS:
        covariance = np.atleast_2d(np.cov(rows, rowvar=False, ddof=0)) / n
        return generator.multivariate_normal(rows.mean(axis=0), covariance, draws, method="eigh")
    means = np.empty((draws, columns))
    step = max(1, _CHUNK // n)
    for start in range(0, draws, step):
        size = min(step, draws - start)
        chosen = generator.integers(0, n, size=(size, n))
        places = (chosen + np.arange(size)[:, None] * n).ravel()
        counts = np.bincount(places, minlength=size * n).reshape(size, n)
        means[start : start + size] = counts @ rows / n  # (size, n) -> (size, columns)
    return means


def percentile_interval(draws: np.ndarray, level: float = 0.95) -> Interval:
    """The interval that leaves out the same share of bootstrap draws on both sides."""
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return Interval(float(low), float(high))


def proportion_interval(hits: int, rows: int, level: float = 0.95) -> Interval:
    """Exact interval of a share (Clopper and Pearson 1934).

    It is used where all rows are right or all wrong: there every resample is the same, and a
    bootstrap interval would claim certainty.

    Args:
        hits: How many rows are right.
        rows: How many rows there are.
        level: Probability that the interval is to cover at least.
    """
    from scipy import stats

    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(stats.beta.ppf(tail, hits, rows - hits + 1))
    high = 1.0 if hits == rows else float(stats.beta.ppf(1 - tail, hits + 1, rows - hits))
    return Interval(low, high)
