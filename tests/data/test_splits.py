import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond.data import split_rows


@given(rows=st.integers(2, 500), size=st.floats(0.05, 0.95), seed=st.integers(0, 99))
def test_every_row_is_in_one_part(rows, size, seed):
    taken = round(rows * size)
    if not 0 < taken < rows:
        with pytest.raises(ValueError, match="leaves a part empty"):
            split_rows(rows, size, seed=seed)
        return
    larger, smaller = split_rows(rows, size, seed=seed)
    assert len(smaller) == taken
    assert sorted([*larger, *smaller]) == list(range(rows))


@given(
    counts=st.lists(st.integers(1, 40), min_size=2, max_size=6),
    size=st.floats(0.1, 0.5),
    seed=st.integers(0, 99),
)
def test_classes_keep_their_shares(counts, size, seed):
    classes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    taken = round(len(classes) * size)
    if not 0 < taken <= len(classes) - len(counts):
        return
    larger, smaller = split_rows(len(classes), size, seed=seed, classes=classes)
    assert len(smaller) == taken
    assert set(classes[larger]) == set(classes)  # no class is lost to the larger part
    single = sum(count == 1 for count in counts)
    for k, count in enumerate(counts):
        got = int((classes[smaller] == k).sum())
        if count > 1:
            assert abs(got - count * taken / len(classes)) < 1 + single


def test_the_seed_decides():
    first = split_rows(100, 0.2, seed=1)[1]
    np.testing.assert_array_equal(first, split_rows(100, 0.2, seed=1)[1])
    assert not np.array_equal(first, split_rows(100, 0.2, seed=2)[1])


@pytest.mark.parametrize("size", [0.0, 1.0, -0.1, 1.5])
def test_a_share_out_of_range_is_refused(size):
    with pytest.raises(ValueError, match=r"must be between 0 and 1; received"):
        split_rows(10, size, seed=0)
