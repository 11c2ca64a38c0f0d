import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from profond.experiment import (
    bootstrap_means,
    corrected_interval,
    corrected_p_value,
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


def test_the_corrected_interval_by_hand():
    # Mean 3, deviation sqrt(2.5), 5 splits with a fifth of the rows in the test part:
    # sqrt(2.5) * sqrt(1/5 + 1/4) = 1.06066, times 2.776445 (Student, 4 degrees of freedom).
    interval = corrected_interval(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 0.2)
    assert interval is not None
    assert interval.low == pytest.approx(3 - 2.944864, abs=1e-5)
    assert interval.high == pytest.approx(3 + 2.944864, abs=1e-5)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20), st.floats(0.6, 0.99))
def test_without_a_test_part_the_corrected_interval_is_students(values, level):
    values = np.array(values)
    corrected, plain = corrected_interval(values, 1e-12, level), student_interval(values, level)
    assert corrected is not None and plain is not None
    np.testing.assert_allclose([corrected.low, corrected.high], [plain.low, plain.high], atol=1e-6)


def test_one_split_has_no_corrected_interval():
    assert corrected_interval(np.array([1.0]), 0.2) is None
    assert np.isnan(corrected_p_value(np.array([1.0]), np.array([2.0]), 0.2))


@pytest.mark.parametrize("share", [0.0, 1.0, 5])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="`test_share` must be between 0 and 1; received"):
        corrected_interval(np.ones(3), share)


def split_errors(generator, columns, splits=15, rows=40, test=10):
    """Squared errors of least squares on some columns, per random split of new data."""
    x = generator.normal(size=(rows, 6))
    y = x.sum(axis=1) + generator.normal(size=rows)
    errors = np.empty((len(columns), splits))
    for split in range(splits):
        order = generator.permutation(rows)
        learned, told = order[test:], order[:test]
        for k, used in enumerate(columns):
            weights = np.linalg.lstsq(x[learned][:, used], y[learned], rcond=None)[0]
            errors[k, split] = ((y[told] - x[told][:, used] @ weights) ** 2).mean()
    return errors


def test_the_corrected_interval_covers_better_than_students():
    # Least squares with 6 columns on 30 rows: the expected error is 1 + 6 / (30 - 6 - 1).
    generator = np.random.default_rng(0)
    expected = 1 + 6 / 23
    covered = {"corrected": 0, "plain": 0}
    for _ in range(400):
        (errors,) = split_errors(generator, [slice(0, 6)])
        corrected, plain = corrected_interval(errors, 0.25), student_interval(errors)
        assert corrected is not None and plain is not None
        covered["corrected"] += corrected.low <= expected <= corrected.high
        covered["plain"] += plain.low <= expected <= plain.high
    assert covered["corrected"] / 400 > 0.85
    assert covered["plain"] / 400 < 0.65


def test_the_corrected_test_rejects_equal_models_less_often_than_the_plain_one():
    generator = np.random.default_rng(1)
    rejected = {"corrected": 0, "plain": 0}
    for _ in range(300):
        first, second = split_errors(generator, [slice(0, 3), slice(3, 6)])  # equal by symmetry
        p = corrected_p_value(first, second, 0.25)
        rejected["corrected"] += p < 0.05
        rejected["plain"] += stats.ttest_rel(first, second).pvalue < 0.05
        interval = corrected_interval(first - second, 0.25)
        assert interval is not None
        assert (p < 0.05) == (interval.low > 0 or interval.high < 0)
    assert rejected["corrected"] / 300 < 0.1
    assert rejected["plain"] / 300 > 0.25


@given(st.lists(st.floats(-10, 10), min_size=3, max_size=12))
def test_without_a_test_part_the_corrected_test_is_the_paired_one(values):
    first = np.array(values)
    second = np.random.default_rng(0).normal(size=len(first))
    expected = stats.ttest_rel(first, second).pvalue
    assert corrected_p_value(first, second, 1e-12) == pytest.approx(expected, abs=1e-6)


def test_differences_that_are_all_the_same_need_no_test():
    first = np.array([0.3, 0.1, 0.7])
    assert corrected_p_value(first, first, 0.2) == 1.0
    assert corrected_p_value(first + 0.1, first, 0.2) == 0.0
    assert corrected_p_value(np.zeros(3), np.zeros(3), 0.2) == 1.0


def test_numbers_of_other_splits_are_not_paired():
    with pytest.raises(ValueError, match=r"same splits, one each; received shapes \(3,\) and \(2,"):
        corrected_p_value(np.ones(3), np.ones(2), 0.2)
