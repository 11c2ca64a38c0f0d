"""Slices of series, each an example of its own, and one answer from those of the slices."""

from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from profond.data.series._series_set import SeriesSet, padded


def window_slices(
    series: SeriesSet,
    *,
    share: float = 0.9,
    steps: int | None = None,
    count: int | None = None,
    random_state: int | np.random.Generator | None = None,
) -> tuple[SeriesSet, Int[np.ndarray, " slices"]]:
    """Parts of series, with the labels of the whole (Le Guennec et al. 2016, 4.1).

    A network that learns from slices and answers for slices is asked about all those of a new
    series; `over_slices` makes one answer of theirs.

    Args:
        series: The series.
        share: Length of the slices as a share of each series, in (0, 1], rounded down; the
            paper's is 90 %.
        steps: Length of all slices, in the place of `share`, as for a network that takes series
            of one length.
        count: Slices drawn from each series, from random places; None for all of them, one for
            each place.
        random_state: Seed or generator of the places.

    Returns:
        The slices, those of a series one after the other, and the place in `series` of the
        series that each is from.

    Raises:
        ValueError: If `share` or `count` is out of range, or a series is shorter than `steps`.
    """
    if not 0 < share <= 1:
        raise ValueError(f"`share` must be above 0 and at most 1; received share={share!r}.")
    if steps is not None and steps < 1:
        raise ValueError(f"`steps` must be at least 1; received steps={steps!r}.")
    if count is not None and count < 1:
        raise ValueError(f"`count` must be at least 1, or None for all; received count={count!r}.")
    rng = np.random.default_rng(random_state)
    parts: list[np.ndarray] = []
    groups: list[int] = []
    for i, length in enumerate(series.lengths):
        size = max(1, int(share * length)) if steps is None else steps
        places = int(length) - size + 1
        if places < 1:
            raise ValueError(
                f"Every series must have at least `steps`={steps} steps; series {i + 1} has "
                f"{length}. Give a smaller number."
            )
        starts = np.arange(places) if count is None else rng.integers(places, size=count)
        parts += [series.one(i)[start : start + size] for start in starts]
        groups += [i] * len(starts)
    return like(series, parts, groups), np.array(groups)


def like(series: SeriesSet, parts: list[np.ndarray], groups: Any) -> SeriesSet:
    """A set of `parts`, (steps, channels) each, with what is known about the series they are from.

    Args:
        series: Where they are from.
        parts: The values.
        groups: The place in `series` for each.
    """
    values, lengths = padded(parts)
    return replace(series.take(groups), values=values, lengths=lengths)


def over_slices(
    answers: Float[np.ndarray, " slices *outputs"],
    groups: Int[np.ndarray, " slices"],
    *,
    how: str = "vote",
) -> Float[np.ndarray, " series *outputs"]:
    """One answer for each series from those for its slices.

    Args:
        answers: A network's answers: probabilities or scores of classes, or numbers.
        groups: The series that each slice is from, from 0 on, as `window_slices` gives them.
        how: `"vote"`: the share of its slices that each class is the first answer of, as in the
            paper (Le Guennec et al. 2016, 4.1); `"mean"`: the mean of the answers.

    Returns:
        One row for each series. The class with the most votes is `argmax` of it; of classes with
        as many votes, the one with the higher mean answer has a little more.

    Raises:
        ValueError: If `how` is neither, votes are asked for where there are no classes, or a
            series has no slice.
    """
    answers, groups = np.asarray(answers), np.asarray(groups)
    if how not in ("vote", "mean"):
        raise ValueError(f"`how` must be 'vote' or 'mean'; received {how!r}.")
    if groups.shape != (len(answers),):
        raise ValueError(
            f"`groups` must hold one number for each of the {len(answers)} answers; received the "
            f"shape {groups.shape}."
        )
    counts = np.bincount(groups)
    for i in np.flatnonzero(counts == 0):
        raise ValueError(f"Every series must have a slice; series {i + 1} has none in `groups`.")
    divisor = counts.reshape(-1, *[1] * (answers.ndim - 1))
    means = np.zeros((len(counts), *answers.shape[1:]), np.result_type(answers, np.float32))
    np.add.at(means, groups, answers)
    means /= divisor
    if how == "mean":
        return means
    if answers.ndim != 2 or answers.shape[1] < 2:
        raise ValueError(
            "a vote must be between classes, in answers of the shape (slices, classes); received "
            f"{answers.shape}. Use how='mean' for numbers."
        )
    votes = np.zeros_like(means)
    np.add.at(votes, (groups, answers.argmax(1)), 1.0)
    votes /= divisor
    # Less than a vote even where there are many slices: only ties are decided by it.
    spread = np.ptp(means, axis=1, keepdims=True)
    lean = (means - means.min(1, keepdims=True)) / np.where(spread > 0, spread, 1)
    votes += lean / (4 * divisor)
    return votes / votes.sum(1, keepdims=True)
