"""Data sets cut in two."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset, IterableDataset

from profond.utils import split_dataset

X, Y = np.arange(20.0).reshape(10, 2), np.arange(10)


def rows(part):
    return [int(item[0][0]) // 2 for item in part]


@pytest.mark.parametrize(
    ("sizes", "left", "right"),
    [
        ({"left_size": 0.8}, 8, 2),
        ({"left_size": 3}, 3, 7),
        ({"right_size": 0.25}, 8, 2),
        ({"right_size": 4}, 6, 4),
        ({"left_size": 0.5, "right_size": 0.2}, 5, 2),
        ({"left_size": 2, "right_size": 3}, 2, 3),
        ({"left_size": 0.55, "right_size": 0.45}, 6, 4),
    ],
)
def test_sizes_and_order(sizes, left, right):
    first, second = split_dataset((X, Y), **sizes)
    assert rows(first) == list(range(left))
    assert rows(second) == list(range(10 - right, 10))


@given(part=st.floats(0.05, 0.95), n=st.integers(2, 50))
def test_nothing_is_lost_or_doubled(part, n):
    left, right = split_dataset(np.arange(n), left_size=part, shuffle=True)
    assert sorted(int(row[0]) for row in [*left, *right]) == list(range(n))


def test_shuffling_with_and_without_seed():
    def draw(seed=None):
        left, right = split_dataset((X, Y), left_size=0.5, shuffle=True, seed=seed)
        assert sorted(rows(left) + rows(right)) == list(range(10))
        return rows(left)

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    assert draw(1) != sorted(draw(1))
    torch.manual_seed(0)
    first = draw()
    torch.manual_seed(0)
    assert draw() == first


def test_what_can_be_split():
    left, _ = split_dataset(X, left_size=4)
    assert isinstance(left[0], tuple)
    assert torch.equal(left[1][0], torch.tensor([2.0, 3.0], dtype=torch.float64))
    left, _ = split_dataset([X, torch.tensor(Y)], left_size=4)
    assert isinstance(left[0], tuple)
    left, _ = split_dataset({"x": pd.DataFrame(X), "y": {"class": Y}}, left_size=4)
    assert set(left[2]) == {"x", "y"}
    assert int(left[2]["y"]["class"]) == 2

    class Squares(Dataset):
        def __len__(self):
            return 10

        def __getitem__(self, i):
            return i**2

    left, right = split_dataset(Squares(), right_size=3)
    assert [right[i] for i in range(3)] == [49, 64, 81]
    assert len(left) == 7


def test_parts_go_into_a_data_loader():
    left, _ = split_dataset({"x": X, "y": Y}, left_size=0.6)
    batches = list(DataLoader(left, batch_size=4))
    assert [len(batch["y"]) for batch in batches] == [4, 2]


class Endless(IterableDataset):
    def __iter__(self):
        yield 1


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("dataset", "sizes", "error", "message"),
    [
        (X, {}, ValueError, "`left_size` or `right_size` must be given; received neither"),
        (X, {"left_size": 10}, ValueError, "`left_size` must be from 1 to 9 of the 10 samples"),
        (X, {"right_size": 0}, ValueError, "`right_size` must be from 1 to 9.*received 0"),
        (
            X,
            {"left_size": 1.0},
            ValueError,
            r"`left_size` as a part must be in \(0, 1\); received 1.0",
        ),
        (
            X,
            {"left_size": "half"},
            TypeError,
            "`left_size` must be an int, a float or None; received str",
        ),
        (X, {"left_size": 0.7, "right_size": 0.7}, ValueError, "must not exceed the 10 samples"),
        (
            X,
            {"left_size": 6, "right_size": 6},
            ValueError,
            "must not exceed.*left_size=6, right_size=6",
        ),
        (
            (X, Y[:5]),
            {"left_size": 2},
            ValueError,
            r"arrays of one length; received lengths \[10, 5\]",
        ),
        ([], {"left_size": 2}, ValueError, "arrays of one length; received none"),
        (Endless(), {"left_size": 2}, TypeError, "`dataset` must have a length.*Endless"),
        (
            X,
            {"left_size": 2, "preferred_backend": "jax"},
            ValueError,
            "`preferred_backend` must be None",
        ),
    ],
)
def test_wrong_arguments(dataset, sizes, error, message):
    with pytest.raises(error, match=message):
        split_dataset(dataset, **sizes)
