"""How small a difference between two models a test part can show."""

import math

import numpy as np

from profond.experiment._intervals import proportion_interval


def paired_half_width(first: np.ndarray, second: np.ndarray, level: float = 0.95) -> float:
    r"""Half width of the interval of a difference on this test part.

    $t_{n-1} s_d / \sqrt n$ for the differences d of the losses of n rows: a difference smaller
    than that is not distinguishable here from none.

    Args:
        first: One model's loss per test row (squared error, 1 for a wrong class, log loss),
            shape (rows,).
        second: The other's on the same rows.
        level: Probability that the interval is to cover, in (0, 1).

    Returns:
        The half width, in the unit of the losses. Where the losses are 0 and 1 and the same in all
        rows, the upper end of the exact interval of the share of rows in which they could differ
        (about 3.7 / n for 95 %), as no row that differs is no proof that there is none.

    Raises:
        ValueError: If the losses are not of the same rows, not finite, or of fewer than two.
    """
    from scipy import stats

    deviation, rows = _deviation(first, second)
    _check_share("level", level)
    if deviation == 0 and np.isin(first, (0, 1)).all() and np.array_equal(first, second):
        return proportion_interval(0, rows, level).high
    return float(stats.t.ppf((1 + level) / 2, rows - 1)) * deviation / math.sqrt(rows)


def detectable_difference(
    first: np.ndarray, second: np.ndarray, *, level: float = 0.95, power: float = 0.8
) -> float:
    r"""The true difference that a test part of this size would show with probability `power`.

    $(z_{(1 + \mathrm{level}) / 2} + z_{\mathrm{power}}) \, s_d / \sqrt n$, the minimal detectable
    effect of a paired test. With a power of one half it is the half width of the interval.

    Args:
        first: One model's loss per test row, shape (rows,).
        second: The other's on the same rows.
        level: Level of the interval that is to leave out 0, in (0, 1).
        power: Probability that it does, in (0, 1).

    Returns:
        The difference of the mean losses, in their unit.

    Raises:
        ValueError: As `paired_half_width`.
    """
    deviation, rows = _deviation(first, second)
    return _sum_of_quantiles(level, power) * deviation / math.sqrt(rows)


def rows_for_difference(
    first: np.ndarray,
    second: np.ndarray,
    difference: float,
    *,
    level: float = 0.95,
    power: float = 0.8,
) -> int:
    """How many test rows would show a difference, if rows differ as much as these do.

    Args:
        first: One model's loss per test row, shape (rows,).
        second: The other's on the same rows.
        difference: Difference of the mean losses to be shown, not 0.
        level: Level of the interval that is to leave out 0, in (0, 1).
        power: Probability that it does, in (0, 1).

    Raises:
        ValueError: If `difference` is 0, or as `paired_half_width`.
    """
    if difference == 0 or not math.isfinite(difference):
        raise ValueError(f"`difference` must be a number that is not 0; received {difference}.")
    deviation, _ = _deviation(first, second)
    needed = (_sum_of_quantiles(level, power) * deviation / difference) ** 2
    return max(2, math.ceil(needed))


def small_test_warning(
    first: np.ndarray,
    second: np.ndarray,
    difference: float | None = None,
    level: float = 0.95,
    *,
    of: str = "mean loss",
    called: str = "rows",
) -> str | None:
    """A sentence if the test part is too small for the difference claimed.

    Args:
        first: One model's loss per test row, shape (rows,).
        second: The other's on the same rows.
        difference: The difference of the mean losses that is claimed; the one that is seen here
            when None.
        level: Level of the interval, in (0, 1).
        of: How the sentence calls what differs.
        called: How it calls the rows: "rows", "series", "images".

    Returns:
        The sentence, or None if the difference is at least the half width of the interval.

    Raises:
        ValueError: As `paired_half_width`.
    """
    half = paired_half_width(first, second, level)
    if difference is None:
        difference = float(np.mean(np.asarray(first, dtype=np.float64) - second))
    size, rows = abs(difference), len(first)
    if size >= half:
        return None
    said = (
        f"The test part of {rows} {called} is too small for a difference of {size:.3g} in the "
        f"{of}: below {half:.3g} it cannot be told from none ({100 * level:g} % interval)."
    )
    if size > 0 and _deviation(first, second)[0] > 0:
        needed = rows_for_difference(first, second, size, level=level)
        said += f" About {_two_digits(needed)} {called} would show it."
    return said


def _deviation(first: np.ndarray, second: np.ndarray) -> tuple[float, int]:
    """Standard deviation of the paired differences, and how many there are."""
    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1 or len(first) < 2:
        raise ValueError(
            "Losses must be of the same test rows, one number per row and at least two; received "
            f"shapes {first.shape} and {second.shape}."
        )
    differences = first - second
    if not np.isfinite(differences).all():
        raise ValueError("Losses must be finite; received NaN or an infinite one.")
    return float(differences.std(ddof=1)), len(first)


def _sum_of_quantiles(level: float, power: float) -> float:
    from scipy import stats

    _check_share("level", level)
    _check_share("power", power)
    return float(stats.norm.ppf((1 + level) / 2) + stats.norm.ppf(power))


def _check_share(name: str, value: float) -> None:
    if not 0.0 < value < 1.0:
        raise ValueError(f"`{name}` must be between 0 and 1; received {value}.")


def _two_digits(count: int) -> int:
    """Rounded up to two digits: the number is no more certain than that."""
    step = 10 ** max(0, len(str(count)) - 2)
    return -(-count // step) * step
