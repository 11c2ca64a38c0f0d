"""Scalings of numbers: scikit-learn's and the paper's formulas, and what they do far out."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr
from sklearn.preprocessing import RobustScaler, StandardScaler

from profond.data._scaling import (
    SCALINGS,
    fit_scaling,
    scaling_from_dict,
    scaling_to_dict,
)

# Whole hundredths: scikit-learn takes columns that differ by rounding only for constants.
COLUMNS = st.lists(st.integers(-(10**8), 10**8), min_size=1, max_size=60).map(
    lambda hundredths: np.array(hundredths) / 100
)


@given(values=COLUMNS)
def test_standard_is_that_of_scikit_learn(values):
    ours = fit_scaling("standard", values)(values)
    theirs = StandardScaler().fit_transform(values[:, None])[:, 0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


@given(values=COLUMNS)
def test_robust_is_that_of_scikit_learn_softly_cut_and_standardised(values):
    first, third = np.quantile(values, [0.25, 0.75])
    scaling = fit_scaling("robust", values)
    ours = scaling(values)
    if third > first:
        z = RobustScaler().fit_transform(values[:, None])[:, 0]
    else:
        half = (values.max() - values.min()) / 2
        z = (values - np.median(values)) / (half or 1.0)
    cut = z / np.sqrt(1 + (z / 3) ** 2)
    expected = (cut - cut.mean()) / (cut.std() or 1.0)
    # Where all but one of the values are alike, what is left of their differences is rounding.
    if cut.std() > 1e-6:
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)
    assert np.isfinite(ours).all()


def test_robust_cuts_whatever_is_far_out():
    values = np.random.default_rng(0).normal(size=500)
    scaling = fit_scaling("robust", values)
    far = scaling(np.array([1e6, 1e90, 1e200, 1e300, np.finfo(np.float64).max]))
    np.testing.assert_allclose(far, far[0], rtol=1e-9)
    assert 0 < far[0] < 10
    np.testing.assert_allclose(scaling(np.array([-1e300])), scaling(np.array([-1e6])), rtol=1e-9)


def test_quantile_gives_a_normal_law_whatever_the_columns():
    values = np.exp(np.random.default_rng(0).normal(size=2001))
    scaled = fit_scaling("quantile", values)(values)
    ranks = (values.argsort().argsort() + 0.5) / len(values)
    np.testing.assert_allclose(ndtr(scaled), ranks, atol=2e-3)
    assert abs(scaled.mean()) < 0.01
    assert scaled.std() == pytest.approx(1, abs=0.02)


def test_quantile_gives_equal_values_their_mean_rank_and_ends_at_those_of_training():
    scaling = fit_scaling("quantile", np.array([0.0, 0.0, 0.0, 1.0]))
    np.testing.assert_allclose(ndtr(scaling(np.array([0.0, 1.0]))), [3 / 8, 7 / 8])
    np.testing.assert_array_equal(scaling(np.array([-9.0, 9.0])), scaling(np.array([0.0, 1.0])))


@pytest.mark.parametrize("name", SCALINGS)
@given(values=COLUMNS)
def test_kept_as_json_and_read_again_it_is_the_same(name, values):
    scaling = fit_scaling(name, values)
    again = scaling_from_dict(json.loads(json.dumps(scaling_to_dict(scaling))))
    assert again == scaling
    np.testing.assert_array_equal(again(values), scaling(values))


@pytest.mark.parametrize("name", SCALINGS)
def test_a_constant_column_is_nothing(name):
    scaling = fit_scaling(name, np.full(5, 7.0))
    np.testing.assert_allclose(scaling(np.full(5, 7.0)), 0, atol=1e-12)


def test_wrong_names_and_descriptions_are_refused():
    with pytest.raises(ValueError, match=r"Unknown scaling of numbers: 'robst'.*'robust'"):
        fit_scaling("robst", np.zeros(3))
    with pytest.raises(ValueError, match="Not the description of a scaling: {'kind': 'max'}"):
        scaling_from_dict({"kind": "max"})
    with pytest.raises(ValueError, match="Not the description of a scaling"):
        scaling_from_dict({"kind": "standard", "centre": 1.0})
