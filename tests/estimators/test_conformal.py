import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from profond.estimators._conformal import (
    conformal_interval,
    conformal_quantile,
    rows_for_level,
    split_conformal_interval,
)


def inside(interval, truth):
    low, high = interval
    return (low <= truth) & (truth <= high)


@pytest.mark.parametrize(("level", "rows"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_the_fewest_rows_have_a_finite_quantile(level, rows):
    assert rows_for_level(level) == rows
    residuals = np.arange(1.0, rows + 1)
    assert conformal_quantile(residuals, level) == rows  # the largest of them
    if rows > 1:
        with pytest.warns(UserWarning, match=f"which need {rows}: the intervals are infinite"):
            assert conformal_quantile(residuals[1:], level) == np.inf


def test_the_quantile_by_hand():
    # Lei et al.: the ceil((n + 1) level)-th smallest; here ceil(12 * 0.8) = 10 of 11.
    assert conformal_quantile([-3, 1, 4, -1, 5, 9, -2, 6, 5, 3, 5], 0.8) == 6


@given(rows=st.integers(1, 300), level=st.floats(0.05, 0.95))
def test_the_quantile_is_numpys_at_the_corrected_level(rows, level):
    residuals = np.random.default_rng(rows).normal(size=rows)
    if rows < rows_for_level(level):
        return
    # A little less, so that NumPy does not round a whole place up to the next.
    corrected = min(1.0, (rows + 1) * level / rows - 1e-12)
    expected = np.quantile(np.abs(residuals), corrected, method="inverted_cdf")
    assert conformal_quantile(residuals, level) == pytest.approx(expected)


@pytest.mark.parametrize("rows", [9, 20, 57])
def test_split_intervals_cover_as_often_as_they_say(rows):
    repeats, level = 20_000, 0.9
    draws = np.random.default_rng(rows).standard_cauchy((repeats, rows + 1))  # no variance at all
    hits = sum(
        inside(split_conformal_interval(d[:-1], np.zeros(1), level), d[-1])[0] for d in draws
    )
    # Exactly ceil((n + 1) level) / (n + 1) for a continuous distribution.
    exact = np.ceil((rows + 1) * level - 1e-9) / (rows + 1)
    test = stats.binomtest(int(hits), repeats, exact)
    assert test.pvalue > 1e-3
    assert level <= exact < level + 1 / (rows + 1)


def test_scales_make_intervals_wide_where_the_noise_is():
    generator = np.random.default_rng(0)
    scales = generator.uniform(0.1, 3.0, 4000)
    noise = generator.normal(0, scales)
    held, new = slice(0, 2000), slice(2000, None)
    zeros = np.zeros(2000)
    plain = split_conformal_interval(noise[held], zeros, 0.9)
    local = split_conformal_interval(
        noise[held], zeros, 0.9, scales=scales[held], new_scales=scales[new]
    )
    quiet = scales[new] < 1
    assert inside(local, noise[new]).mean() == pytest.approx(0.9, abs=0.03)
    assert inside(local, noise[new])[quiet].mean() == pytest.approx(0.9, abs=0.04)
    assert inside(plain, noise[new])[quiet].mean() > 0.98
    # By hand: the quantile of normal noise.
    np.testing.assert_allclose(local[1] / scales[new], 1.645, rtol=0.06)


@given(
    rows=st.integers(9, 60), new=st.integers(1, 5), seed=st.integers(0, 99), scaled=st.booleans()
)
def test_an_ensemble_of_one_is_split_conformal(rows, new, seed, scaled):
    generator = np.random.default_rng(seed)
    residuals, predictions = generator.normal(size=rows), generator.normal(size=new)
    one, many = {}, {}
    if scaled:
        one = {"scales": generator.uniform(1, 2, rows), "new_scales": generator.uniform(1, 2, new)}
        many = {
            "scales_per_member": [one["scales"]],
            "new_scales_per_member": one["new_scales"][None],
        }
    np.testing.assert_allclose(
        conformal_interval([residuals], predictions[None], 0.9, **many),
        split_conformal_interval(residuals, predictions, 0.9, **one),
        rtol=1e-9,
    )


@given(
    sizes=st.lists(st.integers(9, 30), min_size=2, max_size=4),
    level=st.sampled_from([0.5, 0.8, 0.9]),
    seed=st.integers(0, 99),
)
def test_the_ends_are_those_of_the_definition(sizes, level, seed):
    generator = np.random.default_rng(seed)
    residuals = [generator.normal(size=n) for n in sizes]
    predictions = generator.normal(size=(len(sizes), 3))
    low, high = conformal_interval(residuals, predictions, level)
    for row in range(3):
        ups = [p + np.abs(r) for p, r in zip(predictions[:, row], residuals, strict=True)]
        downs = [p - np.abs(r) for p, r in zip(predictions[:, row], residuals, strict=True)]
        above = [
            y
            for y in np.concatenate(ups)
            if np.mean([(1 + (u >= y).sum()) / (len(u) + 1) for u in ups]) > 1 - level + 1e-9
        ]
        below = [
            y
            for y in np.concatenate(downs)
            if np.mean([(1 + (d <= y).sum()) / (len(d) + 1) for d in downs]) > 1 - level + 1e-9
        ]
        assert high[row] == pytest.approx(max(above), rel=1e-9, abs=1e-9)
        assert low[row] == pytest.approx(min(below), rel=1e-9, abs=1e-9)


def test_disjoint_folds_give_cv_plus_but_for_its_correction():
    # Barber et al. pool with a single "1 +": with equal members both are counts of the same
    # proposals, ours needing no more of them beyond.
    generator = np.random.default_rng(0)
    members, n = 5, 40
    residuals = generator.normal(size=(members, n))
    predictions = generator.normal(0, 0.2, size=(members, 1))
    low, high = conformal_interval(list(residuals), predictions, 0.9)
    pooled = np.sort((predictions + np.abs(residuals)).ravel())
    cv_plus = pooled[int(np.ceil(0.9 * (members * n + 1))) - 1]
    assert cv_plus <= high[0] <= pooled[-1]
    assert np.searchsorted(pooled, high[0] + 1e-9) - np.searchsorted(pooled, cv_plus) <= members
    assert low[0] < high[0]


def least_squares(x, y, new):
    return new @ np.linalg.lstsq(x, y, rcond=None)[0]


@pytest.mark.parametrize("folds", [True, False])
def test_ensembles_cover_at_least_as_often_as_guaranteed_and_nearly_as_asked(folds):
    generator = np.random.default_rng(1)
    members, rows, columns, level, repeats, new = 4, 60, 8, 0.8, 300, 10
    hits = 0
    for _ in range(repeats):
        x = generator.normal(size=(rows + new, columns))
        y = x.sum(axis=1) + generator.normal(size=rows + new) * (1 + x[:, 0] ** 2)
        parts = np.array_split(generator.permutation(rows), members)
        residuals, predictions = [], []
        for part in parts:
            held = part if folds else generator.permutation(rows)[: rows // members]
            learned = np.setdiff1d(np.arange(rows), held)
            said = least_squares(x[learned], y[learned], x)
            residuals.append((y - said)[held])
            predictions.append(said[rows:])
        hits += inside(conformal_interval(residuals, predictions, level), y[rows:]).mean()
    # The guarantee is 0.6. One standard error is at most 0.4 / sqrt(300) = 0.023.
    assert level - 0.03 < hits / repeats < level + 0.12


def test_ends_of_a_target_that_is_never_negative_are_clipped():
    residuals = np.linspace(-2, 2, 39)
    low, high = split_conformal_interval(residuals, [1.0, 9.0, -5.0], 0.9, non_negative=True)
    np.testing.assert_allclose(low[[0, 2]], 0.0)
    assert low[1] > 7 and high[2] == 0
    low, _ = conformal_interval([residuals] * 2, np.ones((2, 1)), 0.9, non_negative=True)
    assert low[0] == 0


def test_too_few_rows_make_infinite_intervals_and_say_so():
    message = r"too few for intervals of level 0.9, which need 9: the intervals are infinite"
    with pytest.warns(UserWarning, match=r"8 held-out row\(s\) are " + message):
        low, high = split_conformal_interval(np.ones(8), np.zeros(2), 0.9)
    assert (low == -np.inf).all() and (high == np.inf).all()
    with pytest.warns(UserWarning, match="The held-out rows of the members .5 at least. are"):
        low, high = conformal_interval([np.ones(5)] * 3, np.zeros((3, 2)), 0.9, non_negative=True)
    assert (low == 0).all() and (high == np.inf).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: conformal_quantile([1.0], 1.0), "`level` must be between 0 and 1; received 1.0"),
        (lambda: rows_for_level(0), "`level` must be between 0 and 1; received 0"),
        (lambda: conformal_quantile([], 0.5), r"at least one; received shape \(0,\)"),
        (lambda: conformal_quantile([1, np.nan], 0.5), "1 of them not finite"),
        (
            lambda: split_conformal_interval([1.0], [[1.0]], 0.5),
            r"one number per new row; received shape \(1, 1\)",
        ),
        (
            lambda: split_conformal_interval([1.0], [1.0], 0.5, scales=[1.0]),
            "`scales` and `new_scales` must be given together",
        ),
        (
            lambda: split_conformal_interval([1.0], [1.0], 0.5, scales=[0.0], new_scales=[1.0]),
            "`scales` must be finite and > 0; received 0 to 0. Add a constant",
        ),
        (
            lambda: split_conformal_interval([1.0], [1.0], 0.5, scales=[1.0], new_scales=[1, 2]),
            r"`new_scales` must have one scale per prediction, shape \(1,\); received \(2,\)",
        ),
        (
            lambda: conformal_interval([[1.0]], [[1.0], [2.0]], 0.5),
            r"shape \(members, rows\).*received \(2, 1\) for 1",
        ),
        (
            lambda: conformal_interval([[1.0]], [[1.0]], 0.5, scales_per_member=[[1.0]]),
            "`new_scales_per_member` must be given together",
        ),
        (
            lambda: conformal_interval(
                [[1.0]], [[1.0]], 0.5, scales_per_member=[], new_scales_per_member=[[1.0]]
            ),
            "one item per member, 1; received 0",
        ),
    ],
)
def test_what_makes_no_interval_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
