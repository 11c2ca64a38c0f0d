import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond.data import split_by_marks, split_by_rows


@given(st.lists(st.sampled_from(["train", "Train ", "TEST", "test"]), min_size=2, max_size=30))
def test_marks_say_the_part_of_each_row(marks):
    read = [mark.strip().lower() for mark in marks]
    if len(set(read)) < 2:
        with pytest.raises(ValueError, match="No row is marked 't(rain|est)'; each part"):
            split_by_marks(marks)
        return
    train, test = split_by_marks(pd.Series(marks, index=range(5, 5 + len(marks))))
    assert [read[i] for i in train] == ["train"] * len(train)
    assert [read[i] for i in test] == ["test"] * len(test)
    assert len(train) + len(test) == len(marks)


def test_other_marks_are_named():
    years = [2019, 2020.0, 2021, 2020]
    train, test = split_by_marks(years, train=["2019", "2020"], test="2021")
    np.testing.assert_array_equal(train, [0, 1, 3])
    np.testing.assert_array_equal(test, [2])
    train, test = split_by_marks([True, False, False], train="false", test="true")
    np.testing.assert_array_equal(test, [0])


@pytest.mark.parametrize(
    ("marks", "options", "message"),
    [
        (["train", "val", "test"], {}, r"'train' or 'test'; received 'val' in row 2 \(1 row"),
        (["train", None, "test"], {}, "received '' in row 2"),
        (["a", "b"], {"train": "a", "test": ["b", "A"]}, "must differ; both have 'a'"),
    ],
)
def test_marks_that_say_something_else_are_refused(marks, options, message):
    with pytest.raises(ValueError, match=message):
        split_by_marks(marks, **options)


def test_given_rows_are_the_test_part():
    train, test = split_by_rows(5, [4, 1])
    np.testing.assert_array_equal(train, [0, 2, 3])
    np.testing.assert_array_equal(test, [1, 4])
    train, test = split_by_rows(5, [4, 1], train=np.array([3, 0]))
    np.testing.assert_array_equal(train, [0, 3])  # row 2 is not used


@pytest.mark.parametrize(
    ("test", "train", "message"),
    [
        ([5], None, "row numbers from 0 to 4; received 5"),
        ([-1], None, "row numbers from 0 to 4; received -1"),
        ([1, 1], None, "each row once; received 1 2 times"),
        ([], None, "`test` must have at least one row number"),
        (range(5), None, "must leave rows to learn from"),
        ([1], [0, 1], r"no row in common; received 1 in both \(1 row"),
        ([1], [9], "`train` must hold row numbers from 0 to 4; received 9"),
    ],
)
def test_row_numbers_that_make_no_split_are_refused(test, train, message):
    with pytest.raises(ValueError, match=message):
        split_by_rows(5, test, train=train)


def test_a_mask_is_no_list_of_row_numbers():
    with pytest.raises(TypeError, match=r"whole row numbers; received bool.*numpy.flatnonzero"):
        split_by_rows(3, [True, False, True])
