import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, log_softmax, softmax

from profond.estimators._temperature import apply_temperature, fit_temperature


def drawn(rows, classes, seed, sharpness=1.0):
    """Logits whose classes are drawn from them, then multiplied by `sharpness`."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2, (rows, classes))
    truth = (generator.uniform(size=(rows, 1)) > softmax(logits, axis=1).cumsum(axis=1)).sum(axis=1)
    return sharpness * logits, np.minimum(truth, classes - 1)


def losses(logits, truth, temperatures, prior_rows=0.0):
    """The objective of the docstring, with SciPy's softmax, at each temperature."""
    result = []
    for temperature in temperatures:
        logs = log_softmax(logits / temperature, axis=1)
        loss = -logs[np.arange(len(truth)), truth].sum()
        loss -= prior_rows / len(truth) * (softmax(logits, axis=1) * logs).sum()
        result.append(loss)
    return np.array(result)


def calibration_error(probabilities, truth, bins=15):
    """Expected calibration error (Guo et al. 2017, equation 3)."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    places = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(right[places == b].sum() - sure[places == b].sum()) for b in range(bins)]
    return sum(gaps) / len(truth)


GRID = np.exp(np.linspace(np.log(0.1), np.log(10), 801))


@given(
    rows=st.integers(1, 60),
    classes=st.integers(2, 5),
    seed=st.integers(0, 999),
    sharpness=st.sampled_from([0.2, 1.0, 5.0]),
    prior_rows=st.sampled_from([0.0, 1.0, 7.0]),
)
def test_it_is_the_optimum_of_a_fine_grid(rows, classes, seed, sharpness, prior_rows):
    logits, truth = drawn(rows, classes, seed, sharpness)
    found = fit_temperature(logits, truth, from_logits=True, prior_rows=prior_rows)
    assert 0.1 <= found <= 10
    values = losses(logits, truth, GRID, prior_rows)
    assert losses(logits, truth, [found], prior_rows)[0] <= values.min() + 1e-9
    # A step of the grid, but where the loss is too flat for the grid to tell.
    best = GRID[values.argmin()]
    flat = np.ptp(values) < 1e-9
    assert flat or abs(np.log(found / best)) < np.log(GRID[1] / GRID[0])


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("sharpness", [0.5, 3.0])
def test_the_true_temperature_is_found(classes, sharpness):
    logits, truth = drawn(40_000, classes, 1, sharpness)
    assert fit_temperature(logits, truth, from_logits=True) == pytest.approx(sharpness, rel=0.04)
    probabilities = softmax(logits, axis=1)
    assert fit_temperature(probabilities, truth) == pytest.approx(sharpness, rel=0.04)


def test_calibration_error_of_an_overconfident_model_falls():
    logits, truth = drawn(6000, 3, 2, 4.0)
    held, new = slice(0, 1000), slice(1000, None)
    temperature = fit_temperature(logits[held], truth[held], from_logits=True)
    before = softmax(logits[new], axis=1)
    after = apply_temperature(before, temperature)
    assert calibration_error(before, truth[new]) > 0.15
    assert calibration_error(after, truth[new]) < 0.03


@pytest.mark.parametrize("from_logits", [True, False])
def test_two_classes_may_be_given_by_the_second_one(from_logits):
    logits, truth = drawn(500, 2, 3, 2.0)
    margin = logits[:, 1] - logits[:, 0]
    single = margin if from_logits else expit(margin)
    pair = logits if from_logits else softmax(logits, axis=1)
    one = fit_temperature(single, truth, from_logits=from_logits)
    assert one == pytest.approx(fit_temperature(pair, truth, from_logits=from_logits))
    scaled = apply_temperature(single, one, from_logits=from_logits)
    np.testing.assert_allclose(scaled, expit(margin / one), rtol=1e-9)
    both = apply_temperature(pair, one, from_logits=from_logits)
    np.testing.assert_allclose(both[:, 1], scaled, rtol=1e-9)


@given(
    rows=st.integers(1, 30),
    classes=st.integers(2, 6),
    temperature=st.floats(0.1, 10),
    seed=st.integers(0, 999),
    close=st.booleans(),
)
def test_the_most_likely_class_stays(rows, classes, temperature, seed, close):
    generator = np.random.default_rng(seed)
    scores = generator.dirichlet(np.ones(classes), rows)
    if close:  # classes that differ in the last digit
        scores = 1 / classes + generator.integers(-2, 3, (rows, classes)) * 2.0**-54
    after = apply_temperature(scores, temperature)
    np.testing.assert_array_equal(after.argmax(axis=1), scores.argmax(axis=1))
    np.testing.assert_allclose(after.sum(axis=1), 1.0)
    single = scores[:, 1] if not close else 0.5 + generator.integers(-2, 3, rows) * 2.0**-53
    after = apply_temperature(single, temperature)
    np.testing.assert_array_equal(after > 0.5, single > 0.5)
    np.testing.assert_array_equal(after < 0.5, single < 0.5)


def test_the_side_of_one_half_stays_to_the_last_digit():
    scores = np.array([0.5 - 2**-54, 0.5, 0.5 + 2**-53])
    after = apply_temperature(scores, 10.0)
    assert after[0] < after[1] == 0.5 < after[2]


def test_a_temperature_of_one_changes_nothing():
    scores = np.random.default_rng(0).dirichlet(np.ones(3), 20)
    np.testing.assert_allclose(apply_temperature(scores, 1.0), scores)


def test_all_rows_right_say_more_if_they_are_many():
    few, many = (
        fit_temperature(np.full(rows, 0.9), np.ones(rows, dtype=int)) for rows in (10, 1000)
    )
    # (10 + 0.9) / 11 of the first ones are to be right: by hand, from the derivative.
    assert few == pytest.approx(np.log(9) / np.log(10.9 / 0.1))
    assert 0.1 < many < few < 1
    unbounded = fit_temperature(np.full(10, 0.9), np.ones(10, dtype=int), prior_rows=0.0)
    assert unbounded == 0.1  # the bound: without the prior, 10 right rows say T = 0


def test_a_model_that_is_always_wrong_meets_the_upper_bound():
    wrong = np.full(50, 0.999)
    assert fit_temperature(wrong, np.zeros(50, dtype=int)) == 10.0
    assert fit_temperature(wrong, np.zeros(50, dtype=int), bounds=(0.5, 2.0)) == 2.0


def test_a_model_that_says_nothing_keeps_its_temperature():
    assert fit_temperature(np.full((7, 3), 1 / 3), [0, 1, 2, 0, 0, 1, 0]) == 1.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_of_zero_and_one_are_bounded(dtype):
    scores = np.array([[1, 0], [0, 1], [1, 0]], dtype=dtype)
    temperature = fit_temperature(scores, [0, 1, 1])  # surely wrong in the third row
    assert 1 < temperature <= 10
    # Two of three right (with the prior row, three of four): logit(3/4) of the rounding's logit.
    size = -np.log(np.finfo(dtype).eps)
    assert temperature == pytest.approx(min(10.0, size / np.log(3)), rel=1e-5)
    assert np.isfinite(apply_temperature(scores, temperature)).all()


@pytest.mark.parametrize(
    ("scores", "truth", "options", "message"),
    [
        (np.ones((2, 1)), [0, 0], {}, r"two classes or more.*of shape \(2, 1\)"),
        ([["a", "b"]], [0], {}, "`scores` must be numbers"),
        ([[np.nan, 1.0]], [0], {}, "`scores` must be finite"),
        ([[3.0, -1.0]], [0], {}, "received -1 to 3. For logits, set `from_logits`"),
        ([0.5, 0.5], [0], {}, r"one class per row of `scores`.*shape \(1,\) for 2 row"),
        ([], [], {}, "at least one; received shape"),
        ([0.5], [2], {}, "places of classes, 0 to 1; received 2 in row 1"),
        ([0.5], [1], {"prior_rows": -1}, "`prior_rows` must be a number of rows >= 0; received -1"),
        ([0.5], [1], {"bounds": (2.0, 1.0)}, r"0 < low < high; received \(2.0, 1.0\)"),
    ],
)
def test_what_cannot_be_scaled_is_refused(scores, truth, options, message):
    with pytest.raises(ValueError, match=message):
        fit_temperature(scores, truth, **options)


def test_a_temperature_must_be_positive():
    with pytest.raises(ValueError, match="`temperature` must be a number > 0; received 0"):
        apply_temperature([0.5], 0.0)
