import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond.data import cross_validation


@given(rows=st.integers(5, 80), folds=st.integers(2, 5), repeats=st.integers(1, 3))
def test_every_row_is_tested_once_in_each_repeat(rows, folds, repeats):
    splits = cross_validation(rows, folds, repeats=repeats, seed=rows)
    assert len(splits) == folds * repeats
    for r in range(repeats):
        tests = [test for _, test in splits[r * folds : (r + 1) * folds]]
        assert sorted(np.concatenate(tests)) == list(range(rows))
        assert max(map(len, tests)) - min(map(len, tests)) <= 1
    for train, test in splits:
        assert sorted([*train, *test]) == list(range(rows))


@given(counts=st.lists(st.integers(5, 40), min_size=2, max_size=5), seed=st.integers(0, 99))
def test_every_fold_has_the_shares_of_the_classes(counts, seed):
    classes = np.random.default_rng(seed).permutation(
        np.repeat(np.arange(len(counts)) + 0.5, counts)
    )
    for _, test in cross_validation(len(classes), 5, classes=classes, seed=seed):
        for k, count in enumerate(counts):
            assert count // 5 <= (classes[test] == k + 0.5).sum() <= -(-count // 5)


@pytest.mark.parametrize("classes", [None, ["a", "b"] * 20])
def test_the_seed_decides(classes):
    first, again, other = (
        [tuple(test) for _, test in cross_validation(40, 4, classes=classes, seed=s, repeats=2)]
        for s in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert first[:4] != first[4:]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folds": 1}, "`folds` must be at least 2; received 1"),
        ({"folds": 11}, "at most the number of rows, 10; received 11"),
        ({"folds": 2, "repeats": 0}, "`repeats` must be at least 1; received 0"),
        ({"folds": 6, "classes": ["a", "b"] * 5}, "rows of the largest class, 5; received 6"),
        ({"folds": 2, "classes": ["a"] * 9}, "`classes` must have one value per row; received 9"),
        ({"folds": 2, "classes": ["a"] * 9 + [None]}, "`classes` must have a value in every row"),
    ],
)
def test_what_cannot_be_done_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        cross_validation(10, **options)


def test_a_class_with_fewer_rows_than_folds_is_told_once():
    with pytest.warns(UserWarning, match="A class has only 2 row\\(s\\) for 4 folds") as told:
        cross_validation(42, 4, classes=["a"] * 20 + ["b"] * 20 + ["c"] * 2)
    assert len(told) == 1
