import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit

from profond.data import cross_validation, split_rows


def times(rows, different, seed):
    return np.random.default_rng(seed).integers(0, different, rows)


@given(rows=st.integers(4, 80), size=st.floats(0.1, 0.9), seed=st.integers(0, 99))
def test_without_ties_the_last_rows_are_the_test_part(rows, size, seed):
    if not 0 < round(rows * size) < rows:
        return
    order = np.random.default_rng(seed).permutation(rows) / 7
    train, test = split_rows(rows, size, order=order)
    assert len(test) == round(rows * size)
    assert set(test) == set(order.argsort()[-len(test) :])
    assert sorted([*train, *test]) == list(range(rows))


@given(
    rows=st.integers(4, 80),
    different=st.integers(2, 12),
    size=st.floats(0.1, 0.9),
    seed=st.integers(0, 99),
)
def test_rows_of_the_same_time_stay_together_and_the_cut_is_the_nearest(
    rows, different, size, seed
):
    order = times(rows, different, seed)
    if len(set(order)) < 2 or not 0 < round(rows * size) < rows:
        return
    train, test = split_rows(rows, size, order=order)
    assert order[train].max() < order[test].min()
    possible = [(order > cut).sum() for cut in set(order) - {order.max()}]
    asked = round(rows * size)
    assert abs(len(test) - asked) == min(abs(p - asked) for p in possible)


@pytest.mark.parametrize("zone", [None, "Europe/Paris"])
def test_dates_are_ordered_as_dates(zone):
    days = pd.Series(pd.date_range("2020-01-01", periods=10, tz=zone)).sample(
        frac=1, random_state=1
    )
    _, test = split_rows(10, 0.3, order=days)
    assert set(days.iloc[test]) == set(days.sort_values().iloc[-3:])


def test_the_order_of_the_table_may_be_the_time():
    train, test = split_rows(10, 0.2, order="rows")
    np.testing.assert_array_equal(train, np.arange(8))
    np.testing.assert_array_equal(test, [8, 9])


@given(rows=st.integers(6, 60), folds=st.integers(2, 5), seed=st.integers(0, 99))
def test_without_ties_the_folds_are_scikit_learns(rows, folds, seed):
    order = np.random.default_rng(seed).permutation(rows)
    back = order.argsort()
    ours = cross_validation(rows, folds, order=order)
    for (train, test), (x, y) in zip(
        ours, TimeSeriesSplit(folds).split(np.zeros(rows)), strict=True
    ):
        np.testing.assert_array_equal(train, np.sort(back[x]))
        np.testing.assert_array_equal(test, np.sort(back[y]))


@given(
    rows=st.integers(6, 60),
    different=st.integers(2, 12),
    folds=st.integers(2, 5),
    seed=st.integers(0, 99),
)
def test_folds_follow_each_other_and_cut_between_times(rows, different, folds, seed):
    order = times(rows, different, seed)
    if len(set(order)) <= folds:
        with pytest.raises(ValueError, match="more different values than folds; received"):
            cross_validation(rows, folds, order=order)
        return
    before = 0
    splits = cross_validation(rows, folds, order=order)
    assert len(splits) == folds
    for train, test in splits:
        assert len(test) and len(train) > before
        assert order[train].max() < order[test].min()
        before = len(train)
    assert before + len(splits[-1][1]) == rows
    for (train, test), (later, _) in zip(splits, splits[1:], strict=False):
        assert set(train) | set(test) == set(later)


def test_a_missing_time_is_refused():
    with pytest.raises(ValueError, match="every row; received 2 missing, the first in row 2"):
        split_rows(4, 0.5, order=[1.0, np.nan, 3.0, np.nan])
    with pytest.raises(ValueError, match="`order` must have a value in every row"):
        split_rows(3, 0.4, order=pd.to_datetime(pd.Series(["2020-01-01", None, "2020-01-03"])))


def test_texts_are_no_times():
    with pytest.raises(TypeError, match=r"dates or numbers; received (str|object).*'02/01/2020'"):
        split_rows(3, 0.4, order=["02/01/2020", "01/02/2020", "03/03/2020"])
    with pytest.raises(ValueError, match="or 'rows'; received 'row'"):
        split_rows(3, 0.4, order="row")


def test_one_time_is_too_few():
    with pytest.raises(ValueError, match="two different values to be cut between them"):
        split_rows(5, 0.4, order=np.ones(5))


def test_a_length_of_its_own_is_refused():
    with pytest.raises(ValueError, match=r"`order` must have one value per row; received 4 for 5"):
        split_rows(5, 0.4, order=np.arange(4))


def test_repeats_of_a_split_by_time_are_refused():
    with pytest.raises(ValueError, match="`repeats` must be 1 with `order`"):
        cross_validation(9, 2, repeats=2, order="rows")


def test_a_part_with_one_class_is_told():
    with pytest.warns(UserWarning, match="A single class is left in the training part: nothing"):
        split_rows(6, 0.5, order="rows", classes=list("aaabab"))
    with pytest.warns(UserWarning, match="the training part of split 1, the test part of split 3"):
        cross_validation(8, 3, order="rows", classes=list("aaababbb"))
    split_rows(6, 0.5, order="rows", classes=["a"] * 6)  # nothing to be missed
