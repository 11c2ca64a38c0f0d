"""How well a score ranks two kinds of rows: areas under curves, with bootstrap intervals."""

from typing import NamedTuple

import numpy as np

from profond.figures._statistics import Estimate

_DRAWS = 1000
_FEWEST = 200  # draws, from which a deviation is taken rather than quantiles
_WORK = 2e7  # resampled rows altogether
_CHUNK = 4_000_000  # counts held at once


class Resampled(NamedTuple):
    """Areas of the resamples.

    Attributes:
        roc: Areas under the ROC curve, (draws,).
        precision: Average precisions, (draws,).
        band: Rates of true positives of each at the rates of false positives asked, or empty.
    """

    roc: np.ndarray
    precision: np.ndarray
    band: np.ndarray


def resample(
    scores: np.ndarray, positive: np.ndarray, *, seed: int, at: np.ndarray | None = None
) -> Resampled:
    """Bootstrap over rows, the positive and the negative ones apart (stratified).

    1000 resamples; fewer, but at least 200, where there are more than 20000 rows.

    Args:
        scores: Larger for rows that are likelier positive, (rows,).
        positive: Truth, (rows,); both kinds must be there.
        seed: Of the resampling.
        at: Rates of false positives at which the true positives are wanted.
    """
    generator = np.random.default_rng(seed)
    different, step = np.unique(-scores, return_inverse=True)
    kinds = step[positive], step[~positive]
    width = len(different)
    draws = int(np.clip(_WORK // len(scores), _FEWEST, _DRAWS))
    found: list[tuple[np.ndarray, np.ndarray]] = []
    bands: list[np.ndarray] = []
    size = max(1, _CHUNK // len(scores))
    for start in range(0, draws, size):
        n = min(size, draws - start)
        up, down = (_counts(steps, width, n, generator) for steps in kinds)
        found.append((_roc_area(up, down), _average_precision(up, down)))
        if at is not None:
            rates = [
                np.pad(np.cumsum(c, axis=1) / len(k), ((0, 0), (1, 0)))
                for c, k in zip((up, down), kinds, strict=True)
            ]
            bands += [np.interp(at, false, true) for true, false in zip(*rates, strict=True)]
    roc, precision = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Resampled(roc, precision, np.array(bands))


def _counts(
    steps: np.ndarray, width: int, draws: int, generator: np.random.Generator
) -> np.ndarray:
    """How often each step of the score is in each resample, (draws, width)."""
    chosen = steps[generator.integers(0, len(steps), (draws, len(steps)))]
    places = (chosen + width * np.arange(draws)[:, None]).ravel()
    return np.bincount(places, minlength=draws * width).reshape(draws, width)


def _roc_area(up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Share of pairs in the right order, ties half; columns in falling order of the score."""
    below = down.sum(axis=1, keepdims=True) - np.cumsum(down, axis=1)
    pairs = (up * (below + 0.5 * down)).sum(axis=1)
    return pairs / (up.sum(axis=1) * down.sum(axis=1))


def _average_precision(up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Sum of the precision at each step times the recall it adds."""
    true, false = np.cumsum(up, axis=1), np.cumsum(down, axis=1)
    return (up * true / np.maximum(true + false, 1)).sum(axis=1) / up.sum(axis=1)


def area_interval(value: float, draws: np.ndarray) -> Estimate:
    """The 95 % interval of an area from its resamples.

    The percentiles of 1000 resamples; of fewer (there are many rows then), 1.96 standard
    deviations on the logarithm of the odds. Where all resamples are alike they tell nothing:
    the ends are NaN.
    """
    if np.ptp(draws) < 1e-12:
        return Estimate(value, np.nan, np.nan)
    if len(draws) >= _DRAWS or not 0 < draws.min() <= draws.max() < 1:
        low, high = np.quantile(draws, [0.025, 0.975])
        return Estimate(value, float(low), float(high))
    odds = np.log(draws / (1 - draws))
    centre, half = np.log(value / (1 - value)), 1.96 * odds.std(ddof=1)
    low, high = 1 / (1 + np.exp(-(centre + half * np.array([-1, 1]))))
    return Estimate(value, float(low), float(high))


def roc_interval(value: float, draws: np.ndarray, positives: int, negatives: int) -> Estimate:
    """As `area_interval`; an area of exactly 1 (or 0) has an interval all the same.

    Every resample of separated rows is separated. But the rows make min(positives, negatives)
    pairs that share none, each in the right order with the area's probability, so that the exact
    binomial interval (Clopper and Pearson 1934) holds, and is wide where rows are few.
    """
    if np.ptp(draws) >= 1e-12 or value not in (0.0, 1.0):
        return area_interval(value, draws)
    end = 0.025 ** (1 / min(positives, negatives))
    return Estimate(value, end, 1.0) if value == 1 else Estimate(value, 0.0, 1 - end)
