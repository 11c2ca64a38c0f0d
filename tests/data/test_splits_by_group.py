from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from profond.data import cross_validation, split_rows
from profond.data._splits_grouped import assign_folds, choose_groups


def grouped(sizes, seed=0):
    """Groups of these sizes, in any order."""
    return np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))


def spread(splits):
    """Rows of the largest test part more than of the smallest."""
    sizes = [len(test) for _, test in splits]
    return max(sizes) - min(sizes)


def imbalance(splits, classes):
    """How far the classes of the test parts are from equal shares, in rows."""
    counts = np.array(
        [np.bincount(classes[test], minlength=classes.max() + 1) for _, test in splits]
    )
    return np.abs(counts - counts.mean(axis=0)).sum()


@given(
    sizes=st.lists(st.integers(1, 30), min_size=2, max_size=9),
    size=st.floats(0.1, 0.9),
    seed=st.integers(0, 99),
)
def test_few_groups_come_as_near_as_any_choice_of_them(sizes, size, seed):
    groups = grouped(sizes, seed)
    rows = len(groups)
    asked = round(rows * size)
    if not 0 < asked < rows:
        return
    train, test = split_rows(rows, size, groups=groups, seed=seed)
    assert not set(groups[train]) & set(groups[test])
    assert len(train) and len(test) and len(train) + len(test) == rows
    best = min(
        abs(sum(sizes[g] for g in chosen) - asked)
        for k in range(1, len(sizes))
        for chosen in combinations(range(len(sizes)), k)
    )
    assert abs(len(test) - asked) <= best + 0.01 * rows + 1e-6


@given(seed=st.integers(0, 200), count=st.integers(13, 200), size=st.floats(0.1, 0.5))
def test_many_groups_come_within_one_percent(seed, count, size):
    sizes = np.random.default_rng(seed).integers(1, 20, count)
    groups = grouped(sizes, seed)
    train, test = split_rows(len(groups), size, groups=groups, seed=seed)
    assert not set(groups[train]) & set(groups[test])
    assert abs(len(test) - size * len(groups)) <= 0.01 * len(groups) + 1


@pytest.mark.parametrize("count", [10, 60])
def test_classes_are_balanced_between_parts(count):
    generator = np.random.default_rng(0)
    groups = grouped(generator.integers(5, 30, count))
    rate = generator.uniform(0, 1, count)  # each group has its own share of the class
    classes = (generator.uniform(size=len(groups)) < rate[groups]).astype(int)

    def off(balance):
        gaps = []
        for seed in range(20):
            train, test = split_rows(
                len(groups), 0.3, groups=groups, seed=seed, classes=classes if balance else None
            )
            gaps.append(abs(classes[train].mean() - classes[test].mean()))
        return np.mean(gaps)

    assert off(True) < 0.03
    assert off(False) > 0.06


def test_a_part_smaller_than_any_group_gets_one_group():
    groups = grouped([50] * 20)
    _, test = split_rows(1000, 0.01, groups=groups)
    assert len(test) == 50


@pytest.mark.parametrize("classes", [None, np.arange(130) % 3])
def test_a_rest_smaller_than_any_group_is_one_group(classes):
    groups = grouped([10] * 12 + [4, 6])
    learned, measured = split_rows(130, 0.99, groups=groups, classes=classes)
    assert sorted(np.bincount(groups[learned], minlength=14))[:13] == [0] * 13
    assert len(learned) == 4
    assert len(measured) == 126


def test_the_seed_decides_which_groups():
    groups = grouped(np.arange(3, 15))
    first = split_rows(len(groups), 0.3, groups=groups, seed=1)[1]
    np.testing.assert_array_equal(first, split_rows(len(groups), 0.3, groups=groups, seed=1)[1])
    tests = {tuple(split_rows(len(groups), 0.3, groups=groups, seed=s)[1]) for s in range(10)}
    assert len(tests) > 5


@given(
    sizes=st.lists(st.integers(1, 30), min_size=5, max_size=40),
    folds=st.integers(2, 5),
    seed=st.integers(0, 99),
)
def test_no_group_is_in_two_folds(sizes, folds, seed):
    groups = grouped(sizes, seed)
    splits = cross_validation(len(groups), folds, groups=groups, seed=seed, repeats=2)
    assert len(splits) == 2 * folds
    for train, test in splits:
        assert len(test) and not set(groups[train]) & set(groups[test])
    for repeat in (splits[:folds], splits[folds:]):
        assert sorted(np.concatenate([test for _, test in repeat])) == list(range(len(groups)))


@pytest.mark.parametrize("seed", range(5))
def test_folds_are_nearly_as_even_as_scikit_learns(seed):
    sizes = np.random.default_rng(seed).integers(1, 40, 30)
    groups = grouped(sizes, seed)
    rows = np.zeros(len(groups))
    theirs = spread(list(GroupKFold(5).split(rows, groups=groups)))
    ours = spread(cross_validation(len(groups), 5, groups=groups, seed=seed))
    assert ours <= theirs + 0.02 * len(groups)


@pytest.mark.parametrize("seed", range(5))
def test_folds_have_the_classes_as_even_as_scikit_learns(seed):
    generator = np.random.default_rng(seed)
    groups = grouped(generator.integers(5, 30, 40), seed)
    rate = generator.uniform(0, 1, 40)
    classes = (generator.uniform(size=len(groups)) < rate[groups]).astype(int)
    peer = StratifiedGroupKFold(4, shuffle=True, random_state=seed)
    theirs = imbalance(list(peer.split(classes, classes, groups)), classes)
    ours = cross_validation(len(groups), 4, groups=groups, classes=classes, seed=seed)
    assert imbalance(ours, classes) <= theirs


def test_repeats_have_other_folds():
    groups = grouped(np.arange(5, 25))
    splits = cross_validation(len(groups), 2, repeats=4, groups=groups, seed=3)
    assert len({tuple(splits[2 * r][1]) for r in range(4)} | {tuple(s[1]) for s in splits}) == 8


def test_too_few_groups_are_refused():
    with pytest.raises(ValueError, match="at least two different values, one for each part"):
        split_rows(6, 0.5, groups=["a"] * 6)
    with pytest.raises(ValueError, match="at most the number of groups, 2; received 3"):
        cross_validation(6, 3, groups=list("aaabbb"))


def test_groups_and_time_exclude_each_other():
    for split in (
        lambda: split_rows(6, 0.5, groups=list("aaabbb"), order="rows"),
        lambda: cross_validation(6, 2, groups=list("aaabbb"), order="rows"),
    ):
        with pytest.raises(ValueError, match="`groups` and `order` cannot both be given"):
            split()


def test_a_missing_group_is_refused():
    with pytest.raises(ValueError, match="`groups` must have a value in every row; received 1"):
        split_rows(4, 0.5, groups=["a", None, "b", "c"])


def test_a_class_that_is_a_group_is_told():
    with pytest.warns(UserWarning, match="A single class is left in the training part"):
        split_rows(6, 0.5, groups=list("aaabbb"), classes=list("xxxyyy"))


def test_many_groups_are_quick():
    groups = np.arange(20_000) // 2
    _, test = split_rows(20_000, 0.2, groups=groups, classes=np.arange(20_000) % 3)
    assert abs(len(test) - 4000) <= 200


def uneven(seed, least, most, concentration):
    """Rows of three classes in groups of very different sizes, shape (groups, classes)."""
    generator = np.random.default_rng(seed)
    count = int(generator.integers(least, most))
    sizes = generator.lognormal(3, 0.8, (count, 1))
    return 1 + (sizes * generator.dirichlet(concentration, count)).astype(int)


def test_swaps_bring_a_part_nearer():
    gaps = []
    for seed in range(60):
        counts = uneven(seed, 13, 25, [1, 1, 1])
        chosen = choose_groups(counts, 0.2, np.random.default_rng(seed))
        gaps.append(np.abs(chosen @ counts - 0.2 * counts.sum(axis=0)).sum() / counts.sum())
    assert np.mean(gaps) < 0.01  # 0.006 measured, 0.015 without the swaps


def test_folds_are_even_in_size_as_well_as_in_classes():
    spreads = []
    for seed in range(60):
        counts = uneven(seed, 13, 40, [5, 0.3, 0.3])
        fold = assign_folds(counts, 5, np.random.default_rng(seed))
        sizes = np.bincount(fold, counts.sum(axis=1), minlength=5)
        spreads.append(np.ptp(sizes) / counts.sum())
    assert np.mean(spreads) < 0.067  # 0.058 measured, 0.076 by the classes alone
