import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from profond.experiment import (
    detectable_difference,
    paired_half_width,
    rows_for_difference,
    small_test_warning,
)


def losses(rows, gain=0.0, seed=0):
    """Squared errors of two models on the same rows; the differences have deviation 1."""
    generator = np.random.default_rng(seed)
    shared = generator.chisquare(1, rows)
    return shared + gain + generator.normal(size=rows), shared


@given(rows=st.integers(2, 200), level=st.floats(0.5, 0.99), seed=st.integers(0, 99))
def test_the_half_width_is_that_of_scipys_interval(rows, level, seed):
    first, second = losses(rows, seed=seed)
    interval = stats.ttest_rel(first, second).confidence_interval(level)
    expected = (interval.high - interval.low) / 2
    assert paired_half_width(first, second, level) == pytest.approx(expected)


def test_right_on_the_same_rows_is_no_proof():
    # The exact upper end of a share of 0 among 100: 1 - 0.025 ** (1 / 100).
    wrong = np.arange(100) < 10
    assert paired_half_width(wrong, wrong) == pytest.approx(1 - 0.025**0.01)
    assert paired_half_width(wrong * 2.0, wrong * 2.0) == 0.0  # no share: the same errors


def test_the_detectable_difference_is_shown_as_often_as_it_says():
    found = detectable_difference(*losses(200_000), power=0.8) * np.sqrt(200_000 / 100)
    assert found == pytest.approx((1.959964 + 0.841621) / 10, rel=0.01)  # of 100 rows, by hand
    shown = sum(stats.ttest_rel(*losses(100, found, seed)).pvalue < 0.05 for seed in range(1000))
    assert 0.76 < shown / 1000 < 0.84


def test_half_the_power_detects_the_half_width():
    pair = losses(5000)
    half = paired_half_width(*pair)
    assert detectable_difference(*pair, power=0.5) == pytest.approx(half, rel=1e-3)


def test_the_rows_that_are_needed_detect_the_difference():
    first, second = losses(500)
    rows = rows_for_difference(first, second, 0.05)
    expected = 500 * (detectable_difference(first, second) / 0.05) ** 2
    assert rows == np.ceil(expected)
    assert rows_for_difference(first, second, -0.05) == rows
    assert rows_for_difference(first, second, 1e6) == 2


def test_a_test_part_too_small_is_told_with_the_rows_it_takes():
    said = small_test_warning(*losses(100, 0.02))
    assert said is not None
    assert said.startswith("The test part of 100 rows is too small for a difference of 0.")
    images = small_test_warning(*losses(100, 0.02), called="images")
    assert images == said.replace(" rows", " images")
    needed = int(said.split("About ")[1].split(" rows")[0])
    first, second = losses(100, 0.02)
    exact = rows_for_difference(first, second, float(first.mean() - second.mean()))
    assert exact <= needed <= 1.1 * exact


def test_what_differs_is_called_as_one_wants():
    said = small_test_warning(*losses(50, 0.05), of="accuracy")
    assert re.match(
        r"The test part of 50 rows is too small for a difference of \S+ in the acc", said
    )
    assert "in the mean loss" in small_test_warning(*losses(50, 0.05))


def test_a_difference_that_can_be_seen_is_not_warned_of():
    assert small_test_warning(*losses(100, 2.0)) is None
    assert small_test_warning(*losses(100), difference=-3.0) is None
    assert small_test_warning(*losses(100, 2.0), difference=0.01) is not None


def test_models_that_do_not_differ_name_no_rows():
    wrong = np.zeros(50)
    said = small_test_warning(wrong, wrong)
    assert said is not None and "About" not in said


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: paired_half_width(np.ones(3), np.ones(2)), r"shapes \(3,\) and \(2,\)"),
        (lambda: paired_half_width(np.ones(1), np.ones(1)), "and at least two"),
        (lambda: paired_half_width(np.array([1, np.nan]), np.ones(2)), "Losses must be finite"),
        (lambda: paired_half_width(*losses(5), level=95), "`level` must be between 0 and 1"),
        (lambda: detectable_difference(*losses(5), power=1.0), "`power` must be .*received 1.0"),
        (lambda: rows_for_difference(*losses(5), 0.0), "a number that is not 0; received 0.0"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
