import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond.data.series import over_slices, series_from_arrays, window_slices, window_warping


def two_series():
    """Lengths 4 and 3, one channel."""
    return series_from_arrays([np.array([1.0, 2, 3, 4]), np.array([5.0, 6, 7])], ["a", "b"])


def rows(series):
    return [series.one(i)[:, 0].tolist() for i in range(len(series))]


def test_slices_are_all_the_parts_of_a_length():
    slices, groups = window_slices(two_series(), share=0.75)
    # 0.75 of 4 is 3, of 3 rounded down 2.
    assert rows(slices) == [[1, 2, 3], [2, 3, 4], [5, 6], [6, 7]]
    assert slices.labels is not None
    assert slices.labels.tolist() == ["a", "a", "b", "b"]
    assert groups.tolist() == [0, 0, 1, 1]
    slices, _ = window_slices(two_series(), steps=3)
    assert rows(slices) == [[1, 2, 3], [2, 3, 4], [5, 6, 7]]
    assert slices.equal_length
    assert rows(window_slices(two_series(), share=1)[0]) == rows(two_series())
    assert rows(window_slices(two_series(), share=0.1)[0]) == [[v] for v in range(1, 8)]


def test_slices_of_the_paper_have_nine_tenths_of_a_series():
    slices, groups = window_slices(series_from_arrays(np.zeros((2, 30)), [0, 1]))
    assert slices.values.shape == (2 * 4, 27, 1)
    assert np.bincount(groups).tolist() == [4, 4]


def test_some_slices_are_drawn_from_a_seed():
    series = series_from_arrays(np.arange(40.0).reshape(2, 20), [0, 1])
    first, groups = window_slices(series, steps=5, count=6, random_state=3)
    again, _ = window_slices(series, steps=5, count=6, random_state=3)
    other, _ = window_slices(series, steps=5, count=6, random_state=4)
    assert rows(first) == rows(again) != rows(other)
    assert groups.tolist() == [0] * 6 + [1] * 6
    generator = np.random.default_rng(3)
    assert rows(window_slices(series, steps=5, count=6, random_state=generator)[0]) == rows(first)
    for row, group in zip(rows(first), groups, strict=True):
        assert np.diff(row).tolist() == [1.0] * 4
        assert row[0] // 20 == group


def test_what_is_known_about_a_series_is_known_about_its_slices():
    series = series_from_arrays(np.ones((2, 5, 3), "float32"), [0.5, 1.5])
    slices, groups = window_slices(series, steps=4)
    assert slices.values.dtype == np.float32
    assert slices.labels is not None
    assert slices.labels.tolist() == [0.5, 0.5, 1.5, 1.5]
    assert slices.values.shape == (4, 4, 3)
    warped, groups = window_warping(slices, random_state=0)
    assert groups.tolist() == [0, 1, 2, 3] * 3
    assert warped.labels is not None
    assert warped.labels.tolist() == [0.5, 0.5, 1.5, 1.5] * 3
    assert (warped.values[warped.mask] == 1).all()


def test_slices_are_refused_where_there_are_none():
    with pytest.raises(ValueError, match=r"at least `steps`=4 steps; series 2 has 3\. Give a smal"):
        window_slices(two_series(), steps=4)
    for wrong in (0, 1.5, -0.1):
        with pytest.raises(ValueError, match=r"`share` must be above 0 and at most 1; received s"):
            window_slices(two_series(), share=wrong)
        with pytest.raises(ValueError, match=r"`share` must be above 0 and at most 1; received s"):
            window_warping(two_series(), share=wrong)
    with pytest.raises(ValueError, match=r"`steps` must be at least 1; received steps=0"):
        window_slices(two_series(), steps=0)
    with pytest.raises(ValueError, match=r"`count` must be at least 1, or None for all; received"):
        window_slices(two_series(), count=0)


def test_a_window_is_warped_by_hand():
    # The window is the whole series: 0 2 4 6 at 2 and 8 places from the first to the last.
    series = series_from_arrays(np.array([[0.0, 2, 4, 6]]), ["a"])
    warped, groups = window_warping(series, share=1.0)
    assert rows(warped)[:2] == [[0, 2, 4, 6], [0, 6]]
    np.testing.assert_allclose(rows(warped)[2], np.arange(8) * 6 / 7)
    assert groups.tolist() == [0, 0, 0]
    assert warped.lengths.tolist() == [4, 2, 8]
    assert len(window_warping(series, share=1.0, keep=False)[0]) == 2


@given(
    length=st.integers(2, 40),
    share=st.floats(0.05, 1),
    ratio=st.sampled_from([0.5, 1.0, 2.0, 3.0]),
    seed=st.integers(0, 99),
)
def test_a_warped_line_keeps_its_order_and_what_lies_outside(length, share, ratio, seed):
    series = series_from_arrays(np.arange(float(length))[None], [0])
    warped, _ = window_warping(series, share=share, ratios=[ratio], keep=False, random_state=seed)
    window = min(max(2, int(share * length)), length)
    (row,) = rows(warped)
    assert len(row) == length - window + max(1, round(window * ratio))
    # A rising line stays one, and runs from the same first to the same last value.
    assert (np.diff(row) > 0).all()
    assert row[0] == 0
    if round(window * ratio) > 1:
        assert row[-1] == length - 1
    whole = [value for value in row if value == int(value)]
    assert len(whole) >= length - window
    if ratio == 1.0:
        np.testing.assert_allclose(row, np.arange(length))


def test_places_of_windows_come_from_the_seed():
    series = series_from_arrays(np.random.default_rng(0).normal(size=(3, 30)), [0, 1, 0])
    first, again, other = (window_warping(series, random_state=seed)[0] for seed in (1, 1, 2))
    assert rows(first) == rows(again) != rows(other)


def test_ratios_are_checked():
    for wrong in ((), (0.5, 0), (-1,), (np.inf,)):
        with pytest.raises(ValueError, match=r"`ratios` must be numbers above 0, one for each co"):
            window_warping(two_series(), ratios=wrong)


def test_slices_vote_and_their_answers_are_averaged():
    answers = np.array([[0.6, 0.4], [0.6, 0.4], [0.0, 1.0], [0.2, 0.8]])
    groups = np.array([0, 0, 0, 1])
    mean = over_slices(answers, groups, how="mean")
    np.testing.assert_allclose(mean, [[0.4, 0.6], [0.2, 0.8]])
    votes = over_slices(answers, groups)
    assert votes.argmax(1).tolist() == [0, 1]
    np.testing.assert_allclose(votes.sum(1), 1)
    # Two votes to one, and a quarter of a vote for the higher mean.
    np.testing.assert_allclose(votes[0], np.array([2, 1.25]) / 3.25)
    # A tie goes to the higher mean.
    tied = over_slices(np.array([[0.6, 0.4], [0.1, 0.9]]), np.array([0, 0]))
    assert tied.argmax(1).tolist() == [1]
    numbers = over_slices(np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1]), how="mean")
    assert numbers.tolist() == [2.0, 5.0]


@pytest.mark.wrong_types
def test_answers_and_groups_go_together():
    answers = np.ones((3, 2))
    with pytest.raises(ValueError, match=r"`how` must be 'vote' or 'mean'; received 'best'"):
        over_slices(answers, np.zeros(3, int), how="best")
    with pytest.raises(ValueError, match=r"one number for each of the 3 answers; received the sha"):
        over_slices(answers, np.zeros(2, int))
    with pytest.raises(ValueError, match=r"Every series must have a slice; series 2 has none"):
        over_slices(answers, np.array([0, 2, 2]))
    with pytest.raises(ValueError, match=r"a vote must be between classes.*Use how='mean'"):
        over_slices(np.ones(3), np.zeros(3, int))
