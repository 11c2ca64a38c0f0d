"""Which groups go into a part, so that its size and its classes come out as asked."""

import numpy as np

_FEW = 12  # groups up to which every choice is looked at
_TOLERANCE = 0.01  # of the rows; choices as near as this are as good, and the seed draws one
_TRIES = 20  # random starts of the search among many groups
_SWAPPED = 400_000  # numbers compared at once for a swap, to bound time and memory
_SWAPS = 200  # at most, in one search


def choose_groups(counts: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    r"""Choose groups whose rows make up a share of all, and the same share of every class.

    With $c_k$ rows of class $k$ in the chosen groups and $n_k$ in all, the cost is
    $|\sum_k c_k - s \sum_k n_k| + \sum_k |c_k - s n_k|$ for the share $s$. Up to 12 groups, all
    choices are compared, and one within 1 % of the rows of the best is drawn. Among more groups
    it is looked for from random starts, by adding groups and then by swaps, until it is within
    1 % of the share or the starts are used up.

    Args:
        counts: Rows of each class in each group, shape (groups, classes); two groups or more.
        share: Share of the rows to choose, in (0, 1).
        generator: Draws the choice.

    Returns:
        Which groups are chosen, shape (groups,); at least one is, and one is not.
    """
    counts = np.asarray(counts, dtype=np.float64)
    if counts.shape[1] > 1:
        counts = np.column_stack([counts.sum(axis=1), counts])
    wanted = share * counts.sum(axis=0)
    slack = _TOLERANCE * counts[:, 0].sum()
    if len(counts) <= _FEW:
        return _any_of_the_best(counts, wanted, slack, generator)
    best, lowest = np.zeros(len(counts), dtype=bool), np.inf
    for _ in range(_TRIES):
        chosen = _search(counts, wanted, generator)
        cost = np.abs(chosen @ counts - wanted).sum()
        if cost < lowest:
            best, lowest = chosen, cost
        if lowest <= slack:
            break
    return best


def _any_of_the_best(
    counts: np.ndarray, wanted: np.ndarray, slack: float, generator: np.random.Generator
) -> np.ndarray:
    groups = len(counts)
    numbers = np.arange(1, 2**groups - 1)  # neither none nor all of them
    choices = (numbers[:, None] >> np.arange(groups)) & 1 == 1  # (choices, groups)
    costs = np.abs(choices @ counts - wanted).sum(axis=1)
    return choices[generator.choice(np.flatnonzero(costs <= costs.min() + slack))]


def _search(counts: np.ndarray, wanted: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A choice that hardly any swap of two groups makes better, from a random start."""
    chosen = np.zeros(len(counts), dtype=bool)
    order = generator.permutation(len(counts))
    gap, cost = wanted.copy(), wanted.sum()
    for group in order:
        left = gap - counts[group]
        if np.abs(left).sum() < cost:
            chosen[group], gap, cost = True, left, np.abs(left).sum()
    if not chosen.any():  # all groups are much larger than the part
        chosen[counts[:, 0].argmin()] = True
        gap = wanted - chosen @ counts
    elif chosen.all():  # the rest is smaller than any of them
        chosen[counts[:, 0].argmin()] = False
        gap = wanted - chosen @ counts
    looked_at = max(2, int((_SWAPPED / counts.shape[1]) ** 0.5))
    for _ in range(_SWAPS):
        ours = generator.permutation(np.flatnonzero(chosen))[:looked_at]
        others = generator.permutation(np.flatnonzero(~chosen))[:looked_at]
        after = gap + counts[ours][:, None] - counts[others]  # (ours, others, classes)
        costs = np.abs(after).sum(axis=2)
        i, j = np.unravel_index(costs.argmin(), costs.shape)
        if costs[i, j] >= np.abs(gap).sum():
            break
        gap = after[i, j]
        chosen[ours[i]], chosen[others[j]] = False, True
    return chosen


def assign_folds(counts: np.ndarray, folds: int, generator: np.random.Generator) -> np.ndarray:
    """Give every group a fold, the folds alike in size and in the shares of the classes.

    Large groups are placed first, each in the fold that has the least of its classes so far
    (of all rows, without classes): the rule of scikit-learn's `GroupKFold`, but with sizes
    blurred by up to a half, so that another seed gives other folds, and the most even of
    several draws taken.

    Args:
        counts: Rows of each class in each group, shape (groups, classes).
        folds: How many folds, at most the number of groups.
        generator: Draws the order.

    Returns:
        Fold of each group, shape (groups,); no fold is empty.
    """
    counts = np.asarray(counts, dtype=np.float64)
    sizes = counts.sum(axis=1)
    if counts.shape[1] > 1:
        counts = np.column_stack([sizes, counts])
    shares = counts / counts.sum(axis=0)
    best, lowest = np.zeros(len(counts), dtype=np.intp), np.inf
    for _ in range(_TRIES if len(counts) <= 5000 else 1):  # many groups are even by themselves
        placed = np.empty(len(counts), dtype=np.intp)
        loads = np.zeros((folds, shares.shape[1]))
        for group in np.argsort(-sizes * generator.uniform(0.5, 1.0, len(sizes))):
            # How much the sum of the squared loads grows; 0 for an empty fold.
            fold = int((loads @ shares[group]).argmin())
            placed[group] = fold
            loads[fold] += shares[group]
        cost = np.abs(loads - 1 / folds).sum()
        if cost < lowest:
            best, lowest = placed, cost
    return generator.permutation(folds)[best]
