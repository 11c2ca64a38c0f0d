import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from profond.experiment import (
    bootstrap_means,
    percentile_interval,
    proportion_interval,
    student_interval,
)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=10))
def test_students_interval_is_scipys(values):
    values = np.array(values)
    if values.std() < 1e-9:
        return
    interval = student_interval(values)
    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    np.testing.assert_allclose([interval.low, interval.high], [low, high], rtol=1e-9, atol=1e-9)
    assert interval.half == pytest.approx((high - low) / 2)


def test_one_seed_has_no_interval():
    assert student_interval(np.array([1.0])) is None


def test_students_interval_covers_as_often_as_it_says():
    generator = np.random.default_rng(0)
    hits = 0
    for _ in range(2000):
        interval = student_interval(generator.normal(3.0, 2.0, size=5))
        hits += interval.low <= 3.0 <= interval.high
    assert 0.935 < hits / 2000 < 0.965


@pytest.mark.parametrize("rows", [200, 25_000])
def test_bootstrap_means_have_the_mean_and_the_spread_of_a_mean(rows):
    x = np.random.default_rng(1).normal(2.0, 3.0, size=rows)
    pair = np.column_stack([x, x + 1.0])
    draws = bootstrap_means(pair)
    assert draws.shape == (2000, 2)
    standard_error = x.std() / np.sqrt(rows)
    np.testing.assert_allclose(draws[:, 0].mean(), x.mean(), atol=4 * standard_error / 2000**0.5)
    np.testing.assert_allclose(draws[:, 0].std(), standard_error, rtol=0.07)
    # The columns are resampled together.
    np.testing.assert_allclose(draws[:, 1] - draws[:, 0], 1.0, atol=1e-6)


def test_bootstrap_means_are_the_same_each_time():
    rows = np.arange(30.0)[:, None]
    np.testing.assert_array_equal(bootstrap_means(rows), bootstrap_means(rows))


def test_a_percentile_interval_leaves_out_both_tails():
    interval = percentile_interval(np.linspace(0, 100, 2001))
    assert interval.low == pytest.approx(2.5)
    assert interval.high == pytest.approx(97.5)


@pytest.mark.parametrize("hits", [0, 7, 30])
def test_the_exact_interval_of_a_share_is_scipys(hits):
    expected = stats.binomtest(hits, 30).proportion_ci(method="exact")
    interval = proportion_interval(hits, 30)
    assert interval.low == pytest.approx(expected.low)
    assert interval.high == pytest.approx(expected.high)
