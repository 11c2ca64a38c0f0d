"""Means and intervals against scipy and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from profond.figures import mean_band, mean_interval, share_interval


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=9), st.sampled_from([0.8, 0.95]))
def test_the_interval_is_students(values, level):
    found = mean_interval(values, level=level)
    if np.std(values) <= 1e-12 * np.max(np.abs(values)):  # where scipy warns
        assert found.low == pytest.approx(found.high)
        return
    expected = stats.ttest_1samp(values, 0.0).confidence_interval(level)
    np.testing.assert_allclose([found.low, found.high], list(expected), rtol=1e-7, atol=1e-7)


def test_logarithms_give_the_geometric_mean():
    found = mean_interval([1.0, 100.0], log=True)
    assert found.mean == pytest.approx(10.0)
    assert found.low * found.high == pytest.approx(100.0)


def test_one_run_is_its_own_band_and_ended_runs_are_left_out():
    mean, low, high = mean_band([[1.0, 2.0]])
    assert list(mean) == list(low) == list(high) == [1.0, 2.0]
    mean, low, high = mean_band([[1.0, np.nan], [3.0, 5.0]])
    assert list(mean) == [2.0, 5.0]
    assert low[1] == high[1] == 5.0
    assert np.isnan(mean_band([[np.nan], [np.nan]])[0][0])


def test_a_share_stays_between_0_and_1():
    assert mean_interval([1.0, 0.4, 1.0], within=(0, 1)).high == 1.0
    assert mean_interval([1.0, 0.4, 1.0]).high > 1.0


def test_bands_stay_within_what_is_possible():
    mean, low, high = mean_band([[0.1, 0.9], [0.9, 1.0]], within=(0.0, 1.0))
    assert (low[0], high[1]) == (0.0, 1.0)
    assert list(mean) == [0.5, 0.95]


def test_impossible_shares_and_coverages_are_refused():
    with pytest.raises(ValueError, match="`trials` must be at least 1; received 0"):
        share_interval(3, 0)
    with pytest.raises(ValueError, match="`successes` must be at most `trials`; received 4 and 3"):
        share_interval(4, 3)
    with pytest.raises(TypeError, match="`successes` must be a whole number; received 0.5"):
        share_interval(0.5, 3)
    for wrong in (lambda: share_interval(1, 2, level=1), lambda: mean_band([1.0], level=0)):
        with pytest.raises(ValueError, match="`level` must be between 0 and 1"):
            wrong()


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (44, 100)])
def test_shares_have_the_interval_of_wilson(successes, trials):
    found = share_interval(successes, trials)
    expected = stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    np.testing.assert_allclose([found.low, found.high], [expected.low, expected.high], atol=1e-12)
    assert found.mean == successes / trials
