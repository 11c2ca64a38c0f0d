"""Series of which a part goes by quicker or slower."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from profond.data.series._series_set import SeriesSet
from profond.data.series._slicing import like


def window_warping(
    series: SeriesSet,
    *,
    share: float = 0.1,
    ratios: Sequence[float] = (0.5, 2.0),
    keep: bool = True,
    random_state: int | np.random.Generator | None = None,
) -> tuple[SeriesSet, Int[np.ndarray, " warped"]]:
    """Copies of series in which a random part is shorter or longer (Le Guennec et al. 2016, 4.2).

    The part is drawn out or pressed together by linear interpolation between its first and last
    step; what comes before and after is as it was. Copies differ in length from the series:
    `window_slices` with `steps` brings them all to one length, as in the paper.

    Args:
        series: The series.
        share: Length of the part as a share of each series, in (0, 1], at least two steps; the
            paper's is 10 %.
        ratios: How many times as long the part becomes, one copy of each series for each; the
            paper has both 1/2 and 2.
        keep: Whether the series themselves are among what is returned.
        random_state: Seed or generator of the places of the parts.

    Returns:
        The series, if kept, then one copy of all of them for each ratio; and the place in
        `series` of the series that each is from.

    Raises:
        ValueError: If `share` or a ratio is out of range, or there is no ratio.
    """
    if not 0 < share <= 1:
        raise ValueError(f"`share` must be above 0 and at most 1; received share={share!r}.")
    if not len(ratios) or not all(0 < ratio < np.inf for ratio in ratios):
        raise ValueError(
            f"`ratios` must be numbers above 0, one for each copy; received {ratios!r}."
        )
    rng = np.random.default_rng(random_state)
    everyone = range(len(series))
    parts = [series.one(i) for i in everyone] if keep else []
    for ratio in ratios:
        for i in everyone:
            length = int(series.lengths[i])
            window = min(max(2, int(share * length)), length)
            start = int(rng.integers(length - window + 1))
            parts.append(_warped(series.one(i), start, window, ratio))
    groups = np.tile(np.arange(len(series)), len(parts) // len(series))
    return like(series, parts, groups), groups


def _warped(
    values: Float[np.ndarray, "steps channels"], start: int, window: int, ratio: float
) -> Float[np.ndarray, "warped channels"]:
    """The series with the `window` steps from `start` on made `ratio` times as many."""
    steps = np.arange(len(values))
    inside = np.linspace(start, start + window - 1, max(1, round(window * ratio)))
    places = np.concatenate([steps[:start], inside, steps[start + window :]])
    warped = [np.interp(places, steps, channel) for channel in values.T]
    return np.stack(warped, axis=1).astype(values.dtype)
